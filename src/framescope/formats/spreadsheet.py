"""Spreadsheets (.xlsx, .xls, .ods) by python-calamine: one sheet is a table, its cells as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile

from framescope.documents.archives import refuse_bomb
from framescope.documents.document import MAX_DOCUMENT_BYTES, load
from framescope.errors import InputError
from framescope.formats.dialect import Dialect
from framescope.formats.layout import REPEATED_HEADER, repeats_header
from framescope.formats.separated import Record, check_header

ZIP = b"PK\x03\x04"


class SheetTable:
    """A sheet with a header in its first row that is not empty; it has what a ``SeparatedTable`` has.

    Raises:
        InputError: it is no spreadsheet, there is no such sheet, or several and none is named.
    """

    def __init__(self, opened: IO[bytes], path: Path | str, *, dialect: Dialect) -> None:
        rows = [
            (row, cells) for row, cells in enumerate(_rows(opened, path, dialect.sheet), start=1) if any(cells)
        ]
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


def _rows(opened: IO[bytes], path: Path | str, asked: str | None) -> list[list[str]]:
    calamine: Any = load("python_calamine", path)
    content = opened.read(MAX_DOCUMENT_BYTES + 1)
    if len(content) > MAX_DOCUMENT_BYTES:
        raise InputError.at(path, f"has more than {MAX_DOCUMENT_BYTES:,} bytes: save it as CSV")
    try:
        if content.startswith(ZIP):
            refuse_bomb(content, path)
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(content))
        name = _sheet(book.sheet_names, asked, path)
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (calamine.CalamineError, BadZipFile, OSError, ValueError) as error:
        raise InputError.at(path, f"is not an intact spreadsheet: {error}") from error
    return [[_text(cell) for cell in row] for row in rows]


def _sheet(names: Sequence[str], asked: str | None, path: Path | str) -> str:
    shown = ", ".join(map(repr, names[:20]))
    if asked is None:
        if len(names) == 1:
            return names[0]
        raise InputError.at(path, f"has the sheets {shown}: name one by --sheet")
    if asked not in names:
        raise InputError.at(path, f"has no sheet {asked!r}, but {shown}")
    return asked


def _text(cell: object) -> str:
    """Return a cell as CSV would have it: whole numbers without a point, dates in ISO 8601."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and not (cell.hour or cell.minute or cell.second):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
