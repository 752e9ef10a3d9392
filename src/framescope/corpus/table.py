"""Readers of tables with one unit per row: JSON lines, CSV, TSV, Parquet."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from framescope.article_ids import AT_BYTE
from framescope.corpus.conventions import Quoting
from framescope.corpus.files import encoding_problem, numbered_lines, parse_json, read_bytes
from framescope.corpus.layout import are_whole_rows, refuse_other_layout
from framescope.corpus.rows import RawRows, Row, Source, columns_shown
from framescope.errors import CorpusError, Problem
from framescope.limits import MAX_WHOLE_BYTES
from framescope.text.arrow import decoded_sizes

MAX_FIELD_CHARACTERS = 2**31 - 1
"""A C long on every platform; the csv module's own limit is 131,072, less than a long article."""


QUOTE_RULE = (
    "quote fields with quotes or separators in them, and double their quotes; "
    "--quoting none if quotes are plain characters here"
)
SWALLOWED = (
    "is a quote not closed on its line? --quoting none if quotes are plain characters here, "
    "--quoting standard if the cell is right"
)


def read_jsonl(source: Source) -> RawRows:
    """Read one JSON object per line."""
    problems: list[Problem] = []
    rows = read_json_rows(source.path, problems)
    return RawRows(rows, problems, fields=source.fields)


def read_json_rows(path: Path, problems: list[Problem]) -> list[Row]:
    """Return the rows of a file of JSON lines; lines that are no JSON object go to ``problems``."""
    rows = []
    for number, (line_number, begin, line) in enumerate(numbered_lines(path, problems), start=1):
        try:
            value = parse_json(line)
        except ValueError as error:
            problems.append(Problem(str(error), path, line_number))
            continue
        if isinstance(value, dict):
            rows.append(Row(value, path, number, line_number, mark=f"{AT_BYTE}{begin}"))
        else:
            found = type(value).__name__
            problems.append(Problem(f"expected a JSON object, found a {found}", path, line_number))
    return rows


def read_csv(source: Source) -> RawRows:
    """Read comma-separated values with a header; quotes as in RFC 4180."""
    return _read_separated(source, ",")


def read_tsv(source: Source) -> RawRows:
    """Read tab-separated values with a header; fields with tabs, line breaks or quotes must be quoted."""
    return _read_separated(source, "\t")


def _read_separated(source: Source, delimiter: str) -> RawRows:
    problems: list[Problem] = []
    rows = read_separated_rows(source, delimiter, problems)
    return RawRows(rows, problems, fields=source.fields)


def read_separated_rows(source: Source, delimiter: str, problems: list[Problem]) -> list[Row]:
    """Return the rows below a header; lines that are none go to ``problems``.

    The strict csv module refuses stray quotes instead of swallowing lines after them.

    Raises:
        CorpusError: the header is none, or lacks the columns that the source asks for because it is written in
            another way.
    """
    path = source.path
    # Bytes that are not UTF-8 pass as lone surrogates, so that only their own row is at fault.
    text = read_bytes(path).decode(errors="surrogateescape")
    rows: list[Row] = []
    header: list[str] = []
    with _long_fields():
        for line, cells in _records(text, delimiter, source, problems):
            if not header:
                refuse_other_layout(cells, delimiter, source)
                header = _check_header(cells, path)
            elif len(cells) != len(header):
                problems.append(Problem(f"{len(cells)} fields, expected {len(header)}", path, line))
            else:
                values = dict(zip(header, cells, strict=True))
                rows.append(Row(values, path, len(rows) + len(problems) + 1, line))
    return _decodable(rows, problems)


