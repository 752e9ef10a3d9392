"""Heat maps: outlets, languages or other values down, labels across."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from framescope.overview.contents import FELL, OTHERS, ROSE, Cells, Changes, Overview
from framescope.pages.overview.exhibits import Draft
from framescope.pages.overview.words import dimension_name, share

MAX_LABELS, MAX_ROWS = 30, 40
"""Labels and rows of a heat map: the most common, and those with most articles."""
SIGNS = {ROSE: "▲", FELL: "▼"}


@dataclass(frozen=True, slots=True)
class GridCell:
    """A share: ``level`` is how dark it is, 0 to 1; ``sign`` that it is beyond that of all others."""

    place: str
    panel: str
    share: str
    value: str
    level: str
    sign: str
    words: str
    is_small: bool
    is_beyond: bool


@dataclass(frozen=True, slots=True)
class GridRow:
    """A value of the dimension; ``number`` is its cell in the table."""

    number: int
    name: str
    n: int
    n_unlike: int
    is_small: bool
    cells: tuple[GridCell, ...]


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A label at the head of a heat map."""

    column: int
    name: str
    is_child: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """A heat map; ``n_rows`` and ``n_labels`` are all that there are."""

    by: str
    name: str
    columns: tuple[GridColumn, ...]
    rows: tuple[GridRow, ...]
    n_rows: int
    n_labels: int
    top: str


def shown_labels(overview: Overview, n_labels: int = MAX_LABELS) -> list[int]:
    """Return the columns of the most common labels, in the order of the codebook."""
    total = overview.tables[0]
    common = np.argsort(-np.nan_to_num(total.share[0]), kind="stable")
    found = [int(k) for k in common if total.n_decided[0, k] or total.share[0, k] >= 0.005]
    return sorted(found[:n_labels])


def make_grid(draft: Draft, by: str) -> Grid | None:
    """Return the heat map of a dimension, None where it has no table."""
    overview, say = draft.overview, draft.say
    cells = overview.table(by)
    if cells is None:
        return None
    labels = shown_labels(overview)
    rows = shown_rows(cells)
    top = float(np.nanmax(cells.share[np.ix_(rows, labels)], initial=0.0))
    return Grid(
        by=by,
        name=dimension_name(by, say),
        columns=tuple(GridColumn(k, draft.name(k), overview.labels[k].parent is not None) for k in labels),
        rows=tuple(
            GridRow(
                number=row,
                name=draft.value(cells.keys[row][0]),
                n=int(cells.n[row]),
                n_unlike=int(cells.n_unlike[row]),
                is_small=bool(cells.is_small[row]),
                cells=tuple(_cell(draft, cells, row, k, top) for k in labels),
            )
            for row in rows
        ),
        n_rows=len(cells.keys),
        n_labels=len(overview.labels),
        top=share(top),
    )


def shown_rows(cells: Cells, n_rows: int = MAX_ROWS) -> list[int]:
    """Return the cells with most articles, in their order."""
    return sorted(np.argsort(-cells.n, kind="stable")[:n_rows].tolist())


def changes_of(overview: Overview, *by: str, against: str) -> Changes | None:
    """Return the changes of a table, None where there are none."""
    return next((one for one in overview.changes if set(one.by) == set(by) and one.against == against), None)


def sign_of(draft: Draft, cells: Cells, cell: int, label: int) -> str:
    """Return whether a share is beyond that of all others and noise; in small cells it is not said."""
    changes = changes_of(draft.overview, *cells.by, against=OTHERS)
    if changes is None or cells.is_small[cell]:
        return ""
    return SIGNS.get(int(changes.word[cell, label]), "")


def _cell(draft: Draft, cells: Cells, row: int, label: int, top: float) -> GridCell:
    value = float(cells.share[row, label])
    is_known = not math.isnan(value)
    return GridCell(
        place=draft.place(cells, row, label),
        panel=draft.anchor(cells, row, label),
        share=share(value),
        value=f"{value:.5f}" if is_known else "-1",
        level=f"{math.sqrt(max(value, 0) / top):.2f}" if is_known and top > 0 else "0",
        sign=sign_of(draft, cells, row, label),
        words=draft.words(cells, row, label),
        is_small=bool(cells.is_small[row]),
        is_beyond=bool(cells.is_beyond[row, label]),
    )


def grids_of(draft: Draft, names: Sequence[str]) -> tuple[Grid, ...]:
    """Return the heat maps of some dimensions, those without a table left out."""
    made = [make_grid(draft, name) for name in names]
    return tuple(grid for grid in made if grid is not None)
