"""Fitting the second stage: from left-out margins to calibrated probabilities.

Articles of a feed, which carry no label, enter with a small weight. Where many of the labelled articles have no
label, they change little; where all have one, they alone show what an article without a label scores.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from framescope._types import BoolArray, Float32, Float64, Floats, Indices, Int32
from framescope.model.calibration import N_TERMS, Calibration, Link, terms
from framescope.model.calibration_kernels import logit

PENALTY = 0.1
ROWS_AT_A_TIME = 1 << 13
MAX_CELLS = 500_000  # many times what a dozen coefficients need
ROUNDING = 1e-12  # a column that varies by less than this share of its values is constant
FEED_SHARE = 0.2  # all articles of a feed count this share of the labelled ones
PRIOR_ONLY = np.array([0.0, 0.0, 1.0, *[0.0] * (N_TERMS - 3)])


def label_prior(truth: BoolArray, in_scope: BoolArray | None = None) -> Float64:
    """Return each label's share of the units in its scope, (n_labels,), half a unit away from 0 and 1.

    A label in whose scope no unit is counts as one that no unit has.
    """
    n_units = np.full(truth.shape[1], len(truth)) if in_scope is None else in_scope.sum(axis=0)
    n_true = truth.sum(axis=0) if in_scope is None else (truth & in_scope).sum(axis=0)
    return np.asarray((n_true + 0.5) / (np.where(n_units > 0, n_units, len(truth)) + 1.0))


@dataclass(frozen=True, eq=False)
class FeedMargins:
    """Articles of a feed, which carry no label: left-out margins and scope, both (n_articles, n_labels)."""

    margins: Floats
    in_scope: BoolArray | None = None

    def __getitem__(self, rows: Indices | BoolArray) -> FeedMargins:
        """Return some of the articles."""
        return FeedMargins(self.margins[rows], None if self.in_scope is None else self.in_scope[rows])


def feed_weights(n_labelled: int, n_feed: int) -> Float64:
    """Return the weights of labelled articles and then those of a feed."""
    return np.repeat([1.0, FEED_SHARE * n_labelled / max(n_feed, 1)], [n_labelled, n_feed])


def fit_calibration(  # noqa: PLR0913 - what is known of the cells comes in arrays side by side
    margins: Floats,
    truth: BoolArray,
    *,
    parents: Int32,
    link: Link,
    in_scope: BoolArray | None = None,
    start: Calibration | None = None,
    feed: FeedMargins | None = None,
    likeness: Float32 | None = None,
) -> Calibration:
    """Fit one logistic regression to all cells, (n_units, n_labels) of margins from fits without the unit.

    Cells that are not ``in_scope`` are left out. Where every cell is true, or none, there is nothing to tell
    apart: every label gets its prior. ``start``, a calibration of nearly the same units, saves most of the
    steps and leaves the result where it is. Articles of a ``feed`` are no part of the prior. ``likeness``, of
    the margins' shape, tells how far units resemble the labels' descriptions; there is none with a feed.

    A second regression, over the cells of parents, weighs a parent's probability and that of its most probable
    child.
    """
    prior_only = PRIOR_ONLY if likeness is None else np.append(PRIOR_ONLY, 0.0)
    blank = Calibration(prior_only, label_prior(truth, in_scope), link)
    cells = _cells(truth, in_scope)
    if truth.ravel()[cells].all() or not truth.ravel()[cells].any():
        return blank
    weights = np.ones(len(truth))
    if feed is not None:
        none = np.zeros(feed.margins.shape, bool)
        weights = feed_weights(len(margins), len(none))
        cells = np.append(cells, _cells(none, feed.in_scope))
        margins, truth = np.vstack([margins, feed.margins]), np.vstack([truth, none])
    counted, of_cells = _sample(cells, truth, weights)
    start_at = None if start is None else start.coefficients
    columns = _columns(margins, counted, parents, blank, likeness)
    coefficients = _fit_log_odds(columns, truth.ravel()[counted], of_cells, start=start_at)
    stage = Calibration(coefficients, blank.prior, link)
    alone = stage.each_alone(margins, parents, in_scope=cells.reshape(truth.shape), likeness=likeness)
    return replace(stage, of_parents=_fit_parents(alone, truth, weights, parents))


def _fit_parents(
    alone: Float32, truth: BoolArray, weights: Float64, parents: Int32
) -> tuple[float, float, float] | None:
    """Return the coefficients of :func:`framescope.model.calibration_kernels.calibrate_parents`.

    ``alone`` are the probabilities before parents and children are brought together. None where no label has
    children, or there is nothing to tell apart.
    """
    best = np.zeros_like(alone)
    for child in np.flatnonzero(parents >= 0):
        np.maximum(best[:, parents[child]], alone[:, child], out=best[:, parents[child]])
    cells = ((best > 0) & (alone > 0)).ravel()
    if truth.ravel()[cells].all() or not truth.ravel()[cells].any():
        return None
    counted, of_cells = _sample(cells, truth, weights)
    known = (logit(each.ravel()[counted]) for each in (alone, best))
    columns = np.column_stack([np.ones(len(of_cells)), *known])
    constant, own, of_child = _fit_log_odds(columns, truth.ravel()[counted], of_cells).tolist()
    return constant, own, of_child


def _fit_log_odds(
    columns: Float64, is_true: BoolArray, weights: Float64, *, start: Float64 | None = None
) -> Float64:
    """Return the coefficients of columns in the log-odds, kept small in units of each column's spread."""
    scale = columns.std(axis=0)
    scale[scale <= ROUNDING * np.abs(columns).max(axis=0)] = 1.0
    stage = LogisticRegression(
        C=1 / PENALTY, fit_intercept=False, solver="newton-cholesky", max_iter=200, tol=1e-6, warm_start=True
    )
    if start is not None:
        stage.coef_ = (start * scale)[np.newaxis]
    stage.fit(columns / scale, is_true, weights)
    return np.asarray(stage.coef_[0] / scale)


