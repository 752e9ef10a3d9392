"""Tables that are written in another way than their format: what their header and their lines show of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from framescope.corpus.rows import Source
from framescope.errors import CorpusError

DELIMITERS = {",": "commas", "\t": "tabs", ";": "';'", "|": "'|'"}
N_WORDS_OF_DATA = 4
N_CHARACTERS_OF_DATA = 60
IS_DATA = re.compile(r"[\d.,-]+|.*://.*|<.*>", re.DOTALL)
IS_EXCEL_LINE = re.compile(r'"?sep=(.?)"?', re.DOTALL)
N_SHOWN = 40


def refuse_other_layout(cells: Sequence[str], delimiter: str, source: Source) -> None:
    """Raise where a header is no header of this format, with the likely cause.

    Raises:
        CorpusError: it is Excel's ``sep=`` line, is separated by something else, or is a row of data.
    """
    line = delimiter.join(cells)
    excel = IS_EXCEL_LINE.fullmatch(line.strip())
    if excel or (cells and IS_EXCEL_LINE.fullmatch(cells[0]) and not any(cells[1:])):
        separated = (excel and excel[1]) or delimiter
        message = (
            f"{line.strip()!r} is a line for Excel alone: remove it"
            f"{'' if separated == delimiter else _save_as(delimiter)}"
        )
        raise CorpusError.at(source.path, message, line=1)
    header = {cell.strip() for cell in cells}
    required = {getattr(source.fields, name) for name in source.fields.required}
    if required <= header:
        return
    for other, shown in DELIMITERS.items():
        names = {name.strip().strip('"') for name in line.split(other)}
        if other != delimiter and len(names & required) > len(header & required):
            message = f"columns are separated by {shown} here{_save_as(delimiter)}"
            raise CorpusError.at(source.path, message, line=1)
    if not required & header and any(map(_is_data, cells)):
        first = next(filter(_is_data, cells)).strip()
        message = (
            f"no header? the first line begins like a row, with {first[:N_SHOWN]!r}: "
            f"expected the names of columns, {' and '.join(map(repr, sorted(required)))} among them"
        )
        raise CorpusError.at(source.path, message, line=1)


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


def _save_as(delimiter: str) -> str:
    return f": save the table with {DELIMITERS[delimiter]} between the columns"
