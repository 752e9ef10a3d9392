"""Pairs of sparse unit vectors with a cosine above a threshold, without trying every pair.

The columns of a vector run from the rarest to the commonest. What two vectors share begins with their rarest
shared column; by Cauchy-Schwarz their cosine is at most the product of the norms of both from there on.
So two vectors are compared only where they meet in a column with a product above the threshold, and only until
neither has enough left to come above it.
Source: Bayardo et al., Scaling Up All Pairs Similarity Search, WWW 2007.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from framescope._types import Float32, Float64, Int32, Int64
from framescope.text.kernels import kernel

MARGIN = 1e-6  # of single precision


class _Vectors(NamedTuple):
    """CSR rows, columns ascending; ``norms`` holds the norm of each row from an entry on."""

    indptr: Int64
    indices: Int32
    values: Float32
    norms: Float64


class _Index(NamedTuple):
    """The rows that have a column, ascending, column after column, and their norms from it on."""

    starts: Int64
    rows: Int32
    norms: Float64


def pairs_above(vectors: sp.csr_matrix, threshold: float, max_pairs: int) -> Int32:
    """Return pairs of rows with a cosine above ``threshold``, the smaller first, in order: (n_pairs, 2).

    The search ends when it has found ``max_pairs``.
    """
    rows = _Vectors(vectors.indptr.astype(np.int64), vectors.indices, vectors.data, _norms_from(vectors))
    found: Int32 = _search(rows, _index(rows, vectors.shape[1], threshold), threshold, max_pairs)
    return found[np.lexsort(found.T[::-1])]


def _norms_from(vectors: sp.csr_matrix) -> Float64:
    """Return the norm of each row from each of its entries on: (n_entries,)."""
    squares = np.concatenate([[0.0], np.cumsum(vectors.data.astype(np.float64) ** 2)])
    row_ends = np.repeat(squares[vectors.indptr[1:]], np.diff(vectors.indptr))
    return np.asarray(np.sqrt(np.maximum(row_ends - squares[:-1], 0.0)))


def _index(rows: _Vectors, n_columns: int, threshold: float) -> _Index:
    """Return where each column occurs among the entries from which on a row has a norm above the threshold."""
    entries = np.flatnonzero(rows.norms > threshold - MARGIN)
    columns = rows.indices[entries]
    order = np.argsort(columns, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(columns, minlength=n_columns))])
    row_of = np.searchsorted(rows.indptr, entries[order], side="right") - 1
    return _Index(starts.astype(np.int64), row_of.astype(np.int32), rows.norms[entries[order]])


@kernel()
def _search(rows, index, threshold, max_pairs):  # type: ignore[no-untyped-def]
    """Return the pairs, the larger row ascending."""
    least = threshold - MARGIN
    pairs, n_pairs = np.empty((1024, 2), np.int32), 0
    compared_with = np.full(len(rows.indptr) - 1, -1, np.int32)
    for row in range(len(rows.indptr) - 1):
        for entry in range(rows.indptr[row], rows.indptr[row + 1]):
            norm, column = rows.norms[entry], rows.indices[entry]
            if norm <= least:
                break
            for k in range(index.starts[column], index.starts[column + 1]):
                other = index.rows[k]
                if other >= row:
                    break
                if norm * index.norms[k] <= least or compared_with[other] == row:
                    continue
                compared_with[other] = row
                if _cosine(rows, entry, rows.indptr[row + 1], other, least) > threshold:
                    if n_pairs == len(pairs):
                        pairs = np.concatenate((pairs, np.empty_like(pairs)))
                    pairs[n_pairs, 0], pairs[n_pairs, 1] = other, row
                    n_pairs += 1
                    if n_pairs == max_pairs:
                        return pairs[:n_pairs].copy()
    return pairs[:n_pairs].copy()


@kernel()
def _cosine(rows, one, end_of_one, other_row, least):  # type: ignore[no-untyped-def]
    """Return the product of the rest of a row with another row, 0 as soon as it cannot come above ``least``."""
    other, end_of_other = rows.indptr[other_row], rows.indptr[other_row + 1]
    total = 0.0
    while one < end_of_one and other < end_of_other:
        if rows.indices[one] < rows.indices[other]:
            one += 1
        elif rows.indices[one] > rows.indices[other]:
            other += 1
        else:
            if total + rows.norms[one] * rows.norms[other] <= least:
                return 0.0
            total += np.float64(rows.values[one]) * rows.values[other]
            one += 1
            other += 1
    return total
