"""Rows of a part on their way into its file: Parquet, lines of JSON, or what spreadsheets open."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from framescope.batch.finite import refuse_nan
from framescope.batch.spreadsheets import CsvWriter, XlsxWriter
from framescope.prediction_line import N_DECIMALS
from framescope.wide import probabilities_of

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

    def __init__(self, opened: IO[bytes], schema: pa.Schema, labels: Sequence[str]) -> None:
        del labels
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

    def __init__(self, opened: IO[bytes], schema: pa.Schema, labels: Sequence[str]) -> None:
        del schema, labels
        self._opened = opened

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows."""
        refuse_nan(batch)
        for row in batch.to_pylist():
            found = probabilities_of(row)
            row["probabilities"] = {label: round(value, N_DECIMALS) for label, value in found.items()}
            for span in row.get("evidence", ()):
                span["value"] = round(span["value"], N_DECIMALS)
            self._opened.write(f"{json.dumps(row, ensure_ascii=False)}\n".encode())

    def close(self) -> None:
        """Do nothing: every line is written."""

    def abandon(self) -> None:
        """Do nothing."""


WRITERS: dict[str, Callable[[IO[bytes], pa.Schema, Sequence[str]], PartWriter]] = {
    "parquet": ParquetWriter,
    "jsonl": JsonlWriter,
    "csv": CsvWriter,
    "xlsx": XlsxWriter,
}
"""By format: what is made of a file, the columns of the rows and the labels of the codebook."""


def _label_paths(schema: pa.Schema) -> list[str]:
    ranked = pa.types.is_list(schema.field("probabilities").type)
    return [
        "labels.list.element",
        *(["probabilities.list.element.label"] if ranked else []),
        *(["evidence.list.element.label"] if "evidence" in schema.names else []),
    ]
