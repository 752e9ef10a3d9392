"""Bootstrap intervals for clustered units, from sums per cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from framescope._types import Array, Float64

_N_CELLS_PER_CHUNK = 4_000_000


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How often to resample, and from which seed."""

    n_resamples: int = 1000
    seed: int = 0


def sum_by_cluster(values: Float64, clusters: Array) -> Float64:
    """Add up the rows of each cluster: (n_units, k) -> (n_clusters, k), clusters in sorted order."""
    if not len(values):
        return values
    order = np.argsort(clusters, kind="stable")
    _, starts = np.unique(clusters[order], return_index=True)
    return np.asarray(np.add.reduceat(values[order], starts, axis=0), dtype=np.float64)


def resample_sums(sums: Float64, bootstrap: Bootstrap, *, n_drawn: int | None = None) -> Float64:
    """Return the totals of clusters drawn with replacement: (n_clusters, k) -> (n_resamples, k).

    As many are drawn as there are, or ``n_drawn``. A statistic that is a function of sums over units needs
    nothing else than these totals.
    """
    rng = np.random.default_rng(bootstrap.seed)
    n_drawn = sums.shape[0] if n_drawn is None else n_drawn
    totals = [counts @ sums for counts in _draw_counts(sums.shape[0], n_drawn, bootstrap.n_resamples, rng)]
    return np.concatenate([np.zeros((0, sums.shape[1])), *totals])


def resampled_of_several(sums: Float64, bootstrap: Bootstrap) -> Float64:
    """Return :func:`resample_sums`, none of a single cluster: it has no spread, and so no interval."""
    n_resamples = bootstrap.n_resamples if len(sums) > 1 else 0
    return resample_sums(sums, Bootstrap(n_resamples, bootstrap.seed))


def percentile_interval(values: Float64) -> tuple[float, float] | None:
    """Return the central 95 % of a statistic's resampled values; None if all are undefined (NaN).

    Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
    """
    defined = values[~np.isnan(values)]
    if not len(defined):
        return None
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)


def _draw_counts(
    n_clusters: int, n_drawn: int, n_resamples: int, rng: np.random.Generator
) -> Iterator[Float64]:
    """Yield how often each cluster is drawn, in blocks of resamples that bound the memory."""
    n_rows = max(1, _N_CELLS_PER_CHUNK // max(1, n_clusters, n_drawn))
    for start in range(0, n_resamples, n_rows):
        shape = (min(n_rows, n_resamples - start), n_drawn)
        cells = rng.integers(n_clusters, size=shape) + n_clusters * np.arange(shape[0])[:, None]
        counts = np.bincount(cells.ravel(), minlength=shape[0] * n_clusters)
        yield counts.reshape(shape[0], n_clusters).astype(np.float64)
