"""The tables that are read record by record, whatever file they are in."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import IO, TypeAlias

from framescope.formats.dialect import Dialect
from framescope.formats.files import SPREADSHEET
from framescope.formats.separated import SeparatedTable
from framescope.formats.spreadsheet import SheetTable

RecordTable: TypeAlias = SeparatedTable | SheetTable
DELIMITERS = {"csv": ",", "tsv": "\t"}
RECORDS = (*DELIMITERS, SPREADSHEET)
"""The formats of such tables."""


def open_table(
    opened: IO[bytes], path: Path | str, kind: str, *, dialect: Dialect, required: Collection[str]
) -> RecordTable:
    """Return the table in a file of a format of :data:`RECORDS`, its header read.

    Raises:
        InputError: there is no header, or it cannot be one.
    """
    if kind == SPREADSHEET:
        return SheetTable(opened, path, dialect=dialect)
    return SeparatedTable(opened, path, delimiter=DELIMITERS[kind], dialect=dialect, required=required)
