"""How reliable coders are, and what their labels amount to: Dawid and Skene's model, of each label by itself.

Whether an article bears a label is not known; a coder gives it to a share of the articles that bear it and to
another of those that do not. Expectation maximization finds these shares and, for each article, the probability
that it bears the label.

Source: Dawid and Skene, Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm (1979).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framescope._types import BoolArray, Float64, Indices

MAX_ROUNDS = 500
TOLERANCE = 1e-7
ONE_MORE = 1.0
"""To each count of a coder's right and wrong answers so much is added: of few answers no one is sure."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """What is found of one label.

    ``probabilities`` (n_articles,) tell whether an article bears it; ``sensitivity`` and ``specificity``
    (n_coders,) are the shares of articles with and without it on which a coder is right.
    """

    probabilities: Float64
    sensitivity: Float64
    specificity: Float64


def weigh(article: Indices, coder: Indices, given: BoolArray, *, one_more: float = ONE_MORE) -> Reliability:
    """Fit the model of one label to codings, (n_codings,) each: of which article, by whom, with it or not.

    Articles and coders are numbered from 0, each with a coding.
    With ``one_more`` of 0 the estimates are those of greatest likelihood.
    """
    n_articles, n_coders = int(article.max()) + 1, int(coder.max()) + 1
    probabilities: Float64 = np.bincount(article, given, n_articles) / np.bincount(article)
    for _ in range(MAX_ROUNDS):
        sensitivity = _share_right(coder, given, probabilities[article], n_coders, one_more)
        specificity = _share_right(coder, ~given, 1 - probabilities[article], n_coders, one_more)
        prevalence = float(probabilities.mean())
        with np.errstate(divide="ignore"):
            speaks_for = np.where(given, np.log(sensitivity)[coder], np.log1p(-sensitivity)[coder])
            speaks_against = np.where(given, np.log1p(-specificity)[coder], np.log(specificity)[coder])
            for_it = np.log(prevalence) + np.bincount(article, speaks_for, n_articles)
            against = np.log1p(-prevalence) + np.bincount(article, speaks_against, n_articles)
        before, probabilities = probabilities, np.exp(for_it - np.logaddexp(for_it, against))
        if np.abs(probabilities - before).max() < TOLERANCE:
            break
    return Reliability(probabilities, sensitivity, specificity)


def _share_right(
    coder: Indices, is_right: BoolArray, weight: Float64, n_coders: int, one_more: float
) -> Float64:
    """Return each coder's share of right answers; one half where nothing tells."""
    n_right = np.bincount(coder, weight * is_right, n_coders) + one_more
    n_all = np.bincount(coder, weight, n_coders) + 2 * one_more
    share: Float64 = np.divide(n_right, n_all, out=np.full(n_coders, 0.5), where=n_all > 0)
    return share
