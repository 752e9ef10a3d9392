"""Fitting the second stage: from left-out margins to calibrated probabilities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from framescope.calibration import N_TERMS, Calibration, Link, terms

BoolArray = npt.NDArray[np.bool_]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]

PENALTY = 0.1


def label_prior(truth: BoolArray) -> Float64:
    """Return each label's share of the units, (n_labels,), half a unit away from 0 and 1."""
    return np.asarray((truth.sum(axis=0) + 0.5) / (len(truth) + 1.0))


def fit_calibration(margins: Float64, truth: BoolArray, *, parents: Int32, link: Link) -> Calibration:
    """Fit one logistic regression to all cells, (n_units, n_labels) of margins from fits without the unit."""
    blank = Calibration(np.zeros(N_TERMS), label_prior(truth), link)
    columns = np.column_stack([term.ravel() for term in terms(margins, parents, blank)])
    scale = columns.std(axis=0)
    scale[scale == 0] = 1.0
    if truth.all() or not truth.any():
        raise ValueError("every unit has every label, or none has any: there is nothing to calibrate")
    stage = LogisticRegression(C=1 / PENALTY, fit_intercept=False, solver="newton-cholesky", max_iter=200)
    stage.fit(columns / scale, truth.ravel())
    return Calibration(stage.coef_[0] / scale, blank.prior, link)
