"""Feature rows in six bytes an entry instead of eight: there may be a thousand million and more of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from framescope._types import Array, Float32, Indices, Int32, Int64, UInt16
from framescope.features.growing import append
from framescope.text.kernels import kernel

MAX_VALUE = np.float32(65_535)


@dataclass(frozen=True, eq=False)
class NarrowRows:
    """Rows as CSR, indices ascending, whose values are whole numbers of 16 bits times a step of their row.

    No value is below 0. The greatest of a row is 65,535 steps, so none is off by more than a 131,070th of it.
    """

    indptr: Int64
    indices: Int32
    values: UInt16
    steps: Float32
    shape: tuple[int, int]

    @classmethod
    def join(cls, parts: Iterable[tuple[Int64, Int32, Float32]], shape: tuple[int, int]) -> Self:
        """Take successive rows as CSR, indices in any order; no part is in memory longer than its turn."""
        indptr, steps = np.zeros(shape[0] + 1, np.int64), np.empty(shape[0], np.float32)
        indices, values = np.empty(0, np.int32), np.empty(0, np.uint16)
        row = 0
        for ends, own_indices, own_values in parts:
            n_rows = len(ends) - 1
            part = sp.csr_array((own_values, own_indices, ends), shape=(n_rows, shape[1]))
            part.sort_indices()
            begin = int(indptr[row])
            indptr[row + 1 : row + len(ends)] = begin + ends[1:]
            narrowed = np.empty(len(own_values), np.uint16)
            _narrow(ends, part.data, narrowed, steps[row : row + n_rows])
            append(indices, part.indices, begin)
            append(values, narrowed, begin)
            row += n_rows
        for array in (indices, values):
            array.resize(indptr[-1], refcheck=False)
        return cls(indptr, indices, values, steps, shape)

    def __getitem__(self, rows: Indices) -> NarrowRows:
        """Return some of the rows."""
        sizes = self.indptr[rows + 1] - self.indptr[rows]
        indptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        indices, values = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.uint16)
        _take((self.indptr, self.indices, self.values), rows.astype(np.int64), (indptr, indices, values))
        return NarrowRows(indptr, indices, values, self.steps[rows], (len(rows), self.shape[1]))

    def first(self, n_rows: int) -> NarrowRows:
        """Return a view of the first rows."""
        end, shape = self.indptr[n_rows], (n_rows, self.shape[1])
        kept = self.indices[:end], self.values[:end], self.steps[:n_rows]
        return NarrowRows(self.indptr[: n_rows + 1], *kept, shape)

    def wide(self) -> sp.csr_array:
        """Return the rows with values of single precision."""
        values = self.values * np.repeat(self.steps, np.diff(self.indptr))
        return sp.csr_array((values, self.indices, self.indptr), shape=self.shape)


FeatureMatrix = sp.csr_array | NarrowRows
"""Features of units, (n_units, n_features)."""


def wide(features: FeatureMatrix) -> sp.csr_array:
    """Return features with values of single precision."""
    return features.wide() if isinstance(features, NarrowRows) else features


def first_rows(features: FeatureMatrix, n_rows: int) -> FeatureMatrix:
    """Return a view of the first rows."""
    if isinstance(features, NarrowRows):
        return features.first(n_rows)
    end = features.indptr[n_rows]
    own = (features.data[:end], features.indices[:end], features.indptr[: n_rows + 1])
    return sp.csr_array(own, shape=(n_rows, features.shape[1]))


def entries(features: FeatureMatrix) -> tuple[Int64, Int32, Array, Float32]:
    """Return features as kernels read them: indptr, indices, values, and what each row's are multiplied by.

    Only the ends of the rows are copied.
    """
    if isinstance(features, NarrowRows):
        return features.indptr, features.indices, features.values, features.steps
    steps = np.ones(features.shape[0], np.float32)
    return features.indptr.astype(np.int64), features.indices, features.data, steps


@kernel()
def _narrow(indptr, values, narrowed, steps):  # type: ignore[no-untyped-def]
    """Write the values of each row as multiples of its step, and the step."""
    for row in range(len(indptr) - 1):
        greatest = np.float32(0)
        for k in range(indptr[row], indptr[row + 1]):
            greatest = max(greatest, values[k])
        steps[row] = greatest / MAX_VALUE
        for k in range(indptr[row], indptr[row + 1]):
            narrowed[k] = np.uint16(min(np.rint(values[k] / steps[row]), MAX_VALUE))


@kernel()
def _take(source, rows, target):  # type: ignore[no-untyped-def]
    """Copy some rows."""
    indptr, indices, values = source
    new_indptr, new_indices, new_values = target
    for k in range(len(rows)):
        at = new_indptr[k]
        for place in range(indptr[rows[k]], indptr[rows[k] + 1]):
            new_indices[at], new_values[at] = indices[place], values[place]
            at += 1
