"""How far probabilities can be trusted: Brier score, log-loss, calibration error, slope, risk against coverage.

Every measure takes all labels of a codebook, both levels: truth (n_units, n_labels) bool and probabilities of
the same shape in [0, 1]. A mean over nothing is None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from framescope._types import BoolArray, Float32, Float64, Indices
from framescope.codebook import Codebook
from framescope.measure.bootstrap import sum_by_cluster
from framescope.measure.f1 import ratio
from framescope.messages import msg

Probabilities = Float32 | Float64

ECE_FLOOR = 0.05
N_ECE_BINS = 15
LOG_LOSS_CLIP = 1e-6
N_GROUPS_TO_TELL = 20
"""Groups from which on a slope has an interval; from fewer it would be too narrow."""
LEAST_SLOPE, GREATEST_SLOPE = 0.85, 1.2
TOO_EXTREME = msg("too extreme: the high ones too high, the low ones too low")
TOO_TIMID = msg("too timid: the high ones too low, the low ones too high")
MAX_STEPS = 50


@dataclass(frozen=True, slots=True)
class Slope:
    """How far probabilities should be drawn apart: 1 if they are right, below 1 if they are too extreme.

    ``ci95`` is None for fewer than 20 groups.
    """

    value: float
    ci95: tuple[float, float] | None

    @property
    def is_sure(self) -> bool:
        """Whether it is surely not 1."""
        return self.ci95 is not None and not self.ci95[0] <= 1 <= self.ci95[1]

    @property
    def fault(self) -> str | None:
        """What is wrong with the probabilities where the slope is below 0.85 or above 1.2, and can be told."""
        if self.ci95 is None:
            return None
        if self.value < LEAST_SLOPE:
            return TOO_EXTREME
        return TOO_TIMID if self.value > GREATEST_SLOPE else None


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
    return float(np.mean(log_losses(truth, probabilities)))


def log_losses(truth: BoolArray, probabilities: Probabilities) -> Float64:
    """Return the negative log-likelihood of each cell in nats, probabilities clipped as in :func:`log_loss`."""
    clipped = np.clip(probabilities.astype(np.float64), LOG_LOSS_CLIP, 1 - LOG_LOSS_CLIP)
    return np.asarray(-np.log(np.where(truth, clipped, 1 - clipped)))


def calibration_error(truth: BoolArray, probabilities: Probabilities) -> float | None:
    """Return the expected calibration error (ECE) over the cells with a probability of at least 0.05.

    They fall into 15 bins of equal mass, fewer if there are fewer cells; equal probabilities share a bin.
    Without the floor, the many cells near 0 would hide every fault.

    Source: Nixon et al., Measuring Calibration in Deep Learning (2019), adaptive bins.
    """
    is_counted = probabilities >= ECE_FLOOR
    order = np.argsort(probabilities[is_counted], kind="stable")
    forecast, outcome = probabilities[is_counted][order].astype(np.float64), truth[is_counted][order]
    if not len(forecast):
        return None
    bins = _equal_bins(forecast)
    return float(np.abs(np.bincount(bins, weights=forecast - outcome)).sum() / len(forecast))


def calibration_terms(truth: BoolArray, probabilities: Probabilities) -> Float64:
    """Return what each unit adds to the bins of :func:`calibration_error`, and its cells: (n_units, n + 1).

    The error is the sum of the bins' sizes over the number of cells.
    """
    units, columns = np.nonzero(probabilities >= ECE_FLOOR)
    forecast = probabilities[units, columns].astype(np.float64)
    order = np.argsort(forecast, kind="stable")
    terms = np.zeros((len(truth), N_ECE_BINS + 1))
    if len(order):
        excess = forecast[order] - truth[units, columns][order]
        np.add.at(terms, (units[order], _equal_bins(forecast[order])), excess)
        np.add.at(terms[:, -1], units, 1)
    return terms


def calibration_noise(probabilities: Probabilities) -> float | None:
    """Return what :func:`calibration_error` would be on average, were the probabilities exactly true.

    In a bin, what comes true then differs from what is forecast by a sum of independent errors, which is
    nearly normal with the variance s^2 = sum of p (1 - p); its mean size is s sqrt(2 / pi). Cells of one
    article depend on each other, so the true floor is a little higher.
    """
    forecast = np.sort(probabilities[probabilities >= ECE_FLOOR]).astype(np.float64)
    if not len(forecast):
        return None
    variances = np.bincount(_equal_bins(forecast), weights=forecast * (1 - forecast))
    return float(np.sqrt(2 / np.pi * variances).sum() / len(forecast))


def calibration_slope(truth: BoolArray, probabilities: Probabilities, clusters: Sequence[str]) -> Slope | None:
    """Return the slope b of logit P(true) = a + b logit(p), over the cells with a probability of at least 0.05.

    None where no such line can be fitted. The interval takes whole clusters, (n_units,), for independent.

    Source: Cox, Two further applications of a model for binary regression (1958); Liang and Zeger, Longitudinal
    data analysis using generalized linear models (1986), for the variance.
    """
    rows, columns = np.nonzero(probabilities >= ECE_FLOOR)
    order = np.lexsort((truth[rows, columns], probabilities[rows, columns]))
    rows, columns = rows[order], columns[order]
    p = np.clip(probabilities[rows, columns].astype(np.float64), LOG_LOSS_CLIP, 1 - LOG_LOSS_CLIP)
    outcome = truth[rows, columns]
    if len(p) == 0 or p.min() == p.max() or outcome.all() or not outcome.any():
        return None
    terms = np.column_stack([np.ones(len(p)), np.log(p / (1 - p))])
    fitted = _fit_line(terms, outcome)
    if fitted is None:
        return None
    line, covariance = fitted
    scores = sum_by_cluster(terms * (outcome - _logistic(terms @ line))[:, None], np.asarray(clusters)[rows])
    n_clusters = len(scores)
    if n_clusters < N_GROUPS_TO_TELL:
        return Slope(float(line[1]), None)
    spread = covariance @ (scores.T @ scores) @ covariance * n_clusters / (n_clusters - 1)
    margin = 1.96 * float(np.sqrt(spread[1, 1]))
    return Slope(float(line[1]), (float(line[1]) - margin, float(line[1]) + margin))


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


def _equal_bins(forecast: Float64) -> Indices:
    """Return the bin of each forecast, ascending, of 15 with equal mass; equal forecasts share one."""
    n_cells = len(forecast)
    n_lower = np.searchsorted(forecast, forecast, side="left")
    return np.asarray(n_lower * min(N_ECE_BINS, n_cells) // n_cells)


def _fit_line(terms: Float64, outcome: BoolArray) -> tuple[Float64, Float64] | None:
    """Return the coefficients of a logistic regression (2,) and its inverse information (2, 2).

    None where the outcomes can be told apart without error, so that the slope has no end.
    """
    line = np.array([0.0, 1.0])
    for _ in range(MAX_STEPS):
        p = _logistic(terms @ line)
        information = (terms * (p * (1 - p))[:, None]).T @ terms
        if np.linalg.cond(information) > 1 / LOG_LOSS_CLIP**2:
            return None
        covariance: Float64 = np.asarray(np.linalg.inv(information), dtype=np.float64)
        step = covariance @ (terms.T @ (outcome - p))
        line = line + step
        if np.abs(step).max() < LOG_LOSS_CLIP:
            return line, covariance
    return None


def _logistic(margins: Float64) -> Float64:
    return np.asarray(0.5 * (1 + np.tanh(margins / 2)))
