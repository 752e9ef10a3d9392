"""The units of work: slices of input files, with names that depend on nothing but what goes in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from framescope.batch.inputs import DOCUMENT, InputFile, open_input
from framescope.errors import InputError

WHOLE = -1
TOGETHER = frozenset({"txt", DOCUMENT})
"""Formats of which a shard has several files: most of them are one article."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of one file, or several texts, or several documents.

    ``begin`` and ``end`` are bytes of JSON lines (those lines belong to it that begin there) or row groups of
    Parquet, and ``end`` is ``WHOLE`` otherwise. ``first_row`` is the number of the first row, from 1.
    """

    files: tuple[InputFile, ...]
    begin: int = 0
    end: int = WHOLE
    first_row: int = 1


@dataclass(frozen=True, slots=True)
class Shard:
    """A slice and the name of its part."""

    name: str
    slice: Slice


def plan(files: Iterable[InputFile], shard_bytes: int, identity: Any) -> list[Shard]:
    """Cut files into shards of about so many bytes, in order.

    ``identity`` is JSON of what else the parts depend on: the model's digest and the options.
    """
    slices = [piece for file in _small_files_together(files) for piece in _slices(file, shard_bytes)]
    name = _Names(identity)
    return [Shard(name(number, piece), piece) for number, piece in enumerate(slices)]


def dump_plan(shards: Iterable[Shard], files: Iterable[InputFile]) -> Iterator[bytes]:
    """Yield a line for each shard: its slice, with the positions of its files among all."""
    position = {file.path: number for number, file in enumerate(files)}
    for shard in shards:
        piece = shard.slice
        first, last = position[piece.files[0].path], position[piece.files[-1].path]
        yield f"{json.dumps([first, last, piece.begin, piece.end, piece.first_row])}\n".encode()


def load_plan(lines: Iterable[bytes], files: Sequence[InputFile], identity: Any) -> list[Shard]:
    """Return the shards of :func:`dump_plan`; names are made anew.

    Raises:
        ValueError: these are no such lines, or their slices do not cover each file exactly once.
    """
    name, shards, cover = _Names(identity), [], _Cover(files)
    together = lru_cache(maxsize=1)(lambda first, last: tuple(files[first : last + 1]))
    for number, line in enumerate(lines):
        entry = json.loads(line)
        if not isinstance(entry, list) or [type(value) for value in entry] != [int] * 5:
            raise ValueError(f"line {number + 1}: expected 5 whole numbers")
        first, last, begin, end, first_row = entry
        if not cover.is_next(first, last, begin, end):
            raise ValueError(f"line {number + 1}: the slice does not begin where the one before it ends")
        piece = Slice(together(first, last), begin, end, first_row)
        shards.append(Shard(name(number, piece), piece))
    if not cover.is_complete:
        raise ValueError("the slices end before the inputs do")
    return shards


class _Cover:
    """How far the slices of a plan have come, file by file."""

    def __init__(self, files: Sequence[InputFile]) -> None:
        self._files = files
        self._file, self._at = 0, 0

    def is_next(self, first: int, last: int, begin: int, end: int) -> bool:
        """Take the next slice; tell whether it begins where the last one ended, and ends further on."""
        if not first <= last < len(self._files):
            return False
        if first == self._file + 1 and begin == 0 and self._is_through:
            self._file, self._at = first, 0
        is_next = first == self._file and begin == self._at and (end == WHOLE or begin <= end)
        self._file, self._at = last, end
        return is_next and (first == last or self._go_together(first, last))

    def _go_together(self, first: int, last: int) -> bool:
        formats = {file.format for file in self._files[first : last + 1]}
        return len(formats) == 1 and formats <= TOGETHER

    @property
    def is_complete(self) -> bool:
        """Tell whether the last file is through."""
        return self._file == len(self._files) - 1 and self._is_through

    @property
    def _is_through(self) -> bool:
        """Tell whether the file at hand is; of Parquet files only their footers tell how far they go."""
        file = self._files[self._file]
        return self._at in {WHOLE, file.size_bytes} or file.format == "parquet"


def _small_files_together(files: Iterable[InputFile]) -> Iterator[tuple[InputFile, ...]]:
    for form, group in groupby(files, key=lambda file: file.format):
        if form in TOGETHER:
            yield tuple(group)
        else:
            yield from ((file,) for file in group)


def _slices(files: tuple[InputFile, ...], shard_bytes: int) -> Iterator[Slice]:
    first = files[0]
    if first.format in TOGETHER:
        yield from _slices_of_files(files, shard_bytes)
    elif first.format == "parquet":
        yield from _row_group_slices(first, shard_bytes)
    elif first.format == "jsonl" and not first.is_zipped:
        for begin in range(0, max(first.size_bytes, 1), shard_bytes):
            yield Slice(files, begin, min(begin + shard_bytes, first.size_bytes))
    else:
        yield Slice(files)


def _slices_of_files(files: tuple[InputFile, ...], shard_bytes: int) -> Iterator[Slice]:
    begin, size_bytes = 0, 0
    for position, file in enumerate(files):
        if position > begin and size_bytes + file.size_bytes > shard_bytes:
            yield Slice(files[begin:position])
            begin, size_bytes = position, 0
        size_bytes += file.size_bytes
    yield Slice(files[begin:])


def _row_group_slices(file: InputFile, shard_bytes: int) -> Iterator[Slice]:
    """Yield runs of row groups; a file that has no readable footer is one slice, which will fail."""
    try:
        with open_input(file) as opened, pq.ParquetFile(opened) as parquet:
            metadata = parquet.metadata
            groups = [metadata.row_group(k) for k in range(metadata.num_row_groups)]
            sizes = [(group.num_rows, group.total_byte_size) for group in groups]
    except (pa.ArrowException, OSError, InputError, UnicodeError):
        yield Slice((file,))
        return
    files = (file,)
    begin, size_bytes, row, first_row = 0, 0, 1, 1
    for position, (n_rows, n_bytes) in enumerate(sizes):
        if position > begin and size_bytes + n_bytes > shard_bytes:
            yield Slice(files, begin, position, first_row)
            begin, size_bytes, first_row = position, 0, row
        size_bytes, row = size_bytes + n_bytes, row + n_rows
    yield Slice(files, begin, len(sizes), first_row)


class _Names:
    """Names of shards; what those of one file have in common is hashed once."""

    def __init__(self, identity: Any) -> None:
        self._identity = json.dumps(identity, sort_keys=True)
        self._files: tuple[InputFile, ...] | None = None

    def __call__(self, number: int, piece: Slice) -> str:
        if piece.files is not self._files:
            files = json.dumps([[file.path, file.name, file.size_bytes, file.version] for file in piece.files])
            self._files, self._common = piece.files, hashlib.sha256(f"{self._identity}\n{files}\n".encode())
        digest = self._common.copy()
        digest.update(f"{piece.begin} {piece.end}".encode())
        return f"part-{number:08d}-{digest.hexdigest()[:16]}"
