"""Tables for people as CSV that spreadsheets open: UTF-8 with a mark, and cells that none of them runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from framescope.files import write_whole
from framescope.wide import harmless

BOM = "\ufeff"


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
