"""What carries a label in the articles that are shown, by annotators, by the scores or by the model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from framescope._types import Indices
from framescope.overview.contents import MAX_AROUND, Piece, Remark
from framescope.overview.feed import Feed, Mark
from framescope.predictor import Predictor
from framescope.text.segments import Unit, segments

MAX_BY_MODEL = 3_000
"""Passages that the model is asked for: each takes milliseconds."""
MAX_CHARACTERS = 400


def with_passages(
    pieces: Sequence[Piece], feed: Feed, predictor: Predictor | None, order: Indices
) -> tuple[tuple[Piece, ...], tuple[Remark, ...]]:
    """Return pieces with their passages where the feed has texts, and notes on those without.

    ``order`` has the places of the pieces, those first that matter most: a model is asked for no more than
    ``MAX_BY_MODEL`` passages.
    """
    if not feed.has_texts:
        return tuple(pieces), (
            Remark("no passages: the scores have no texts; score with %(option)s", {"option": "--keep text"}),
        )
    rows = np.array([piece.row for piece in pieces], np.intp)
    marks = dict(zip(np.unique(rows).tolist(), feed.marks(np.unique(rows)), strict=True))
    children: defaultdict[str | None, list[str]] = defaultdict(list)
    for label in feed.codebook.labels:
        children[label.parent].append(label.id)
    of_piece = [
        [mark for mark in marks[piece.row] if mark.label in {piece.label, *children[piece.label]}]
        for piece in pieces
    ]
    marked, others = (
        [place for place in order.tolist() if bool(of_piece[place]) == is_marked] for is_marked in (True, False)
    )
    asked = others[:MAX_BY_MODEL] if predictor is not None else []
    read = np.unique(rows[[*marked, *asked]])
    texts = dict(zip(read.tolist(), feed.texts(read) or (), strict=True))
    found = list(pieces)
    for place in [*marked, *asked]:
        text = texts[pieces[place].row]
        bounds = _sentence(text, of_piece[place])
        if bounds is None and predictor is not None:
            bounds = _by_model(text, pieces[place].label, predictor)
        if bounds is not None:
            found[place] = _quoting(pieces[place], text, *bounds)
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
