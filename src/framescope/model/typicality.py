"""How like the training articles a text is: how much of it is known, as against articles that were left out.

Three shares are compared with what left-out articles of that length have: how many of the text's words, of
the character n-grams of these and of its pairs of words training has seen. Another language lacks all three,
another topic words and pairs, shuffled words pairs. What is known better than usual does not count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framescope._types import BoolArray, Float32, Float64, Int32
from framescope.features.known import GRAMS, KNOWN_GRAMS, KNOWN_PAIRS, KNOWN_WORDS, PAIRS, WORDS

DEFAULT_CUT = 0.01
N_SHARES = 3
N_MEAN_TERMS = 3
N_VARIANCE_TERMS = 2


@dataclass(frozen=True, eq=False)
class Typicality:
    """How much of left-out articles is known, and from which typicality on a text is unlike training.

    ``means`` is (N_SHARES, N_MEAN_TERMS): the terms are 1, l and l^2, where l is the logarithm of 1 + the
    number of distinct words, kept within ``lengths``. ``variances`` is (N_SHARES, N_VARIANCE_TERMS): the terms
    are 1 and one divided by this number. ``familiarity`` is that of the left-out articles, ascending:
    (n_left_out,) float32.
    """

    cut: float
    means: Float64
    variances: Float64
    lengths: tuple[float, float]
    familiarity: Float32

    def of(self, counts: Int32) -> Float32:
        """Return the share of left-out articles that are no more typical than each text: (n_texts,) float32.

        ``counts`` has the columns of :mod:`framescope.features.known`. A text without words is like none.
        """
        n_less = np.searchsorted(self.familiarity, self.familiarity_of(counts), side="right")
        share: Float32 = np.where(counts[:, WORDS] > 0, n_less / len(self.familiarity), 0).astype(np.float32)
        return share

    def is_unlike(self, typicality: Float32) -> BoolArray:
        """Tell which texts are unlike training, so that no probability is meant for them."""
        return np.asarray(typicality < np.float32(self.cut))

    def familiarity_of(self, counts: Int32) -> Float32:
        """Return how like the training texts are: at most 0, less for what is less known."""
        shares = shares_of(counts)
        expected = mean_terms(counts, self.lengths) @ self.means.T
        deviation = np.sqrt(variance_terms(counts) @ self.variances.T)
        lacking = np.minimum(np.where(np.isnan(shares), 0, (shares - expected) / deviation), 0)
        return np.asarray(-np.sqrt(np.square(lacking).sum(axis=1)), np.float32)


def shares_of(counts: Int32) -> Float64:
    """Return the known share of words, n-grams and pairs: (n_texts, N_SHARES), NaN where a text has none."""
    has, known = counts[:, [WORDS, GRAMS, PAIRS]], counts[:, [KNOWN_WORDS, KNOWN_GRAMS, KNOWN_PAIRS]]
    return np.asarray(np.where(has > 0, known / np.maximum(has, 1), np.nan))


def mean_terms(counts: Int32, lengths: tuple[float, float]) -> Float64:
    """Return what the expected shares depend on: (n_texts, N_MEAN_TERMS)."""
    length = np.log1p(counts[:, WORDS]).clip(*lengths)
    return np.column_stack([np.ones(len(length)), length, length * length])


def variance_terms(counts: Int32) -> Float64:
    """Return what the variances of the shares depend on: (n_texts, N_VARIANCE_TERMS)."""
    return np.column_stack([np.ones(len(counts)), 1 / np.maximum(counts[:, WORDS], 1)])
