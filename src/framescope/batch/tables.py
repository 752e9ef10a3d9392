"""Tables and texts: Parquet without one Python string a row, CSV and TSV record by record, text files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from framescope.article_ids import AT_ROW
from framescope.batch.inputs import InputFile, open_input
from framescope.batch.options import Fields
from framescope.batch.rows import BATCH_BYTES, BATCH_ROWS, Found, Rejection, numbered
from framescope.batch.shards import WHOLE, Slice
from framescope.errors import InputError
from framescope.limits import MAX_TEXT_BYTES
from framescope.text.arrow import decoded_sizes, strings

MAX_RECORD_CHARACTERS = 32_000_000
MIN_BATCH_ROWS = 16
BUFFER_BYTES = 1 << 20
MAX_PAGE_BYTES = 256 << 20
MAX_PAGE_RATIO = 64


def read_parquet(piece: Slice, fields: Fields) -> Iterator[Found]:
    """Yield the rows of row groups; strings are decoded when it is known how large they are."""
    (file,) = piece.files
    with open_input(file) as opened:
        footer = pq.read_metadata(opened)
        columns = _columns_of(footer.schema.to_arrow_schema().names, fields, file)
        groups = range(piece.begin, footer.num_row_groups if piece.end == WHOLE else piece.end)
        _check_pages(footer, groups, file)
        opened.seek(0)
        with pq.ParquetFile(
            opened,
            metadata=footer,
            buffer_size=BUFFER_BYTES,
            pre_buffer=False,
            read_dictionary=_string_columns(footer, set(columns.values())),
        ) as parquet:
            row = piece.first_row
            batches = parquet.iter_batches(
                _batch_rows(footer),
                row_groups=list(groups),
                columns=sorted(set(columns.values())),
                use_threads=False,
            )
            for batch in chain.from_iterable(map(_pieces, batches)):
                places = np.arange(row, row + len(batch))
                row += len(batch)
                found = {role: batch.column(name) for role, name in columns.items()}
                yield Found(found, places, [file.path], numbered(f"{file.stem}{AT_ROW}", places), unit="row")


def _string_columns(footer: Any, names: set[str]) -> list[str]:
    schema = footer.schema
    paths = [schema.column(k) for k in range(len(schema))]
    return [column.path for column in paths if column.path in names and column.physical_type == "BYTE_ARRAY"]


def _check_pages(footer: Any, groups: Iterable[int], file: InputFile) -> None:
    """Refuse row groups that unpack to far more than any text does.

    Raises:
        InputError: with the row group.
    """
    for number in groups:
        group = footer.row_group(number)
        chunks = (group.column(k) for k in range(group.num_columns))
        for chunk in chunks:
            unpacked, packed = chunk.total_uncompressed_size, chunk.total_compressed_size
            if unpacked > max(MAX_PAGE_BYTES, MAX_PAGE_RATIO * packed):
                message = f"row group {number}: {packed:,} bytes would unpack to {unpacked:,}: write it anew"
                raise InputError.at(file.path, f"{message}, in smaller row groups", field=chunk.path_in_schema)


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Cut a batch so that none of the pieces has much more than ``BATCH_BYTES`` when it is decoded."""
    sizes = np.zeros(len(batch), np.int64)
    for column in batch.columns:
        sizes += decoded_sizes(column)
    piece_of_row = (np.cumsum(sizes) - sizes) // BATCH_BYTES
    firsts = np.flatnonzero(np.diff(piece_of_row, prepend=-1))
    for first, last in pairwise([*firsts.tolist(), len(batch)]):
        yield batch.slice(first, last - first)


def read_csv(piece: Slice, fields: Fields, delimiter: str = ",") -> Iterator[Found]:
    """Yield the records of a table with a header."""
    (file,) = piece.files
    if csv.field_size_limit() < MAX_RECORD_CHARACTERS:
        # The limit is global. It is lifted for good: other threads may be reading, too.
        csv.field_size_limit(MAX_RECORD_CHARACTERS)
    with open_input(file) as opened:
        text = io.TextIOWrapper(opened, encoding="utf-8", errors="surrogateescape", newline="")
        yield from _Records(text, delimiter, file).found(fields)


def read_tsv(piece: Slice, fields: Fields) -> Iterator[Found]:
    """Yield the records of a table with tabs."""
    return read_csv(piece, fields, "\t")


def read_texts(piece: Slice, fields: Fields) -> Iterator[Found]:
    """Yield text files, each an article named by its path in the folder, without the suffix."""
    del fields
    batch: list[tuple[InputFile, bytes]] = []
    n_bytes = 0
    for file in piece.files:
        with open_input(file) as opened:
            text = opened.read(MAX_TEXT_BYTES + 1)
        batch.append((file, text.removeprefix(b"\xef\xbb\xbf")))
        n_bytes += len(text)
        if len(batch) == BATCH_ROWS or n_bytes >= BATCH_BYTES:
            yield _texts(batch)
            batch, n_bytes = [], 0
    yield _texts(batch)


