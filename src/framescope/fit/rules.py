"""Fitting the decision rule: cuts, or the probability of no label, from calibrated probabilities."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from sklearn.linear_model import LogisticRegression

from framescope._types import Array, BoolArray, Float32, Float64
from framescope.codebook import Codebook
from framescope.model.decision import MACRO_F1, MICRO_F1, NEVER, SAMPLES_F1, Rule, empty_terms

EXPECTED_SHARE = 0.75
EMPTY_PENALTY = 0.1
GOAL = re.compile(r"(precision|recall)>=(0?\.\d+|1(?:\.0*)?)")


def parse_rule(text: str) -> Callable[[Float32, BoolArray, Codebook], Rule]:
    """Return the function that fits a rule of this name to probabilities and truth, both (n_units, n_labels).

    Raises:
        ValueError: no such rule.
    """
    if text in RULES:
        return RULES[text]
    goal = GOAL.fullmatch(text.replace(" ", ""))
    if goal is None:
        known = ", ".join([*RULES, "precision>=P", "recall>=R"])
        raise ValueError(f"unknown rule {text!r}; expected one of {known} with P and R between 0 and 1")
    measure, least = goal[1], float(goal[2])
    reach = _cut_of_precision if measure == "precision" else _cut_of_recall

    def fit(probabilities: Float32, truth: BoolArray, codebook: Codebook) -> Rule:
        cuts = [reach(probabilities[:, label], truth[:, label], least) for label in range(truth.shape[1])]
        return Rule(text, np.array(cuts, dtype=np.float32))

    return fit


def fit_samples_f1(probabilities: Float32, truth: BoolArray, codebook: Codebook) -> Rule:
    """Fit the rule of the greatest expected F1: learn how likely a text without labels is, if there are any.

    Texts out of every label's scope are known to get none, and are left out.
    """
    possible = np.flatnonzero(probabilities.any(axis=1))
    probabilities, is_empty = probabilities[possible], np.asarray(~truth[possible].any(axis=1))
    if not is_empty.any():
        return Rule(SAMPLES_F1)
    if is_empty.all():
        return Rule(SAMPLES_F1, empty=(float(np.log(2 * len(is_empty) + 1)), 0.0, 0.0))
    odds = LogisticRegression(C=1 / EMPTY_PENALTY, fit_intercept=False, solver="newton-cholesky")
    odds.fit(empty_terms(probabilities, codebook), is_empty)
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


def _cut_of_precision(probabilities: Float32, truth: BoolArray, least: float) -> np.float32:
    """Return the lowest cut from which the precision is reached, NEVER if it is not."""
    cuts, hits, decisions = _curve(probabilities, truth)
    reached = np.flatnonzero((hits / decisions >= least) & (hits > 0))
    return np.float32(cuts[reached[-1]]) if len(reached) else NEVER


def _cut_of_recall(probabilities: Float32, truth: BoolArray, least: float) -> np.float32:
    """Return the highest cut from which the recall is reached, NEVER for a label without examples in its scope.

    Where examples out of its scope leave the recall out of reach, the label is given wherever it can be.
    """
    cuts, hits, _ = _curve(probabilities, truth)
    if not hits.any():
        return NEVER
    is_reached = hits / truth.sum() >= least
    return np.float32(cuts[np.argmax(is_reached)] if is_reached.any() else cuts[-1])


def _curve(probabilities: Float32, truth: Array) -> tuple[Float32, Float64, Float64]:
    """Return the distinct values but 0 as cuts, highest first, with hits and decisions at each."""
    order = np.argsort(-probabilities, kind="stable")
    order = order[: np.count_nonzero(probabilities)]
    ordered = probabilities[order]
    last_of_value = np.flatnonzero(np.diff(ordered, append=np.float32(-1.0)))
    hits = np.cumsum(truth[order], dtype=np.float64)
    return ordered[last_of_value], hits[last_of_value], last_of_value + np.float64(1)
