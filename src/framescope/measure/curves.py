"""Curves of an evaluation, as points to draw: precision and recall, reliability, risk against coverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import precision_recall_curve

from framescope._types import BoolArray, Float32, Float64
from framescope.measure.bootstrap import Bootstrap, percentile_interval, resampled_of_several, sum_by_cluster
from framescope.measure.f1 import ratio
from framescope.measure.metrics import DEFAULT_BOOTSTRAP
from framescope.measure.reliability import ECE_FLOOR

Points = list[tuple[float, float]]

N_BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Unit x label cells of similar probabilities: their mean, the share that is true, and their number."""

    probability: float
    share: float
    share_ci95: tuple[float, float] | None
    n_cells: int


def precision_recall(truth: BoolArray, probabilities: Float32) -> Points:
    """Return (recall, precision) of one label at every cut, by ascending recall; nothing without gold.

    Both arrays are (n_units,).
    """
    if not truth.any():
        return []
    precision, recall, _ = precision_recall_curve(truth, probabilities)
    return list(zip(recall[::-1].tolist(), precision[::-1].tolist(), strict=True))


def reliability(
    truth: BoolArray,
    probabilities: Float32,
    clusters: Sequence[str],
    *,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
) -> list[Bin]:
    """Compare probabilities with what came true, over the cells (unit x label) of at least 0.05.

    Both arrays are (n_units, n_labels). The cells fall into 10 bins of equal mass, fewer if there are fewer
    cells; equal probabilities share a bin. The intervals draw whole clusters, of which each unit names one.
    """
    is_counted = probabilities >= ECE_FLOOR
    counted = np.sort(probabilities[is_counted])
    if not len(counted):
        return []
    n_bins = min(N_BINS, len(counted))
    bin_of = np.searchsorted(counted, probabilities, side="left") * n_bins // len(counted)
    bin_of[~is_counted] = n_bins
    units = np.arange(len(truth))[:, np.newaxis]
    cells, hits, forecast = np.zeros((3, len(truth), n_bins + 1))
    for column in range(truth.shape[1]):
        place = units[:, 0], bin_of[:, column]
        cells[place] += 1
        hits[place] += truth[:, column]
        forecast[place] += probabilities[:, column]
    per_unit = np.hstack([cells[:, :-1], hits[:, :-1], forecast[:, :-1]])
    sums = sum_by_cluster(per_unit, np.asarray(clusters))
    shares = _shares(resampled_of_several(sums, bootstrap))
    n_cells, n_hits, summed = np.split(sums.sum(axis=0), 3)
    return [
        Bin(summed[k] / n_cells[k], n_hits[k] / n_cells[k], percentile_interval(shares[:, k]), int(n_cells[k]))
        for k in np.flatnonzero(n_cells)
    ]


def risk_coverage(losses: Float64, confidences: Float64) -> Points:
    """Return (coverage, risk): the share of units kept, most confident first, and their mean loss.

    Both arrays are (n_units,). Units of equal confidence are kept together.
    """
    order = np.argsort(-confidences, kind="stable")
    ranked = confidences[order]
    n_kept = np.arange(1, len(order) + 1)
    risks = np.cumsum(losses[order]) / n_kept
    last = np.append(ranked[1:] != ranked[:-1], True) if len(ranked) else np.empty(0, bool)
    return list(zip((n_kept[last] / len(order)).tolist(), risks[last].tolist(), strict=True))


def _shares(sums: Float64) -> Float64:
    cells, hits, _ = np.split(sums, 3, axis=-1)
    return ratio(hits, cells)
