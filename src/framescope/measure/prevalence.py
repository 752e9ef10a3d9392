"""Which share of a set of articles carries a label, from probabilities that are right elsewhere.

Counted decisions are biased wherever a label is rarer or more common than in training, and so is the mean
probability, though less. Left-out articles of training with a label have one mean probability, those without
another; where the mean of new articles is between the two tells their share, if both kinds are like those of
training. Feeds hold a third kind as well: articles that have nothing to do with the label, while those of
training were chosen to be hard. Their probability is about 0, and the second moment tells how many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from framescope._types import BoolArray, Float32, Float64, Integers
from framescope.bundle.facts import PrevalenceFigures
from framescope.measure.firing import Z95, score_interval

N_MOMENTS = 4
LEAST_GAP = 1e-6
"""Of the mean probabilities with and without a label; below, nothing can be told apart."""
MOST_EASY = 0.98
"""Share of articles, at most, that are taken to have nothing to do with a label."""
EASY_SPREAD = 0.2
"""How much their share differs among the outlets and weeks of a feed."""
N_ADDED = 10
SHRINKAGE, SHIFT = 0.75, 0.7
"""Of the share in training: how far off shares are expected, and how far off an interval allows for."""
LEAST_SHIFT, MOST_SHIFT = 0.25, 2.0
"""Between which shares of training the errors and intervals were tested."""


@dataclass(frozen=True, eq=False)
class ArticleSets:
    """Sets of articles: how many, and what the first four powers of their probabilities add up to.

    ``n`` is (n_sets,), ``powers`` (4, n_sets, n_labels). Moments are NaN where there are no articles.
    """

    n: Float64
    powers: Float64

    @classmethod
    def of(cls, probabilities: Float32) -> ArticleSets:
        """Return one set of articles, (n_articles, n_labels)."""
        return cls(np.array([float(len(probabilities))]), powers_of(probabilities).sum(axis=1, keepdims=True))

    def __add__(self, other: ArticleSets) -> ArticleSets:
        return ArticleSets(self.n + other.n, self.powers + other.powers)

    def __sub__(self, other: ArticleSets) -> ArticleSets:
        return ArticleSets(self.n - other.n, self.powers - other.powers)

    @property
    def column(self) -> Float64:
        """The numbers of articles, (n_sets, 1)."""
        return self.n[:, np.newaxis]

    @cached_property
    def moments(self) -> Float64:
        """The means of the powers: (4, n_sets, n_labels)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.powers / self.column)

    def taken(self, sets: Integers) -> ArticleSets:
        """Return some sets, by their numbers."""
        return ArticleSets(self.n[sets], self.powers[:, sets])

    def where(self, is_kept: BoolArray) -> ArticleSets:
        """Return the sets without the articles of those that are not kept."""
        return ArticleSets(self.n * is_kept, self.powers * is_kept[:, np.newaxis])

    def grouped(self, groups: Integers, n_groups: int) -> ArticleSets:
        """Return the sets of each group as one."""
        n, powers = np.zeros(n_groups), np.zeros((N_MOMENTS, n_groups, self.powers.shape[2]))
        np.add.at(n, groups, self.n)
        for total, values in zip(powers, self.powers, strict=True):
            np.add.at(total, groups, values)
        return ArticleSets(n, powers)


@dataclass(frozen=True, eq=False)
class Separation:
    """:class:`PrevalenceFigures` of all labels as arrays: (n_labels,), moments (4, n_labels).

    ``easy`` is the share of easy articles that is expected of each label, None where nothing is.
    """

    n_with: Float64
    n_without: Float64
    moments_with: Float64
    moments_without: Float64
    easy: Float64 | None = None

    @classmethod
    def certain(cls, n_labels: int) -> Separation:
        """Return what is known of labels that nobody guessed: they are what they are."""
        one, shape = np.ones(n_labels), (N_MOMENTS, n_labels)
        return cls(one, one, np.ones(shape), np.zeros(shape))

    def within(self, total: ArticleSets) -> Separation:
        """Return what is known of sets that are parts of one set, as to what is easy."""
        return replace(self, easy=easy_share(total, self)[0])

    @property
    def prior(self) -> Float64:
        """The share of training articles with each label."""
        return np.asarray(self.n_with / np.maximum(self.n_with + self.n_without, 1))


@dataclass(frozen=True, eq=False)
class Shares:
    """Estimated shares and the ends of their 95 % intervals: (n_sets, n_labels), NaN without articles."""

    share: Float64
    low: Float64
    high: Float64


