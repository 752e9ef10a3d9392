"""From margins to probabilities: one small logistic model for all labels.

A label's probability is read from its own score, the score of its parent, how common the label is, how it
stands among the labels of its level in the same text, and how much speaks for any of them. Being pooled, it
gives a label of five examples a sane probability, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from framescope._types import BoolArray, Float32, Float64, Floats, Int32
from framescope.model.calibration_kernels import MIN_SCORE, MIN_TOTAL, calibrate, calibrate_parents

Link = Literal["identity", "logistic"]

N_TERMS = 12


@dataclass(frozen=True)
class Calibration:
    """The fitted second stage.

    ``coefficients`` is (N_TERMS,), in the order of :func:`terms`, with one more where it counts how far a text
    resembles a label's description; ``prior`` is each label's share of the
    training articles in its scope, (n_labels,), strictly between 0 and 1. ``link`` turns margins into scores of
    about 0 to 1: ridge margins are such scores, those of a logistic regression are log-odds.

    A parent is on where a child is, so its probability has to be the greatest of them. Being the greatest of
    several estimates it would be too high: ``of_parents``, the three coefficients of
    :func:`framescope.model.calibration_kernels.calibrate_parents`, make up for it. None leaves the greatest.
    """

    coefficients: Float64
    prior: Float64
    link: Link
    of_parents: tuple[float, float, float] | None = None

    @property
    def has_likeness(self) -> bool:
        """Whether how far a text resembles descriptions is one of the terms."""
        return len(self.coefficients) > N_TERMS

    def probabilities(
        self,
        margins: Floats,
        parents: Int32,
        intercept: Float32 | None = None,
        *,
        in_scope: BoolArray | None = None,
        likeness: Float32 | None = None,
    ) -> Float32:
        """Return probabilities of the same shape as the margins; a parent's is at least its children's.

        Where a text is not ``in_scope``, of the margins' shape, the probability is 0, and nowhere else.

        A text without any known feature has the ``intercept`` for margins, (n_labels,), and gets each label's
        prior: nothing speaks for or against it, and left-out articles were never like that.

        ``likeness``, of the margins' shape, is how far texts resemble descriptions, which counts without any
        known feature, too; it is there if and only if :attr:`has_likeness`.
        """
        probabilities = self.each_alone(margins, parents, intercept, in_scope=in_scope, likeness=likeness)
        if (parents >= 0).any():
            margins = np.ascontiguousarray(margins, np.float32)
            is_fitted = self.of_parents is not None
            coefficients = np.array(self.of_parents or (0.0, 0.0, 0.0))
            blank = _of_blank(intercept, margins)
            calibrate_parents(margins, parents, blank, coefficients, is_fitted, probabilities)
        return probabilities

    def each_alone(
        self,
        margins: Floats,
        parents: Int32,
        intercept: Float32 | None = None,
        *,
        in_scope: BoolArray | None = None,
        likeness: Float32 | None = None,
    ) -> Float32:
        """Return what :meth:`probabilities` would be if a label's children said nothing of it."""
        if (likeness is not None) != self.has_likeness:
            raise ValueError(
                f"a second stage of {len(self.coefficients)} terms: likeness {likeness is not None}"
            )
        margins = np.ascontiguousarray(margins, np.float32)
        probabilities = np.empty(margins.shape, np.float32)
        calibrate(
            margins,
            np.empty((0, 0), np.float32) if likeness is None else np.ascontiguousarray(likeness, np.float32),
            parents,
            _of_blank(intercept, margins),
            self.coefficients,
            np.log(self.prior / (1 - self.prior)),
            self.link == "logistic",
            probabilities,
        )
        if in_scope is not None:
            probabilities *= in_scope
        return probabilities


def _of_blank(intercept: Float32 | None, margins: Float32) -> Float32:
    """Return the margins of a text without any known feature, which no text has if they are not known."""
    return np.full(margins.shape[1], np.nan if intercept is None else intercept, np.float32)


def terms(
    margins: Floats, parents: Int32, stage: Calibration, likeness: Float32 | None = None
) -> list[Float64]:
    """Return the terms of the log-odds, each an array of the margins' shape (n_texts, n_labels)."""
    scores = margins.astype(np.float64)
    if stage.link == "logistic":
        scores = _logistic(scores)
    ones = np.ones_like(scores)
    is_child = ones * (parents >= 0)
    of_parent = np.where(parents >= 0, scores[:, np.maximum(parents, 0)], 0.0)
    prior = ones * np.log(stage.prior / (1 - stage.prior))
    rank, lead = _standing(scores, parents)
    total = np.log(np.maximum(_level_total(scores, parents), MIN_TOTAL))
    return [
        ones,
        scores,
        prior,
        is_child,
        of_parent,
        rank,
        lead,
        scores * prior,
        scores * is_child,
        np.log(np.maximum(scores, MIN_SCORE)),
        of_parent * prior,
        total,
        *([] if likeness is None else [likeness.astype(np.float64)]),
    ]


def _standing(scores: Float64, parents: Int32) -> tuple[Float64, Float64]:
    """Return ln(1 + rank) within the level, and the lead over the best of the level's other labels."""
    rank, lead = np.zeros_like(scores), np.zeros_like(scores)
    for level in (np.flatnonzero(parents < 0), np.flatnonzero(parents >= 0)):
        if len(level) < 2:
            continue
        own = scores[:, level]
        order = np.argsort(-own, axis=1, kind="stable")
        np.put_along_axis(own_rank := np.empty(own.shape), order, np.log1p(np.arange(len(level)))[None], axis=1)
        first, second = (np.take_along_axis(own, order[:, k : k + 1], axis=1) for k in (0, 1))
        rank[:, level] = own_rank
        lead[:, level] = own - np.where(own_rank == 0, second, first)
    return rank, lead


def _level_total(scores: Float64, parents: Int32) -> Float64:
    """Return the sum of the scores of each label's level."""
    is_child = parents >= 0
    totals = [scores[:, level].sum(axis=1, keepdims=True) for level in (~is_child, is_child)]
    return np.asarray(np.where(is_child, totals[1], totals[0]))


def _logistic(log_odds: Float64) -> Float64:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * log_odds)))
