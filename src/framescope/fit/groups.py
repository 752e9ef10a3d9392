"""What is left out together: groups, and the near-duplicates of their articles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from framescope._types import BoolArray, Indices, Int32
from framescope.errors import TrainingError

Pairs = Int32

NOTHING_LEFT = (
    "nothing is left to learn from without one of the groups and its near-duplicates: "
    "expected more groups, or articles that are less alike"
)


def leave_out_blocks(groups: Indices, pairs: Pairs) -> list[tuple[Indices, Indices]]:
    """Return for each group the rows to read and the rows to leave out.

    Left out with a group are the near-duplicates of its units, given as pairs of units: (n_pairs, 2). They are
    read from the blocks of their own, so that likeness does not chain.

    Raises:
        TrainingError: nothing is left without some group and its near-duplicates.
    """
    ordered = np.argsort(groups, kind="stable")
    rows_of = np.split(ordered, np.cumsum(np.bincount(groups))[:-1])
    alike: list[list[int]] = [[] for _ in rows_of]
    for one, other in pairs:
        alike[groups[one]].append(other)
        alike[groups[other]].append(one)
    blocks = [
        (rows, np.union1d(rows, np.array(others, dtype=np.intp)) if others else rows)
        for rows, others in zip(rows_of, alike, strict=True)
    ]
    if max(len(left_out) for _, left_out in blocks) == len(groups):
        raise TrainingError(NOTHING_LEFT)
    return blocks


def with_near_duplicates(held_out: BoolArray, pairs: Pairs) -> BoolArray:
    """Return the marks of the units held out and of their near-duplicates: (n_units,) bool."""
    marked = held_out.copy()
    for one, other in (pairs.T, pairs.T[::-1]):
        marked[one[held_out[other]]] = True
    return marked


def no_pairs() -> Pairs:
    """Return pairs of units that are near-duplicates where there are none: (0, 2)."""
    return np.empty((0, 2), np.int32)


def pairs_within(pairs: Pairs, rows: Indices, n_units: int) -> Pairs:
    """Return the pairs of units that are both in some ascending rows, by their places there."""
    position = np.full(n_units, -1, np.int32)
    position[rows] = np.arange(len(rows))
    placed = position[pairs]
    return placed[(placed >= 0).all(axis=1)]


def group_numbers(names: Sequence[object]) -> Indices:
    """Return the number of each unit's group, counted in sorted order of the names."""
    return np.unique(np.array([str(name) for name in names]), return_inverse=True)[1].astype(np.intp)


def assign_folds(
    groups: Indices, *, n_folds: int, rng: np.random.Generator, known: Indices | None = None
) -> Indices:
    """Return a fold for each unit, whole groups together, folds of about equal size.

    ``known`` are folds of an earlier time, (n_units,), -1 for none: a group stays in that of its first unit.
    """
    sizes = np.bincount(groups)
    shuffled = rng.permutation(len(sizes))
    filled = np.zeros(min(n_folds, len(sizes)), dtype=np.intp)
    fold_of_group = np.full(len(sizes), -1, dtype=np.intp)
    if known is not None:
        rows = np.flatnonzero((known >= 0) & (known < len(filled)))[::-1]
        fold_of_group[groups[rows]] = known[rows]
        filled += np.bincount(fold_of_group[fold_of_group >= 0], sizes[fold_of_group >= 0], len(filled)).astype(
            np.intp
        )
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        if fold_of_group[group] < 0:
            fold_of_group[group] = np.argmin(filled)
            filled[fold_of_group[group]] += sizes[group]
    return fold_of_group[groups]
