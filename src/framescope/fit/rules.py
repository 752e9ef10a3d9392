"""Fitting the decision rule: cuts, or the probability of no label, from calibrated probabilities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from sklearn.linear_model import LogisticRegression

from framescope._types import Array, BoolArray, Float32, Float64, Indices
from framescope.codebook import Codebook
from framescope.fit.calibrate import feed_weights
from framescope.fit.promises import Goal, parse_goal, promised_cut, stands_alone
from framescope.model.decision import MACRO_F1, MICRO_F1, NEVER, SAMPLES_F1, Rule, empty_terms

EXPECTED_SHARE = 0.75
EMPTY_PENALTY = 0.1


class FitRule(Protocol):
    """Fits a rule to probabilities and truth, both (n_units, n_labels), of units in groups, (n_units,)."""

    def __call__(
        self, probabilities: Float32, truth: BoolArray, codebook: Codebook, groups: Indices | None = None
    ) -> Rule:
        """Return the rule; without groups each unit is one."""


def parse_rule(text: str) -> FitRule:
    """Return the function that fits a rule of this name.

    Raises:
        ValueError: no such rule.
    """
    goal = parse_goal(text)
    if text not in RULES and goal is None:
        known = ", ".join([*RULES, "precision>=P", "recall>=R"])
        raise ValueError(f"unknown rule {text!r}; expected one of {known} with P and R between 0 and 1")

    def fit(
        probabilities: Float32, truth: BoolArray, codebook: Codebook, groups: Indices | None = None
    ) -> Rule:
        if goal is None:
            return RULES[text](probabilities, truth, codebook)
        numbers = np.arange(len(truth)) if groups is None else groups
        return Rule(text, fit_cuts(goal, probabilities, truth, numbers, codebook))

    return fit


def fit_cuts(
    goal: Goal, probabilities: Float32, truth: BoolArray, groups: Indices, codebook: Codebook
) -> Float32:
    """Return cuts that keep a goal on new groups, (n_labels,), NEVER for a label of which none can be promised.

    Labels that enough groups have are promised one by one; the others of a level share a cut, and keep the goal
    together. A label that a child brings counts as given.
    """
    is_alone = stands_alone(truth, groups, goal)
    cuts = np.full(len(codebook.ids), NEVER, np.float32)
    reached = probabilities.copy()
    for level in (codebook.fine, np.setdiff1d(codebook.coarse, codebook.fine)):
        known = level[truth[:, level].any(axis=0)]
        for columns in [known[~is_alone[known]], *known[is_alone[known], None]]:
            if len(columns):
                cuts[columns] = promised_cut(reached[:, columns], truth[:, columns], groups, goal)
        brought = codebook.closed(probabilities >= cuts)
        reached[brought] = np.inf
    return cuts


def fit_samples_f1(
    probabilities: Float32, truth: BoolArray, codebook: Codebook, feed: Float32 | None = None
) -> Rule:
    """Fit the rule of the greatest expected F1: learn how likely a text without labels is, if there are any.

    Texts out of every label's scope are known to get none, and are left out. ``feed`` are probabilities of
    articles without labels, (n_articles, n_labels), which count as in the calibration.
    """
    weights = np.ones(len(probabilities))
    if feed is not None:
        weights = feed_weights(len(probabilities), len(feed))
        probabilities = np.vstack([probabilities, feed])
        truth = np.vstack([truth, np.zeros(feed.shape, bool)])
    possible = np.flatnonzero(probabilities.any(axis=1))
    probabilities, is_empty = probabilities[possible], np.asarray(~truth[possible].any(axis=1))
    if not is_empty.any():
        return Rule(SAMPLES_F1)
    if is_empty.all():
        return Rule(SAMPLES_F1, empty=(float(np.log(2 * len(is_empty) + 1)), 0.0, 0.0))
    odds = LogisticRegression(C=1 / EMPTY_PENALTY, fit_intercept=False, solver="newton-cholesky")
    odds.fit(empty_terms(probabilities, codebook), is_empty, weights[possible])
    constant, fine, coarse = (float(coefficient) for coefficient in odds.coef_[0])
    return Rule(SAMPLES_F1, empty=(constant, fine, coarse))


def fit_micro_f1(probabilities: Float32, truth: BoolArray, codebook: Codebook) -> Rule:
    """Find the one cut of the best micro-F1 over the fine labels, and that of the labels with children."""
    cuts = np.full(truth.shape[1], NEVER, dtype=np.float32)
    for level in (codebook.fine, np.setdiff1d(codebook.coarse, codebook.fine)):
        if len(level):
            cuts[level] = _cut_of_f1(probabilities[:, level].ravel(), truth[:, level].ravel())
    cuts[~truth.any(axis=0)] = NEVER
    return Rule(MICRO_F1, cuts)


def fit_macro_f1(probabilities: Float32, truth: BoolArray, codebook: Codebook) -> Rule:
    """Find each label's cut of the best F1, where a hit counts as its probability says, in part.

    What a few examples happen to be moves the cut of a rare label less this way.
    """
    cuts = np.full(truth.shape[1], NEVER, dtype=np.float32)
    expected = EXPECTED_SHARE * probabilities + (1 - EXPECTED_SHARE) * truth
    for label in np.flatnonzero(truth.any(axis=0)):
        cuts[label] = _cut_of_f1(probabilities[:, label], expected[:, label])
    return Rule(MACRO_F1, cuts)


RULES: dict[str, Callable[[Float32, BoolArray, Codebook], Rule]] = {
    SAMPLES_F1: fit_samples_f1,
    MICRO_F1: fit_micro_f1,
    MACRO_F1: fit_macro_f1,
}


def _cut_of_f1(probabilities: Float32, truth: Array) -> np.float32:
    """Return the cut of the best F1 = 2 hits / (decisions + true), NEVER where nothing is true."""
    cuts, hits, decisions = _curve(probabilities, truth)
    if not hits.any():
        return NEVER
    return np.float32(cuts[np.argmax(2 * hits / (decisions + truth.sum(dtype=np.float64)))])


def _curve(probabilities: Float32, truth: Array) -> tuple[Float32, Float64, Float64]:
    """Return the distinct values but 0 as cuts, highest first, with hits and decisions at each."""
    order = np.argsort(-probabilities, kind="stable")
    order = order[: np.count_nonzero(probabilities)]
    ordered = probabilities[order]
    last_of_value = np.flatnonzero(np.diff(ordered, append=np.float32(-1.0)))
    hits = np.cumsum(truth[order], dtype=np.float64)
    return ordered[last_of_value], hits[last_of_value], last_of_value + np.float64(1)
