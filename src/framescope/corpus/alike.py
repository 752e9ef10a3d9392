"""Pairs of sparse unit vectors with a cosine above a threshold, without trying every pair.

The columns of a vector run from the rarest to the commonest. A vector's rare part is what comes before a rest
with a norm of at most s. Of two vectors, let x be the one whose rest begins earlier. What the product misses
when only the rare parts meet are columns of the rest of x; by Cauchy-Schwarz they contribute s at most. So the
rare parts alone have a product above the threshold less s, and rare columns are short.

Among very many vectors the rare parts hold only columns that few vectors have: time then grows with the number
of vectors, not with the square of it.
Source: Bayardo et al., Scaling Up All Pairs Similarity Search, WWW 2007.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from framescope._types import Float32, Int32, Int64
from framescope.text.kernels import kernel

MAX_REST = 0.6
"""Norm of the commonest columns of a vector that are left out of the search, at most."""
LEAST_PRODUCT = 0.1
"""What the rare parts must have as a product for a pair to be looked at: without it, most pairs would be."""
MARGIN = 1e-6  # of single precision
MANY_ROWS = 20_000
MAX_MEETING = 300
"""Vectors, of more than :data:`MANY_ROWS`, that a column may have and still be part of the rare ones."""


class _Vectors(NamedTuple):
    """CSR rows, columns ascending, and how many columns, the rarest, are searched."""

    indptr: Int64
    indices: Int32
    values: Float32
    n_searched: int


class _Index(NamedTuple):
    """The rows that have a column in their rare part, ascending, column after column, and their values.

    ``ends`` tells how far a column is filled.
    """

    starts: Int64
    ends: Int64
    rows: Int32
    values: Float32


def pairs_above(
    vectors: sp.csr_matrix, threshold: float, max_pairs: int | None = None
) -> tuple[Int32, Float32]:
    """Return pairs of rows with a cosine above ``threshold``, and the cosines.

    Pairs are (n_pairs, 2), the smaller row first, in order. The search ends when it has found ``max_pairs``.
    Of more than 20,000 rows, those are no pair that have next to nothing in common but columns of more than
    300 rows.
    """
    n_rows, n_columns = vectors.shape
    frequency = np.bincount(vectors.indices, minlength=n_columns)
    few = np.searchsorted(frequency, MAX_MEETING, side="right") if n_rows > MANY_ROWS else n_columns
    rows = _Vectors(vectors.indptr.astype(np.int64), vectors.indices, vectors.data, int(few))
    starts = np.concatenate([[0], np.cumsum(frequency[:few])]).astype(np.int64)
    room = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.float32)
    index = _Index(starts, starts[:-1].copy(), *room)
    rest = max(min(MAX_REST, threshold - LEAST_PRODUCT), 0.0)
    most = np.iinfo(np.int64).max if max_pairs is None else max_pairs
    found, cosines = _search(rows, index, (threshold, rest), most)
    order = np.lexsort(found.T[::-1])
    return found[order], cosines[order]


@kernel()
def _search(rows, index, limits, max_pairs):  # type: ignore[no-untyped-def]
    """Return the pairs, the larger row ascending, and their cosines; the index is filled on the way."""
    threshold, rest = limits
    n_rows = len(rows.indptr) - 1
    pairs, cosines, n_pairs = np.empty((1024, 2), np.int32), np.empty(1024, np.float32), 0
    products, rests = np.zeros(n_rows, np.float32), np.zeros(n_rows, np.float32)
    least, touched = min(threshold, LEAST_PRODUCT), np.empty(n_rows, np.int32)
    for row in range(n_rows):
        end, rests[row] = _rare_part(rows, row, rest)
        n_touched = _meet(rows, row, end, index, (products, touched))
        for k in range(n_touched):
            other = touched[k]
            missing = max(np.float64(rests[row]) * rests[other], rest)
            is_near = products[other] > max(threshold - missing, least) - MARGIN
            products[other] = 0
            cosine = _cosine(rows, row, other) if is_near and n_pairs < max_pairs else 0.0
            if cosine > threshold:
                if n_pairs == len(pairs):
                    pairs = np.concatenate((pairs, np.empty_like(pairs)))
                    cosines = np.concatenate((cosines, np.empty_like(cosines)))
                pairs[n_pairs, 0], pairs[n_pairs, 1], cosines[n_pairs] = other, row, cosine
                n_pairs += 1
        if n_pairs == max_pairs:
            break
    return pairs[:n_pairs].copy(), cosines[:n_pairs].copy()


@kernel()
def _rare_part(rows, row, rest):  # type: ignore[no-untyped-def]
    """Return where the rare part of a row ends, and the norm of what follows."""
    end, square = rows.indptr[row + 1], 0.0
    while end > rows.indptr[row]:
        value = np.float64(rows.values[end - 1])
        if rows.indices[end - 1] < rows.n_searched and square + value * value > rest * rest:
            break
        square += value * value
        end -= 1
    return end, np.float32(np.sqrt(square))


@kernel()
def _meet(rows, row, end, index, met):  # type: ignore[no-untyped-def]
    """Multiply the rare part of a row with those of earlier rows, and add it to the index.

    Return how many earlier rows have a product now; ``touched`` names them.
    """
    products, touched = met
    n_touched = 0
    for entry in range(rows.indptr[row], end):
        column, value = rows.indices[entry], rows.values[entry]
        for k in range(index.starts[column], index.ends[column]):
            other = index.rows[k]
            if products[other] == 0:
                touched[n_touched] = other
                n_touched += 1
            products[other] += value * index.values[k]
        index.rows[index.ends[column]], index.values[index.ends[column]] = row, value
        index.ends[column] += 1
    return n_touched


@kernel()
def _cosine(rows, one_row, other_row):  # type: ignore[no-untyped-def]
    one, end_of_one = rows.indptr[one_row], rows.indptr[one_row + 1]
    other, end_of_other = rows.indptr[other_row], rows.indptr[other_row + 1]
    total = 0.0
    while one < end_of_one and other < end_of_other:
        if rows.indices[one] < rows.indices[other]:
            one += 1
        elif rows.indices[one] > rows.indices[other]:
            other += 1
        else:
            total += np.float64(rows.values[one]) * rows.values[other]
            one += 1
            other += 1
    return total
