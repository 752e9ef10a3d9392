"""Parts of ``framescope score`` read back as Arrow tables, in every format that score writes.

Whatever the format, a table has ``labels`` and, if the model reviews, ``given`` as lists, ``probabilities`` as
a structure with a field for each label, ``unlike_training``, ``text_hash`` and kept columns as strings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
import pyarrow.json as pj
import pyarrow.parquet as pq

from framescope.errors import InputError
from framescope.formats.dialect import Dialect
from framescope.formats.spreadsheet import SheetTable
from framescope.overview.feed import OverviewError
from framescope.wide import GIVEN, JOIN, PREFIX

BATCH_ROWS = 1 << 15
LABELS, PROBABILITIES, UNLIKE, HASH = "labels", "probabilities", "unlike_training", "text_hash"
EVIDENCE = "evidence"
OWN = (LABELS, GIVEN, PROBABILITIES, UNLIKE, HASH)
JSON_BLOCK = 32 << 20

_LISTS = pa.list_(pa.string())
_MARKS = pa.list_(
    pa.struct([("label", pa.string()), ("start", pa.int32()), ("end", pa.int32()), ("value", pa.float32())])
)
_APOSTROPHE = "^'([=+\\-@\\t\\r\\n])"
"""How :func:`framescope.wide.harmless` marks a cell that is no formula."""
_TRUE = ("true", "1")
"""What CSV and a spreadsheet have for true."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of scored rows and its format."""

    path: Path
    format: str


@dataclass(frozen=True, slots=True)
class Header:
    """The names of a part's columns, the labels that it has probabilities of, and its rows, if it says so."""

    names: tuple[str, ...]
    labels: tuple[str, ...]
    n_rows: int | None = None


def header_of(part: Part) -> Header:
    """Return what a part has; of one without rows, nothing may be known.

    Raises:
        OverviewError: it cannot be read.
    """
    with _explained(part):
        return _HEADERS[part.format](part.path)


def tables_of(part: Part, labels: Sequence[str], columns: Sequence[str]) -> Iterator[pa.Table]:
    """Yield a part's rows with these columns, those of ``OWN`` that it has among them.

    Raises:
        OverviewError: it cannot be read, or lacks a column.
    """
    with _explained(part):
        found = _HEADERS[part.format](part.path)
        missing = [name for name in columns if name not in found.names and name != GIVEN]
        if missing:
            raise OverviewError(f"{part.path}: has no column {missing[0]!r}: score the articles again")
        yield from _TABLES[part.format](part.path, labels, [name for name in columns if name in found.names])


class _explained:  # noqa: N801 - reads as a word
    """Say of which part an error is."""

    def __init__(self, part: Part) -> None:
        self._part = part

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, OSError | pa.ArrowException | InputError | ValueError | KeyError):
            raise OverviewError(
                f"{self._part.path}: cannot be read: {error}: check it with framescope verify"
            ) from error


def _header_of_parquet(path: Path) -> Header:
    with pq.ParquetFile(path) as opened:
        schema, n_rows = opened.schema_arrow, opened.metadata.num_rows
    kind = schema.field(PROBABILITIES).type
    return Header(tuple(schema.names), tuple(kind.field(k).name for k in range(kind.num_fields)), n_rows)


def _header_of_lines(path: Path) -> Header:
    with path.open("rb") as opened:
        line = opened.readline()
    row = json.loads(line) if line else {}
    return Header(tuple(row), tuple(row.get(PROBABILITIES, ())))


def _header_of_csv(path: Path) -> Header:
    with pv.open_csv(path, parse_options=_CSV, read_options=pv.ReadOptions(block_size=JSON_BLOCK)) as reader:
        return _wide_header(reader.schema.names)


def _header_of_sheet(path: Path) -> Header:
    with path.open("rb") as opened:
        return _wide_header(SheetTable(opened, path, dialect=Dialect()).header)


