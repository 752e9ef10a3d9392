"""An overview as files: JSON for programs, CSV tables for people."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from framescope._types import Array
from framescope.formats.cells import harmless, write_cells
from framescope.overview.contents import WORDS, Cells, Changes, Overview
from framescope.overview.flat import N_DECIMALS, flat_tables

_MEASURES = ("share", "low", "high", "counted", "n_decided", "n_given", "is_beyond", "evidence")
_COUNTS = ("n", "n_unlike", "n_copies", "is_small")


def overview_json(overview: Overview) -> dict[str, Any]:
    """Return an overview as JSON has it; a table's arrays are lists by cell, then by label."""
    return {
        "format": "framescope-overview-1",
        "origin": asdict(overview.origin),
        "labels": [asdict(label) for label in overview.labels],
        "dimensions": list(overview.dimensions),
        "warnings": [str(one) for one in overview.warnings],
        "notes": [str(one) for one in overview.notes],
        "tables": [_table(cells) for cells in overview.tables],
        "changes": [_changes(changes) for changes in overview.changes],
        "words": list(WORDS),
        "alike": [asdict(one) for one in overview.alike],
        "together": [asdict(one) for one in overview.together],
        "stories": [asdict(story) for story in overview.stories],
        "pieces": [asdict(piece) for piece in overview.pieces],
    }


def write_tables(overview: Overview, folder: Path) -> list[Path]:
    """Write a CSV file for each table; return the files.

    Raises:
        FramescopeError: a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table in flat_tables(overview):
        path = folder / f"{table.name}.csv"
        rows = (["" if cell is None else str(cell) for cell in row] for row in table.rows)
        write_cells(path, [harmless(name) for name in table.header], rows)
        written.append(path)
    return written


def _table(cells: Cells) -> dict[str, Any]:
    return {
        "by": list(cells.by),
        "keys": [list(key) for key in cells.keys],
        **{name: _listed(getattr(cells, name)) for name in (*_COUNTS, *_MEASURES)},
    }


def _changes(changes: Changes) -> dict[str, Any]:
    named = ("difference", "low", "high", "p_value", "word")
    return {
        "by": list(changes.by),
        "against": changes.against,
        "n_tests": changes.n_tests,
        "false_rate": changes.false_rate,
        **{name: _listed(getattr(changes, name)) for name in named},
    }


def _listed(values: Array) -> Any:
    """Return numbers as lists, rounded, None for those that are not defined."""
    if values.dtype.kind != "f":
        return values.tolist()
    rounded = np.round(values, N_DECIMALS).astype(object)
    rounded[np.isnan(values)] = None
    return rounded.tolist()
