"""Spreadsheets (.xlsx, .xls, .ods) by python-calamine: one sheet is a table, its cells as text."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import IO, Any, cast
from zipfile import BadZipFile

from framescope.documents.archives import refuse_bomb
from framescope.documents.document import MAX_DOCUMENT_BYTES, load
from framescope.errors import InputError
from framescope.formats import sheet_process
from framescope.formats.dialect import Dialect
from framescope.formats.layout import REPEATED_HEADER, repeats_header
from framescope.formats.separated import Record, check_header

ZIP = b"PK\x03\x04"
MAX_SHEET_BYTES = 100_000_000
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
    content = opened.read(MAX_DOCUMENT_BYTES + 1)
    if len(content) > MAX_DOCUMENT_BYTES:
        raise InputError.at(path, f"has more than {MAX_DOCUMENT_BYTES:,} bytes: save it as CSV")
    if content.startswith(ZIP):
        try:
            refuse_bomb(content, path)
        except (BadZipFile, OSError, ValueError) as error:
            raise InputError.at(path, f"is not an intact spreadsheet: {error}") from error
    rows, sheets = [], None
    for line in _unpacked(content, path, asked):
        if "error" in line:
            raise InputError.at(path, f"is not an intact spreadsheet: {line['error']}")
        if "sheets" in line:
            sheets = line["sheets"]
            _check_sheet(sheets, asked, path)
        else:
            rows.append((line["row"], line["cells"]))
    return rows


def _unpacked(content: bytes, path: Path | str, asked: str | None) -> Iterator[dict[str, Any]]:
    """Yield what :mod:`framescope.formats.sheet_process` writes.

    Raises:
        InputError: it has come to its bounds, or writes too much.
    """
    command = [sys.executable, "-P", sheet_process.__file__, *([] if asked is None else [asked])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with Popen(  # noqa: S603 - our own script
        command,
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env=environment,
        start_new_session=True,  # an interruption is for us, who may finish what we are at
    ) as process:
        try:
            with suppress(BrokenPipeError), cast("IO[bytes]", process.stdin) as given:
                given.write(content)
            n_bytes = 0
            for line in cast("IO[bytes]", process.stdout):
                n_bytes += len(line)
                if n_bytes > MAX_SHEET_BYTES:
                    raise InputError.at(path, f"unpacks to more than {MAX_SHEET_BYTES:,} bytes: {AS_CSV}")
                if line.endswith(b"\n"):
                    yield json.loads(line)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise InputError.at(path, f"takes too much memory, or too long, to unpack: {AS_CSV}")


def _check_sheet(names: Sequence[str], asked: str | None, path: Path | str) -> None:
    shown = ", ".join(map(repr, names[:20]))
    if asked is None and len(names) != 1:
        raise InputError.at(path, f"has the sheets {shown}: name one by --sheet")
    if asked is not None and asked not in names:
        raise InputError.at(path, f"has no sheet {asked!r}, but {shown}")
