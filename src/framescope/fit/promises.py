"""Cuts whose precision or recall is promised for new groups of articles, with a confidence of 90 %.

What a cut gives wrongly, or misses, varies from group to group: articles of one source or story are right or
wrong together. So the groups are what is counted, not the labels. A cut is promised if as many new groups as
were judged would keep the goal in nine of ten cases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import t as student

from framescope._types import BoolArray, Float32, Float64, Indices
from framescope.model.decision import NEVER

CONFIDENCE = 0.94
"""Of each cut that is tried. The best of them is chosen, so that what it promises holds with about 0.9."""
MIN_GROUPS = 10
"""Groups with labels from which on their spread tells anything."""
GROWTH = 1.25
"""Each cut that is tried gives so many times as many labels as the one before."""
N_BETWEEN = 32
"""Cuts that are tried for a recall between the last two. A lower cut never recalls less, so that trying more of
them makes no promise by chance; of a precision it would."""
LEAST_TRIED = 5
"""A cut must give so many times as many labels as would do, were all of them right: of few, some cut keeps any
goal by chance."""
LEAST_ALONE = 10
"""A label is promised alone if so many times as many groups have it."""
GOAL = re.compile(r"(precision|recall)>=(0?\.\d+|1(?:\.0*)?)")


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached: of the labels that are given, or of those that should be, so many are right."""

    measure: Literal["precision", "recall"]
    least: float


def parse_goal(text: str) -> Goal | None:
    """Return the goal that ``precision>=P`` or ``recall>=R`` names; None for another text.

    >>> parse_goal("precision >= 0.9")
    Goal(measure='precision', least=0.9)
    """
    found = GOAL.fullmatch(text.replace(" ", ""))
    if found is None:
        return None
    return Goal("precision" if found[1] == "precision" else "recall", float(found[2]))


def promised_cut(probabilities: Float32, truth: BoolArray, groups: Indices, goal: Goal) -> np.float32:
    """Return the cut of the most use that keeps a goal for all labels together, NEVER if none does.

    That is the lowest one for a precision and the highest one for a recall. A probability of 0 is never given.

    Args:
        probabilities: of units that were not fitted, (n_units, n_labels).
        truth: of the same shape.
        groups: number of each unit's group, (n_units,).
        goal: what is to be kept.
    """
    cuts = _tried_cuts(probabilities)
    if not len(cuts):
        return NEVER
    if goal.measure == "precision":
        given, right = _by_group(probabilities, truth, groups, cuts)
        is_tried = given.sum(axis=0) >= LEAST_TRIED * n_needed(goal.least)
        kept = np.flatnonzero(is_tried & keeps(given - right, given, goal.least))
        return np.float32(cuts[kept[-1]]) if len(kept) else NEVER
    n_kept = _n_recalling(probabilities, truth, groups, cuts, goal.least)
    if not 0 < n_kept < len(cuts):
        return np.float32(cuts[0]) if n_kept else NEVER
    found, too_high = cuts[len(cuts) - n_kept], cuts[len(cuts) - n_kept - 1]
    between = _cuts_between(probabilities, found, too_high)
    n_kept = _n_recalling(probabilities, truth, groups, between, goal.least) if len(between) else 0
    return np.float32(between[len(between) - n_kept]) if n_kept else np.float32(found)


def stands_alone(truth: BoolArray, groups: Indices, goal: Goal) -> BoolArray:
    """Tell which labels enough groups have for a promise of their own: (n_labels,) bool."""
    number = np.unique(groups, return_inverse=True)[1]
    has_label = np.zeros((int(number.max(initial=-1)) + 1, truth.shape[1]), bool)
    np.logical_or.at(has_label, number, truth)
    return np.asarray(has_label.sum(axis=0) >= LEAST_ALONE * n_needed(goal.least))


