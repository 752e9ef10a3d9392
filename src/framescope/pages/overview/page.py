"""All that the page of an overview says, put together for its template."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from markupsafe import Markup

from framescope.files import write_whole
from framescope.overview.contents import Overview
from framescope.overview.dimensions import PERIODS
from framescope.pages.base import render
from framescope.pages.catalogues import Interface
from framescope.pages.overview.answer import Answer, make_answer
from framescope.pages.overview.courses import Course, make_courses
from framescope.pages.overview.exhibits import Draft, Exhibit
from framescope.pages.overview.grids import Grid, grids_of, shown_labels
from framescope.pages.overview.profiles import Profile, make_profiles
from framescope.pages.overview.stories import (
    StoryView,
    TogetherView,
    make_alike,
    make_stories,
    make_together,
)


@dataclass(frozen=True)
class OverviewPage:
    """An overview, ready to lay out: ``exhibits`` are the panels behind figures, ``best`` those of labels."""

    overview: Overview
    interface: str
    warnings: tuple[str, ...]
    answer: Answer
    grids: tuple[Grid, ...]
    courses: tuple[Course, ...]
    profiles: tuple[Profile, ...]
    alike: tuple[tuple[str, int, str, int, str], ...]
    stories: tuple[StoryView, ...]
    together: tuple[TogetherView, ...]
    best: tuple[Exhibit, ...]
    exhibits: tuple[Exhibit, ...]

    @property
    def context(self) -> dict[str, object]:
        """What the template is filled in with."""
        script = script_text()
        return {
            "page": self,
            "origin": self.overview.origin,
            "script": Markup(script),  # noqa: S704 - our own file
            "script_digest": b64encode(sha256(script.encode()).digest()).decode(),
        }

    def html(self) -> str:
        """Return the page."""
        return render("overview.html.j2", interface=self.interface, **self.context)

    def save(self, path: Path | str) -> None:
        """Write the page to a file.

        Raises:
            FramescopeError: it cannot be written.
        """
        write_whole(Path(path), [self.html()])


def make_page(overview: Overview, *, interface: str = Interface.EN) -> OverviewPage:
    """Return the page of an overview, with the names that labels have in the language of the interface."""
    draft = Draft(overview, interface)
    shown = {draft.anchor(draft.total, 0, label): label for label in shown_labels(overview)}
    for label in shown.values():
        draft.place(draft.total, 0, label)
    return OverviewPage(
        overview=overview,
        interface=draft.interface,
        warnings=tuple(draft.said(one) for one in overview.warnings),
        answer=make_answer(draft),
        grids=grids_of(draft, [name for name in overview.dimensions if name not in PERIODS]),
        courses=make_courses(draft),
        profiles=make_profiles(draft),
        alike=make_alike(draft),
        stories=make_stories(draft),
        together=make_together(draft),
        best=tuple(one for one in draft.panels if one.anchor in shown),
        exhibits=draft.panels,
    )


def script_text() -> str:
    """Return the script of the page; the page can be read without it."""
    return (files("framescope.pages") / "templates" / "overview.js").read_text(encoding="utf-8")
