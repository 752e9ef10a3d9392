"""What training keeps beside a bundle for the next training to go on from: dual weights of ridge-cd.

The solution of ``models/NAME`` is ``models/NAME.solution.parquet``: a row for each unit of the corpus with its
``id``, its ``fold``, and its dual weights as 16-bit numbers, label by label: ``whole`` and, of the fits without
a fold, ``without 0``, ``without 1`` and so on. The key ``framescope`` of the file's metadata holds the labels
and the penalty as JSON. It is a place to begin, no part of the model, and can be thrown away.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from framescope._types import Float16, Indices
from framescope.errors import BundleError
from framescope.files import whole_file

SUFFIX = ".solution.parquet"
KEY = b"framescope"
FORMAT = "framescope-solution-1"
MAX_PENALTY = 1e6


class _Facts(msgspec.Struct):
    format: str
    labels: list[str]
    penalty: float
    n_folds: int


@dataclass(frozen=True, eq=False)
class SavedSolution:
    """Dual weights of units and labels, by their ids.

    ``folds`` is (n_units,), ``whole`` (n_units, n_labels), ``without`` (n_folds, n_units, n_labels).
    """

    ids: Sequence[str]
    labels: Sequence[str]
    penalty: float
    folds: Indices
    whole: Float16
    without: Float16


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
        facts = _Facts(FORMAT, list(solution.labels), solution.penalty, len(solution.without))
        columns = {
            "id": pa.array(solution.ids, pa.string()),
            "fold": pa.array(solution.folds, pa.int16()),
            "whole": _rows(solution.whole),
        }
        columns |= {f"without {fold}": _rows(matrix) for fold, matrix in enumerate(solution.without)}
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
        without = [_matrix(table[f"without {fold}"], n_labels) for fold in range(n_folds)]
        return SavedSolution(
            table["id"].to_pylist(),
            facts.labels,
            facts.penalty,
            np.clip(table["fold"].to_numpy(), -1, n_folds - 1).astype(np.intp),
            _matrix(table["whole"], n_labels),
            np.stack(without),
        )
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise BundleError(
            f"{path}: cannot be read as a solution: {error}: train without --from, or remove this file"
        ) from error


def _rows(matrix: Float16) -> pa.Array:
    width = matrix.dtype.itemsize * matrix.shape[1]
    content = pa.py_buffer(np.ascontiguousarray(matrix, "<f2"))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(matrix), [None, content])


def _matrix(column: pa.ChunkedArray, n_labels: int) -> Float16:
    if column.type != pa.binary(2 * n_labels) or column.null_count:
        raise ValueError(f"expected {n_labels} numbers of 16 bits in each row, found {column.type}")
    rows = column.combine_chunks()
    values = np.frombuffer(rows.buffers()[1], "<f2", len(rows) * n_labels, 2 * n_labels * rows.offset)
    matrix = values.reshape(len(rows), n_labels).astype(np.float16)
    if not np.isfinite(matrix).all():
        raise ValueError("found numbers that are not finite")
    return matrix