@contextmanager
def _long_fields() -> Iterator[None]:
    """Lift the csv module's limit, which is global, for as long as a file is read."""
    limit = csv.field_size_limit(MAX_FIELD_CHARACTERS)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _records(
    text: str, delimiter: str, source: Source, problems: list[Problem]
) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not a blank line with the number of its first line."""
    quoting = source.conventions.quoting
    lines = _Lines(text)
    how: Literal[0, 3] = csv.QUOTE_NONE if quoting == Quoting.NONE else csv.QUOTE_MINIMAL
    reader = csv.reader(lines, delimiter=delimiter, quoting=how, strict=True)
    n_fields = 0
    while True:
        line = reader.line_num + 1
        lines.since.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.append(Problem(f"{error}: {QUOTE_RULE}", source.path, line))
            continue
        n_fields = n_fields or len(cells)
        if quoting is None and are_whole_rows(lines.since, delimiter, n_fields):
            problems.append(
                Problem(f"a quoted cell holds {len(lines.since)} rows: {SWALLOWED}", source.path, line)
            )
        elif cells:
            yield line, cells


class _Lines:
    """The lines of a text, of which those since the last record are kept."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self.since: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.since.append(line)
        return line


def _check_header(cells: list[str], path: Path) -> list[str]:
    """Return the column names; the unnamed index column that pandas writes becomes ``column 1``."""
    for character in "".join(cells):
        if "\udc80" <= character <= "\udcff":
            raise CorpusError.at(path, encoding_problem(_byte(character)), line=1)
    header = [cell.strip() or f"column {position}" for position, cell in enumerate(cells, start=1)]
    repeated = sorted(name for name, count in Counter(header).items() if count > 1)
    if repeated:
        raise CorpusError.at(path, f"columns occur twice: {columns_shown(repeated)}", line=1)
    return header


def _byte(escaped: str) -> int:
    """Return the byte that ``surrogateescape`` made this character of."""
    return ord(escaped) - 0xDC00


def _decodable(rows: list[Row], problems: list[Problem]) -> list[Row]:
    kept = []
    for row in rows:
        text = "".join(map(str, row.values.values()))
        try:
            text.encode()
        except UnicodeEncodeError as error:
            problems.append(Problem(encoding_problem(_byte(text[error.start])), row.path, row.line))
        else:
            kept.append(row)
    return kept


def read_parquet(source: Source) -> RawRows:
    """Read a Parquet file; its rows have no lines, problems name the row."""
    path = source.path
    try:
        table = _read_table(pa.BufferReader(read_bytes(path)), path)
        table.validate(full=True)
        names = table.column_names
        if len(set(names)) < len(names):
            raise CorpusError.at(path, f"columns occur twice: {columns_shown(names)}")
        values = table.to_pylist()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise CorpusError.at(path, f"is not an intact Parquet file: {error}") from error
    rows = [Row(row, path, number, part=f"row {number}") for number, row in enumerate(values, start=1)]
    return RawRows(rows, fields=source.fields)


def _read_table(opened: pa.BufferReader, path: Path) -> pa.Table:
    """Return a file's rows; of what it says twice only one copy is kept until it is known how much it is.

    Raises:
        CorpusError: all rows would be more than memory should hold.
    """
    footer = pq.read_metadata(opened)
    columns = [footer.schema.column(number) for number in range(len(footer.schema))]
    texts = [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]
    _check_size(sum(footer.row_group(number).total_byte_size for number in range(footer.num_row_groups)), path)
    table = pq.ParquetFile(opened, read_dictionary=texts).read()
    _check_size(sum(_decoded_bytes(chunk) for column in table.columns for chunk in column.chunks), path)
    return table


def _check_size(n_bytes: int, path: Path) -> None:
    if n_bytes > MAX_WHOLE_BYTES:
        limit = f"more than {MAX_WHOLE_BYTES:,}"
        raise CorpusError.at(path, f"unpacks to {n_bytes:,} bytes, {limit}: split it into several files")


def _decoded_bytes(array: pa.Array) -> int:
    """Return how much memory an array takes when its dictionaries are decoded."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return int(decoded_sizes(array).sum())
    children = array.flatten() if pa.types.is_struct(kind) else [array.flatten()] if _is_list(kind) else None
    return array.nbytes if children is None else sum(map(_decoded_bytes, children))


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))
