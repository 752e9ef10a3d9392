"""Readers of tables with one unit per row: JSON lines, CSV, TSV, Parquet."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from framescope.article_ids import AT_BYTE
from framescope.corpus.raw import RawRows, Row, Source
from framescope.errors import CorpusError, Problem, columns_shown
from framescope.formats.files import SPREADSHEET, numbered_lines, parse_json, read_content, read_text
from framescope.formats.tables import open_table
from framescope.limits import MAX_WHOLE_BYTES, check_cells
from framescope.text.arrow import decoded_sizes


def read_jsonl(source: Source) -> RawRows:
    """Read one JSON object per line."""
    problems: list[Problem] = []
    rows = read_json_rows(source.path, problems)
    return RawRows(rows, problems, fields=source.fields)


def read_json_rows(path: Path, problems: list[Problem]) -> list[Row]:
    """Return the rows of a file of JSON lines; lines that are no JSON object go to ``problems``."""
    rows = []
    for number, (line_number, begin, line) in enumerate(numbered_lines(path, problems), start=1):
        check_cells(number, 0, path)
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


def read_json_objects(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a file that is one list of JSON.

    Raises:
        CorpusError: it is something else.
        InputError: it cannot be read.
    """
    try:
        values = parse_json(read_text(path))
    except ValueError as error:
        raise CorpusError.at(path, str(error)) from error
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise CorpusError.at(path, "expected a list of objects")
    return values


def read_records(source: Source, kind: str) -> RawRows:
    """Read a table with a header: CSV, TSV, or a sheet of a spreadsheet."""
    problems: list[Problem] = []
    rows = read_table_rows(source, kind, problems)
    return RawRows(rows, problems, fields=source.fields)


def read_table_rows(source: Source, kind: str, problems: list[Problem]) -> list[Row]:
    """Return the rows below a header; lines that are none go to ``problems``.

    Raises:
        InputError: see :func:`~framescope.formats.tables.open_table`.
    """
    path = source.path
    rows = []
    with open_table(
        io.BytesIO(read_content(path)),
        path,
        kind,
        dialect=source.conventions.dialect,
        required=source.required,
    ) as table:
        for record in table.records():
            check_cells(record.number, len(table.header), path)
            if record.fault:
                problems.append(Problem(record.fault, path, record.line))
            else:
                values = dict(zip(table.header, record.cells, strict=True))
                rows.append(Row(values, path, record.number, record.line))
    return rows


def read_parquet(source: Source) -> RawRows:
    """Read a Parquet file; its rows have no lines, problems name the row."""
    path = source.path
    try:
        table = _read_table(pa.BufferReader(read_content(path)), path)
        table.validate(full=True)
        names = table.column_names
        if len(set(names)) < len(names):
            raise CorpusError.at(path, f"columns occur twice: {columns_shown(names)}")
        check_cells(len(table), len(names), path)
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


READERS: dict[str, Callable[[Source], RawRows]] = {
    "jsonl": read_jsonl,
    "csv": partial(read_records, kind="csv"),
    "tsv": partial(read_records, kind="tsv"),
    "parquet": read_parquet,
    SPREADSHEET: partial(read_records, kind=SPREADSHEET),
}
