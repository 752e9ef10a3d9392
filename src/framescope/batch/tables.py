"""Tables and texts: Parquet without one Python string a row, CSV and TSV record by record, text files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from framescope.article_ids import AT_ROW
from framescope.batch.inputs import InputFile, open_input
from framescope.batch.rows import BATCH_BYTES, BATCH_ROWS, Found, Rejection, numbered
from framescope.batch.shards import WHOLE, Slice
from framescope.documents.document import MAX_DOCUMENT_BYTES, Document
from framescope.documents.read import document_id, read_documents
from framescope.errors import InputError, MissingPackageError
from framescope.formats.dialect import KEEP, Fields
from framescope.formats.encodings import decoded
from framescope.formats.separated import Record
from framescope.formats.tables import open_table
from framescope.limits import MAX_TEXT_BYTES
from framescope.text.arrow import decoded_sizes, strings

MIN_BATCH_ROWS = 16
BUFFER_BYTES = 1 << 20
BATCH_DOCUMENTS = 64
MAX_CELLS = 4_000_000
"""Values that are held at once."""

DOCUMENT_FIELDS = ("title", "lang", "source", "date", "url")
"""What documents have beside their texts."""

MAX_PAGE_BYTES = 256 << 20
MAX_PAGE_RATIO = 64


def read_parquet(piece: Slice, fields: Fields) -> Iterator[Found]:
    """Yield the rows of row groups; strings are decoded when it is known how large they are."""
    (file,) = piece.files
    with open_input(file) as opened:
        footer = pq.read_metadata(opened)
        columns = fields.columns(footer.schema.to_arrow_schema().names, file.path)
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
    # Of the group as a whole: Arrow ends the process where what a damaged footer says of a column is asked for.
    for number in groups:
        packed, unpacked = file.size_bytes, footer.row_group(number).total_byte_size
        if unpacked > max(MAX_PAGE_BYTES, MAX_PAGE_RATIO * packed):
            message = f"row group {number}: a file of {packed:,} bytes would unpack to {unpacked:,}"
            raise InputError.at(file.path, f"{message}: write it anew, in smaller row groups")


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Cut a batch so that none of the pieces has much more than ``BATCH_BYTES`` when it is decoded."""
    sizes = np.zeros(len(batch), np.int64)
    for column in batch.columns:
        sizes += decoded_sizes(column)
    piece_of_row = (np.cumsum(sizes) - sizes) // BATCH_BYTES
    firsts = np.flatnonzero(np.diff(piece_of_row, prepend=-1))
    for first, last in pairwise([*firsts.tolist(), len(batch)]):
        yield batch.slice(first, last - first)


def read_records(piece: Slice, fields: Fields) -> Iterator[Found]:
    """Yield the rows of a CSV or TSV file, or of a sheet, in batches.

    Raises:
        InputError: there is no header with the columns, or a quote is not closed for too long.
    """
    (file,) = piece.files
    with (
        open_input(file) as opened,
        open_table(opened, file.path, file.format, dialect=fields.dialect, required=fields.required) as table,
    ):
        columns = fields.columns(table.header, file.path)
        places = {name: place for place, name in enumerate(table.header)}
        batch = _Batch(file, {role: places[name] for role, name in columns.items()})
        for record in table.records():
            batch.add(record)
            if batch.is_full:
                yield batch.take()
        yield batch.take()


def read_texts(piece: Slice, fields: Fields) -> Iterator[Found]:
    """Yield text files, each an article named by its path in the folder, without the suffix."""
    batch: list[tuple[InputFile, str | bytes]] = []
    rejections: list[Rejection] = []
    n_bytes = 0
    for file in piece.files:
        with open_input(file) as opened:
            content = opened.read(MAX_TEXT_BYTES + 1)
        n_bytes += len(content)
        try:
            # A text that is too long, and may be cut within a character, is rejected by its size.
            is_whole = len(content) <= MAX_TEXT_BYTES
            text = decoded(content, file.path, fields.dialect.encoding) if is_whole else content
            batch.append((file, text))
        except InputError as error:
            reasons = "; ".join(f"line {problem.line}: {problem.message}" for problem in error.problems)
            rejections.append(Rejection(file.path, len(batch), reasons, unit=""))
        if len(batch) + len(rejections) == BATCH_ROWS or n_bytes >= BATCH_BYTES:
            yield _texts(batch, rejections)
            batch, rejections, n_bytes = [], [], 0
    yield _texts(batch, rejections)


