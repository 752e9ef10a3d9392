"""An overview as files: JSON for programs, CSV tables for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from framescope._types import Array
from framescope.files import write_whole
from framescope.formats.cells import harmless
from framescope.overview.contents import WORDS, Cells, Changes, Overview

N_DECIMALS = 5
_MEASURES = ("share", "low", "high", "counted", "n_decided", "n_given", "is_beyond", "evidence")
_COUNTS = ("n", "n_unlike", "n_copies", "is_small")


def overview_json(overview: Overview) -> dict[str, Any]:
    """Return an overview as JSON has it; a table's arrays are lists by cell, then by label."""
    return {
        "format": "framescope-overview-1",
        "origin": asdict(overview.origin),
        "labels": [asdict(label) for label in overview.labels],
        "dimensions": list(overview.dimensions),
        "warnings": list(overview.warnings),
        "notes": list(overview.notes),
        "tables": [_table(cells) for cells in overview.tables],
        "changes": [_changes(changes) for changes in overview.changes],
        "words": list(WORDS),
        "alike": [asdict(one) for one in overview.alike],
        "together": [asdict(one) for one in overview.together],
        "stories": [asdict(story) for story in overview.stories],
        "pieces": [asdict(piece) for piece in overview.pieces],
    }


def write_tables(overview: Overview, folder: Path) -> list[Path]:
    """Write a CSV file for each table, in long form: a row for each cell and label; return the files.

    Raises:
        FramescopeError: a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for cells in overview.tables:
        path = folder / f"shares-by-{'-'.join(cells.by) or 'nothing'}.csv"
        write_whole(path, ["\ufeff", _csv([*cells.by, *_HEADER], _rows(overview, cells))])
        written.append(path)
    return written


_HEADER = (
    "label", "articles", "share", "low", "high", "counted", "decided", "given", "small", "beyond", "shown_by",
)  # fmt: skip


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


def _rows(overview: Overview, cells: Cells) -> Iterator[list[Any]]:
    for cell, key in enumerate(cells.keys):
        for column, label in enumerate(overview.labels):
            pieces = overview.pieces_of(cells, cell, column)
            yield [
                *key,
                label.id,
                int(cells.n[cell]),
                *(_number(getattr(cells, name)[cell, column]) for name in _MEASURES[:4]),
                int(cells.n_decided[cell, column]),
                int(cells.n_given[cell, column]),
                int(cells.is_small[cell]),
                int(cells.is_beyond[cell, column]),
                " ".join(piece.id for piece in pieces),
            ]


def _number(value: float) -> float | str:
    return "" if np.isnan(value) else round(float(value), N_DECIMALS)


def _csv(header: list[str], rows: Iterator[list[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue()
