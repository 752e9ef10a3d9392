"""An overview as a workbook: a sheet for each of its flat tables."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from framescope.batch.spreadsheets import MAX_ROWS, check_xlsx, cut
from framescope.files import write_bytes
from framescope.formats.cells import starts_formula
from framescope.overview.contents import Overview
from framescope.overview.feed import OverviewError
from framescope.overview.flat import FlatTable, flat_tables
from framescope.wide import Cell

MAX_NAME = 31
"""Characters of the name of a sheet."""


def write_workbook(overview: Overview, path: Path) -> None:
    """Write the tables as XLSX; nothing in it is a formula.

    Raises:
        ScoringError: XlsxWriter is missing.
        OverviewError: a table has more rows than Excel shows.
        FramescopeError: the file cannot be written.
    """
    check_xlsx()
    content = BytesIO()
    book = import_module("xlsxwriter").Workbook(content, {"in_memory": True})
    book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})  # the same bytes every time
    styles = {
        "head": book.add_format({"bold": True}),
        "quoted": book.add_format({"quote_prefix": True}),
        "share": book.add_format({"num_format": "0.000"}),
    }
    for number, table in enumerate(flat_tables(overview), start=1):
        _add_sheet(book, _sheet_name(table.name, number), table, styles)
    book.close()
    write_bytes(path, content.getvalue())


def _add_sheet(book: Any, name: str, table: FlatTable, styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(table.header) - 1, 16)
    for column, title in enumerate(table.header):
        sheet.write_string(0, column, cut(title), styles["head"])
    n_rows = 1
    for row in table.rows:
        if n_rows == MAX_ROWS:
            raise OverviewError(
                f"{table.name}: has more than the {MAX_ROWS:,} rows that Excel shows: write --csv, or leave "
                "something out of --by"
            )
        for column, cell in enumerate(row):
            _write(sheet, n_rows, column, cell, styles)
        n_rows += 1
    sheet.autofilter(0, 0, n_rows - 1, len(table.header) - 1)


def _write(sheet: Any, row: int, column: int, cell: Cell, styles: dict[str, Any]) -> None:
    if isinstance(cell, str):
        style = (styles["quoted"],) if starts_formula(cell) else ()
        sheet.write_string(row, column, cut(cell), *style)
    elif cell is not None:
        sheet.write_number(row, column, cell, *((styles["share"],) if isinstance(cell, float) else ()))


def _sheet_name(name: str, number: int) -> str:
    """Return a name that Excel takes, the number of the table where it is too long to be its own."""
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 4]}~{number}"
