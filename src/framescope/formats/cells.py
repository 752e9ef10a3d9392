"""Tables for people as CSV that spreadsheets open: UTF-8 with a mark, and cells that none of them runs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from framescope.files import write_whole

BOM = "\ufeff"

_FORMULA = re.compile(r"[=+\-@\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


def starts_formula(text: str) -> bool:
    """Tell whether a spreadsheet might take a text for a formula; plain numbers are none.

    Source: OWASP, CSV Injection.
    """
    return _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None


def harmless(text: str) -> str:
    """Return a cell that a spreadsheet shows as text: an apostrophe is put before what might be a formula.

    >>> harmless("=1+1"), harmless("-0.5"), harmless("Съюз")
    ("'=1+1", '-0.5', 'Съюз')
    """
    return f"'{text}" if starts_formula(text) else text


def plain(cell: str) -> str:
    """Return a text as it was before it was made :func:`harmless`.

    >>> plain("'=1+1"), plain("'tis")
    ('=1+1', "'tis")
    """
    return cell[1:] if cell.startswith("'") and starts_formula(cell[1:]) else cell


def write_cells(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table as CSV.

    Raises:
        FramescopeError: the file cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    write_whole(path, [BOM, text.getvalue()])
