"""Arrow text columns: checked row by row, title and text joined, without one Python string a row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from framescope._types import Array, BoolArray, Int64, UInt8
from framescope.errors import TextError
from framescope.text.kernels import kernel
from framescope.text.utf8 import Utf8Texts


def as_strings(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column of strings, bytes or whole numbers as one large_string array, not validated.

    Raises:
        TextError: the column is of another type.
    """
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if _is_bytes(kind):
        array = _one_chunk(column.cast(pa.large_binary()))
        return pa.Array.from_buffers(pa.large_string(), len(array), array.buffers(), offset=array.offset)
    if not (_is_text(kind) or pa.types.is_integer(kind) or pa.types.is_null(kind)):
        raise TextError(f"expected strings, found {column.type}")
    return _one_chunk(column.cast(pa.large_string()))


def as_text(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return any column as a large_string array, not validated; what is nested becomes JSON."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_nested(kind):
        return strings([value_as_text(value) for value in column.to_pylist()])
    if not (_is_bytes(kind) or _is_text(kind)):
        return _one_chunk(column.cast(pa.large_string()))
    return as_strings(column)


def value_as_text(value: Any) -> str | None:
    """Return a value as text: what is no string as JSON, dates within it as strings."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def strings(values: Sequence[str | bytes | None]) -> pa.Array:
    """Return values as a large_string array, not validated; ``pa.array`` would load pandas."""
    encoded = [value.encode() if isinstance(value, str) else value or b"" for value in values]
    offsets = np.zeros(len(values) + 1, np.int64)
    np.cumsum([len(value) for value in encoded], out=offsets[1:])
    is_present = np.array([value is not None for value in values], dtype=bool)
    bitmap = np.packbits(is_present, bitorder="little")
    buffers = [pa.py_buffer(bitmap), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.large_string(), len(values), buffers)


def numbers(values: Array) -> pa.Array:
    """Return a numeric array as an Arrow array over the same memory."""
    contiguous = np.ascontiguousarray(values)
    kind = pa.from_numpy_dtype(contiguous.dtype)
    return pa.Array.from_buffers(kind, len(contiguous), [None, pa.py_buffer(contiguous)])


def present(array: pa.Array) -> BoolArray:
    """Tell which values are not null."""
    if not array.null_count:
        return np.ones(len(array), dtype=bool)
    bitmap = array.buffers()[0]
    if bitmap is None:  # an array of type null
        return np.zeros(len(array), dtype=bool)
    bits = np.unpackbits(np.frombuffer(bitmap, np.uint8), bitorder="little")
    return bits[array.offset : array.offset + len(array)].astype(bool)


def invalid_rows(array: pa.Array) -> list[int]:
    """Return the rows of a large_string array that are not valid UTF-8, or whose offsets lead astray."""
    return _invalid(array, 0)


def join(titles: pa.Array | None, texts: pa.Array) -> Utf8Texts:
    """Return what :func:`~framescope.text.article.full_text` gives for each row.

    Both are valid large_string arrays; a title may be null, a text not. Without titles the texts are a view.
    """
    data, offsets = _bytes_of(texts)
    if titles is None or titles.null_count == len(titles):
        return Utf8Texts(data, offsets)
    title_data, title_offsets = _bytes_of(titles)
    is_joined = _is_joined(data, offsets, title_data, title_offsets) & present(titles)
    sizes = np.diff(offsets) + is_joined * (np.diff(title_offsets) + 1)
    joined_offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    joined = np.empty(joined_offsets[-1], np.uint8)
    _copy((data, offsets), (title_data, title_offsets), is_joined, joined, joined_offsets)
    joined.flags.writeable = False  # one numba type whatever the buffer
    return Utf8Texts(joined, joined_offsets)


def join_checked(titles: pa.Array | None, texts: pa.Array) -> Utf8Texts:
    """Return what :func:`join` does, of large_string arrays that may be invalid.

    Raises:
        TextError: a text is null, or one of either is not valid UTF-8.
    """
    Utf8Texts.from_arrow(texts)
    invalid = [] if titles is None else invalid_rows(titles)
    if invalid:
        raise TextError(f"title {invalid[0]}: is not valid UTF-8")
    return join(titles, texts)


def text_sizes(array: pa.Array) -> Int64:
    """Return the bytes of each row of a large_string array."""
    return np.diff(_bytes_of(array)[1])


def decoded_sizes(array: pa.Array) -> Int64:
    """Return the bytes that each row of a column of strings has or, of a dictionary, will have when decoded."""
    if pa.types.is_dictionary(array.type):
        of_values = np.append(decoded_sizes(array.dictionary), 0)
        indices = np.frombuffer(array.indices.buffers()[1] or b"", array.indices.type.to_pandas_dtype())
        rows = indices[array.offset : array.offset + len(array)].astype(np.int64)
        is_known = present(array.indices) & (rows >= 0) & (rows < len(of_values) - 1)
        return of_values[np.where(is_known, rows, len(of_values) - 1)]
    if _is_text(array.type) or _is_bytes(array.type):
        return text_sizes(as_strings(array))
    return np.full(len(array), array.nbytes // max(len(array), 1), np.int64)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def _one_chunk(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _bytes_of(array: pa.Array) -> tuple[UInt8, Int64]:
    _, offsets, data = array.buffers()
    view = np.frombuffer(data or b"", np.uint8)
    view.flags.writeable = False
    if len(array) == 0:
        return view[:0], np.zeros(1, np.int64)
    return view, np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1].copy()


def _invalid(array: pa.Array, first: int) -> list[int]:
    """Halve the array until what is not valid stands alone."""
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        if len(array) == 1:
            return [first]
        half = len(array) // 2
        return [*_invalid(array[:half], first), *_invalid(array[half:], first + half)]
    return []


@kernel()
def _is_joined(data, offsets, title_data, title_offsets):  # type: ignore[no-untyped-def]
    """Tell for each row whether there is a title with which the text does not begin."""
    joined = np.zeros(len(offsets) - 1, np.bool_)
    for row in range(len(offsets) - 1):
        text = data[offsets[row] : offsets[row + 1]]
        title = title_data[title_offsets[row] : title_offsets[row + 1]]
        joined[row] = not _begins_with(text, title)
    return joined


@kernel()
def _begins_with(text, title):  # type: ignore[no-untyped-def]
    """Tell whether a text begins with a title; any white space is like any other."""
    at, k = _behind_spaces(text, 0), _behind_spaces(title, 0)
    while k < len(title):
        behind = _behind_spaces(title, k)
        if behind > k:
            if behind == len(title):
                return True
            after = _behind_spaces(text, at)
            if after == at:
                return False
            at, k = after, behind
        elif at < len(text) and text[at] == title[k]:
            at, k = at + 1, k + 1
        else:
            return False
    return True


@kernel()
def _behind_spaces(data, at):  # type: ignore[no-untyped-def]
    """Return where the white space that begins here ends."""
    while at < len(data):
        n_bytes = _space_bytes(data, at)
        if n_bytes == 0:
            break
        at += n_bytes
    return at


@kernel()
def _space_bytes(data, at):  # type: ignore[no-untyped-def]
    """Return how many bytes of UTF-8 the white space at a byte has, 0 if there is none: as ``str.isspace``."""
    first = data[at]
    if first == 32 or 9 <= first <= 13 or 28 <= first <= 31:
        return 1
    if first == 0xC2 and at + 1 < len(data):
        return 2 if data[at + 1] in (0x85, 0xA0) else 0
    if first not in (0xE1, 0xE2, 0xE3) or at + 2 >= len(data):
        return 0
    point = (first & 0xF) << 12 | (data[at + 1] & 0x3F) << 6 | (data[at + 2] & 0x3F)
    is_space = 0x2000 <= point <= 0x200A or point in (0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
    return 3 if is_space else 0


@kernel()
def _copy(texts, titles, is_joined, joined, joined_offsets):  # type: ignore[no-untyped-def]
    """Write title, line break and text of each row, or the text alone."""
    for row in range(len(is_joined)):
        at = joined_offsets[row]
        if is_joined[row]:
            title = titles[0][titles[1][row] : titles[1][row + 1]]
            joined[at : at + len(title)] = title
            joined[at + len(title)] = 10
            at += len(title) + 1
        joined[at : joined_offsets[row + 1]] = texts[0][texts[1][row] : texts[1][row + 1]]
