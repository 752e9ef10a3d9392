"""What training keeps beside a bundle for the next training to go on from: dual weights of ridge-cd.

The solution of ``models/NAME`` is ``models/NAME.solution.parquet``: a row for each unit of the corpus with its
``id``, its ``fold``, its labels as bits (``truth``), and its dual weights as 16-bit numbers, label by label:
``whole`` and, of the fits without a fold, ``without 0``, ``without 1`` and so on. Beside them stand the
``story`` that was found for it, and the later rows that are its near-duplicates (``alike``): these hold as long
as the texts do, which a hash tells. The key ``framescope`` of the file's metadata holds the labels, the penalty
and the hash as JSON. It is a place to begin, no part of the model, and can be thrown away.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from framescope._types import Array, BoolArray, Float16, Indices, Int32
from framescope.corpus.duplicates import NearDuplicates
from framescope.errors import BundleError
from framescope.files import whole_file

SUFFIX = ".solution.parquet"
KEY = b"framescope"
FORMAT = "framescope-solution-2"
MAX_PENALTY = 1e6


class _Facts(msgspec.Struct):
    format: str
    labels: list[str]
    penalty: float
    n_folds: int
    texts: str
    has_all_pairs: bool


@dataclass(frozen=True, eq=False)
class Likeness:
    """Which units are near-duplicates, and the story of each, (n_units,), None where none were sought.

    ``texts`` is what :func:`framescope.corpus.schema.texts_hash` returned for them.
    """

    texts: str
    near: NearDuplicates
    stories: Sequence[str] | None


@dataclass(frozen=True, eq=False)
class SavedSolution:
    """Dual weights of units and labels, by their ids.

    ``truth`` and ``whole`` are (n_units, n_labels), ``folds`` (n_units,), ``without`` (n_folds, n_units,
    n_labels).
    """

    ids: Sequence[str]
    labels: Sequence[str]
    penalty: float
    truth: BoolArray
    folds: Indices
    whole: Float16
    without: Float16
    likeness: Likeness


def solution_path(bundle: Path | str) -> Path:
    """Return where the solution of a bundle stands."""
    path = Path(bundle).resolve()
    return path.with_name(path.name + SUFFIX)


def save_solution(solution: SavedSolution | None, bundle: Path | str) -> None:
    """Write a solution whole, or remove that of a model that was there before, where there is none.

    Raises:
        BundleError: it cannot be written.
    """
    target = solution_path(bundle)
    try:
        if solution is None:
            target.unlink(missing_ok=True)
            return
        alike = solution.likeness
        facts = _Facts(
            FORMAT,
            list(solution.labels),
            solution.penalty,
            len(solution.without),
            alike.texts,
            alike.near.is_complete,
        )
        columns = {
            "id": pa.array(solution.ids, pa.string()),
            "fold": pa.array(solution.folds, pa.int16()),
            **({} if alike.stories is None else {"story": pa.array(alike.stories, pa.string())}),
            "alike": _partners(alike.near.pairs, len(solution.ids)),
            "truth": _rows(np.packbits(solution.truth, axis=1)),
            "whole": _rows(solution.whole.astype("<f2")),
        }
        for fold, matrix in enumerate(solution.without):
            columns[f"without {fold}"] = _rows(matrix.astype("<f2"))
        content = json.dumps(msgspec.to_builtins(facts), ensure_ascii=False)
        table = pa.table(columns).replace_schema_metadata({KEY: content})
        with whole_file(target) as opened:
            pq.write_table(table, opened, compression="zstd")
    except OSError as error:
        raise BundleError(f"{target}: cannot be written: {error.strerror or error}") from error


def load_solution(bundle: Path | str) -> SavedSolution:
    """Return the solution that training kept of a bundle.

    Raises:
        BundleError: there is none, or it is damaged.
    """
    path = solution_path(bundle)
    if not path.exists():
        raise BundleError(
            f"{path}: is missing: expected what the learner ridge-cd keeps beside a model: train without --from"
        )
    try:
        table = pq.ParquetFile(path).read()
        facts = msgspec.json.decode((table.schema.metadata or {})[KEY], type=_Facts)
        n_labels, n_folds = len(facts.labels), facts.n_folds
        if facts.format != FORMAT or not 0 < facts.penalty < MAX_PENALTY or not n_labels or n_folds < 1:
            raise ValueError(f"expected the format {FORMAT} with labels, folds and a penalty above 0")
        without = [_numbers(table[f"without {fold}"], n_labels) for fold in range(n_folds)]
        bits = _matrix(table["truth"], np.dtype(np.uint8), -(-n_labels // 8))
        near = NearDuplicates(_pairs(table["alike"]), facts.has_all_pairs)
        stories = table["story"].cast(pa.string()).to_pylist() if "story" in table.column_names else None
        return SavedSolution(
            table["id"].to_pylist(),
            facts.labels,
            facts.penalty,
            np.unpackbits(bits, axis=1, count=n_labels).astype(bool),
            np.clip(table["fold"].to_numpy(), -1, n_folds - 1).astype(np.intp),
            _numbers(table["whole"], n_labels),
            np.stack(without),
            Likeness(facts.texts, near, stories),
        )
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise BundleError(
            f"{path}: cannot be read as a solution: {error}: train without --from, or remove this file"
        ) from error


def _rows(matrix: Array) -> pa.Array:
    width = matrix.dtype.itemsize * matrix.shape[1]
    content = pa.py_buffer(np.ascontiguousarray(matrix))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(matrix), [None, content])


def _matrix(column: pa.ChunkedArray, dtype: np.dtype[Any], n_columns: int) -> Array:
    if column.type != pa.binary(dtype.itemsize * n_columns) or column.null_count:
        n_bits = 8 * dtype.itemsize
        raise ValueError(f"expected {n_columns} numbers of {n_bits} bits in each row, found {column.type}")
    rows = column.combine_chunks()
    at = dtype.itemsize * n_columns * rows.offset
    return np.frombuffer(rows.buffers()[1], dtype, len(rows) * n_columns, at).reshape(len(rows), n_columns)


def _numbers(column: pa.ChunkedArray, n_labels: int) -> Float16:
    matrix = _matrix(column, np.dtype("<f2"), n_labels).astype(np.float16)
    if not np.isfinite(matrix).all():
        raise ValueError("found numbers that are not finite")
    return matrix


def _partners(pairs: Int32, n_units: int) -> pa.Array:
    """Return, for each unit, the second of its pairs."""
    ordered = pairs[np.argsort(pairs[:, 0], kind="stable")]
    ends = np.searchsorted(ordered[:, 0], np.arange(n_units + 1))
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(ordered[:, 1], pa.int32()))


def _pairs(column: pa.ChunkedArray) -> Int32:
    partners = column.cast(pa.list_(pa.int32())).combine_chunks()
    second = partners.flatten().to_numpy(zero_copy_only=False)
    first = np.repeat(np.arange(len(partners)), partners.value_lengths().to_numpy(zero_copy_only=False))
    if ((second <= first) | (second >= len(partners))).any():
        raise ValueError("found near-duplicates that are no later rows")
    return np.column_stack([first, second]).astype(np.int32)
