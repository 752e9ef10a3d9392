"""Tables that are written in another way than their format: what their header and their lines show of it."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from framescope.errors import InputError

DELIMITERS = {",": "commas", "\t": "tabs", ";": "';'", "|": "'|'"}
N_WORDS_OF_DATA = 4
N_CHARACTERS_OF_DATA = 60
IS_DATA = re.compile(r"[\d.,-]+|.*://.*|<.*>", re.DOTALL)
IS_EXCEL_LINE = re.compile(r'"?sep=(.)"?[,;|\t]*', re.DOTALL | re.IGNORECASE)
N_SHOWN = 40


def excel_delimiter(line: str) -> str | None:
    """Return the sign of a line ``sep=;``, which Excel alone reads; None if the line is no such line.

    >>> excel_delimiter("sep=;"), excel_delimiter('"sep=,",,'), excel_delimiter("id,text")
    (';', ',', None)
    """
    found = IS_EXCEL_LINE.fullmatch(line.strip("\r\n \ufeff"))
    return None if found is None else found[1]


def other_delimiter(line: str, delimiter: str, required: Collection[str]) -> str | None:
    """Return the separator that finds more required columns in a header, in any capitals, if one does."""
    wanted = {name.casefold() for name in required}
    n_named = {other: len(_names(line, other) & wanted) for other in (delimiter, *DELIMITERS)}
    best = max(n_named, key=n_named.__getitem__)
    return best if n_named[best] > n_named[delimiter] else None


def refuse_data(cells: Sequence[str], required: Collection[str], path: Path | str) -> None:
    """Raise where what should be a header is a row.

    Raises:
        InputError: no cell is a required column, and one is no name at all.
    """
    if not set(required) & {cell.strip() for cell in cells} and any(map(_is_data, cells)):
        first = next(filter(_is_data, cells)).strip()
        names = " and ".join(map(repr, sorted(required)))
        message = (
            f"no header? the first line begins like a row, with {first[:N_SHOWN]!r}: "
            f"expected the names of columns, {names} among them"
        )
        raise InputError.at(path, message, line=1)


def repeats_header(values: Iterable[tuple[str, object]]) -> bool:
    """Tell whether each value is the name of its column; of a single one nobody knows."""
    pairs = list(values)
    return len(pairs) > 1 and all(
        isinstance(value, str) and value.lstrip("\ufeff").strip().casefold() == name.casefold()
        for name, value in pairs
    )


REPEATED_HEADER = "repeats the header, as joined files do: remove the line"


def are_whole_rows(lines: Sequence[str], delimiter: str, n_fields: int) -> bool:
    """Tell whether the lines of one record are rows themselves, swallowed by an open quote.

    A line of prose may hold as many commas as a row, but not without a space after them or digits around them.
    """
    if len(lines) < 2 or n_fields < 2:
        return False
    filled = [line for line in lines if line.strip()]
    alike = [_is_row(line.rstrip("\r\n"), delimiter, n_fields) for line in filled]
    return all(alike) or (len(filled) > 2 and sum(alike[1:-1]) * 2 > len(alike[1:-1]))


def _is_row(line: str, delimiter: str, n_fields: int) -> bool:
    if delimiter == ",":
        return len(re.findall(r",(?!\s)(?<!\d,(?=\d))", line)) == n_fields - 1 == line.count(",")
    return line.count(delimiter) == n_fields - 1


def _is_data(cell: str) -> bool:
    cell = cell.strip()
    return bool(
        IS_DATA.fullmatch(cell) or len(cell.split()) >= N_WORDS_OF_DATA or len(cell) > N_CHARACTERS_OF_DATA
    )


def _names(line: str, delimiter: str) -> set[str]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return set()
    return {cell.strip().casefold() for cell in cells}
