"""What is left out together: groups, and the near-duplicates of their articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.intp]

NEAR_DUPLICATE_COSINE = 0.7
N_FOLDS = 10


@dataclass(frozen=True)
class Blocks:
    """Pairs (rows to read, rows to leave out) that cover every unit of the fit exactly once."""

    pairs: tuple[tuple[Rows, Rows], ...]

    @classmethod
    def of(cls, groups: npt.NDArray[np.intp], similarity: npt.NDArray[np.floating]) -> Blocks:
        """Leave out each group with the near-duplicates of its units; similarity is (n, n) cosine.

        Near-duplicates are read from the block of their own group, so that likeness does not chain.
        """
        rows_of = [np.flatnonzero(groups == group) for group in range(groups.max() + 1)]
        alike = [
            np.unique(groups[np.flatnonzero((similarity[rows] > NEAR_DUPLICATE_COSINE).any(axis=0))])
            for rows in rows_of
        ]
        return cls(
            tuple(
                (rows, np.unique(np.concatenate([rows, *(rows_of[group] for group in others)])))
                for rows, others in zip(rows_of, alike, strict=True)
            )
        )


def group_numbers(names: Sequence[object]) -> npt.NDArray[np.intp]:
    """Return the number of each unit's group, counted in sorted order of the names."""
    return np.unique(np.array([str(name) for name in names]), return_inverse=True)[1].astype(np.intp)


def assign_folds(
    groups: npt.NDArray[np.intp], *, n_folds: int, rng: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Return a fold for each unit, whole groups together, folds of about equal size."""
    sizes = np.bincount(groups)
    shuffled = rng.permutation(len(sizes))
    filled = np.zeros(min(n_folds, len(sizes)), dtype=np.intp)
    fold_of_group = np.empty(len(sizes), dtype=np.intp)
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        fold_of_group[group] = np.argmin(filled)
        filled[fold_of_group[group]] += sizes[group]
    return fold_of_group[groups]
