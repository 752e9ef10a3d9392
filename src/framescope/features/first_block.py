"""N-grams by themselves, for a first pass that tells which texts are worth encoding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from framescope._types import Array, Float32, Float64, Floats, Integers
from framescope.encoders.articles import Embedder
from framescope.features.block import ArrayLayout
from framescope.features.ngram_block import NgramBlock
from framescope.features.vocabulary import Vocabulary
from framescope.features.weights import Weights
from framescope.text.utf8 import Utf8Texts

N_STEPS = 101


@dataclass(frozen=True, eq=False)
class FirstBlock:
    """The weights that n-grams have in a fit of their own: a block that adds no margins to those of the model.

    ``intercept`` is (n_labels,); ``doubts`` are quantiles of how doubtful left-out articles of training were,
    ascending: (N_STEPS,) float32.
    """

    weights: Weights
    intercept: Float32
    doubts: Float32

    kind: ClassVar[str] = "first"
    layout: ClassVar[Mapping[str, ArrayLayout]] = {
        **{name: NgramBlock.layout[name] for name in ("weights", "exponents", "scales")},
        "intercept": ArrayLayout("<f4", ("labels",), np.isfinite, "finite values"),
        "doubts": ArrayLayout(
            "<f4", ("steps",), lambda a: (a >= 0) & np.isfinite(a), "finite values from 0 on"
        ),
    }

    @classmethod
    def learn(cls, weights: Floats, intercept: Float32, doubts: Float64) -> FirstBlock:
        """Round weights, (n_features, n_labels), and sum up the doubts of articles, (n_articles,)."""
        steps = np.quantile(doubts, np.linspace(0, 1, N_STEPS)).astype(np.float32)
        return cls(Weights.narrow(weights), intercept, steps)

    @property
    def sizes(self) -> Mapping[str, int]:
        """The number of features and of quantiles."""
        return {"features": len(self.weights.exponents), "steps": len(self.doubts)}

    def ngrams(self, vocabulary: Vocabulary) -> NgramBlock:
        """Return the n-grams with these weights."""
        return NgramBlock(vocabulary, self.weights)

    def least_doubt(self, share: float) -> float:
        """Return the doubt that this share of the articles of training reached; infinite for none of them."""
        if share <= 0:
            return float("inf")
        return float(self.doubts[round((len(self.doubts) - 1) * (1 - share))])

    def add_margins(self, texts: Utf8Texts, margins: Float32, *, jobs: int = 1) -> None:
        """Add nothing."""

    def contributions(self, text: str, columns: Sequence[int]) -> tuple[Integers, Float64]:
        """Return no spans."""
        del text
        return np.empty((0, 2), np.intp), np.empty((0, len(columns)))

    def arrays(self) -> dict[str, Array]:
        """Return the arrays of ``layout``."""
        steps, exponents, scales = self.weights.steps, self.weights.exponents, self.weights.scales
        own: dict[str, Array] = {"intercept": self.intercept, "doubts": self.doubts}
        return {"weights": steps, "exponents": exponents, "scales": scales, **own}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array], embedder: Embedder | None = None) -> Self:
        """Build the block from arrays that agree with ``layout``; n-grams need no encoder."""
        del embedder
        weights = Weights(arrays["weights"], arrays["exponents"], arrays["scales"])
        return cls(weights, arrays["intercept"], arrays["doubts"])
