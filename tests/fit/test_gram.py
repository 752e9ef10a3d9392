"""The Gram matrix, whichever way a feature goes."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from framescope.fit import gram
from framescope.fit.gram import DENSE_SHARE, linear_gram


@pytest.fixture
def features() -> sp.csr_array:
    """64 rows: five features in every other row, thirty in one or two of them, one in none."""
    rng = np.random.default_rng(5)
    dense = rng.random((64, 36))
    dense[:, :5] *= rng.random((64, 5)) < 0.5
    dense[:, 5:35] *= rng.random((64, 30)) < 1 / 64
    dense[:, 35] = 0
    return sp.csr_array(dense.astype(np.float32))


@pytest.mark.parametrize("dense_columns", [1, 2, 4096])
def test_gram_is_the_product_of_rows(
    features: sp.csr_array, monkeypatch: pytest.MonkeyPatch, dense_columns: int
) -> None:
    """Both parts have features, and the dense one may take several blocks."""
    monkeypatch.setattr(gram, "DENSE_COLUMNS", dense_columns)
    shares = np.diff(features.tocsc().indptr) / 64
    assert 0 < (shares > DENSE_SHARE).sum() < 36
    rows = features.toarray().astype(np.float64)
    found = linear_gram(features)
    assert (found.dtype, found.shape) == (np.float64, (64, 64))
    np.testing.assert_allclose(found, rows @ rows.T, atol=1e-6)


@pytest.mark.parametrize("columns", [slice(0, 5), slice(5, 36), slice(35, 36)], ids=["dense", "sparse", "none"])
def test_one_part_may_be_empty(features: sp.csr_array, columns: slice) -> None:
    part = features[:, columns]
    rows = part.toarray().astype(np.float64)
    np.testing.assert_allclose(linear_gram(part), rows @ rows.T, atol=1e-6)


def test_a_frequent_feature_goes_the_dense_way(features: sp.csr_array, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than 2 of 64 rows: a sparse product would take time with the square of that."""
    widths = []
    toarray = sp.csc_array.toarray

    def record(self: sp.csc_array) -> np.ndarray:
        widths.append(self.shape[1])
        return toarray(self)

    monkeypatch.setattr(sp.csc_array, "toarray", record)
    linear_gram(features)
    assert widths == [int((np.diff(features.tocsc().indptr) > 2).sum())]
