"""Arrow text columns: joined as :func:`full_text` joins, checked row by row."""

from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framescope.errors import TextError
from framescope.text.arrow import as_strings, invalid_rows, join, numbers, present, strings, text_sizes
from framescope.text.article import full_text

SPACES = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()]
TEXT = st.text(alphabet="aя😀\n\0 \u00a0", max_size=4)


@given(st.lists(st.tuples(st.none() | TEXT, TEXT), max_size=8), st.integers(0, 3))
def test_joined_as_in_training(rows: list[tuple[str | None, str]], first: int) -> None:
    """Whatever the titles, and in a slice of an array, too."""
    titles, texts = (strings([row[k] for row in rows])[first:] for k in (0, 1))
    joined = join(titles, texts)
    found = [
        joined.data[begin:end].tobytes().decode()
        for begin, end in zip(joined.offsets[:-1], joined.offsets[1:], strict=True)
    ]
    assert found == [full_text(*row) for row in rows[first:]]
    alone = join(None, texts)
    assert np.diff(alone.offsets).tolist() == [len(text.encode()) for _, text in rows[first:]]


def test_all_white_space_counts_alike_in_titles() -> None:
    """What Python calls white space, and nothing else: each alone, and each of its neighbours."""
    near = {chr(ord(space) + step) for space in SPACES for step in (-1, 0, 1) if ord(space) + step > 0}
    titles, texts = ["нов блок"] * len(near), [f"нов{sign}блок" for sign in sorted(near)]
    joined = join(strings(titles), strings(texts))
    sizes = np.diff(joined.offsets) > np.array([len(text.encode()) for text in texts])
    assert sizes.tolist() == [not sign.isspace() for sign in sorted(near)]
    assert list(joined) == [full_text(*row) for row in zip(titles, texts, strict=True)]


@given(st.lists(st.none() | TEXT | st.just(b"\xff"), max_size=9), st.integers(0, 3))
def test_invalid_rows_are_found_in_any_slice(values: list[str | bytes | None], first: int) -> None:
    array = strings(values)[first:]
    assert invalid_rows(array) == [row for row, value in enumerate(values[first:]) if value == b"\xff"]
    assert present(array).tolist() == [value is not None for value in values[first:]]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array(["я", None]), ["я", None]),
        (pa.array(["я", None], pa.string_view()), ["я", None]),
        (pa.array(["я", None, "я"]).dictionary_encode(), ["я", None, "я"]),
        (pa.array([b"\xd1\x8f", None]), ["я", None]),
        (pa.array([7, None]), ["7", None]),
        (pa.array([None]), [None]),
        (pa.chunked_array([["a"], ["b"]]), ["a", "b"]),
        (pa.chunked_array([], pa.string()), []),
    ],
)
def test_columns_of_any_text_type(column: pa.Array, expected: list[str | None]) -> None:
    found = as_strings(column)
    assert found.type == pa.large_string()
    assert found.to_pylist() == expected


def test_other_columns_are_refused() -> None:
    with pytest.raises(TextError, match="expected strings, found double"):
        as_strings(pa.array([1.5]))
    offsets = pa.py_buffer(np.array([0, 1, 9, 1], np.int64))
    array = pa.Array.from_buffers(pa.large_string(), 3, [None, offsets, pa.py_buffer(b"a")])
    assert invalid_rows(array) == [1, 2]


def test_sizes_are_in_bytes() -> None:
    assert text_sizes(strings(["я", "", None, "ab"])).tolist() == [2, 0, 0, 2]
    assert numbers(np.arange(6)[::2]).to_pylist() == [0, 2, 4]
