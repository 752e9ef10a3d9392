"""Reader of data frames in memory: of pandas, polars, pyarrow, DuckDB or alike."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from framescope.corpus.raw import RawRows, Row
from framescope.corpus.schema import FieldNames
from framescope.errors import CorpusError, FramescopeError
from framescope.frames import table_of

FRAME = "frame"


def read_frame(frame: Any, fields: FieldNames) -> RawRows:
    """Read a frame with one row a unit, and a list of labels, or labels joined, in each.

    Raises:
        CorpusError: it cannot be read as an Arrow table.
    """
    try:
        columns = table_of(frame).to_pydict()
    except (FramescopeError, pa.ArrowException) as error:
        raise CorpusError.at(FRAME, str(error)) from error
    rows = [
        Row(dict(zip(columns, values, strict=True)), FRAME, number, part=f"row {number}")
        for number, values in enumerate(zip(*columns.values(), strict=True), start=1)
    ]
    return RawRows(rows, fields=fields)
