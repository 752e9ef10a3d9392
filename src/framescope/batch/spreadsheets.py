"""Parts that spreadsheets open: CSV and XLSX with a column for each label; their ids and hashes read back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

import pyarrow as pa

from framescope.batch.finite import refuse_nan
from framescope.batch.options import ScoringError
from framescope.files import scratch_folder
from framescope.formats.cells import harmless, starts_formula
from framescope.formats.separated import MAX_RECORD_CHARACTERS
from framescope.wide import Cell, WideTable

BOM = "\ufeff"
MAX_ROWS = 1_048_576
MAX_CELL = 32_767
"""Excel's limits: rows of a sheet, header included, and UTF-16 code units of a cell."""

CUT = " [cut]"
IS_DAY = re.compile(r"(19|2\d)\d\d-\d\d-\d\d")
IDS = frozenset({"id", "article_id"})
WIDTH_OF_DAY = 11
"""Characters; Excel shows signs in place of a day for which a column is too narrow."""

_SHEET = "xl/worksheets/sheet1.xml"
_XML = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ESCAPED = re.compile("_x([0-9A-F]{4})_")


class CsvWriter:
    """Rows as CSV in UTF-8; its mark of byte order lets Excel read other letters than Latin ones."""

    def __init__(self, opened: IO[bytes], schema: pa.Schema, labels: Sequence[str]) -> None:
        self._table = WideTable(schema.names, labels)
        self._text = io.TextIOWrapper(opened, encoding="utf-8", newline="")
        self._writer = csv.writer(self._text)
        self._text.write(BOM)
        self._writer.writerow(map(harmless, self._table.header))

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows."""
        refuse_nan(batch)
        for row in batch.to_pylist():
            self._writer.writerow([_harmless_cell(cell) for cell in self._table.cells(row)])

    def close(self) -> None:
        """Hand over what is left; the file below stays open."""
        self._text.detach()

    def abandon(self) -> None:
        """Leave the file below as it is."""
        with suppress(OSError, ValueError):
            self._text.detach()


class XlsxWriter:
    """Rows as a sheet; nothing in it is a formula, and long cells are cut at Excel's limit."""

    def __init__(self, opened: IO[bytes], schema: pa.Schema, labels: Sequence[str]) -> None:
        xlsxwriter = _xlsxwriter()
        self._table = WideTable(schema.names, labels)
        self._scratch = scratch_folder()
        self._book = xlsxwriter.Workbook(
            opened, {"constant_memory": True, "tmpdir": self._scratch.name, "use_zip64": True}
        )
        self._book.set_properties(
            {"created": datetime(2000, 1, 1, tzinfo=UTC)}
        )  # two runs write the same bytes
        self._sheet = self._book.add_worksheet("scores")
        self._quoted = self._book.add_format({"quote_prefix": True})
        self._probability = self._book.add_format({"num_format": "0.000"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._n_rows = 0
        self._write_header()

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows.

        Raises:
            ScoringError: there are more than Excel shows.
        """
        refuse_nan(batch)
        if self._n_rows + len(batch) > MAX_ROWS:
            raise ScoringError(
                f"a part would have more than the {MAX_ROWS:,} rows that Excel shows: "
                "choose another output and smaller shards, such as --shard-bytes 4194304, or --format csv"
            )
        for row in batch.to_pylist():
            self._write_row(self._table.cells(row))

    def close(self) -> None:
        """Write the workbook."""
        self._sheet.autofilter(0, 0, max(self._n_rows - 1, 0), len(self._table.header) - 1)
        self._book.close()
        self._scratch.cleanup()

    def abandon(self) -> None:
        """Remove what waits to be written."""
        for sheet in self._book.worksheets():
            sheet._opt_close()  # nothing else closes its file without writing the workbook
        self._scratch.cleanup()

    def _write_header(self) -> None:
        self._sheet.freeze_panes(1, 1)
        self._sheet.set_column(0, 0, 24)
        bold = self._book.add_format({"bold": True})
        for column, name in enumerate(self._table.header):
            self._sheet.write_string(0, column, cut(name), bold)
        self._n_rows = 1

    def _write_row(self, cells: Sequence[Cell]) -> None:
        for column, cell in enumerate(cells):
            if isinstance(cell, str) and (day := day_of(cell)) and self._table.header[column] not in IDS:
                self._sheet.write_datetime(self._n_rows, column, day, self._day)
                self._sheet.set_column(column, column, WIDTH_OF_DAY)
            elif isinstance(cell, str):
                style = (self._quoted,) if starts_formula(cell) else ()
                self._sheet.write_string(self._n_rows, column, cut(cell), *style)
            elif cell is not None:
                style = (self._probability,) if isinstance(cell, float) else ()
                self._sheet.write_number(self._n_rows, column, cell, *style)
        self._n_rows += 1


def day_of(cell: str) -> date | None:
    """Return the day that a cell is, so that Excel sorts and filters it as one.

    >>> day_of("2026-03-02"), day_of("2026-02-30"), day_of("2026-03-02 10:00"), day_of("1899-01-01")
    (datetime.date(2026, 3, 2), None, None, None)
    """
    if not IS_DAY.fullmatch(cell):
        return None
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return None


def check_xlsx() -> None:
    """Check that XLSX can be written.

    Raises:
        ScoringError: XlsxWriter is missing.
    """
    if find_spec("xlsxwriter") is None:
        raise ScoringError('xlsx needs XlsxWriter, which is not installed: pip install "framescope[xlsx]"')


def cut(text: str) -> str:
    """Return a text that fits into a cell of Excel, cut and marked where it is too long."""
    if len(text) * 2 <= MAX_CELL:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * MAX_CELL:
        return text
    return units[: 2 * (MAX_CELL - len(CUT))].decode("utf-16-le", errors="ignore") + CUT


def csv_ids(part: Path) -> Iterator[tuple[str, str]]:
    """Yield id and text hash of each row of a part.

    Raises:
        ValueError: it has no such columns.
    """
    csv.field_size_limit(max(csv.field_size_limit(), MAX_RECORD_CHARACTERS))  # for good: others may be reading
    with part.open(encoding="utf-8-sig", newline="") as opened:
        rows = csv.reader(opened, strict=True)
        header = next(rows, [])
        places = header.index("id"), header.index("text_hash")
        for row in rows:
            yield row[places[0]], row[places[1]]


def xlsx_ids(part: Path) -> Iterator[tuple[str, str]]:
    """Yield id and text hash of each row of a part.

    Raises:
        ValueError: it is no sheet of ours.
    """
    try:
        with ZipFile(part) as archive, archive.open(_SHEET) as opened:
            for number, cells in enumerate(_sheet_rows(opened)):
                if number:
                    yield cells[0], cells[-1]
    except (BadZipFile, ElementTree.ParseError, IndexError) as error:
        raise ValueError(str(error)) from error


def _sheet_rows(opened: IO[bytes]) -> Iterator[list[str]]:
    """Yield the strings of each row; the file is one whose hash is that of what we wrote."""
    for _, element in ElementTree.iterparse(opened):  # noqa: S314
        if element.tag == f"{_XML}row":
            texts = (found.text or "" for found in element.iter(f"{_XML}t"))
            yield [_ESCAPED.sub(lambda code: chr(int(code[1], 16)), text) for text in texts]
            element.clear()


def _harmless_cell(cell: Cell) -> Cell:
    return harmless(cell) if isinstance(cell, str) else cell


def _xlsxwriter() -> Any:
    check_xlsx()
    return import_module("xlsxwriter")
