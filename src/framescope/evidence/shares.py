"""A label's margin shared out to characters, and what any stretch of the text adds to it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from framescope._types import Float64, Indices, Integers


def running_sums(n_characters: int, spans: Integers, values: Float64) -> Float64:
    """Divide each span's value equally over its characters; return what the characters before each one add.

    What a stretch adds is a difference of two of these sums, (n_characters + 1,). ``spans`` is (n, 2).
    """
    return sums_of_pieces(n_characters, [(spans, values)])


def sums_of_pieces(n_characters: int, pieces: Iterable[tuple[Integers, Float64]]) -> Float64:
    """Return :func:`running_sums` of spans and values that come stretch by stretch."""
    sums = np.zeros(n_characters + 2)
    slopes = sums[1:]
    for spans, values in pieces:
        if len(spans):
            first, (starts, ends) = spans.min(), spans.T
            n_near, shares = int(spans.max() - first + 1), values / (ends - starts)
            near = slopes[first : first + n_near]
            near += np.bincount(starts - first, shares, n_near)
            near -= np.bincount(ends - first, shares, n_near)
    np.cumsum(slopes, out=slopes)
    np.cumsum(slopes, out=slopes)
    return sums[:-1]


def values_by_stretch(pieces: Iterable[tuple[Integers, Float64]], offsets: Integers, n_columns: int) -> Float64:
    """Return what stretches add to each of some margins: (n_stretches, n_columns).

    Stretches, (n, 2), are in text order and do not overlap; spans come with values (n, n_columns).
    """
    totals = np.zeros((len(offsets), n_columns))
    for spans, values in pieces:
        if len(spans):
            first, n_near = spans.min(), int(spans.max() - spans.min())
            begin = np.searchsorted(offsets[:, 1], first, side="right")
            end = np.searchsorted(offsets[:, 0], first + n_near)
            near = np.clip(offsets[begin:end] - first, 0, n_near)
            for column, own in enumerate(values.T):
                totals[begin:end, column] += values_of(running_sums(n_near, spans - first, own), near)
    return totals


def value_of(sums: Float64, start: int, end: int) -> float:
    """Return what the characters from ``start`` to ``end`` add."""
    return float(sums[end] - sums[start])


def values_of(sums: Float64, offsets: Integers) -> Float64:
    """Return what each of some stretches adds, given by their ends (n, 2): (n,)."""
    return np.asarray(sums[offsets[:, 1]] - sums[offsets[:, 0]])


def greatest(values: Float64, n_greatest: int) -> Indices:
    """Return the places of the greatest values above 0, in ascending order; of equal values the first count."""
    best = np.argsort(-values, kind="stable")[:n_greatest]
    return np.sort(best[values[best] > 0])
