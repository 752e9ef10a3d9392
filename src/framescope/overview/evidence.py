"""The articles that show a label best in each cell: given before to review, the most probable first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from framescope._types import Array, Indices, Int32, Int64
from framescope.overview.contents import N_EVIDENCE, Piece
from framescope.overview.feed import Feed
from framescope.overview.gathered import Entries

DETAILS = ("id", "title", "url", "source", "date", "lang")
"""What is shown of an article."""


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


def first_shown(tables: Sequence[Int32]) -> Indices:
    """Return the places that any table has, those of the first tables first."""
    places = np.concatenate([np.zeros(0, np.int32), *(table.ravel() for table in tables)])
    found, first = np.unique(places, return_index=True)
    order: Indices = found[np.argsort(first, kind="stable")]
    return order[order >= 0]


def pieces_of(feed: Feed, entries: Entries, named: Int64, columns: Mapping[str, str]) -> tuple[Piece, ...]:
    """Return the articles that tables show, by a second look at the feed."""
    labels = feed.codebook.ids
    columns = {name: columns.get(name, name) for name in DETAILS}
    columns = {name: column for name, column in columns.items() if column in feed.column_names}
    rows = np.unique(entries.row[named])
    looked_up = feed.look_up(rows, list(columns.values()))
    details = {name: looked_up[column].to_pylist() for name, column in columns.items()}
    places = np.searchsorted(rows, entries.row[named]).tolist()

    def detail(name: str, place: int) -> str:
        return (details[name][place] or "") if name in details else ""

    return tuple(
        Piece(
            row=int(entries.row[entry]),
            id=detail("id", place),
            title=detail("title", place),
            url=detail("url", place),
            source=detail("source", place),
            date=detail("date", place),
            lang=detail("lang", place),
            label=labels[entries.label[entry]],
            probability=float(entries.probability[entry]),
            is_given=bool(entries.is_given[entry]),
        )
        for entry, place in zip(named.tolist(), places, strict=True)
    )
