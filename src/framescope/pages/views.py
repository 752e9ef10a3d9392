"""What is on an article's page: the views of labels, models and the article, which the template lays out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import Any

from framescope.files import write_whole
from framescope.notebook import html_table, short
from framescope.pages.base import render
from framescope.pages.catalogues import Interface
from framescope.pages.evidence import Bounds, Evidence
from framescope.pages.marks import Mark, Passage, nest
from framescope.text.segments import Unit


@dataclass(frozen=True, slots=True)
class JudgedUnit:
    """A unit of the article as a model saw it."""

    start: int
    end: int
    text: str
    probability: float
    is_given: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """The one passage that shows a label best: ``text[start:end]``, cut where it is long, in its sentence.

    ``before`` and ``after`` are what else the sentence has.
    """

    start: int
    end: int
    before: str
    text: str
    after: str


@dataclass(frozen=True, slots=True)
class LabelView:
    """A label on this article; ``lang`` is the language of its ``name``, "" where that is its id.

    ``probability`` is that of the article, or of the unit where it is greatest; ``share`` and ``meaning`` say
    it in words. Where the article names nothing of the label's scope it is 0. ``tag`` is the label's short name
    where it is highlighted; ``units`` are those where it is most probable, none where the unit is the article.
    A label that the rule gives is ``is_to_review`` where the model vouches for it in no unit.
    ``cut`` is the probability from which the label is given, where the rule has one. ``precision`` is the share
    of right decisions among those that gave the label to left-out units in training; None where the bundle does
    not know. ``care`` says why a label that is given is to be read with care, and ``is_doubtful`` that it was
    right less often than the model's rule promises. ``shown`` is there for labels with a tag.
    """

    id: str
    name: str
    lang: str
    parent: str | None
    applies: str
    tag: str | None
    probability: float
    share: str
    meaning: str
    is_in_scope: bool
    is_given: bool
    is_to_review: bool
    n_given: int
    cut: float | None
    precision: float | None
    care: tuple[str, ...]
    is_doubtful: bool
    shown: Shown | None
    units: tuple[JudgedUnit, ...]
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model, what it judges, and all its labels in codebook order.

    ``n_given`` counts units with a label. ``scope_in_words`` says which labels are not possible, those aside
    whose parent is not, and why. ``n_unlike`` counts units that are unlike training, ``seems_in`` is the
    language that the article then seems to be in, and ``unlike_in_words`` says both; nothing if none is.
    """

    letter: str
    name: str
    unit: str
    n_units: int
    n_given: int
    rule: str
    rule_in_words: str
    review_in_words: str
    languages: tuple[str, ...]
    is_strange: bool
    n_unlike: int
    seems_in: str
    unlike_in_words: str
    digest: str
    trained_on: str
    scope_in_words: str
    labels: tuple[LabelView, ...]

    @property
    def is_part(self) -> bool:
        """Whether a unit is a part of the article and not all of it."""
        return self.unit != Unit.ARTICLE

    @property
    def n_labels_given(self) -> int:
        """How many labels the article has, as ``predict`` counts them: with those that a child implies."""
        return sum(view.is_given for view in self.labels)

    @property
    def answer(self) -> tuple[LabelView, ...]:
        """The labels with a tag that keep the model's promise, most probable first."""
        kept = [view for view in self.given if not (self.is_part and view.is_doubtful)]
        return tuple(sorted(kept, key=lambda view: -view.probability))

    @property
    def doubtful(self) -> tuple[LabelView, ...]:
        """The other labels with a tag: those of a model of parts that are right less often than promised."""
        return tuple(view for view in self.given if self.is_part and view.is_doubtful)

    @property
    def to_review(self) -> tuple[LabelView, ...]:
        """Those of the given labels that the model does not vouch for."""
        return tuple(view for view in self.given if view.is_to_review)

    @property
    def nearest(self) -> LabelView | None:
        """The most probable label, where it is explained."""
        return self.explained[0] if self.explained else None

    @property
    def given(self) -> tuple[LabelView, ...]:
        """The labels that are given and not only implied by a child: those with a tag."""
        return tuple(view for view in self.labels if view.tag is not None)

    @property
    def explained(self) -> tuple[LabelView, ...]:
        """The given labels, then those that came near, most probable first."""
        views = [view for view in self.labels if view.evidence is not None]
        return tuple(sorted(views, key=lambda view: (view.tag is None, -view.probability)))


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article with its highlights; ``paragraphs`` are bounds in ``text``, the first one a title or not.

    ``title`` is the article's, else its first line, else its id, of which only the last part is ever shown.
    ``interface`` is the language of the page's own words.
    """

    id: str
    title: str
    lang: str
    source: str
    date: str
    text: str
    has_heading: bool
    paragraphs: tuple[Bounds, ...]
    passages: tuple[Passage, ...]
    models: tuple[ModelView, ...]
    interface: str = Interface.EN

    @property
    def name(self) -> str:
        """The last part of the id: a page that is shared tells of no folders."""
        return PurePath(self.id).name.strip("-")

    @property
    def blocks(self) -> tuple[tuple[str | Mark, ...], ...]:
        """Each paragraph in pieces, as the page shows it."""
        return tuple(nest(self.text, bounds, self.passages) for bounds in self.paragraphs)

    @property
    def tagged(self) -> dict[str, LabelView]:
        """The highlighted labels by their tags."""
        return {str(view.tag): view for model in self.models for view in model.given}

    @property
    def anchors(self) -> dict[str, str]:
        """The ids of the first marks of the passages that show the labels best, by tag."""
        best = {view.tag: view.shown for model in self.models for view in model.given if view.shown is not None}
        marks = [mark for block in self.blocks for mark in _marks_in(block)]
        return {
            passage.tag: mark.anchor
            for mark in reversed(marks)
            for passage in mark.passages
            if (shown := best.get(passage.tag)) is not None and shown.start <= mark.start < shown.end
        }

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        return asdict(self)

    def html(self) -> str:
        """Return the page."""
        return render("article.html.j2", interface=self.interface, article=self)

    def save(self, path: Path | str) -> None:
        """Write the page to a file.

        Raises:
            FramescopeError: it cannot be written.
        """
        write_whole(Path(path), [self.html()])

    def __repr__(self) -> str:
        given = ", ".join(label.name for model in self.models for label in model.given)
        return short(f"ArticleView({self.title!r}, given: {given or 'none'})")

    def _repr_html_(self) -> str:
        rows = [
            (model.name, label.name, f"{label.probability:.3f}", label.meaning)
            for model in self.models
            for label in model.given
        ]
        caption = self.title if rows else f"{self.title}: no label is given"
        return html_table(caption, ("model", "label", "probability", "which means"), rows)


def _marks_in(parts: Sequence[str | Mark]) -> Iterator[Mark]:
    for part in parts:
        if isinstance(part, Mark):
            yield part
            yield from _marks_in(part.parts)
