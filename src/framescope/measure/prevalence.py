"""Which share of a set of articles carries a label, from probabilities that are right elsewhere.

Counted decisions are biased wherever a label is rarer or more common than in training, and so is the mean
probability, though less. Both classes of left-out articles of training have a mean probability; where the mean
of new articles is between the two tells their share, if articles with a label look like those of training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from framescope._types import BoolArray, Float32, Float64
from framescope.bundle.facts import PrevalenceFigures

Z95 = 1.96
LEAST_GAP = 1e-6
"""Of the mean probabilities with and without a label; below, nothing can be told apart."""

SHRINKAGE, SHIFT = 0.75, 0.7
"""Of the share in training: how far off shares are expected, and how far off an interval allows for."""
LEAST_SHIFT, MOST_SHIFT = 0.25, 2.0
"""Between which shares of training the errors and intervals were tested."""


@dataclass(frozen=True, eq=False)
class Separation:
    """:class:`PrevalenceFigures` of all labels as arrays: (n_labels,) float64."""

    n_with: Float64
    n_without: Float64
    mean_with: Float64
    mean_without: Float64
    variance_with: Float64
    variance_without: Float64

    @classmethod
    def certain(cls, n_labels: int) -> Separation:
        """Return what is known of labels that nobody guessed: they are what they are."""
        one, none = np.ones(n_labels), np.zeros(n_labels)
        return cls(one, one, one, none, none, none)

    @property
    def prior(self) -> Float64:
        """The share of training articles with each label."""
        return np.asarray(self.n_with / np.maximum(self.n_with + self.n_without, 1))

    @property
    def gap(self) -> Float64:
        """How far the means are apart, NaN where they are not."""
        gap = self.mean_with - self.mean_without
        is_told = (self.n_with > 0) & (self.n_without > 0) & (gap > LEAST_GAP)
        return np.where(is_told, gap, np.nan)


@dataclass(frozen=True, eq=False)
class Shares:
    """Estimated shares with the ends of their 95 % intervals; NaN where there are no articles."""

    share: Float64
    low: Float64
    high: Float64


def prevalence_figures(
    labels: Sequence[str], truth: BoolArray, probabilities: Float32
) -> list[PrevalenceFigures]:
    """Return the figures of each label from left-out articles; both arrays are (n_units, n_labels)."""
    return [
        _figures(label, probabilities[truth[:, column], column], probabilities[~truth[:, column], column])
        for column, label in enumerate(labels)
    ]


def _figures(label: str, with_it: Float32, without: Float32) -> PrevalenceFigures:
    return {
        "label": label,
        "n_with": len(with_it),
        "n_without": len(without),
        "mean_with": _mean(with_it),
        "mean_without": _mean(without),
        "variance_with": _variance(with_it),
        "variance_without": _variance(without),
    }


def _mean(values: Float32) -> float:
    return float(values.mean(dtype=np.float64)) if len(values) else 0.0


def _variance(values: Float32) -> float:
    return float(values.var(dtype=np.float64)) if len(values) else 0.0


def separation_of(figures: Sequence[PrevalenceFigures]) -> Separation:
    """Return figures as arrays."""
    names = ("n_with", "n_without", "mean_with", "mean_without", "variance_with", "variance_without")
    rows = np.array([[one[name] for name in names] for one in figures], np.float64)  # type: ignore[literal-required]
    return Separation(*rows.reshape(-1, len(names)).T)


def adjusted_shares(n: Float64, sums: Float64, squares: Float64, separation: Separation) -> Shares:
    """Return the shrunken adjusted means of cells of articles.

    ``n`` is (n_cells,); ``sums`` and ``squares`` of probabilities are (n_cells, n_labels). With the mean m of a
    cell, a and b of left-out articles with and without the label, e = (m - b) / (a - b) has the variance
    s2 = (var(p) / n + e^2 v_a / n_a + (1 - e)^2 v_b / n_b) / (a - b)^2; var(p) is that of the cell, but no less
    than that of a mixture of left-out articles with this share. The estimate is w e + (1 - w) m with
    w = t^2 / (t^2 + s2), where t is three quarters of the share in training.

    m itself goes a - b of the way with a share, so the estimate goes g = w + (1 - w) (a - b). Its interval
    counts the noise g s of what it follows, and what it misses of a share that differs from training's by
    ``SHIFT`` times: (1 - g) ``SHIFT`` pi.
    """
    n = n[:, np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, gap = sums / n, separation.gap
        raw = np.clip((mean - separation.mean_without) / gap, 0, 1)
        of_training = raw**2 * separation.variance_with / separation.n_with
        of_training += (1 - raw) ** 2 * separation.variance_without / separation.n_without
        spread = spread_of(n[:, 0], sums, squares, separation) / n
        variance = (spread + of_training) / gap**2
        reach = (SHRINKAGE * separation.prior) ** 2
        weight = reach / (reach + variance)
        followed = weight + (1 - weight) * gap
        error = Z95 * np.hypot(followed * np.sqrt(variance), (1 - followed) * SHIFT * separation.prior)
        share = weight * raw + (1 - weight) * mean
    is_told = ~np.isnan(gap)
    share, low, high = (
        np.where(is_told, values, other)
        for values, other in ((share, mean), (share - error, 0 * mean), (share + error, 0 * mean + 1))
    )
    return Shares(share, np.clip(low, 0, 1), np.clip(high, 0, 1))


def spread_of(n: Float64, sums: Float64, squares: Float64, separation: Separation) -> Float64:
    """Return the variance of the probabilities of an article of each cell: (n_cells, n_labels).

    No less than it is of left-out articles, mixed to the same mean with half an article of each kind added: few
    articles may be alike by chance.
    """
    n = n[:, np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sums / n
        share = np.clip((mean - separation.mean_without) / separation.gap, 0, 1)
        share = (share * n + 0.5) / (n + 1)
        within = share * separation.variance_with + (1 - share) * separation.variance_without
        mixed = within + share * (1 - share) * separation.gap**2
        return np.asarray(np.maximum(squares / n - mean**2, mixed))


def counted_shares(n: Float64, counts: Float64) -> Shares:
    """Return the shares of labels that were counted, with intervals of Wilson's score.

    ``n`` is (n_cells,), ``counts`` (n_cells, n_labels).
    """
    n = n[:, np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = counts / n
        middle = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
        half = Z95 * np.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2)) / (1 + Z95**2 / n)
    return Shares(share, np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1))


def mean_shares(n: Float64, sums: Float64, squares: Float64) -> Shares:
    """Return mean probabilities with intervals as if they were right, for a model of which no more is known."""
    n = n[:, np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, noise = sums / n, np.sqrt(np.maximum(sums - squares, 0)) / n
    return Shares(mean, np.clip(mean - Z95 * noise, 0, 1), np.clip(mean + Z95 * noise, 0, 1))


def is_beyond(n: Float64, sums: Float64, squares: Float64, separation: Separation) -> BoolArray:
    """Mark cells that differ so much from training that no correction is promised.

    Either the share is surely below a quarter or above the double of training's; or no mixture of left-out
    articles with and without the label has such a mean probability, by two standard errors.
    """
    shares = adjusted_shares(n, sums, squares, separation)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sums / n[:, np.newaxis]
        error = 2 * np.sqrt(spread_of(n, sums, squares, separation) / n[:, np.newaxis])
        is_outside = (mean + error < separation.mean_without) | (mean - error > separation.mean_with)
        is_rare = shares.high < LEAST_SHIFT * separation.prior
        return np.asarray(is_outside | is_rare | (shares.low > MOST_SHIFT * separation.prior))
