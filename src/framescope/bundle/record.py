"""What training keeps beside a bundle, for inspection and reports: left-out decisions and the top n-grams.

The record of ``models/NAME`` is ``models/NAME.training.parquet``: a row for each unit of the corpus with its
``id``, its group, language and kind, and ``probabilities``, ``decided`` and ``truth`` label by label; the key
``framescope`` of the file's metadata holds the rest as JSON. It is bound to its bundle and its corpus by their
hashes, and can be thrown away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypedDict

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from framescope._types import Array, BoolArray, Float32
from framescope.errors import BundleError
from framescope.files import whole_file

SUFFIX = ".training.parquet"
KEY = b"framescope"
FORMAT = "framescope-training-1"
REMEDY = "train the model again"


OF_UNITS = ("clusters", "languages", "kinds")
COLUMNS = {"id": pa.string(), "probabilities": pa.float32(), "decided": pa.bool_()}


class RankedNgram(TypedDict):
    """An n-gram that speaks for a label: see :class:`framescope.measure.top_ngrams.Ngram`."""

    text: str
    is_part: bool
    feature: int
    weight: float
    gap: float
    n_texts: int


class _Format(msgspec.Struct):
    format: str


class _Facts(_Format):
    model: str
    corpus: str
    top_ngrams: dict[str, list[RankedNgram]]


@dataclass(frozen=True, eq=False)
class TrainingRecord:
    """What a training run knows of its own corpus, row by row.

    ``probabilities`` (n_units, n_labels) float32 and ``decided`` bool are of fits without the unit's group;
    ``top_ngrams`` maps each label to the n-grams that speak most for it, best first, as JSON. ``truth`` are the
    labels of the corpus, None in older records; with it come ``clusters``, the units' groups, and their
    ``languages`` and ``kinds``, as :class:`framescope.measure.metrics.UnitInfo` has them.
    """

    corpus_sha256: str
    ids: Sequence[str]
    probabilities: Float32
    decided: BoolArray
    top_ngrams: Mapping[str, Sequence[RankedNgram]] = field(default_factory=dict)
    truth: BoolArray | None = None
    clusters: Sequence[str] = ()
    languages: Sequence[str | None] = ()
    kinds: Sequence[str | None] = ()

    @property
    def truths(self) -> BoolArray:
        """The labels of a record that has them."""
        if self.truth is None:
            raise ValueError("the record has no labels")
        return self.truth


def record_path(bundle: Path | str) -> Path:
    """Return where the record of a bundle stands."""
    path = Path(bundle).resolve()
    return path.with_name(path.name + SUFFIX)


def save_record(record: TrainingRecord, bundle: Path | str, digest: str) -> None:
    """Write a record whole, for the bundle of this digest; one that is there is replaced.

    Raises:
        BundleError: it cannot be written.
    """
    target = record_path(bundle)
    facts = {
        "format": FORMAT,
        "model": digest,
        "corpus": record.corpus_sha256,
        "top_ngrams": {label: list(ngrams) for label, ngrams in record.top_ngrams.items()},
    }
    columns = {
        "id": pa.array(record.ids, pa.string()),
        "probabilities": _rows(record.probabilities),
        "decided": _rows(record.decided),
    }
    if record.truth is not None:
        columns["truth"] = _rows(record.truth)
        of_units = {name: getattr(record, name) for name in OF_UNITS}
        columns |= {name: pa.array(values, pa.string()) for name, values in of_units.items() if values}
    table = pa.table(columns).replace_schema_metadata({KEY: json.dumps(facts, ensure_ascii=False)})
    try:
        with whole_file(target) as opened:
            pq.write_table(table, opened, compression="zstd")
    except OSError as error:
        raise BundleError(f"{target}: cannot be written: {error.strerror or error}") from error


def load_record(bundle: Path | str, digest: str) -> TrainingRecord | None:
    """Return the record that training kept of the bundle of this digest, None where there is none.

    Raises:
        BundleError: the record is damaged, or of another model than now stands beside it.
    """
    path = record_path(bundle)
    if not path.exists():
        return None
    try:
        table = pq.ParquetFile(path).read()
        content = (table.schema.metadata or {})[KEY]
        found = msgspec.json.decode(content, type=_Format).format
        if found != FORMAT:
            raise BundleError(f"{path}: expected the format {FORMAT}, found {found!r}: {REMEDY}")
        facts = msgspec.json.decode(content, type=_Facts)
        ids, probabilities, decided = (_column(table, name, kind) for name, kind in COLUMNS.items())
        truth = _column(table, "truth", pa.bool_()) if "truth" in table.column_names else None
        of_units = {name: table[name].to_pylist() for name in OF_UNITS if name in table.column_names}
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{path}: cannot be read as a record of training: {error}: {REMEDY}") from error
    if facts.model != digest:
        raise BundleError(
            f"{path}: is of the model {facts.model[:12]}..., the bundle beside it is {digest[:12]}...: "
            f"{REMEDY}, or remove this file"
        )
    record = TrainingRecord(
        facts.corpus, ids.to_pylist(), _matrix(probabilities), _matrix(decided), facts.top_ngrams
    )
    return record if truth is None else replace(record, truth=_matrix(truth), **of_units)


def _column(table: pa.Table, name: str, kind: pa.DataType) -> pa.Array:
    """Return a column of this type; of matrices, the type is that of their values."""
    column = table[name].combine_chunks()
    found = column.type.value_type if pa.types.is_fixed_size_list(column.type) else column.type
    if found != kind or column.null_count or (name != "id") != pa.types.is_fixed_size_list(column.type):
        raise ValueError(f"{name}: expected {kind} without nulls, found {column.type}")
    return column


def _rows(matrix: Array) -> pa.Array:
    values = pa.array(np.ascontiguousarray(matrix).ravel())
    return pa.FixedSizeListArray.from_arrays(values, matrix.shape[1])


def _matrix(rows: pa.Array) -> Array:
    values: Array = rows.flatten().to_numpy(zero_copy_only=False)
    return values.reshape(len(rows), rows.type.list_size)
