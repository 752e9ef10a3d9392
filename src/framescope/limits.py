"""How much is read of a file: limits that hold before anything is unpacked, decoded or kept."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import IO, cast

from framescope.errors import InputError

MAX_TEXT_BYTES = 10_000_000
"""Of an article, title included."""

MAX_EXPLAINED_BYTES = 500_000
"""Of a text of which every n-gram is told; that of a longer one would fill the memory."""

MAX_LINE_BYTES = 32 << 20
"""Of a line of JSON, or a record of a table."""

MAX_WHOLE_BYTES = 1 << 30
"""Of a file that is held in memory as a whole."""

MAX_ROWS = 1_000_000
"""Of a file whose rows are all held in memory."""

MAX_CELLS = 3_000_000
FEW_COLUMNS = 20
"""A table of more columns may have no more than so many cells, where all of it is held in memory."""

READ_BYTES = 4 << 20
FREE_BYTES = 64 << 20
MAX_RATIO = 16
"""A gzip file may unpack to so many times its size, or to ``FREE_BYTES``; news text comes to 3 to 6 times."""


@contextmanager
def open_unpacked(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to read; one whose name ends in ``.gz`` is unpacked.

    Raises:
        InputError: the file is missing, cannot be read, or is no intact gzip.
    """
    try:
        with path.open("rb") as opened:
            if _is_zipped(path):
                with gzip.open(opened) as unpacked:
                    yield cast("IO[bytes]", unpacked)
            else:
                yield opened
    except FileNotFoundError as error:
        raise InputError.at(path, "no such file") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError.at(path, f"is not an intact gzip file: {error}") from error
    except OSError as error:
        raise InputError.at(path, f"cannot be read: {error.strerror or error}") from error


def read_whole(path: Path) -> bytes:
    """Return a file's content, unpacked.

    Raises:
        InputError: see :func:`open_unpacked`; or it is too much to be held in memory.
    """
    with open_unpacked(path) as opened:
        return b"".join(_pieces(opened, path))


def read_lines(path: Path) -> Iterator[bytes]:
    r"""Yield the lines of a file, with the ``\n`` at their ends, unpacked.

    Raises:
        InputError: see :func:`open_unpacked`; or a line is too long, or all of them are too much.
    """
    with open_unpacked(path) as opened:
        limit, n_bytes, number = _limit(path), 0, 0
        while line := opened.readline(MAX_LINE_BYTES + 1):
            number, n_bytes = number + 1, n_bytes + len(line)
            if len(line) > MAX_LINE_BYTES:
                message = f"the line has more than {MAX_LINE_BYTES:,} bytes; what follows it was not read"
                raise InputError.at(path, message, line=number)
            _check(n_bytes, limit, path)
            yield line


def check_cells(n_rows: int, n_columns: int, path: Path | str) -> None:
    """Refuse a table of very many rows, or a wide one, that would take far more memory than its file.

    Raises:
        InputError: with the number of rows or columns.
    """
    if n_rows > MAX_ROWS:
        message = f"has more than {MAX_ROWS:,} rows, which memory may not hold"
        raise InputError.at(path, f"{message}: split it into several files; score reads any number")
    if n_columns > FEW_COLUMNS and n_rows * n_columns > MAX_CELLS:
        message = f"has {n_columns:,} columns in {n_rows:,} rows or more, which memory may not hold"
        raise InputError.at(path, f"{message}: leave out columns that are not needed")


def _pieces(opened: IO[bytes], path: Path) -> Iterator[bytes]:
    limit, n_bytes = min(_limit(path), MAX_WHOLE_BYTES), 0
    while piece := opened.read(READ_BYTES):
        n_bytes += len(piece)
        _check(n_bytes, limit, path)
        yield piece


def _limit(path: Path) -> float:
    return max(FREE_BYTES, MAX_RATIO * path.stat().st_size) if _is_zipped(path) else inf


def _is_zipped(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


def _check(n_bytes: int, limit: float, path: Path) -> None:
    if n_bytes <= limit:
        return
    if _is_zipped(path):
        message = f"unpacks to more than {limit:,.0f} bytes: unpack it, and see what it holds"
    else:
        message = f"has more than {limit:,.0f} bytes: split it into several files"
    raise InputError.at(path, message)