@dataclass(frozen=True, eq=False)
class Mixture:
    """What sets of articles are mixed of: arrays are (n_sets, n_labels), NaN where nothing can be told.

    ``raw`` is the share with the label, of which sampling may make less than 0 or more than 1. ``easy`` is that
    of articles that have nothing to do with it. ``variance`` is that of an article's probability, and ``gap``
    the difference of the mean probabilities with and without the label.
    """

    raw: Float64
    easy: Float64
    variance: Float64
    gap: Float64


def powers_of(probabilities: Float32 | Float64) -> Float64:
    """Return the first four powers of each value: (4, ...) float64."""
    values = probabilities.astype(np.float64)
    squares = values**2
    return np.stack([values, squares, squares * values, squares**2])


def prevalence_figures(
    labels: Sequence[str], truth: BoolArray, probabilities: Float32
) -> list[PrevalenceFigures]:
    """Return the figures of each label from left-out articles; both arrays are (n_units, n_labels)."""
    powers = powers_of(probabilities)
    return [
        {
            "label": label,
            "n_with": int(truth[:, column].sum()),
            "n_without": int((~truth[:, column]).sum()),
            "moments_with": _means(powers[:, truth[:, column], column]),
            "moments_without": _means(powers[:, ~truth[:, column], column]),
        }
        for column, label in enumerate(labels)
    ]


def _means(powers: Float64) -> list[float]:
    return [float(values.mean()) if len(values) else 0.0 for values in powers]


def separation_of(figures: Sequence[PrevalenceFigures]) -> Separation:
    """Return the figures of all labels as arrays, in their order."""
    return Separation(
        np.array([one["n_with"] for one in figures], np.float64),
        np.array([one["n_without"] for one in figures], np.float64),
        np.array([one["moments_with"] for one in figures], np.float64).T,
        np.array([one["moments_without"] for one in figures], np.float64).T,
    )