def keeps(n_wrong: Float64, n_all: Float64, least: float) -> BoolArray:
    """Tell of each cut whether as many new groups would keep a goal, (n_cuts,) bool.

    In group g, ``n_wrong[g]`` of ``n_all[g]`` labels are wrong, both (n_groups, n_cuts), and w - (1 - least) n
    is what the group adds to the debt. The sum over G groups has a standard error of sqrt(G) s; what as many
    new groups add differs from it by sqrt(2) times as much. One wrong label more counts for groups that are
    unlike all that were seen.
    """
    debt = n_wrong - (1 - least) * n_all
    n_telling = (n_all > 0).sum(axis=0)
    spread = np.sqrt(2 * len(debt)) * debt.std(axis=0, ddof=min(1, len(debt) - 1))
    quantile = student.ppf(CONFIDENCE, np.maximum(n_telling - 1, 1))
    is_kept: BoolArray = (n_telling >= MIN_GROUPS) & (debt.sum(axis=0) + quantile * spread + least <= 0)
    return is_kept


def n_needed(least: float) -> int:
    """Return how many labels, one a group of many and all of them right, would keep a precision.

    >>> n_needed(0.6), n_needed(0.9)
    (9, 20)
    """
    n_labels = np.arange(2, 10_000)
    quantile = student.ppf(CONFIDENCE, n_labels - 1)
    debt = (1 - least) * (quantile * np.sqrt(2 * n_labels) - n_labels)
    return int(n_labels[np.argmax(debt + least <= 0)]) if least < 1 else len(n_labels)


def _n_recalling(probabilities: Float32, truth: BoolArray, groups: Indices, cuts: Float32, least: float) -> int:
    """Return how many cuts, from the lowest on and without a gap, keep a recall; cuts are highest first."""
    _, right = _by_group(probabilities, truth, groups, cuts)
    n_true = np.bincount(np.unique(groups, return_inverse=True)[1], weights=truth.sum(axis=1))[:, np.newaxis]
    is_kept = keeps(n_true - right, np.broadcast_to(n_true, right.shape), least)
    return int(np.logical_and.accumulate(is_kept[::-1]).sum())


def _cuts_between(probabilities: Float32, lowest: np.float32, highest: np.float32) -> Float32:
    """Return some probabilities between two cuts, highest first, that part what is between evenly."""
    ordered = np.sort(probabilities[(probabilities > lowest) & (probabilities < highest)], axis=None)[::-1]
    places = np.linspace(0, len(ordered) - 1, min(N_BETWEEN, len(ordered))).astype(np.intp)
    return np.unique(ordered[places])[::-1]


def _tried_cuts(probabilities: Float32) -> Float32:
    """Return the probabilities that are tried as cuts, highest first; the last one gives all that can be."""
    ordered = np.sort(probabilities[probabilities > 0], axis=None)[::-1]
    if not len(ordered):
        return ordered
    n_steps = int(np.log(len(ordered)) / np.log(GROWTH)) + 1
    counts = np.minimum(np.ceil(GROWTH ** np.arange(n_steps)), len(ordered)).astype(np.intp)
    return np.unique(ordered[np.append(counts, len(ordered)) - 1])[::-1]


def _by_group(
    probabilities: Float32, truth: BoolArray, groups: Indices, cuts: Float32
) -> tuple[Float64, Float64]:
    """Return how many labels each cut gives in each group, and how many of them are right.

    Both are (n_groups, n_cuts).
    """
    number = np.unique(groups, return_inverse=True)[1]
    first = np.searchsorted(-cuts, -probabilities, side="left")  # the highest cut that gives the cell
    rows, columns = np.nonzero((probabilities > 0) & (probabilities >= cuts[-1]))
    cells = number[rows] * len(cuts) + first[rows, columns]
    shape = (int(number.max()) + 1, len(cuts))
    given, right = (
        np.bincount(cells, weights=weights, minlength=shape[0] * shape[1]).reshape(shape).cumsum(axis=1)
        for weights in (None, truth[rows, columns])
    )
    return given.astype(np.float64), right
