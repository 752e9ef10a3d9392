"""Weights as small whole numbers: a quarter of the memory, and memory is what scoring waits for."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from framescope._types import Array, Float32, Floats, Int8, Integers

MAX_STEP = 127
POWERS = (2.0 ** (np.arange(-128, 128) / 4)).astype(np.float32)
CACHE_LINE = 64  # bytes
LANES = 16  # columns of rows come in multiples of it: the kernel adds up so many at a time


@dataclass(frozen=True, eq=False)
class Weights:
    """A weight is ``steps[feature, label] * 2 ** (exponents[feature] / 4) * scales[label]``.

    ``steps`` is (n_features, n_labels) int8, one contiguous row a feature; ``exponents`` is (n_features,) int8;
    ``scales`` is (n_labels,) float32. Features and labels differ in the size of their weights: with a scale for
    each, few decisions feel the rounding.
    """

    steps: Int8
    exponents: Int8
    scales: Float32

    @classmethod
    def narrow(cls, weights: Floats) -> Weights:
        """Round weights, (n_features, n_labels): in its row, the greatest takes about 127 steps."""
        squares = np.square(weights, dtype=np.float64).sum(axis=0)
        scales = np.sqrt(squares / max(len(weights), 1)).astype(np.float32)
        relative = weights / np.where(scales > 0, scales, 1)
        greatest = np.abs(relative).max(axis=1, initial=0) / MAX_STEP
        exponents = np.ceil(4 * np.log2(np.maximum(greatest, POWERS[0]))).clip(-128, 127).astype(np.int8)
        steps = np.rint(relative / _powers(exponents)[:, np.newaxis]).clip(-MAX_STEP, MAX_STEP)
        return cls(steps.astype(np.int8), exponents, scales)

    def of(self, column: int) -> Float32:
        """Return a label's weight of every feature: (n_features,)."""
        weights: Float32 = self.steps[:, column] * _powers(self.exponents) * self.scales[column]
        return weights

    def at(self, features: Integers, columns: Sequence[int]) -> Float32:
        """Return some labels' weights of some features: (n_features, n_columns)."""
        steps = self.steps[np.ix_(features, np.asarray(columns, np.intp))]
        weights: Float32 = steps * _powers(self.exponents[features])[:, np.newaxis] * self.scales[[*columns]]
        return weights

    def wide(self) -> Float32:
        """Return all weights: (n_features, n_labels)."""
        weights: Float32 = self.steps * _powers(self.exponents)[:, np.newaxis] * self.scales
        return weights


class Rows(NamedTuple):
    """Weights as the kernel reads them.

    ``rows`` is (n_features, n_columns) int8: the labels' steps and, at the end of a row, its feature's
    exponent, so that both come at once; ``exponents`` is a view of these. n_columns is a multiple of ``LANES``.
    """

    rows: Int8
    exponents: Int8
    scales: Float32

    @classmethod
    def pack(cls, weights: Weights) -> Rows:
        """Lay out weights; where they are mapped from a file, its pages are given back."""
        n_features, n_labels = weights.steps.shape
        n_columns = -(-(n_labels + 1) // LANES) * LANES
        rows = aligned(n_features * n_columns).reshape(n_features, n_columns)
        rows[:, :n_labels] = weights.steps
        rows[:, n_labels:] = 0
        rows[:, -1] = weights.exponents
        _give_back(weights.steps)
        return cls(rows, rows[:, -1], np.array(weights.scales))


def _give_back(array: Array) -> None:
    """Let the system have the memory of a mapped file, which is read again where it is needed."""
    base: object = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        base.madvise(mmap.MADV_DONTNEED)


def _powers(exponents: Int8) -> Float32:
    return POWERS[exponents.astype(np.int16) + 128]


def aligned(n_bytes: int, *, is_zero: bool = False) -> Int8:
    """Return so many bytes that begin where a cache line does."""
    room = (np.zeros if is_zero else np.empty)(n_bytes + CACHE_LINE, np.int8)
    first = -room.ctypes.data % CACHE_LINE
    return room[first : first + n_bytes]
