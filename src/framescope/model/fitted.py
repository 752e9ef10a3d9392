"""A fitted model: its arrays, and the way from texts to margins, probabilities and decisions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from framescope.codebook import Codebook
from framescope.features.vocabulary import Vocabulary
from framescope.features.weights import Rows, Weights
from framescope.model.calibration import Calibration
from framescope.model.decision import Rule
from framescope.text.utf8 import Utf8Texts

Float32 = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Model:
    """What serving needs.

    ``intercept`` is (n_labels,) float32; ``languages`` are those of the training articles, "" left out.
    """

    codebook: Codebook
    vocabulary: Vocabulary
    weights: Weights
    intercept: Float32
    calibration: Calibration
    rule: Rule
    languages: tuple[str, ...] = ()

    def margins(self, texts: Utf8Texts, *, jobs: int = 1) -> Float32:
        """Return the linear model's raw output: (n_texts, n_labels) float32."""
        return self.vocabulary.margins(texts, self._rows, intercept=self.intercept, jobs=jobs)

    def weights_of(self, column: int) -> Float32:
        """Return a label's weight of every feature: (n_features,) float32."""
        return self.weights.of(column)

    def probabilities(self, margins: npt.NDArray[np.floating]) -> Float32:
        """Return calibrated probabilities: (n_texts, n_labels) float32."""
        return self.calibration.probabilities(margins, self.codebook.parents, self.intercept)

    def decide(self, probabilities: Float32) -> BoolArray:
        """Return the label sets: (n_texts, n_labels) bool, closed upwards."""
        return self.rule.decide(probabilities, self.codebook)

    @cached_property
    def _rows(self) -> Rows:
        return Rows.pack(self.weights, self.vocabulary.idf)
