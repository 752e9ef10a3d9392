"""Rows of a part on their way into its file: Parquet, or lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from framescope._types import Floats
from framescope.batch.options import ScoringError
from framescope.prediction_line import N_DECIMALS

GROUP_BYTES = 16 << 20


class PartWriter(Protocol):
    """Where the rows of a part go."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows.

        Raises:
            ScoringError: a number is NaN or infinite.
        """

    def close(self) -> None:
        """Write what is left."""

    def abandon(self) -> None:
        """Write nothing more: the file will not be kept."""


class ParquetWriter:
    """Rows as Parquet; batches are gathered into row groups."""

    def __init__(self, opened: IO[bytes], schema: pa.Schema) -> None:
        self._schema = schema
        self._writer = pq.ParquetWriter(
            opened, schema, compression="zstd", use_dictionary=["rule", "model_digest", *_label_paths(schema)]
        )
        self._batches: list[pa.RecordBatch] = []
        self._n_bytes = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows."""
        refuse_nan(batch)
        self._batches.append(batch)
        self._n_bytes += batch.nbytes
        if self._n_bytes >= GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Write the last rows and the footer."""
        self._flush()
        self._writer.close()

    def abandon(self) -> None:
        """Write nothing more; left to itself, the writer would close what is closed already, and complain."""
        with suppress(OSError, pa.ArrowException):
            self._writer.close()
        self._writer.is_open = False

    def _flush(self) -> None:
        table = pa.Table.from_batches(self._batches, self._schema)
        if len(table):
            self._writer.write_table(table, row_group_size=len(table))
        self._batches, self._n_bytes = [], 0


class JsonlWriter:
    """Rows as lines of JSON, probabilities to six decimals, as ``framescope predict`` writes them."""

    def __init__(self, opened: IO[bytes], schema: pa.Schema) -> None:
        self._opened = opened
        self._schema = schema

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows."""
        refuse_nan(batch)
        for row in batch.to_pylist():
            found = row["probabilities"]
            pairs = (
                found.items() if isinstance(found, dict) else [(p["label"], p["probability"]) for p in found]
            )
            row["probabilities"] = {label: round(value, N_DECIMALS) for label, value in pairs}
            for span in row.get("evidence", ()):
                span["value"] = round(span["value"], N_DECIMALS)
            self._opened.write(f"{json.dumps(row, ensure_ascii=False)}\n".encode())

    def close(self) -> None:
        """Do nothing: every line is written."""

    def abandon(self) -> None:
        """Do nothing."""


WRITERS: dict[str, Callable[[IO[bytes], pa.Schema], PartWriter]] = {
    "parquet": ParquetWriter,
    "jsonl": JsonlWriter,
}


def refuse_nan(batch: pa.RecordBatch) -> None:
    """Refuse rows with a number that is none, wherever it comes from.

    Raises:
        ScoringError: with the column.
    """
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        for values in _floats(column):
            if not np.isfinite(values).all():
                raise ScoringError(f"{name}: a result is NaN or infinite: do not trust this model")


def _floats(column: pa.Array) -> Iterator[Floats]:
    """Yield the numbers of a column of numbers, or of structures and lists with numbers in them."""
    if pa.types.is_floating(column.type):
        # Column.to_numpy would load pandas.
        values = np.frombuffer(column.buffers()[1] or b"", column.type.to_pandas_dtype())
        yield values[column.offset : column.offset + len(column)]
    elif pa.types.is_struct(column.type):
        for child in column.flatten():
            yield from _floats(child)
    elif pa.types.is_list(column.type):
        yield from _floats(column.flatten())


def _label_paths(schema: pa.Schema) -> list[str]:
    ranked = pa.types.is_list(schema.field("probabilities").type)
    return [
        "labels.list.element",
        *(["probabilities.list.element.label"] if ranked else []),
        *(["evidence.list.element.label"] if "evidence" in schema.names else []),
    ]
