"""The Gram matrix of sparse features."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from framescope._types import Float64

DENSE_SHARE = 1 / 32
DENSE_COLUMNS = 4096


def linear_gram(features: sp.csr_array) -> Float64:
    """Return features @ features.T: (n, n) float64.

    A sparse product takes time with the square of a feature's frequency. So the features of many units are
    multiplied as dense blocks, the rest as sparse ones.
    """
    is_dense = np.bincount(features.indices, minlength=features.shape[1]) > DENSE_SHARE * features.shape[0]
    by_column = features.tocsc()
    sparse = by_column[:, ~is_dense].tocsr()
    gram = np.asarray((sparse @ sparse.T).toarray(), dtype=np.float64)
    frequent = by_column[:, is_dense]
    for first in range(0, frequent.shape[1], DENSE_COLUMNS):
        block = frequent[:, first : first + DENSE_COLUMNS].toarray()
        gram += block @ block.T
    return gram
