"""Stories, outlets that are alike and labels that go together, with the articles that are known of them."""

from __future__ import annotations

from dataclasses import dataclass

from framescope.messages import Say
from framescope.overview.contents import Overview
from framescope.pages.overview.exhibits import Draft, PieceView, piece_view
from framescope.pages.overview.grids import shown_rows

MAX_STORIES, MAX_TOGETHER, MAX_IDS = 20, 30, 12


@dataclass(frozen=True, slots=True)
class StoryLabelView:
    """A label in a story; ``first`` is "" where several had it first."""

    name: str
    n_articles: int
    n_sources: int
    first: str
    date: str


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story; ``ids`` are those of its articles of which the page shows no more."""

    title: str
    n_articles: int
    n_copies: int
    dates: str
    sources: tuple[str, ...]
    labels: tuple[StoryLabelView, ...]
    articles: tuple[PieceView, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TogetherView:
    """Two labels that articles have together, with one article that has both, if the page knows one."""

    one: str
    other: str
    n: int
    expected: str
    times: str
    is_more: bool
    article: PieceView | None


def make_stories(draft: Draft) -> tuple[StoryView, ...]:
    """Return the largest stories."""
    overview, say = draft.overview, draft.say
    known = {piece.id: piece for piece in overview.pieces if piece.id}
    names = {label.id: label.name(draft.interface) for label in overview.labels}
    return tuple(
        StoryView(
            title=story.title or ", ".join(story.ids[:1]),
            n_articles=story.n_articles,
            n_copies=story.n_copies,
            dates=" – ".join(dict.fromkeys(day for day in (story.first_date, story.last_date) if day)),
            sources=tuple(draft.value(source) for source in story.sources),
            labels=tuple(
                StoryLabelView(
                    names.get(label.label, label.label),
                    label.n_articles,
                    label.n_sources,
                    draft.value(label.first_source),
                    label.first_date,
                )
                for label in story.labels
            ),
            articles=tuple(piece_view(known[one], say) for one in story.ids if one in known)[:MAX_IDS],
            ids=tuple(one for one in story.ids if one not in known)[:MAX_IDS],
        )
        for story in overview.stories[:MAX_STORIES]
    )


def make_together(draft: Draft) -> tuple[TogetherView, ...]:
    """Return pairs of labels, as the overview orders them."""
    overview, say = draft.overview, draft.say
    names = {label.id: label.name(draft.interface) for label in overview.labels}
    rows: dict[str, dict[int, int]] = {}
    for place, piece in enumerate(overview.pieces):
        rows.setdefault(piece.label, {}).setdefault(piece.row, place)
    return tuple(
        TogetherView(
            one=names.get(pair.one, pair.one),
            other=names.get(pair.other, pair.other),
            n=pair.n,
            expected=f"{pair.expected:,.0f}" if pair.expected >= 9.95 else f"{pair.expected:.1f}",
            times=f"{pair.n / pair.expected:.1f}" if pair.expected else "–",
            is_more=pair.n > pair.expected,
            article=_with_both(overview, rows.get(pair.one, {}), rows.get(pair.other, {}), say),
        )
        for pair in overview.together[:MAX_TOGETHER]
    )


def make_alike(draft: Draft) -> tuple[tuple[str, int, str, int, str], ...]:
    """Return pairs of outlets that have a profile, each with its number, the most alike first."""
    cells = draft.overview.table("source")
    if cells is None:
        return ()
    numbers = {cells.keys[row][0]: row for row in shown_rows(cells)}
    pairs = sorted(draft.overview.alike, key=lambda pair: -pair.likeness)
    return tuple(
        (pair.one, numbers[pair.one], pair.other, numbers[pair.other], f"{pair.likeness:.2f}")
        for pair in pairs
        if pair.one in numbers and pair.other in numbers
    )[:MAX_TOGETHER]


def _with_both(overview: Overview, one: dict[int, int], other: dict[int, int], say: Say) -> PieceView | None:
    row = next((row for row in one if row in other), None)
    return None if row is None else piece_view(overview.pieces[one[row]], say)
