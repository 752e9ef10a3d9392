"""The articles that show a label best in each cell: given before to review, the most probable first."""

from __future__ import annotations

import numpy as np

from framescope._types import Array, Int32, Int64
from framescope.overview.contents import N_EVIDENCE
from framescope.overview.gathered import Entries


def best_entries(entries: Entries, groups: Array, shape: tuple[int, int]) -> Int64:
    """Return the places of the best entries of each group and label: (n_groups, n_labels, 3), -1 for none.

    ``groups`` (n_cells,) is the number of each cell's group, ``shape`` (n_groups, n_labels). Of equals, the
    first article comes first.
    """
    slots = groups[entries.cell].astype(np.int64) * shape[1] + entries.label
    order = np.lexsort([entries.row, -entries.probability, ~entries.is_given, slots])
    ordered = slots[order]
    starts = np.searchsorted(ordered, ordered, side="left")
    rank = np.arange(len(order)) - starts
    best = np.full((shape[0] * shape[1], N_EVIDENCE), -1, np.int64)
    is_kept = rank < N_EVIDENCE
    best[ordered[is_kept], rank[is_kept]] = order[is_kept]
    return best.reshape(*shape, N_EVIDENCE)


def numbered(tables: list[Int64]) -> tuple[Int64, list[Int32]]:
    """Return the entries that any table names, ascending, and the tables with their places among these."""
    named = np.unique(np.concatenate([table.ravel() for table in tables])) if tables else np.zeros(0, np.int64)
    named = named[named >= 0]
    return named, [np.where(table >= 0, np.searchsorted(named, table), -1).astype(np.int32) for table in tables]
