"""What carries a label in the articles that are shown, by annotators, by the scores or by the model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from framescope.overview.contents import MAX_AROUND, Piece, Remark
from framescope.overview.feed import Feed, Mark
from framescope.predictor import Predictor
from framescope.text.segments import Unit, segments

MAX_BY_MODEL = 3_000
"""Passages that the model is asked for: each takes milliseconds."""
MAX_CHARACTERS = 400


def with_passages(
    pieces: Sequence[Piece], feed: Feed, predictor: Predictor | None
) -> tuple[tuple[Piece, ...], tuple[Remark, ...]]:
    """Return pieces with their passages where the feed has texts, and notes on those without."""
    rows = np.unique(np.array([piece.row for piece in pieces], np.intp))
    texts = feed.texts(rows)
    if texts is None:
        return tuple(pieces), (
            Remark("no passages: the scores have no texts; score with %(option)s", {"option": "--keep text"}),
        )
    place = {row: number for number, row in enumerate(rows.tolist())}
    marks = feed.marks(rows)
    children: defaultdict[str | None, list[str]] = defaultdict(list)
    for label in feed.codebook.labels:
        children[label.parent].append(label.id)
    found, n_asked = [], 0
    for piece in pieces:
        text = texts[place[piece.row]]
        of_label = {piece.label, *children[piece.label]}
        bounds = _sentence(text, [mark for mark in marks[place[piece.row]] if mark.label in of_label])
        if bounds is None and predictor is not None and n_asked < MAX_BY_MODEL:
            n_asked += 1
            bounds = _by_model(text, piece.label, predictor)
        found.append(piece if bounds is None else _quoting(piece, text, *bounds))
    n_without = sum(not piece.passage for piece in found)
    if not n_without:
        return tuple(found), ()
    values = {"n": n_without, "all": len(found)}
    return tuple(found), (Remark("%(n)s of %(all)s articles shown have no passage", values),)


def _quoting(piece: Piece, text: str, start: int, end: int) -> Piece:
    end = min(end, start + MAX_CHARACTERS)
    before, after = text[max(0, start - MAX_AROUND) : start], text[end : end + MAX_AROUND]
    return replace(piece, passage=text[start:end], start=start, end=end, before=before, after=after)


def _sentence(text: str, marks: Sequence[Mark]) -> tuple[int, int] | None:
    """Return the bounds of the best mark, of single words those of their sentence; None without a mark."""
    best = max(marks, key=lambda mark: mark.weight, default=None)
    if best is None:
        return None
    if best.is_whole:
        return best.start, best.end
    return next(
        ((start, end) for start, end in segments(text, Unit.SENTENCE) if start <= best.start < end), None
    )


def _by_model(text: str, label: str, predictor: Predictor) -> tuple[int, int] | None:
    spans = predictor.find_spans(text, label)
    best = max(spans, key=lambda span: span.weight, default=None)
    return None if best is None else (best.start, best.end)