def read_document_files(piece: Slice, fields: Fields) -> Iterator[Found]:
    """Yield the articles of pages, PDFs, feeds, archives and their kind; what is none is rejected."""
    for file in piece.files:
        with open_input(file) as opened:
            content = opened.read(MAX_DOCUMENT_BYTES + 1)
        found = enumerate(read_documents(content, file.path, fields.dialect.encoding), start=1)
        try:
            while batch := list(islice(found, BATCH_DOCUMENTS)):
                yield _documents(file, batch, fields)
        except MissingPackageError:
            raise  # what is rejected is not tried again once the package is there
        except InputError as error:
            reason = "; ".join(problem.message for problem in error.problems)
            yield _documents(file, [], fields, [Rejection(file.path, 0, reason, unit="")])


def _documents(
    file: InputFile,
    batch: Sequence[tuple[int, Document]],
    fields: Fields,
    rejections: Sequence[Rejection] = (),
) -> Found:
    good = [(number, document) for number, document in batch if not document.fault]
    faulty = [
        Rejection(file.path, number, f"{each.name}: {each.fault}" if each.name else each.fault, "document")
        for number, each in batch
        if each.fault
    ]
    return Found(
        {role: strings([_field(each, role) for _, each in good]) for role in _roles(fields)},
        np.array([number for number, _ in good], np.int64),
        [file.path],
        [document_id(file.stem, each.name) for _, each in good],
        unit="document",
        rejections=[*rejections, *faulty],
    )


def _roles(fields: Fields) -> list[str]:
    return ["text", "title", "lang", *(f"{KEEP}{name}" for name in fields.keep if name in DOCUMENT_FIELDS)]


def _field(document: Document, role: str) -> str:
    return str(getattr(document, role.removeprefix(KEEP)))


def _texts(batch: Sequence[tuple[InputFile, str | bytes]], rejections: Sequence[Rejection]) -> Found:
    stems = [file.stem for file, _ in batch]
    columns = {"text": strings([text for _, text in batch])}
    places = np.arange(len(batch))
    return Found(columns, places, [file.path for file, _ in batch], stems, unit="", rejections=rejections)


def _batch_rows(metadata: Any) -> int:
    """Return how many rows of a file's mean size make a batch."""
    n_bytes = sum(metadata.row_group(k).total_byte_size for k in range(metadata.num_row_groups))
    mean_bytes = n_bytes / max(metadata.num_rows, 1)
    return int(min(max(BATCH_BYTES / max(mean_bytes, 1), MIN_BATCH_ROWS), BATCH_ROWS))


class _Batch:
    """Records that wait to become columns."""

    def __init__(self, file: InputFile, columns: dict[str, int]) -> None:
        self._file, self._columns = file, columns
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
        n_cells = n_rows * len(self._columns)
        return n_rows >= BATCH_ROWS or self._n_bytes >= BATCH_BYTES or n_cells >= MAX_CELLS

    def add(self, record: Record) -> None:
        if record.fault:
            self._rejections.append(Rejection(self._file.path, record.line, record.fault))
            return
        for role, column in self._columns.items():
            content = record.cells[column].encode()
            self._cells[role].append(content)
            self._n_bytes += len(content)
        self._places.append(record.line)
        self._numbers.append(record.number)

    def take(self) -> Found:
        columns = {role: strings(cells) for role, cells in self._cells.items()}
        ids = numbered(f"{self._file.stem}{AT_ROW}", np.array(self._numbers, np.int64))
        places = np.array(self._places, np.int64)
        found = Found(columns, places, [self._file.path], ids, rejections=self._rejections)
        self._clear()
        return found