def _sample(cells: BoolArray, truth: BoolArray, weights: Float64) -> tuple[BoolArray, Float64]:
    """Return which of the marked cells to fit to, and what each of them counts.

    All, or all true ones and so many others, at random, that there are about :data:`MAX_CELLS`; then those that
    are kept count for those that are not.
    """
    is_true, of_cells = truth.ravel()[cells], np.repeat(weights, truth.shape[1])[cells]
    n_true = int(is_true.sum())
    share = max(MAX_CELLS - n_true, n_true, 1) / max(len(is_true) - n_true, 1)
    if len(is_true) <= MAX_CELLS or share >= 1:
        return cells, of_cells
    kept = is_true | (np.random.default_rng(0).random(len(is_true)) < share)
    sampled = np.zeros_like(cells)
    sampled[np.flatnonzero(cells)[kept]] = True
    return sampled, np.where(is_true[kept], 1.0, 1 / share) * of_cells[kept]


def _columns(
    margins: Floats, cells: BoolArray, parents: Int32, stage: Calibration, likeness: Float32 | None
) -> Float64:
    """Return the terms of the marked cells, (n_cells, n_terms), computed for some rows at a time."""
    n_labels, parts = margins.shape[1], []
    for first in range(0, len(margins), ROWS_AT_A_TIME):
        rows = slice(first, first + ROWS_AT_A_TIME)
        marked = cells[first * n_labels : (first + ROWS_AT_A_TIME) * n_labels]
        found = terms(margins[rows], parents, stage, None if likeness is None else likeness[rows])
        parts.append(np.column_stack([term.ravel()[marked] for term in found]))
    return np.concatenate(parts)


def _cells(truth: BoolArray, in_scope: BoolArray | None) -> BoolArray:
    """Mark the cells that count, in one row."""
    return np.ones(truth.size, bool) if in_scope is None else in_scope.ravel()
