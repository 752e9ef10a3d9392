"""Ridge regression for any number of units: coordinate descent in the dual, on up to 32 labels at once.

With K = X X' + 1 (the 1 is the intercept's share), the dual weights solve (K + R) alpha = Y. R has the penalty
of each unit on its diagonal: the penalty over the unit's weight. A sweep goes through the units in random order
and sets the dual weights of each to what solves its own row, while W = X' alpha and the intercept follow:

    residual_i = y_i - x_i W - intercept - R_i alpha_i,  alpha_i += residual_i / (|x_i|^2 + 1 + R_i)

A sweep reads the features twice. However many units there are, the error falls by a share that depends on the
penalty alone, about 0.45 at 1 and 0.2 at 0.3; conjugate gradients need more steps the more units there are.
The order of the units is the seed's, and one thread goes through it: the same bits on any number of cores.

Source: Shalev-Shwartz and Zhang (2013), Stochastic dual coordinate ascent methods for regularized loss
minimization.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from framescope._types import Array, BoolArray, Float32, Float64, Indices
from framescope.features.narrow import FeatureMatrix, entries
from framescope.text.kernels import kernel

MAX_LABELS = 32
LANES = 8  # labels are padded to a multiple: a kernel takes as many at a time
LINE_BYTES = 64  # a row of weights that straddles the processor's cache lines takes a seventh longer
TOLERANCE = 3e-2
MAX_SWEEPS = 100
N_NEW_SWEEPS = 10  # at most, through the units of which a start knows nothing, or something else


class FeatureRows(NamedTuple):
    """Features (n_units, n_features) as the kernels read them: CSR, whose arrays are views.

    A unit's values are these times its step.
    """

    indptr: Array
    indices: Array
    values: Array
    steps: Float32
    n_features: int

    @classmethod
    def of(cls, features: FeatureMatrix) -> FeatureRows:
        """View a matrix; only the ends of its rows are copied."""
        return cls(*entries(features), features.shape[1])


@dataclass(frozen=True)
class Solution:
    """A fit to some labels: weights (n_features, width), intercept (width,), dual weights (n_units, width).

    ``width`` is the number of labels and what they are padded with.
    """

    weights: Float32
    intercept: Float64
    alpha: Float32

    @classmethod
    def of(cls, features: FeatureRows, alpha: Float32) -> Solution:
        """Return the solution with these dual weights."""
        weights = _aligned((features.n_features, alpha.shape[1]))
        _take_out(features, np.flatnonzero(alpha.any(axis=1)), -alpha, weights)
        return cls(weights, alpha.sum(axis=0, dtype=np.float64), alpha)

    def without(self, features: FeatureRows, rows: Indices) -> Solution:
        """Return what is left without some units' share: where a fit without them starts."""
        weights, alpha = _copy(self.weights), self.alpha.copy()
        intercept = self.intercept - alpha[rows].sum(axis=0, dtype=np.float64)
        _take_out(features, rows, alpha, weights)
        alpha[rows] = 0
        return Solution(weights, intercept, alpha)

    def margins(self, features: FeatureRows, rows: Indices) -> Float32:
        """Return the margins of some units: (n_rows, width)."""
        margins = np.empty((len(rows), self.weights.shape[1]), np.float32)
        _add_products(features, rows, self.weights, self.intercept, margins)
        return margins


def descend(  # noqa: PLR0913 - what is fitted, and from where to where
    features: FeatureRows,
    targets: Float32,
    penalties: Float32,
    *,
    rows: Indices,
    seed: int = 0,
    start: Solution | None = None,
    changed: BoolArray | None = None,
    tolerance: float | None = None,
) -> Solution:
    """Fit the units of ``rows`` until what is left of the targets is small, or for :data:`MAX_SWEEPS`.

    Args:
        features: of all units.
        targets: (n_units, width), as from :func:`padded`.
        penalties: (n_units,), above 0.
        rows: the units to fit.
        seed: of the order of the units.
        start: a solution in which the other units have no share, at any penalty; it is not changed.
        changed: which units have other targets than those of the start, (n_units,). A few sweeps go through
            these, and those that have no share of the start, before all units come.
        tolerance: the share of the targets' norm that may be left; None for :data:`TOLERANCE`.
    """
    width = targets.shape[1]
    if start is None:
        weights = _aligned((features.n_features, width))
        intercept, alpha = np.zeros(width), np.zeros(targets.shape, np.float32)
    else:
        weights, intercept, alpha = _copy(start.weights), start.intercept.copy(), start.alpha.copy()
    rng = np.random.default_rng(seed)
    enough = (tolerance or TOLERANCE) ** 2 * np.square(targets[rows]).sum(dtype=np.float64)
    step = np.empty(width, np.float32)
    is_new = ~alpha[rows].any(axis=1)
    if changed is not None:
        is_new |= changed[rows]
    new = rows[is_new] if start is not None and not is_new.all() else rows[:0]
    for units, most, little in ((new, N_NEW_SWEEPS, enough / 4), (rows, MAX_SWEEPS, enough)):
        for _ in range(most if len(units) else 0):
            left = np.zeros(width)
            order = rng.permutation(units)
            _sweep(features, (targets, penalties, order), (weights, intercept, alpha), step, left)
            if left.sum() <= little:
                break
    return Solution(weights, intercept, alpha)


