"""Bytes to lines, text and JSON values, with errors that name the line and the byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from framescope.errors import InputError, Problem
from framescope.formats.encodings import BOM, BOMS, by_mark, decoded, encoding_problem
from framescope.limits import read_lines, read_whole

SPREADSHEET = "spreadsheet"
TABLES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".xlsx": SPREADSHEET,
    ".xls": SPREADSHEET,
    ".ods": SPREADSHEET,
}
"""The formats with one article a row, by suffix, before which there may be ``.gz``."""
MAX_DEPTH = 64
"""Of nested JSON: far more than annotations need, far less than what exhausts the stack further on."""


def read_content(path: Path) -> bytes:
    """Return a file's content, unpacked if its name ends in ``.gz``.

    Raises:
        InputError: the file is missing, unreadable, damaged, empty, or too large.
    """
    content = read_whole(path)
    if not content.removeprefix(BOM).strip():
        raise InputError.at(path, "is empty")
    return content


def suffix_of(path: Path) -> str:
    """Return the suffix that tells the format, ``.gz`` apart, in small letters."""
    return Path(path.name.lower().removesuffix(".gz")).suffix


def read_text(path: Path) -> str:
    """Return a whole file as text, line ends as they are.

    Raises:
        InputError: see :func:`read_content`; or a byte is none of the encoding.
    """
    return decoded(read_content(path), path)


def numbered_lines(path: Path, problems: list[Problem]) -> Iterator[tuple[int, int, str]]:
    r"""Yield the lines that are not blank with their numbers, from 1, and the bytes before them.

    Lines that cannot be decoded go to ``problems``.

    Lines end in ``\n`` or ``\r\n`` only: U+2028 and its kind may stand within a JSON string.
    """
    is_empty, n_before = True, 0
    for number, line in enumerate(read_lines(path), start=1):
        content, begin = line, n_before
        n_before += len(line)
        if number == 1:
            refuse_other_mark(line, path)
            content = line.removeprefix(BOM)
            begin = len(line) - len(content)
        if content.isspace() or not content:
            continue
        is_empty = False
        try:
            yield number, begin, content.removesuffix(b"\n").removesuffix(b"\r").decode()
        except UnicodeDecodeError as error:
            problems.append(Problem(encoding_problem(content[error.start]), path, number))
    if is_empty:
        raise InputError.at(path, "is empty")


def refuse_other_mark(head: bytes, path: Path | str) -> None:
    """Refuse a file whose mark of byte order is not that of UTF-8: JSON is UTF-8.

    Raises:
        InputError: with the encoding.
    """
    marked = by_mark(head)
    if marked not in {None, BOMS[BOM]}:
        raise InputError.at(path, f"is {marked}, expected UTF-8: save the file again as UTF-8")


def parse_json(text: str) -> object:
    r"""Return the value of a JSON text.

    Raises:
        ValueError: not JSON, too deep or too large, or with half a surrogate pair (``"\ud800"``), which no
            UTF-8 file can hold.
    """
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error.msg} at position {error.pos + 1}") from error
    except (RecursionError, ValueError) as error:
        raise ValueError(f"is not usable JSON: {error}") from error
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deeper(value, MAX_DEPTH):
        raise ValueError(f"is not usable JSON: nested deeper than {MAX_DEPTH} levels")
    if "\\ud" in text or "\\uD" in text:
        _refuse_lone_surrogates(value)
    return value


def _is_deeper(value: object, n_levels: int) -> bool:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if children is None or n_levels == 0:
        return children is not None
    return any(_is_deeper(child, n_levels - 1) for child in children)


def _refuse_lone_surrogates(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        escape = ascii(error.object[error.start])[1:-1]
        raise ValueError(f"has {escape}, half of a surrogate pair, which is not a character") from error
