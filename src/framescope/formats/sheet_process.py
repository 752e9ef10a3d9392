"""The process that unpacks a spreadsheet within bounds: a file of a kilobyte may have billions of cells.

It is run as a script, and imports nothing of the package. Standard input is the file, the argument the sheet
that is asked for; standard output has a line of JSON with the names of the sheets, then one for each row that
is not empty: its number, from 1, and its cells as text. An ``error`` takes the place of either.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from io import BytesIO
from typing import Any

MAX_MEMORY_BYTES = 512 << 20
MAX_SECONDS = 60


def lines(content: bytes, asked: str | None) -> Iterator[dict[str, Any]]:
    """Yield what is to be written."""
    import python_calamine as calamine  # type: ignore[import-untyped, unused-ignore] # noqa: PLC0415

    try:
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(content))
        names = list(book.sheet_names)
        yield {"sheets": names}
        name = names[0] if asked is None and len(names) == 1 else asked
        if name in names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            yield from _filled(rows)
    except (calamine.CalamineError, OSError, ValueError) as error:
        yield {"error": str(error)}


def _filled(rows: list[list[Any]]) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(rows, start=1):
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield {"row": number, "cells": cells}


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


def _bound() -> None:
    """Set the bounds, where the system has them."""
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on Windows

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))


if __name__ == "__main__":
    _bound()
    for line in lines(sys.stdin.buffer.read(), sys.argv[1] if len(sys.argv) > 1 else None):
        text = json.dumps(line, ensure_ascii=False)
        sys.stdout.buffer.write(text.encode(errors="surrogatepass") + b"\n")
    sys.stdout.buffer.flush()
