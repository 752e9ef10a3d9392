"""How far probabilities can be trusted: Brier score, log-loss, calibration error, risk against coverage.

Every measure takes all labels of a codebook, both levels: truth (n_units, n_labels) bool and probabilities of
the same shape in [0, 1]. A mean over nothing is None.
"""

from __future__ import annotations

import numpy as np

from framescope._types import BoolArray, Float32, Float64
from framescope.codebook import Codebook
from framescope.measure.f1 import ratio

Probabilities = Float32 | Float64

ECE_FLOOR = 0.05
N_ECE_BINS = 15
LOG_LOSS_CLIP = 1e-6


def brier_score(truth: BoolArray, probabilities: Probabilities) -> float | None:
    """Return the mean squared error over all unit x label cells, 0 to 1, lower is better.

    Source: Brier, Verification of forecasts expressed in terms of probability (1950).
    """
    return float(np.mean((probabilities.astype(np.float64) - truth) ** 2)) if truth.size else None


def brier_skill(truth: BoolArray, probabilities: Probabilities, prior: Float64) -> float | None:
    """Return the share of the prior's Brier score that the probabilities save: at most 1, below 0 if worse.

    ``prior`` (n_labels,) is what would be forecast without reading: each label's share in training. None when
    that forecast is perfect.
    """
    score = brier_score(truth, probabilities)
    reference = brier_score(truth, np.broadcast_to(prior, truth.shape))
    return None if score is None or not reference else 1 - score / reference


def log_loss(truth: BoolArray, probabilities: Probabilities) -> float | None:
    """Return the mean negative log-likelihood of a cell in nats, probabilities clipped to [1e-6, 1 - 1e-6]."""
    if not truth.size:
        return None
    clipped = np.clip(probabilities.astype(np.float64), LOG_LOSS_CLIP, 1 - LOG_LOSS_CLIP)
    return float(-np.mean(np.log(np.where(truth, clipped, 1 - clipped))))


def calibration_error(truth: BoolArray, probabilities: Probabilities) -> float | None:
    """Return the expected calibration error (ECE) over the cells with a probability of at least 0.05.

    They fall into 15 bins of equal mass, fewer if there are fewer cells; equal probabilities share a bin.
    Without the floor, the many cells near 0 would hide every fault.

    Source: Nixon et al., Measuring Calibration in Deep Learning (2019), adaptive bins.
    """
    is_counted = probabilities >= ECE_FLOOR
    order = np.argsort(probabilities[is_counted], kind="stable")
    forecast, outcome = probabilities[is_counted][order].astype(np.float64), truth[is_counted][order]
    n_cells = len(forecast)
    if not n_cells:
        return None
    n_lower = np.searchsorted(forecast, forecast, side="left")
    bins = n_lower * min(N_ECE_BINS, n_cells) // n_cells
    return float(np.abs(np.bincount(bins, weights=forecast - outcome)).sum() / n_cells)


def risk_coverage_area(losses: Float64, confidences: Float64) -> float | None:
    """Return the area under the generalized risk-coverage curve (AUGRC), 0 to 0.5, lower is better.

    ``losses`` (n_units,) lie in [0, 1]. Coverage is the share of units at or above a confidence; generalized
    risk the sum of their losses over the number of *all* units. Between distinct confidences the curve is
    straight, so an uninformative confidence gives half of the mean loss.

    Source: Traub et al., Overcoming Common Flaws in the Evaluation of Selective Classification Systems (2024).
    """
    if not len(losses):
        return None
    ascending = np.sort(confidences)
    # A unit's loss counts from the coverage that first includes it: its mid-rank from below, over n.
    n_below = np.searchsorted(ascending, confidences, side="left")
    n_not_above = np.searchsorted(ascending, confidences, side="right")
    return float(np.mean(losses * (n_below + n_not_above) / (2 * len(losses))))


def decision_losses(truth: BoolArray, decided: BoolArray) -> Float64:
    """Return 1 - F1 between the closed gold and decided sets, F1 of two empty sets being 1: (n_units,)."""
    n_marked = (truth.sum(axis=1) + decided.sum(axis=1)).astype(np.float64)
    return 1 - ratio(2.0 * (truth & decided).sum(axis=1), n_marked, undefined=1.0)


def decision_confidences(decided: BoolArray, probabilities: Probabilities, codebook: Codebook) -> Float64:
    """Return the F1 that the probabilities themselves promise for the decided set: (n_units,) in [0, 1].

    For some labels, the ratio of expectations 2 sum(p over the set) / (size of the set + sum(p)). For the empty
    set, the probability that there is no label: the product of 1 - p over the first level, a child being
    nowhere without its parent.
    """
    p = probabilities.astype(np.float64)
    confidences: Float64 = np.where(
        decided.any(axis=1),
        ratio(2 * (p * decided).sum(axis=1), decided.sum(axis=1) + p.sum(axis=1)),
        (1 - p[:, codebook.coarse]).prod(axis=1),
    )
    return confidences
