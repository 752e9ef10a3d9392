"""Fitting the second stage: from left-out margins to calibrated probabilities."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

from framescope._types import BoolArray, Float64, Int32
from framescope.model.calibration import N_TERMS, Calibration, Link, terms

PENALTY = 0.1
ROUNDING = 1e-12  # a column that varies by less than this share of its values is constant
PRIOR_ONLY = np.array([0.0, 0.0, 1.0, *[0.0] * (N_TERMS - 3)])


def label_prior(truth: BoolArray, in_scope: BoolArray | None = None) -> Float64:
    """Return each label's share of the units in its scope, (n_labels,), half a unit away from 0 and 1.

    A label in whose scope no unit is counts as one that no unit has.
    """
    n_units = np.full(truth.shape[1], len(truth)) if in_scope is None else in_scope.sum(axis=0)
    n_true = truth.sum(axis=0) if in_scope is None else (truth & in_scope).sum(axis=0)
    return np.asarray((n_true + 0.5) / (np.where(n_units > 0, n_units, len(truth)) + 1.0))


def fit_calibration(
    margins: Float64,
    truth: BoolArray,
    *,
    parents: Int32,
    link: Link,
    in_scope: BoolArray | None = None,
    start: Calibration | None = None,
) -> Calibration:
    """Fit one logistic regression to all cells, (n_units, n_labels) of margins from fits without the unit.

    Cells that are not ``in_scope`` are left out. Where every cell is true, or none, there is nothing to tell
    apart: every label gets its prior. ``start``, a calibration of nearly the same units, saves most of the
    steps and leaves the result where it is.
    """
    blank = Calibration(PRIOR_ONLY, label_prior(truth, in_scope), link)
    cells = np.ones(truth.size, bool) if in_scope is None else in_scope.ravel()
    is_true = truth.ravel()[cells]
    if is_true.all() or not is_true.any():
        return blank
    columns = np.column_stack([term.ravel()[cells] for term in terms(margins, parents, blank)])
    scale = columns.std(axis=0)
    scale[scale <= ROUNDING * np.abs(columns).max(axis=0)] = 1.0
    stage = LogisticRegression(
        C=1 / PENALTY, fit_intercept=False, solver="newton-cholesky", max_iter=200, tol=1e-6, warm_start=True
    )
    if start is not None:
        stage.coef_ = (start.coefficients * scale)[np.newaxis]
    stage.fit(columns / scale, is_true)
    return Calibration(stage.coef_[0] / scale, blank.prior, link)
