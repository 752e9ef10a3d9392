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

from framescope._types import BoolArray, Float64, Integers
from framescope.measure.prevalence import Z95, Separation, spread_of

TINY = 1e-12
"""In place of a count of 0."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Sets of articles: ``n`` (n_sets,), sums of probabilities and of their squares (n_sets, n_labels)."""

    n: Float64
    sums: Float64
    squares: Float64

    def __add__(self, other: Sample) -> Sample:
        return Sample(self.n + other.n, self.sums + other.sums, self.squares + other.squares)

    def __sub__(self, other: Sample) -> Sample:
        return Sample(self.n - other.n, self.sums - other.sums, self.squares - other.squares)

    def taken(self, rows: Integers) -> Sample:
        """Return some sets, by their numbers."""
        return Sample(self.n[rows], self.sums[rows], self.squares[rows])

    def where(self, is_kept: BoolArray) -> Sample:
        """Return the sets without the articles of those that are not kept."""
        kept = is_kept[:, np.newaxis]
        return Sample(self.n * is_kept, self.sums * kept, self.squares * kept)

    def grouped(self, groups: Integers, n_groups: int) -> Sample:
        """Return the sets of each group as one."""
        made = []
        for values in (self.n, self.sums, self.squares):
            total = np.zeros((n_groups, *values.shape[1:]))
            np.add.at(total, groups, values)
            made.append(total)
        return Sample(*made)


@dataclass(frozen=True, eq=False)
class Difference:
    """Shares of one sample less those of another, 95 % intervals, and p-values: (n_sets, n_labels).

    NaN where one of them has no articles, or the model cannot tell the label.
    """

    difference: Float64
    low: Float64
    high: Float64
    p_value: Float64


def difference_of(one: Sample, other: Sample, separation: Separation) -> Difference:
    """Compare samples set by set.

    Source of the test: Przyborowski and Wilenski, Homogeneity of results in testing samples from Poisson series
    (1940), on counts of effective size.
    """
    gap = separation.gap
    with np.errstate(divide="ignore", invalid="ignore"):
        shares, variances = zip(*(_share(each, separation) for each in (one, other)), strict=True)
        difference = shares[0] - shares[1]
        of_gap = (
            separation.variance_with / separation.n_with + separation.variance_without / separation.n_without
        )
        error = np.sqrt(variances[0] + variances[1] + difference**2 * of_gap / gap**2)
        p_value = _p_value(one, other, shares, separation)
    low, high = difference - Z95 * error, difference + Z95 * error
    return Difference(np.clip(difference, -1, 1), np.clip(low, -1, 1), np.clip(high, -1, 1), p_value)


def is_found(p_values: Float64, false_rate: float) -> BoolArray:
    """Mark the p-values of which no more than ``false_rate`` are expected to be chance; NaN is no test.

    Source: Benjamini and Hochberg, Controlling the false discovery rate (1995).
    """
    tested = np.sort(p_values[~np.isnan(p_values)])
    limits = false_rate * np.arange(1, len(tested) + 1) / max(1, len(tested))
    passed = np.flatnonzero(tested <= limits)
    cut = tested[passed[-1]] if len(passed) else -1.0
    return np.asarray(p_values <= cut)


def _share(sample: Sample, separation: Separation) -> tuple[Float64, Float64]:
    """Return the adjusted shares, not shrunken, and the variances of their sampling."""
    n = sample.n[:, np.newaxis]
    raw = (sample.sums / n - separation.mean_without) / separation.gap
    return raw, spread_of(sample.n, sample.sums, sample.squares, separation) / n / separation.gap**2


def _p_value(one: Sample, other: Sample, shares: Sequence[Float64], separation: Separation) -> Float64:
    """Return twice the tail beyond the first count; of what is equal, half counts (the mid-p-value)."""
    both = one + other
    n, n_first = both.n[:, np.newaxis], one.n[:, np.newaxis]
    pooled, _ = _share(both, separation)
    pooled = np.clip(pooled, 1 / (n + 2), 1 - 1 / (n + 2))
    variance = spread_of(both.n, both.sums, both.squares, separation) / separation.gap**2
    worth = np.minimum(pooled * (1 - pooled) / variance, 1)
    n_first, n_second = n_first * worth, other.n[:, np.newaxis] * worth
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
