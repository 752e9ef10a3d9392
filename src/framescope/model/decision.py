"""From probabilities to label sets: the rules."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from framescope._types import BoolArray, Float32, Float64
from framescope.codebook import Codebook
from framescope.model.expected_f1 import choose_sets

NEVER = np.float32(np.inf)

SAMPLES_F1, MICRO_F1, MACRO_F1 = "samples-f1", "micro-f1", "macro-f1"
"""Names of rules: the sets of the greatest expected F1, one cut for a level of labels, one for each label."""


@dataclass(frozen=True)
class Rule:
    """How probabilities become labels.

    ``name`` is what the user asked for. Either a label is given where its probability reaches its cut, with
    ``cuts`` (n_labels,) float32, ``NEVER`` for a label that is not to be given; or ``cuts`` is None and a text
    gets the set of labels with the greatest expected F1. Then ``empty`` holds the three coefficients that
    give the probability of no label (see :func:`empty_terms`), or None if every text gets a label.

    A label of probability 0, out of whose scope the text is, is never given.

    Whatever is chosen so is given only where its probability reaches the label's floor: ``floors`` (n_labels,)
    float32, ``NEVER`` for a label that is not to be given, a child's at least its parent's. None is 0 for all.
    """

    name: str
    cuts: Float32 | None = None
    empty: tuple[float, float, float] | None = None
    floors: Float32 | None = None

    @property
    def has_goal(self) -> bool:
        """Whether its cuts are promised to keep a goal, of articles like those that they were fitted to."""
        return self.name.startswith(("precision>=", "recall>="))

    def giving_nothing(self) -> Rule:
        """Return the rule with cuts that no label reaches, for texts of which its goal is not promised."""
        return self if self.cuts is None else replace(self, cuts=np.full_like(self.cuts, NEVER))

    def decide(self, probabilities: Float32, codebook: Codebook) -> BoolArray:
        """Return the label sets, closed upwards: (n_texts, n_labels) bool."""
        decided = self.choose(probabilities, codebook)
        if self.floors is not None:
            decided &= probabilities >= self.floors
        return codebook.closed(decided) & (probabilities > 0)

    def choose(self, probabilities: Float32, codebook: Codebook) -> BoolArray:
        """Return the labels before floors and parents: (n_texts, n_labels) bool."""
        decided = np.zeros(probabilities.shape, dtype=bool)
        if self.cuts is not None:
            np.greater_equal(probabilities, self.cuts, out=decided)
        elif len(probabilities):
            empty = _empty_probabilities(probabilities, self.empty, codebook)
            levels = (codebook.fine, codebook.coarse, codebook.parents)
            choose_sets(np.ascontiguousarray(probabilities), empty, levels, decided)
        return decided

    def cut_of(self, column: int) -> float | None:
        """Return the probability below which a label is not given; None where there is none, or it never is."""
        lowest = self._lowest(column)
        return lowest if 0 < lowest < NEVER else None

    def _lowest(self, column: int) -> float:
        return float(max(0.0 if each is None else each[column] for each in (self.cuts, self.floors)))

    def never_given(self, codebook: Codebook) -> BoolArray:
        """Return the labels that have no such probability, and no child that has one: (n_labels,) bool."""
        is_given = np.array([[self._lowest(column) < NEVER for column in range(len(codebook.ids))]])
        never: BoolArray = ~codebook.closed(is_given)[0]
        return never


def empty_terms(probabilities: Float32, codebook: Codebook) -> Float64:
    """Return 1 and the log-probability of no label at the fine and at the first level, were labels independent.

    Labels are not: what speaks for one often speaks for another, and a text without any is more likely than
    the product. A logistic regression on these three terms, (n_texts, 3), makes up for it.
    """
    log_absent = np.log1p(-probabilities.astype(np.float64))
    levels = [log_absent[:, codebook.fine].sum(axis=1), log_absent[:, codebook.coarse].sum(axis=1)]
    return np.column_stack([np.ones(len(probabilities)), *levels])


def _empty_probabilities(
    probabilities: Float32, coefficients: tuple[float, float, float] | None, codebook: Codebook
) -> Float64:
    """Return the probability of no label: 1 where none is possible, 0 where every text gets one."""
    is_impossible = np.asarray(~probabilities.any(axis=1))
    if coefficients is None:
        return is_impossible.astype(np.float64)
    one, fine, coarse = empty_terms(probabilities, codebook).T
    log_odds = coefficients[0] * one + coefficients[1] * fine + coefficients[2] * coarse
    return np.asarray(np.where(is_impossible, 1.0, 0.5 * (1.0 + np.tanh(0.5 * log_odds))))