def _wide_header(names: Sequence[str]) -> Header:
    """Return the header of a table with a column for each label, which follow each other."""
    plain = [_plain(name) for name in names]
    labels = tuple(name.removeprefix(PREFIX) for name in plain if name.startswith(PREFIX))
    return Header((*(name for name in plain if not name.startswith(PREFIX)), PROBABILITIES), labels)


def _of_parquet(path: Path, _labels: Sequence[str], columns: Sequence[str]) -> Iterator[pa.Table]:
    with pq.ParquetFile(path) as opened:
        for batch in opened.iter_batches(BATCH_ROWS, columns=list(columns)):
            yield pa.Table.from_batches([batch])


def _of_lines(path: Path, labels: Sequence[str], columns: Sequence[str]) -> Iterator[pa.Table]:
    if not path.stat().st_size:
        return
    kinds = {
        LABELS: _LISTS,
        GIVEN: _LISTS,
        PROBABILITIES: pa.struct([(label, pa.float32()) for label in labels]),
        UNLIKE: pa.bool_(),
        EVIDENCE: _MARKS,
    }
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in columns])
    parsing = pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    yield pj.read_json(path, pj.ReadOptions(block_size=JSON_BLOCK), parsing)


def _of_csv(path: Path, labels: Sequence[str], columns: Sequence[str]) -> Iterator[pa.Table]:
    names = [name for name in columns if name != PROBABILITIES]
    every = [*names, *(f"{PREFIX}{label}" for label in labels)] if PROBABILITIES in columns else names
    with pv.open_csv(
        path,
        pv.ReadOptions(block_size=JSON_BLOCK),
        _CSV,
        pv.ConvertOptions(
            column_types=dict.fromkeys(every, pa.string()), include_columns=every, strings_can_be_null=False
        ),
    ) as reader:
        for batch in reader:
            yield _narrowed(pa.Table.from_batches([batch]), labels, columns)


def _of_sheet(path: Path, labels: Sequence[str], columns: Sequence[str]) -> Iterator[pa.Table]:
    with path.open("rb") as opened, SheetTable(opened, path, dialect=Dialect()) as sheet:
        cells = list(zip(*(record.cells for record in sheet.records()), strict=True))
        names = [_plain(name) for name in sheet.header]
    made = {name: pa.array(column, pa.string()) for name, column in zip(names, cells, strict=False)}
    if made:
        yield _narrowed(pa.table(made), labels, columns)


def _narrowed(wide: pa.Table, labels: Sequence[str], columns: Sequence[str]) -> pa.Table:
    """Return a table with a column for each label in the layout of the others."""
    made: dict[str, pa.Array | pa.ChunkedArray] = {}
    for name in columns:
        if name == PROBABILITIES:
            every = [wide[f"{PREFIX}{label}"].combine_chunks().cast(pa.float32()) for label in labels]
            made[name] = pa.StructArray.from_arrays(every, names=list(labels))
            continue
        cells = pc.replace_substring_regex(wide[name], _APOSTROPHE, "\\1")
        if name in {LABELS, GIVEN}:
            made[name] = pc.split_pattern(
                cells, JOIN
            )  # an empty cell is a list of the empty name, which is no label
        elif name == UNLIKE:
            made[name] = pc.is_in(pc.utf8_lower(cells), value_set=pa.array(_TRUE))
        else:
            made[name] = cells
    return pa.table(made)


def _plain(name: str) -> str:
    return name[1:] if name.startswith("'") else name


_CSV = pv.ParseOptions(newlines_in_values=True)
_HEADERS: dict[str, Callable[[Path], Header]] = {
    "parquet": _header_of_parquet,
    "jsonl": _header_of_lines,
    "csv": _header_of_csv,
    "xlsx": _header_of_sheet,
}
_TABLES: dict[str, Callable[[Path, Sequence[str], Sequence[str]], Iterator[pa.Table]]] = {
    "parquet": _of_parquet,
    "jsonl": _of_lines,
    "csv": _of_csv,
    "xlsx": _of_sheet,
}
