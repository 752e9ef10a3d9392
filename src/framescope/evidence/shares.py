"""A label's margin shared out to characters, and what any stretch of the text adds to it."""

from __future__ import annotations

import numpy as np

from framescope._types import Float64, Indices, Integers


def running_sums(n_characters: int, spans: Integers, values: Float64) -> Float64:
    """Divide each span's value equally over its characters; return what the characters before each one add.

    What a stretch adds is a difference of two of these sums, (n_characters + 1,). ``spans`` is (n, 2).
    """
    starts, ends = spans.T
    shares = values / (ends - starts)
    slopes = np.bincount(starts, shares, n_characters + 1) - np.bincount(ends, shares, n_characters + 1)
    return np.concatenate([np.zeros(1), np.cumsum(np.cumsum(slopes)[:-1])])


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
