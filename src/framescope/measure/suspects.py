"""Units whose labels are likely mistaken: the annotators' labels against left-out probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framescope._types import BoolArray, Float64
from framescope.codebook import Codebook
from framescope.measure.metrics import Outcomes
from framescope.measure.reliability import LOG_LOSS_CLIP

STEEPNESS = 2.5
"""How far the most surprising label of a unit outweighs its others: 1 adds them up, infinity sees it alone."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A label that a unit bears (``is_given``) or lacks although the model says otherwise."""

    label: str
    is_given: bool
    probability: float

    @property
    def self_confidence(self) -> float:
        """The probability that the annotation is right, as the model has it."""
        return self.probability if self.is_given else 1 - self.probability


@dataclass(frozen=True, slots=True)
class Suspect:
    """A unit, by its row, with the labels in doubt, the most doubtful first."""

    row: int
    doubts: tuple[Doubt, ...]


def find_suspects(outcomes: Outcomes, codebook: Codebook, *, n_suspects: int) -> list[Suspect]:
    """Return the units whose labels surprise most, the most surprising first.

    A label is in doubt where the decision differs from it; a parent is left out where a child tells the same.
    The surprise of a label is minus the logarithm of the self-confidence, and that of a unit is the norm of its
    labels' with the exponent :data:`STEEPNESS`: two improbable labels say more than one.
    Probabilities must come from fits without the unit, or they would repeat its labels.

    Source: Thyagarajan et al., Identifying Incorrect Annotations in Multi-Label Classification Data (2022),
    for pooling self-confidence over labels; Northcutt et al., Confident Learning (2021), for self-confidence.
    """
    truth, p = outcomes.truth, outcomes.probabilities.astype(np.float64)
    in_doubt = _finest(truth != outcomes.decided, truth, codebook)
    confidence = np.where(in_doubt, np.where(truth, p, 1 - p), np.inf)
    likely = np.where(in_doubt & truth & (p == 0), _out_of_scope_rate(truth, p), confidence)
    surprise = np.where(in_doubt, -np.log(np.maximum(likely, LOG_LOSS_CLIP)), 0)
    pooled = (surprise**STEEPNESS).sum(axis=1)
    rows = np.argsort(-pooled, kind="stable")[:n_suspects]
    return [
        Suspect(int(row), _doubts(confidence[row], truth[row], p[row], codebook=codebook))
        for row in rows
        if in_doubt[row].any()
    ]


def _out_of_scope_rate(truth: BoolArray, p: Float64) -> float:
    """Return how often labels are given to units out of their scope.

    There the probability is 0 by rule and tells nothing of the text: either the label or the scope is wrong.
    """
    is_outside = p == 0
    return float(((truth & is_outside).sum() + 0.5) / (is_outside.sum() + 1))


def _finest(in_doubt: BoolArray, truth: BoolArray, codebook: Codebook) -> BoolArray:
    """Drop parents in doubt with a child in doubt in the same way."""
    finest = in_doubt.copy()
    for child in np.flatnonzero(codebook.parents >= 0):
        parent = codebook.parents[child]
        finest[:, parent] &= ~(in_doubt[:, child] & (truth[:, child] == truth[:, parent]))
    return finest


def _doubts(
    confidence: Float64,
    truth: BoolArray,
    probabilities: Float64,
    *,
    codebook: Codebook,
) -> tuple[Doubt, ...]:
    order = np.argsort(confidence, kind="stable")
    return tuple(
        Doubt(codebook.ids[k], bool(truth[k]), float(probabilities[k]))
        for k in order[: np.isfinite(confidence).sum()]
    )
