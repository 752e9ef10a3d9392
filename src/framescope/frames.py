"""Data frames of any library, by the Arrow PyCapsule interface: read as an Arrow table, columns appended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import pyarrow as pa

from framescope.errors import FramescopeError, TextError
from framescope.text.arrow import as_strings


def is_frame(value: object) -> bool:
    """Tell whether a value is a table with named columns, of whatever library."""
    return hasattr(type(value), "columns") or hasattr(type(value), "column_names")


def name_of_frame(value: object) -> str:
    """Return what users call such a frame, such as ``polars.DataFrame``."""
    return f"{type(value).__module__.partition('.')[0]}.{type(value).__name__}"


def table_of(frame: Any) -> pa.Table:
    """Return a frame as an Arrow table, without an index; a missing value is null.

    Raises:
        FramescopeError: it has no Arrow PyCapsule interface.
    """
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    if _is_of(frame, "pandas"):
        return pa.Table.from_pandas(frame, preserve_index=False)
    if not hasattr(frame, "__arrow_c_stream__"):
        remedy = "collect() it first" if hasattr(frame, "collect") else "make a pyarrow.Table of it"
        raise FramescopeError(f"a {name_of_frame(frame)} has no Arrow PyCapsule interface: {remedy}")
    return pa.table(frame)


def strings_of(table: pa.Table, name: str) -> pa.Array:
    """Return a column of strings as a large_string array.

    Raises:
        FramescopeError: there is none of this name, or several, or it has no strings.
    """
    if table.column_names.count(name) != 1:
        found = ", ".join(map(repr, table.column_names))
        raise FramescopeError(f"expected one column {name!r}, found {found}: name it with text= or title=")
    try:
        return as_strings(table[name])
    except TextError as error:
        raise TextError(f"column {name!r}: {error}") from error


def refuse_frames(texts: object) -> None:
    """Refuse what is not texts, though its columns or keys would pass for them.

    Raises:
        TextError: it is a data frame or a dictionary.
    """
    if is_frame(texts):
        remedy = "give one of its columns, as in frame['text'], or call predict_frame"
        raise TextError(f"expected texts, found a {name_of_frame(texts)}: {remedy}")
    if isinstance(texts, Mapping):
        remedy = "give its values, as in list(texts.values())"
        raise TextError(f"expected texts, found a {type(texts).__name__}: {remedy}")


def append_columns(frame: Any, table: pa.Table, columns: pa.Table) -> Any:
    """Return a frame of the same kind with columns appended; ``table`` is what :func:`table_of` made of it.

    A DuckDB relation is of the default connection, and a frame of another library becomes a ``pyarrow.Table``.
    """
    for library, append in _APPENDERS.items():
        if _is_of(frame, library):
            return append(frame, table, columns)
    return _joined(table, columns)


def _is_of(frame: object, library: str) -> bool:
    return any(kind.__module__.partition(".")[0] == library for kind in type(frame).__mro__)


def _joined(table: pa.Table, columns: pa.Table) -> pa.Table:
    for field, column in zip(columns.schema, columns.columns, strict=True):
        table = table.append_column(field, column)
    return table


def _append_arrow(frame: Any, table: pa.Table, columns: pa.Table) -> Any:
    joined = _joined(table, columns)
    if isinstance(frame, pa.RecordBatch):
        arrays = [column.combine_chunks() for column in joined.columns]
        return pa.RecordBatch.from_arrays(arrays, schema=joined.schema)
    return joined


def _append_pandas(frame: Any, _table: pa.Table, columns: pa.Table) -> Any:
    """Append to the frame itself, which keeps its index and its types."""
    values = {
        name: column.to_pylist() if pa.types.is_list(column.type) else column.to_numpy()
        for name, column in zip(columns.column_names, columns.columns, strict=True)
    }
    return frame.assign(**values)


def _append_polars(frame: Any, _table: pa.Table, columns: pa.Table) -> Any:
    return frame.hstack(import_module("polars").from_arrow(columns))


def _append_duckdb(_frame: Any, table: pa.Table, columns: pa.Table) -> Any:
    return import_module("duckdb").from_arrow(_joined(table, columns))


_APPENDERS: dict[str, Callable[[Any, pa.Table, pa.Table], Any]] = {
    "pyarrow": _append_arrow,
    "pandas": _append_pandas,
    "polars": _append_polars,
    "duckdb": _append_duckdb,
}
