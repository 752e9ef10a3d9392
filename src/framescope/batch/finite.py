"""Results are numbers: rows with NaN or infinity are not written."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from framescope._types import Floats
from framescope.batch.options import ScoringError


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
