"""JSON lines: a block of lines at once where all is well, line by line where something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from math import inf
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.json as pj

from framescope._types import Int64
from framescope.article_ids import AT_BYTE
from framescope.batch.inputs import open_input
from framescope.batch.rows import BATCH_BYTES, Found, Rejection, numbered
from framescope.batch.shards import WHOLE, Slice
from framescope.formats.dialect import KEEP, Fields
from framescope.formats.encodings import BOM
from framescope.formats.files import parse_json, refuse_other_mark
from framescope.limits import MAX_LINE_BYTES
from framescope.text.arrow import as_strings, strings, value_as_text

N_MARK_BYTES = 4
MAX_CELLS = 4_000_000
"""Values that are held at once."""

_NEWLINE, _RETURN, _OPEN, _CLOSE = b"\n\r{}"


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of a file, from a byte ``offset`` on; of a line beyond the limit only its size."""

    data: bytes
    offset: int
    n_bytes_skipped: int = 0


def read_lines(piece: Slice, fields: Fields) -> Iterator[Found]:
    """Yield the rows of a slice; its lines are numbered from 1, whatever stands before it."""
    (file,) = piece.files
    n_lines = 0
    with open_input(file) as opened:
        refuse_other_mark(opened.read(N_MARK_BYTES), file.path)
        opened.seek(0)
        n_together = MAX_CELLS // len(fields.wanted())
        whole = blocks(opened, piece.begin, inf if piece.end == WHOLE else piece.end)
        for block in chain.from_iterable(_pieces(one, n_together) for one in whole):
            found = _Lines(block, fields, file.path, n_lines).found(f"{file.stem}{AT_BYTE}")
            n_lines += found.n_lines
            yield found


def blocks(opened: IO[bytes], begin: int, end: float) -> Iterator[Block]:
    """Yield the lines that begin in ``begin`` to ``end``, in blocks of about ``BATCH_BYTES``."""
    offset = _seek_line(opened, begin)
    rest = b""
    while offset < end:
        data = opened.read(BATCH_BYTES)
        rest += data
        cut = _cut(rest, end - offset) if data else len(rest)
        if cut:
            yield _without_mark(Block(rest[:cut], offset))
            offset, rest = offset + cut, rest[cut:]
        if len(rest) > MAX_LINE_BYTES:
            n_skipped, rest = _skip_line(opened, len(rest))
            yield Block(b"", offset, n_skipped)
            offset += n_skipped
        if not data:
            return


def _pieces(block: Block, n_lines: int) -> Iterator[Block]:
    """Cut a block so that none of the pieces has more lines than that."""
    ends = np.flatnonzero(np.frombuffer(block.data, np.uint8) == _NEWLINE)[n_lines - 1 : -1 : n_lines] + 1
    if not len(ends):
        yield block
        return
    for begin, end in pairwise([0, *ends.tolist(), len(block.data)]):
        yield Block(block.data[begin:end], block.offset + begin)


def _seek_line(opened: IO[bytes], begin: int) -> int:
    """Go to the first line that begins at ``begin`` or later; return where that is."""
    if begin == 0:
        return 0
    opened.seek(begin - 1)
    offset = begin - 1
    while data := opened.read(1 << 16):
        cut = data.find(b"\n") + 1
        if cut:
            opened.seek(offset + cut)
            return offset + cut
        offset += len(data)
    return offset


def _cut(data: bytes, n_bytes_left: float) -> int:
    """Return the length of the whole lines that are ours, 0 if the first one is not whole yet."""
    if len(data) >= n_bytes_left:
        last = data.find(b"\n", int(n_bytes_left) - 1) + 1
        if last:
            return last
    return data.rfind(b"\n") + 1


def _skip_line(opened: IO[bytes], n_bytes: int) -> tuple[int, bytes]:
    """Read on to the end of a line; return its size, given what was read of it, and what follows."""
    while data := opened.read(BATCH_BYTES):
        cut = data.find(b"\n") + 1
        if cut:
            return n_bytes + cut, data[cut:]
        n_bytes += len(data)
    return n_bytes, b""


def _without_mark(block: Block) -> Block:
    if block.offset == 0 and block.data.startswith(BOM):
        return Block(block.data[len(BOM) :], len(BOM))
    return block


