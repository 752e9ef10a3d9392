"""Highlights that overlap, as a tree: what crosses is cut, what shares its bounds is one mark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

MAX_LINES = 3


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the article that carries a label.

    ``tag`` is the label's short name; ``probability`` is that of the unit the label was given to, with its
    ``meaning`` in words; ``value`` is what the passage adds to the label's score. ``is_unit`` tells a sentence
    or a paragraph, which is kept whole, from words within the article.
    """

    start: int
    end: int
    tag: str
    probability: float
    meaning: str
    value: float
    is_unit: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """Passages from ``start`` to ``end``, most probable first, what they cover, and the passages around them.

    No two marks of a text have the same bounds. ``n_lines`` is how many lines stand under the text at most,
    those of the marks within included. A mark that ``is_continued`` begins where others were cut; those that
    are not cut at its end are ``ending``.
    """

    start: int
    end: int
    passages: tuple[Passage, ...]
    parts: tuple[str | Mark, ...]
    around: tuple[Passage, ...]
    n_lines: int
    is_continued: bool
    ending: tuple[Passage, ...]

    @property
    def anchor(self) -> str:
        """The id of the mark's element."""
        return f"mark-{self.start}-{self.end}"

    @property
    def lines(self) -> tuple[Passage, ...]:
        """The most probable passages, as many as can be told apart."""
        return self.passages[:MAX_LINES]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a passage, or all of it, without white space around it."""

    start: int
    end: int
    passage: Passage


def nest(text: str, bounds: tuple[int, int], passages: Sequence[Passage]) -> tuple[str | Mark, ...]:
    """Return ``text[start:end]`` in pieces: plain text, and marks that hold pieces themselves.

    Passages are cut at the bounds, and words where they cross a unit; white space at a cut is left out of them.
    The pieces put together are the text.
    """
    start, end = bounds
    units = [passage for passage in passages if passage.is_unit]
    pieces = [
        piece
        for passage in passages
        for first, last in pairwise([passage.start, *_cuts(passage, units), passage.end])
        for piece in _clip(text, passage, max(first, start), min(last, end))
    ]
    return _nest(text, bounds, pieces, ())


def _cuts(passage: Passage, units: Iterable[Passage]) -> list[int]:
    """Return where the ends of units cross words."""
    if passage.is_unit:
        return []
    ends = {unit.end for unit in units if unit.start < passage.start < unit.end < passage.end}
    starts = {unit.start for unit in units if passage.start < unit.start < passage.end < unit.end}
    return sorted(ends | starts)


def _clip(text: str, passage: Passage, start: int, end: int) -> list[_Piece]:
    """Return the piece from ``start`` to ``end``, or nothing where that is but white space."""
    covered = text[start:end]
    first = start + len(covered) - len(covered.lstrip())
    return [_Piece(first, first + len(covered.strip()), passage)] if covered.strip() else []


def _nest(
    text: str, bounds: tuple[int, int], pieces: Sequence[_Piece], around: tuple[Passage, ...]
) -> tuple[str | Mark, ...]:
    at, end = bounds
    parts: list[str | Mark] = []
    while pieces:
        first = min(pieces, key=lambda piece: (piece.start, -piece.end))
        parts += [text[at : first.start]] if at < first.start else []
        equal = [p for p in pieces if (p.start, p.end) == (first.start, first.end)]
        inside = [p for p in pieces if p.start < first.end and p not in equal]
        inner = [q for p in inside for q in _clip(text, p.passage, p.start, min(p.end, first.end))]
        parts.append(_mark(text, equal, inner, around))
        outside = [p for p in pieces if p.end > first.end]
        pieces = [q for p in outside for q in _clip(text, p.passage, max(p.start, first.end), p.end)]
        at = first.end
    return (*parts, text[at:end]) if at < end else tuple(parts)


def _mark(text: str, equal: Sequence[_Piece], inner: Sequence[_Piece], around: tuple[Passage, ...]) -> Mark:
    start, end = equal[0].start, equal[0].end
    passages = tuple(sorted((piece.passage for piece in equal), key=lambda passage: -passage.probability))
    parts = _nest(text, (start, end), inner, (*passages, *around))
    n_inner = max((part.n_lines for part in parts if isinstance(part, Mark)), default=0)
    return Mark(
        start,
        end,
        passages,
        parts,
        around,
        n_lines=min(len(passages), MAX_LINES) + n_inner,
        is_continued=all(text[passage.start : start].strip() for passage in passages),
        ending=tuple(passage for passage in passages if not text[end : passage.end].strip()),
    )
