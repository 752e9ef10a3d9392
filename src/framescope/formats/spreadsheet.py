"""Spreadsheets (.xlsx, .xls, .ods) by python-calamine: one sheet is a table, its cells as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from framescope.documents.archives import FAULTS, refuse_bomb
from framescope.documents.bounded import run_bounded
from framescope.documents.document import MAX_DOCUMENT_BYTES, load
from framescope.errors import InputError
from framescope.formats import sheet_process
from framescope.formats.dialect import Dialect
from framescope.formats.layout import REPEATED_HEADER, repeats_header
from framescope.formats.separated import Record, check_header

ZIP = b"PK\x03\x04"
MAX_SHEET_BYTES = 100_000_000
MAX_SHEET_CELLS = 2_000_000
AS_CSV = "delete empty rows and columns, or save it as CSV"


class SheetTable:
    """A sheet with a header in its first row that is not empty; it has what a ``SeparatedTable`` has.

    Raises:
        InputError: it is no spreadsheet, there is no such sheet, or several and none is named.
    """

    def __init__(self, opened: IO[bytes], path: Path | str, *, dialect: Dialect) -> None:
        rows = _rows(opened, path, dialect.sheet)
        if not rows:
            raise InputError.at(path, "is empty, expected a header and rows")
        (line, first), *self._rows = rows
        n_columns = max((k + 1 for k, cell in enumerate(first) if cell), default=0)
        self.header = check_header(first[:n_columns], path, line)

    def __enter__(self) -> SheetTable:
        return self

    def __exit__(self, *_error: object) -> None:
        self._rows = []

    def records(self) -> Iterator[Record]:
        """Yield the rows below the header, empty ones apart."""
        n_columns = len(self.header)
        for number, (line, found) in enumerate(self._rows, start=1):
            cells = [*found, *[""] * (n_columns - len(found))]
            fault = ""
            if any(cells[n_columns:]):
                fault = f"has {len(cells)} fields, expected {n_columns}"
            elif repeats_header(zip(self.header, cells, strict=False)):
                fault = REPEATED_HEADER
            yield Record(line, number, cells[:n_columns], fault)


def _rows(opened: IO[bytes], path: Path | str, asked: str | None) -> list[tuple[int, list[str]]]:
    """Return the rows that are not empty, with their numbers."""
    load("python_calamine", path)
    content = _bounded(opened, path)
    rows, sheets = [], None
    arguments = [] if asked is None else [asked]
    lines = run_bounded(
        sheet_process.__file__, content, *arguments, path=path, max_bytes=MAX_SHEET_BYTES, remedy=AS_CSV
    )
    n_cells = 0
    for line in lines:
        if "error" in line:
            raise InputError.at(path, f"is not an intact spreadsheet: {line['error']}")
        if "sheets" in line:
            sheets = line["sheets"]
            _check_sheet(sheets, asked, path)
        else:
            n_cells += len(line["cells"])
            if n_cells > MAX_SHEET_CELLS:
                raise InputError.at(path, f"has more than {MAX_SHEET_CELLS:,} cells: {AS_CSV}")
            rows.append((line["row"], line["cells"]))
    return rows


def _bounded(opened: IO[bytes], path: Path | str) -> bytes:
    """Return what a file holds, unless that is too much, or unpacks to too much."""
    content = opened.read(MAX_DOCUMENT_BYTES + 1)
    if len(content) > MAX_DOCUMENT_BYTES:
        raise InputError.at(path, f"has more than {MAX_DOCUMENT_BYTES:,} bytes: save it as CSV")
    if content.startswith(ZIP):
        try:
            refuse_bomb(content, path)
        except FAULTS as error:
            raise InputError.at(path, f"is not an intact spreadsheet: {error}") from error
    return content


def _check_sheet(names: Sequence[str], asked: str | None, path: Path | str) -> None:
    shown = ", ".join(map(repr, names[:20]))
    if asked is None and len(names) != 1:
        raise InputError.at(path, f"has the sheets {shown}: name one by --sheet")
    if asked is not None and asked not in names:
        raise InputError.at(path, f"has no sheet {asked!r}, but {shown}")
