"""Rows of 16-bit values: what is rounded, what is not, and that they are the same features."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from framescope.features.narrow import NarrowRows, entries, first_rows, wide
from framescope.features.vectorizer import NgramVectorizer
from framescope.text.utf8 import Utf8Texts

TEXTS = ["Съюзът на изток печели.", "", "Западът губи, съюзът печели!", "The west is losing. हिन"]

PARTS = [
    (np.array([0, 2, 2]), np.array([3, 1], np.int32), np.array([0.5, 0.25], np.float32)),
    (np.array([0, 1]), np.array([0], np.int32), np.array([2.0], np.float32)),
]


def joined() -> NarrowRows:
    return NarrowRows.join(PARTS, (3, 4))


def test_a_value_is_a_number_of_steps_of_its_row() -> None:
    """The greatest of a row is 65,535 steps; half of it, 32,767.5, is rounded to an even number."""
    rows = joined()
    assert rows.indptr.tolist() == [0, 2, 2, 3]
    assert rows.indices.tolist() == [1, 3, 0]
    assert rows.values.tolist() == [32768, 65535, 65535]
    assert rows.steps.tolist() == [np.float32(0.5) / np.float32(65535), 0, np.float32(2) / np.float32(65535)]
    assert rows.values.dtype == np.uint16
    assert rows.wide().toarray() == pytest.approx(
        np.array([[0, 0.25, 0, 0.5], [0, 0, 0, 0], [2, 0, 0, 0]]), rel=2e-5
    )


def test_rows_are_taken_in_any_order_and_the_first_are_a_view() -> None:
    rows = joined()
    taken = rows[np.array([2, 0])]
    assert taken.shape == (2, 4)
    assert taken.wide().toarray().tolist() == rows.wide().toarray()[[2, 0]].tolist()
    first = rows.first(1)
    assert first.values.base is not None
    assert first.wide().toarray().tolist() == rows.wide().toarray()[:1].tolist()


def test_a_matrix_of_scipy_has_steps_of_1() -> None:
    matrix = sp.csr_array(np.array([[0, 0.5], [0.25, 0]], np.float32))
    indptr, indices, values, steps = entries(matrix)
    assert (indptr.tolist(), indices.tolist(), values.tolist()) == ([0, 1, 2], [1, 0], [0.5, 0.25])
    assert steps.tolist() == [1, 1]
    assert wide(matrix) is matrix
    assert first_rows(matrix, 1).toarray().tolist() == [[0, 0.5]]


def test_they_are_the_features_of_the_texts() -> None:
    """Each value is off by a 131,070th of the row's greatest at most, and several parts are as one."""
    vectorizer = NgramVectorizer(min_df=1).fit(TEXTS)
    exact = vectorizer.transform(TEXTS)
    rows = vectorizer.features_of([Utf8Texts.encode(TEXTS[:1]), Utf8Texts.encode(TEXTS[1:])], narrow=True)
    assert isinstance(rows, NarrowRows)
    assert rows.indices.tolist() == exact.indices.tolist()
    off = np.abs(rows.wide().toarray() - exact.toarray()).max(axis=1)
    assert (off <= exact.toarray().max(axis=1) / 131_000).all()
    parts = vectorizer.features_of([Utf8Texts.encode(TEXTS[:1]), Utf8Texts.encode(TEXTS[1:])])
    assert (parts != exact).nnz == 0
