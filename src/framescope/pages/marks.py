"""Highlights that overlap, as a tree: what crosses is cut, what shares its bounds is one mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

MAX_LINES = 3


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the article that carries a label.

    ``tag`` is the label's short name; ``probability`` is that of the unit the label was given to, with its
    ``meaning`` in words; ``value`` is what the passage adds to the label's score.
    """

    start: int
    end: int
    tag: str
    probability: float
    meaning: str
    value: float


@dataclass(frozen=True, slots=True)
class Mark:
    """Passages from ``start`` to ``end``, most probable first, what they cover, and the passages around them.

    No two marks of a text have the same bounds. ``n_lines`` is how many lines stand under the text at most,
    those of the marks within included; a mark that ``is_continued`` begins where another one was cut.
    """

    start: int
    end: int
    passages: tuple[Passage, ...]
    parts: tuple[str | Mark, ...]
    around: tuple[Passage, ...]
    n_lines: int
    is_continued: bool

    @property
    def lines(self) -> tuple[Passage, ...]:
        """The most probable passages, as many as can be told apart."""
        return self.passages[:MAX_LINES]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a passage, or all of it."""

    start: int
    end: int
    passage: Passage


def nest(text: str, bounds: tuple[int, int], passages: Sequence[Passage]) -> tuple[str | Mark, ...]:
    """Return ``text[start:end]`` in pieces: plain text, and marks that hold pieces themselves.

    Passages are cut at the bounds; the pieces put together are the text.
    """
    start, end = bounds
    pieces = [_Piece(max(p.start, start), min(p.end, end), p) for p in passages]
    return _nest(text, bounds, [piece for piece in pieces if piece.start < piece.end], ())


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
        inner = [replace(p, end=min(p.end, first.end)) for p in inside]
        parts.append(_mark(text, equal, inner, around))
        pieces = [replace(p, start=max(p.start, first.end)) for p in pieces if p.end > first.end]
        at = first.end
    return (*parts, text[at:end]) if at < end else tuple(parts)


def _mark(text: str, equal: Sequence[_Piece], inner: Sequence[_Piece], around: tuple[Passage, ...]) -> Mark:
    start, end = equal[0].start, equal[0].end
    passages = tuple(sorted((piece.passage for piece in equal), key=lambda passage: -passage.probability))
    parts = _nest(text, (start, end), inner, (*passages, *around))
    n_inner = max((part.n_lines for part in parts if isinstance(part, Mark)), default=0)
    is_continued = all(piece.start > piece.passage.start for piece in equal)
    return Mark(start, end, passages, parts, around, min(len(passages), MAX_LINES) + n_inner, is_continued)
