"""Shares that fit their codebook: no label is rarer than one that implies it."""

from __future__ import annotations

import numpy as np

from framescope._types import Float64
from framescope.codebook import Codebook
from framescope.measure.prevalence import Shares


def implied_shares(shares: Shares, codebook: Codebook) -> Shares:
    """Return the nearest shares of which a parent's is at least that of each child, and the same of both ends.

    Each label is estimated by itself, so a child may seem more frequent than its parent. Such labels get their
    mean: the least squares under the constraint, which true shares meet, so no sum of squared errors grows.
    """
    return Shares(*(_implied(values, codebook) for values in (shares.share, shares.low, shares.high)))


def _implied(values: Float64, codebook: Codebook) -> Float64:
    values = values.copy()
    for parent in np.flatnonzero(codebook.parents < 0).tolist():
        children = np.flatnonzero(codebook.parents == parent)
        if len(children):
            pooled = _pooled(values[:, parent], np.sort(values[:, children], axis=1)[:, ::-1])
            values[:, parent] = pooled
            values[:, children] = np.minimum(values[:, children], pooled[:, np.newaxis])
    return values


def _pooled(parent: Float64, children: Float64) -> Float64:
    """Return the parent's shares after pooling with children (n_cells, n_children), the greatest first."""
    total, n_pooled = parent.copy(), np.ones(len(parent))
    for child in children.T:
        is_above = child * n_pooled > total
        total += np.where(is_above, child, 0)
        n_pooled += is_above
    return np.asarray(total / n_pooled)