def label_blocks(n_labels: int) -> list[slice]:
    """Return successive labels that are fitted at once, :data:`MAX_LABELS` at most, about equally many each."""
    n_blocks = max(1, -(-n_labels // MAX_LABELS))
    ends = [n_labels * k // n_blocks for k in range(n_blocks + 1)]
    return [slice(first, end) for first, end in pairwise(ends)]


def padded(truth: Array) -> Float32:
    """Return truth as targets, (n_units, width) float32, with columns of 0 at the end."""
    n_units, n_labels = truth.shape
    targets = np.zeros((n_units, -(-n_labels // LANES) * LANES), np.float32)
    targets[:, :n_labels] = truth
    return targets


def _aligned(shape: tuple[int, int]) -> Float32:
    """Return zeros, the first at the beginning of a cache line."""
    n_values, n_spare = shape[0] * shape[1], LINE_BYTES // 4
    room = np.zeros(n_values + n_spare, np.float32)
    first = -room.ctypes.data % LINE_BYTES // 4
    return room[first : first + n_values].reshape(shape)


def _copy(weights: Float32) -> Float32:
    copied = _aligned((weights.shape[0], weights.shape[1]))
    copied[:] = weights
    return copied


# The loops over labels have no constant number of turns: unrolled, they would not be vectorized.


@kernel()
def _sweep(features, problem, solution, step, left):  # type: ignore[no-untyped-def]
    """Go through the units of ``order`` once; add to ``left`` the squares of what each found unexplained."""
    targets, penalties, order = problem
    weights, intercept, alpha = solution
    for unit in order:
        diagonal = _add_row(features, unit, weights, intercept, step) + np.float32(1) + penalties[unit]
        for label in range(len(step)):
            residual = targets[unit, label] - step[label] - penalties[unit] * alpha[unit, label]
            left[label] += residual * residual
            step[label] = residual / diagonal
            alpha[unit, label] += step[label]
            intercept[label] += step[label]
        unit_step = features.steps[unit]
        for k in range(features.indptr[unit], features.indptr[unit + 1]):
            row, value = weights[np.uint32(features.indices[k])], unit_step * np.float32(features.values[k])
            for label in range(len(step)):
                row[label] += value * step[label]


@kernel()
def _add_row(features, unit, weights, intercept, total):  # type: ignore[no-untyped-def]
    """Write a unit's margins to ``total``, four features at a time; return the square of its length."""
    indices, values = features.indices, features.values
    begin, end = features.indptr[unit], features.indptr[unit + 1]
    for label in range(len(total)):
        total[label] = np.float32(intercept[label])
    square, unit_step = np.float32(0), features.steps[unit]
    end_of_fours = begin + (end - begin & ~3)
    for k in range(begin, end_of_fours, 4):
        row0, row1 = weights[np.uint32(indices[k])], weights[np.uint32(indices[k + 1])]
        row2, row3 = weights[np.uint32(indices[k + 2])], weights[np.uint32(indices[k + 3])]
        value0, value1 = unit_step * np.float32(values[k]), unit_step * np.float32(values[k + 1])
        value2, value3 = unit_step * np.float32(values[k + 2]), unit_step * np.float32(values[k + 3])
        square += value0 * value0 + value1 * value1 + value2 * value2 + value3 * value3
        for label in range(len(total)):
            total[label] += (
                value0 * row0[label] + value1 * row1[label] + value2 * row2[label] + value3 * row3[label]
            )
    for k in range(end_of_fours, end):
        row, value = weights[np.uint32(indices[k])], unit_step * np.float32(values[k])
        square += value * value
        for label in range(len(total)):
            total[label] += value * row[label]
    return square


@kernel()
def _add_products(features, rows, weights, intercept, margins):  # type: ignore[no-untyped-def]
    for k in range(len(rows)):
        _add_row(features, rows[k], weights, intercept, margins[k])


@kernel()
def _take_out(features, rows, alpha, weights):  # type: ignore[no-untyped-def]
    for unit in rows:
        unit_step = features.steps[unit]
        for k in range(features.indptr[unit], features.indptr[unit + 1]):
            row, value = weights[np.uint32(features.indices[k])], unit_step * np.float32(features.values[k])
            for label in range(alpha.shape[1]):
                row[label] -= value * alpha[unit, label]