class _Lines:
    """The lines of a block on their way into columns."""

    def __init__(self, block: Block, fields: Fields, path: str, n_before: int) -> None:
        self._block, self._path, self._n_before = block, path, n_before
        self._wanted = fields.wanted()
        self._keeps_columns = bool(fields.keep)
        self._id_type = pa.string()
        view = np.frombuffer(block.data, np.uint8)
        ends = np.flatnonzero(view == _NEWLINE)
        if len(view) and view[-1] != _NEWLINE:
            ends = np.append(ends, len(view))
        starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])[: len(ends)]
        self._n_lines = len(ends)
        stops = ends - ((ends > starts) & (view[np.maximum(ends - 1, 0)] == _RETURN))
        self._lines = np.flatnonzero(stops > starts)
        self._starts, self._stops = starts[self._lines], stops[self._lines]
        self._is_plain = (view[self._starts] == _OPEN) & (view[self._stops - 1] == _CLOSE)
        self._is_plain &= self._stops - self._starts <= MAX_LINE_BYTES
        self._rejections: list[Rejection] = []

    def found(self, stem: str) -> Found:
        """Return all rows."""
        if self._block.n_bytes_skipped:
            return self._skipped(stem)
        parts = list(self._parse(0, len(self._lines)))
        rows = np.concatenate([np.empty(0, np.int64), *(rows for rows, _ in parts)])
        columns = {
            role: pa.chunked_array([columns[role] for _, columns in parts], pa.large_string())
            for role in self._wanted
        }
        offsets = self._starts[rows] + self._block.offset
        places = self._lines[rows] + 1 + self._n_before
        return Found(
            columns,
            places,
            [self._path],
            numbered(stem, offsets),
            rejections=self._rejections,
            n_lines=self._n_lines,
        )

    def _skipped(self, stem: str) -> Found:
        reason = _too_long(self._block.n_bytes_skipped)
        none = np.empty(0, np.int64)
        return Found(
            {role: strings([]) for role in self._wanted},
            none,
            [self._path],
            numbered(stem, none),
            rejections=[Rejection(self._path, self._n_before + 1, reason)],
            n_lines=1,
        )

    def _parse(self, first: int, last: int) -> Iterator[tuple[Int64, dict[str, pa.Array]]]:
        """Yield rows and columns; lines that do not go together are halved until the bad ones stand alone."""
        if first == last:
            return
        columns = self._parse_together(first, last) if self._is_plain[first:last].all() else None
        if columns is not None:
            yield np.arange(first, last), columns
        elif self._keeps_columns:  # where one of them has a number, each line of the file may have one
            yield from self._parse_each(first, last)
        elif last - first > 1:
            middle = (first + last) // 2
            yield from self._parse(first, middle)
            yield from self._parse(middle, last)
        else:
            yield from self._parse_each(first, last)

    def _parse_together(self, first: int, last: int) -> dict[str, pa.Array] | None:
        """Return the columns of lines that are valid UTF-8, and JSON objects with strings in our fields.

        Each line begins with ``{`` and ends with ``}``, so no object reaches over two lines; as many rows as
        lines mean one row a line. pyarrow itself takes invalid UTF-8 in silence.
        """
        data = memoryview(self._block.data)[self._starts[first] : self._stops[last - 1]]
        if not _is_utf8(data):
            return None
        for id_type in (self._id_type, pa.int64() if self._id_type == pa.string() else pa.string()):
            table = _read_json(data, self._schema(id_type))
            if table is not None and len(table) == last - first:
                self._id_type = id_type
                return {role: as_strings(table[name]) for role, (name, _) in self._wanted.items()}
        return None

    def _schema(self, id_type: pa.DataType) -> pa.Schema:
        kinds = {name: id_type if role == "id" else pa.string() for role, (name, _) in self._wanted.items()}
        return pa.schema(list(kinds.items()))

    def _parse_each(self, first: int, last: int) -> Iterator[tuple[Int64, dict[str, pa.Array]]]:
        """Yield the lines that are rows, read one by one; the others are rejected."""
        names = {role: name for role, (name, _) in self._wanted.items()}
        rows: list[int] = []
        cells: dict[str, list[str | None]] = {role: [] for role in names}
        for line in range(first, last):
            content = self._block.data[self._starts[line] : self._stops[line]]
            if not content.strip():
                continue
            try:
                values = _row_of(content, names)
            except ValueError as error:
                number = int(self._lines[line]) + 1 + self._n_before
                self._rejections.append(Rejection(self._path, number, str(error)))
                continue
            rows.append(line)
            for role, own in cells.items():
                own.append(values[role])
        if rows:
            yield np.array(rows), {role: strings(own) for role, own in cells.items()}


def _is_utf8(data: memoryview) -> bool:
    offsets = pa.py_buffer(np.array([0, len(data)], np.int64))
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, offsets, pa.py_buffer(data)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _read_json(data: memoryview, schema: pa.Schema) -> pa.Table | None:
    try:
        return pj.read_json(
            pa.BufferReader(data),
            read_options=pj.ReadOptions(use_threads=False, block_size=len(data) + 1),
            parse_options=pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
        )
    except pa.ArrowException:
        return None


def _row_of(content: bytes, names: dict[str, str]) -> dict[str, str | None]:
    """Return the fields of one line.

    Raises:
        ValueError: it is no JSON object with strings in these fields; the message says what it is.
    """
    if len(content) > MAX_LINE_BYTES:
        raise ValueError(_too_long(len(content)))
    try:
        value = parse_json(content.decode())
    except UnicodeDecodeError as error:
        raise ValueError(f"is not valid UTF-8: byte {content[error.start]:#04x}") from error
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object, found a {type(value).__name__}")
    return {role: _string(value.get(name), name, role) for role, name in names.items()}


def _string(value: Any, name: str, role: str) -> str | None:
    if role.startswith(KEEP):
        value = value_as_text(value)
    if role == "id" and type(value) is int:
        return str(value)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name}: expected a string, found {type(value).__name__}")
    return value


def _too_long(n_bytes: int) -> str:
    return f"the line has {n_bytes} bytes, more than {MAX_LINE_BYTES}"
