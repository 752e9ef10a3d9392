"""Which of the labels that a rule chooses a model vouches for, and which a person should look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framescope._types import BoolArray, Float32
from framescope.model.decision import NEVER


@dataclass(frozen=True, slots=True)
class Promise:
    """A goal such as ``precision>=0.9``, and the probability from which it is promised for new articles.

    ``cut`` is None where no cut can promise the goal.
    """

    goal: str
    cut: float | None


@dataclass(frozen=True, slots=True)
class Review:
    """What was asked for, best first: the first promise that can be kept tells which labels are given."""

    promises: tuple[Promise, ...]

    @property
    def cut(self) -> float:
        """The probability from which a chosen label is given; infinity if nothing is promised."""
        return next((one.cut for one in self.promises if one.cut is not None), float(NEVER))

    def given(self, decided: BoolArray, probabilities: Float32) -> BoolArray:
        """Return the labels that are vouched for, closed upwards as the decided ones: (n_texts, n_labels)."""
        return np.asarray(decided & (probabilities >= np.float32(self.cut)))