def mixture_of(sample: ArticleSets, separation: Separation) -> Mixture:
    """Tell what sets of articles are mixed of.

    With a share z of easy articles, (1 - z) b is the mean probability of those without the label. The variance
    is that of the set, but no less than that of left-out articles, mixed to the same mean with half an article
    of each kind added: few articles may be alike by chance.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        easy = easy_share(sample, separation)
        mean = sample.moments[0]
        of_with, of_without = separation.moments_with, (1 - easy) * separation.moments_without[:2, np.newaxis]
        gap = of_with[0] - of_without[0]
        is_told = (separation.n_with > 0) & (separation.n_without > 0) & (gap > LEAST_GAP)
        gap = np.where(is_told, gap, np.nan)
        raw = (mean - of_without[0]) / gap
        share = (np.clip(raw, 0, 1) * sample.column + 0.5) / (sample.column + 1)
        second = share * of_with[1] + (1 - share) * of_without[1]
        mixed = second - (share * of_with[0] + (1 - share) * of_without[0]) ** 2
        variance = np.maximum(sample.moments[1] - mean**2, mixed)
    return Mixture(raw, easy, variance, gap)


def easy_share(sample: ArticleSets, separation: Separation) -> Float64:
    """Return the share of articles that surely have nothing to do with a label: (n_sets, n_labels).

    A mixture e, h of left-out articles with and without it and of others with the probability 0 has the moments
    m1 = e a1 + h b1 and m2 = e a2 + h b2; what e + h lacks of 1, less a standard error, is the share. Where a
    share is expected, it is the mean of both, weighted by their variances.
    """
    (a1, a2), (b1, b2) = separation.moments_with[:2], separation.moments_without[:2]
    with np.errstate(divide="ignore", invalid="ignore"):
        determinant = a1 * b2 - a2 * b1
        weights = np.stack([b2 - a2, a1 - b1]) / determinant
        total = _weighted(weights, sample.moments)
        with_it = _weighted(np.stack([b2, -b1]) / determinant, sample.moments)
        without = total - with_it
        # As if ten of the left-out articles were among them: few articles may be alike by chance.
        spread = sample.column * _variance(weights, sample.moments)
        spread = spread + N_ADDED * _variance(weights, separation.moments_without)
        variance = spread / (sample.column + N_ADDED) / sample.column
        variance += with_it**2 * _variance(weights, separation.moments_with) / separation.n_with
        variance += without**2 * _variance(weights, separation.moments_without) / separation.n_without
        if separation.easy is None:
            return np.nan_to_num(np.clip(1 - total - np.sqrt(variance), 0, MOST_EASY))
        weight = EASY_SPREAD**2 / (EASY_SPREAD**2 + variance)
        own = np.nan_to_num(weight) * np.nan_to_num(1 - total)
        return np.clip(own + (1 - np.nan_to_num(weight)) * separation.easy, 0, MOST_EASY)


def _weighted(weights: Float64, moments: Float64) -> Float64:
    """Return the mean of w1 p + w2 p^2."""
    return np.asarray(weights[0] * moments[0] + weights[1] * moments[1])


def _variance(weights: Float64, moments: Float64) -> Float64:
    """Return the variance of w1 p + w2 p^2, from the first four moments of p."""
    squares = weights[0] ** 2 * moments[1] + weights[1] ** 2 * moments[3]
    second = squares + 2 * weights[0] * weights[1] * moments[2]
    return np.asarray(np.maximum(second - _weighted(weights, moments) ** 2, 0))


def adjusted_shares(sample: ArticleSets, separation: Separation) -> Shares:
    """Return the shrunken adjusted means of sets of articles.

    With the mean m of a set, a and b of left-out articles with and without the label, of which b counts what
    :func:`easy_share` leaves, e = (m - b) / (a - b) has the variance
    s2 = (var(p) / n + e^2 v_a / n_a + (1 - e)^2 v_b / n_b) / (a - b)^2. The estimate is w e + (1 - w) m with
    w = t^2 / (t^2 + s2), where t is three quarters of the share pi in training.

    m itself goes a - b of the way with a share, so the estimate goes g = w + (1 - w) (a - b). Its interval
    counts the noise g s of what it follows, and what it misses of a share that is ``SHIFT`` pi from training's.
    """
    mixture, mean = mixture_of(sample, separation), sample.moments[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = np.clip(mixture.raw, 0, 1)
        (a1, a2), (b1, b2) = separation.moments_with[:2], separation.moments_without[:2]
        of_training = raw**2 * (a2 - a1**2) / separation.n_with
        of_training += ((1 - raw) * (1 - mixture.easy)) ** 2 * (b2 - b1**2) / separation.n_without
        variance = (mixture.variance / sample.column + of_training) / mixture.gap**2
        reach = (SHRINKAGE * separation.prior) ** 2
        weight = reach / (reach + variance)
        followed = weight + (1 - weight) * mixture.gap
        error = Z95 * np.hypot(followed * np.sqrt(variance), (1 - followed) * SHIFT * separation.prior)
        share = weight * raw + (1 - weight) * mean
    is_told = ~np.isnan(mixture.gap)
    share, low, high = (
        np.where(is_told, values, other)
        for values, other in ((share, mean), (share - error, 0 * mean), (share + error, 0 * mean + 1))
    )
    return Shares(share, np.clip(low, 0, 1), np.clip(high, 0, 1))


def counted_shares(n: Float64, counts: Float64) -> Shares:
    """Return the shares of labels that were counted, with intervals of Wilson's score.

    ``n`` is (n_sets,), ``counts`` (n_sets, n_labels).
    """
    n = n[:, np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = counts / n
        return Shares(share, *score_interval(share, n, Z95))


def mean_shares(sample: ArticleSets) -> Shares:
    """Return mean probabilities with intervals as if these were right."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sample.moments[0]
        noise = Z95 * np.sqrt(np.maximum(sample.powers[0] - sample.powers[1], 0)) / sample.column
    return Shares(mean, np.clip(mean - noise, 0, 1), np.clip(mean + noise, 0, 1))


def is_beyond(sample: ArticleSets, separation: Separation) -> BoolArray:
    """Mark sets that differ so much from training that no correction is promised.

    Either the share is surely above the double of training's or, of articles that are not easy, below a quarter
    of it; or no mixture has such a mean probability, by two standard errors.
    """
    shares, mixture = adjusted_shares(sample, separation), mixture_of(sample, separation)
    least = LEAST_SHIFT * separation.prior * (1 - mixture.easy)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = 2 * np.sqrt(mixture.variance / sample.column) / mixture.gap
        is_outside = (mixture.raw + error < 0) | (mixture.raw - error > 1)
        is_shifted = (shares.high < least) | (shares.low > MOST_SHIFT * separation.prior)
        return np.asarray(is_outside | is_shifted)


def least_error(separation: Separation) -> Float64:
    """Return half of a 95 % interval that no number of articles makes narrower, at the share of training.

    It is large where the model had few articles to learn from, or gives those with and without a label
    probabilities that hardly differ: (n_labels,), NaN where nothing can be told.
    """
    (a1, a2), (b1, b2) = separation.moments_with[:2], separation.moments_without[:2]
    share, gap = separation.prior, a1 - b1
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = share**2 * (a2 - a1**2) / separation.n_with
        variance += (1 - share) ** 2 * (b2 - b1**2) / separation.n_without
        return np.asarray(np.where(gap > LEAST_GAP, Z95 * np.sqrt(np.maximum(variance, 0)) / gap, np.nan))
