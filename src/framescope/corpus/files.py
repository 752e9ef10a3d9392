"""Bytes to lines, text and JSON values, with errors that name the line and the byte."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from framescope.errors import CorpusError, Problem

BOM = b"\xef\xbb\xbf"
UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
MAX_DEPTH = 64
"""Of nested JSON: far more than annotations need, far less than what exhausts the stack further on."""


def read_bytes(path: Path) -> bytes:
    """Return a file's content, unpacked if its name ends in ``.gz``, without a UTF-8 byte-order mark.

    Raises:
        CorpusError: the file is missing, unreadable, damaged, empty, or UTF-16.
    """
    try:
        content = path.read_bytes()
        if path.suffix.lower() == ".gz":
            content = gzip.decompress(content)
    except FileNotFoundError as error:
        raise CorpusError.at(path, "no such file") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise CorpusError.at(path, f"is not an intact gzip file: {error}") from error
    except OSError as error:
        raise CorpusError.at(path, f"cannot be read: {error.strerror or error}") from error
    if content.startswith(UTF16_BOMS):
        raise CorpusError.at(path, "is UTF-16, expected UTF-8: save the file again as UTF-8")
    content = content.removeprefix(BOM)
    if not content.strip():
        raise CorpusError.at(path, "is empty")
    return content


def suffix_of(path: Path) -> str:
    """Return the suffix that tells the format, ``.gz`` apart, in small letters."""
    return Path(path.name.lower().removesuffix(".gz")).suffix


def read_text(path: Path) -> str:
    """Return a whole file as text, line ends as they are.

    Raises:
        CorpusError: as :func:`read_bytes`, or the file is not UTF-8; then with the first line that is not.
    """
    content = read_bytes(path)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CorpusError.at(path, encoding_problem(content[error.start]), line=line) from error


def numbered_lines(path: Path, problems: list[Problem]) -> Iterator[tuple[int, str]]:
    r"""Yield the lines that are not blank, with their numbers from 1; others go to ``problems``.

    Lines end in ``\n`` or ``\r\n`` only: U+2028 and its kind may stand within a JSON string.
    """
    for number, line in enumerate(read_bytes(path).split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, line.removesuffix(b"\r").decode()
        except UnicodeDecodeError as error:
            problems.append(Problem(encoding_problem(line[error.start]), path, number))


def encoding_problem(byte: int) -> str:
    """Return the message for a byte that is not UTF-8."""
    return f"byte 0x{byte:02x} is not UTF-8: save the file again as UTF-8"


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
