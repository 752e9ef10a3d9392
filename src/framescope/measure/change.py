"""Whether two sets of articles differ in the share that carries a label, beyond noise.

A test must hold for five articles against two hundred, of which three carry the label. So probabilities are
taken as counts: of n articles with the share e, as many as would leave the same uncertainty, were labels seen
and not guessed. Given the sum of two counts, the first is binomial with its part of the articles if shares are
equal and small; for shares that are not small this errs on the side of no change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc

from framescope._types import BoolArray, Float64
from framescope.measure.firing import Z95
from framescope.measure.prevalence import ArticleSets, Separation, adjusted_shares, mixture_of

TINY = 1e-12
"""In place of a count of 0."""


@dataclass(frozen=True, eq=False)
class ShareDifference:
    """Shares of one sample less those of another, 95 % intervals, and p-values: (n_sets, n_labels).

    NaN where one of them has no articles, or the model cannot tell the label.
    """

    difference: Float64
    low: Float64
    high: Float64
    p_value: Float64


def difference_of(one: ArticleSets, other: ArticleSets, separation: Separation) -> ShareDifference:
    """Compare samples set by set.

    Source of the test: Przyborowski and Wilenski, Homogeneity of results in testing samples from Poisson series
    (1940), on counts of effective size.
    """
    samples = (one, other)
    mixtures = [mixture_of(sample, separation) for sample in samples]
    raw = [mixture.raw for mixture in mixtures]
    shares = [adjusted_shares(sample, separation).share for sample in samples]
    with np.errstate(divide="ignore", invalid="ignore"):
        variances = [
            mixture.variance / sample.column / mixture.gap**2
            for mixture, sample in zip(mixtures, samples, strict=True)
        ]
        of_gap = (raw[0] - raw[1]) ** 2 * _variance_of_gap(separation) / mixtures[0].gap ** 2
        error = Z95 * np.sqrt(variances[0] + variances[1] + of_gap)
        p_value = _p_value(one, other, raw, separation)
    difference = np.where(np.isnan(p_value), np.nan, shares[0] - shares[1])
    low, high = difference - error, difference + error
    return ShareDifference(difference, np.maximum(low, -1), np.minimum(high, 1), p_value)


def _variance_of_gap(separation: Separation) -> Float64:
    (a1, a2), (b1, b2) = separation.moments_with[:2], separation.moments_without[:2]
    return np.asarray((a2 - a1**2) / separation.n_with + (b2 - b1**2) / separation.n_without)


def is_found(p_values: Float64, false_rate: float) -> BoolArray:
    """Mark the p-values of which no more than ``false_rate`` are expected to be chance; NaN is no test.

    Source: Benjamini and Hochberg, Controlling the false discovery rate (1995).
    """
    tested = np.sort(p_values[~np.isnan(p_values)])
    limits = false_rate * np.arange(1, len(tested) + 1) / max(1, len(tested))
    passed = np.flatnonzero(tested <= limits)
    cut = tested[passed[-1]] if len(passed) else -1.0
    return np.asarray(p_values <= cut)


def _p_value(
    one: ArticleSets, other: ArticleSets, shares: Sequence[Float64], separation: Separation
) -> Float64:
    """Return twice the tail beyond the first count; of what is equal, half counts (the mid-p-value)."""
    both = one + other
    mixture = mixture_of(both, separation)
    pooled = (np.clip(mixture.raw, 0, 1) * both.column + 0.5) / (both.column + 1)
    worth = np.minimum(pooled * (1 - pooled) * mixture.gap**2 / mixture.variance, 1)
    n_first, n_second = one.column * worth, other.column * worth
    is_common = pooled > 0.5
    counts = [
        size * np.clip(np.where(is_common, 1 - share, share), 0, 1)
        for share, size in zip(shares, (n_first, n_second), strict=True)
    ]
    part = n_first / (n_first + n_second)
    first, second = (np.maximum(count, TINY) for count in counts)
    more, as_many = betainc(first + 1, second, part), betainc(first, second + 1, part)
    above = (more + as_many) / 2
    return np.asarray(np.minimum(1, 2 * np.minimum(above, 1 - above)))