def _texts(batch: Sequence[tuple[InputFile, bytes]]) -> Found:
    stems = [file.stem for file, _ in batch]
    columns = {"text": strings([text for _, text in batch])}
    return Found(columns, np.arange(len(batch)), [file.path for file, _ in batch], stems, unit="")


def _columns_of(names: Sequence[str], fields: Fields, file: InputFile) -> dict[str, str]:
    """Return the columns to read, by role.

    Raises:
        InputError: a column is missing, or there twice.
    """
    found = {}
    for role, (name, is_required) in fields.wanted().items():
        if name in names:
            found[role] = name
        elif is_required:
            found_names = ", ".join(map(repr, names))
            remedy = f"name it with {fields.options}{role}-field"
            message = f"has no column {name!r}, but {found_names}: {remedy}"
            raise InputError.at(file.path, message)
        if names.count(name) > 1:
            raise InputError.at(file.path, f"has several columns {name!r}")
    return found


def _batch_rows(metadata: Any) -> int:
    """Return how many rows of a file's mean size make a batch."""
    n_bytes = sum(metadata.row_group(k).total_byte_size for k in range(metadata.num_row_groups))
    mean_bytes = n_bytes / max(metadata.num_rows, 1)
    return int(min(max(BATCH_BYTES / max(mean_bytes, 1), MIN_BATCH_ROWS), BATCH_ROWS))


class _Records:
    """The records of a CSV file, in batches."""

    def __init__(self, text: io.TextIOWrapper, delimiter: str, file: InputFile) -> None:
        self._file = file
        self._text = text
        self._line = 0
        self._n_characters = 0
        self._reader = csv.reader(self._lines(), delimiter=delimiter, strict=True)

    def found(self, fields: Fields) -> Iterator[Found]:
        """Yield batches.

        Raises:
            InputError: the header lacks a column, or a quote is not closed for too long.
        """
        records = self._records()
        first = next(records, None)
        if first is None or isinstance(first, Rejection):
            raise InputError.at(self._file.path, "expected a header and rows, found no header")
        header = [cell.strip().removeprefix("\ufeff") for cell in first[1]]
        columns = _columns_of(header, fields, self._file)
        batch = _Batch(self._file, {role: header.index(name) for role, name in columns.items()})
        for record in records:
            batch.add(record, len(header))
            if batch.is_full:
                yield batch.take()
        yield batch.take()

    def _lines(self) -> Iterator[str]:
        while line := self._text.readline(MAX_RECORD_CHARACTERS + 1):
            self._n_characters += len(line)
            if self._n_characters > MAX_RECORD_CHARACTERS:
                message = f"the record has more than {MAX_RECORD_CHARACTERS} characters: is a quote not closed?"
                raise InputError.at(self._file.path, message, line=self._line)
            yield line

    def _records(self) -> Iterator[tuple[int, list[str]] | Rejection]:
        """Yield each record that is not a blank line with the number of its first line."""
        while True:
            self._line, self._n_characters = self._reader.line_num + 1, 0
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Rejection(self._file.path, self._line, f"is not valid CSV: {error}")
                continue
            if cells:
                yield self._line, cells


class _Batch:
    """Records that wait to become columns."""

    def __init__(self, file: InputFile, columns: dict[str, int]) -> None:
        self._file, self._columns = file, columns
        self._n_rows = 0
        self._clear()

    def _clear(self) -> None:
        self._cells: dict[str, list[bytes]] = {role: [] for role in self._columns}
        self._places: list[int] = []
        self._numbers: list[int] = []
        self._rejections: list[Rejection] = []
        self._n_bytes = 0

    @property
    def is_full(self) -> bool:
        n_rows = len(self._places) + len(self._rejections)
        return n_rows >= BATCH_ROWS or self._n_bytes >= BATCH_BYTES

    def add(self, record: tuple[int, list[str]] | Rejection, n_cells: int) -> None:
        self._n_rows += 1
        if isinstance(record, Rejection):
            self._rejections.append(record)
            return
        line, cells = record
        if len(cells) != n_cells:
            reason = f"has {len(cells)} fields, expected {n_cells}"
            self._rejections.append(Rejection(self._file.path, line, reason))
            return
        for role, column in self._columns.items():
            content = cells[column].encode(errors="surrogateescape")
            self._cells[role].append(content)
            self._n_bytes += len(content)
        self._places.append(line)
        self._numbers.append(self._n_rows)

    def take(self) -> Found:
        columns = {role: strings(cells) for role, cells in self._cells.items()}
        ids = numbered(f"{self._file.stem}{AT_ROW}", np.array(self._numbers, np.int64))
        places = np.array(self._places, np.int64)
        found = Found(columns, places, [self._file.path], ids, rejections=self._rejections)
        self._clear()
        return found
