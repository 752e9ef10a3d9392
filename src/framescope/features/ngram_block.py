"""The block of n-grams: a vocabulary and the weights of its features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np

from framescope._types import Array, BoolArray, Float32, Float64, Int32, Integers
from framescope.encoders.articles import Embedder
from framescope.features.block import ArrayLayout
from framescope.features.locating import ngram_contributions, ngram_pieces
from framescope.features.ngrams import CHAR_BLOCK
from framescope.features.scorer import Scorer
from framescope.features.vocabulary import Vocabulary
from framescope.features.weights import Weights
from framescope.text.utf8 import Utf8Texts


def _distinct_words_first(hashes: Array) -> BoolArray:
    order = np.argsort(hashes, kind="stable")
    is_in_order = hashes > 0
    is_in_order[order[1:]] &= hashes[order[1:]] > hashes[order[:-1]]
    is_in_order[1:] &= (hashes[1:] >= CHAR_BLOCK) >= (hashes[:-1] >= CHAR_BLOCK)
    return is_in_order


def _finite_above_0(worth: Array) -> BoolArray:
    return (worth > 0) & np.isfinite(worth)


def _finite_from_0(scales: Array) -> BoolArray:
    return (scales >= 0) & np.isfinite(scales)


@dataclass(frozen=True, eq=False)
class NgramBlock:
    """N-grams with weights: a :class:`~framescope.features.block.Block`."""

    vocabulary: Vocabulary
    weights: Weights

    kind: ClassVar[str] = "ngrams"
    layout: ClassVar[Mapping[str, ArrayLayout]] = {
        "hashes": ArrayLayout(
            "<u8", ("features",), _distinct_words_first, "distinct values above 0, those below 2^63 first"
        ),
        "worth": ArrayLayout("<f4", ("features",), _finite_above_0, "finite values above 0"),
        "unknown": ArrayLayout("<f4", ("kinds",), _finite_above_0, "finite values above 0"),
        "weights": ArrayLayout("|i1", ("features", "labels"), lambda a: a > -128, "values above -128"),
        "exponents": ArrayLayout("|i1", ("features",)),
        "scales": ArrayLayout("<f4", ("labels",), _finite_from_0, "finite values from 0 on"),
    }

    @property
    def sizes(self) -> Mapping[str, int]:
        """The number of features, and of kinds of n-grams."""
        return {"features": len(self.vocabulary), "kinds": len(self.vocabulary.unknown)}

    def add_margins(
        self, texts: Utf8Texts, margins: Float32, *, counts: Int32 | None = None, jobs: int = 1
    ) -> None:
        """Add the features' weighted values to margins, (n_texts, n_labels), in place.

        What is known of each text is added to ``counts``, which :mod:`framescope.features.known` describes.
        """
        self._scorer.add_margins(texts, margins, counts, jobs=jobs)

    def contributions(self, text: str, columns: Sequence[int]) -> tuple[Integers, Float64]:
        """Return the distinct spans of a text's known features, and what each adds to some margins.

        A feature's value times its weight is divided equally over its occurrences.
        """
        return ngram_contributions(self.vocabulary, self.weights, text, columns)

    def pieces(self, text: str, columns: Sequence[int]) -> Iterator[tuple[Integers, Float64]]:
        """Yield contributions stretch by stretch, each occurrence by itself."""
        return ngram_pieces(self.vocabulary, self.weights, text, columns)

    def arrays(self) -> dict[str, Array]:
        """Return the arrays of ``layout``."""
        return {
            "hashes": self.vocabulary.hashes,
            "worth": self.vocabulary.worth,
            "unknown": self.vocabulary.unknown,
            "weights": self.weights.steps,
            "exponents": self.weights.exponents,
            "scales": self.weights.scales,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array], embedder: Embedder | None = None) -> Self:
        """Build the block from arrays that agree with ``layout``; n-grams need no encoder."""
        del embedder
        vocabulary = Vocabulary(arrays["hashes"], arrays["worth"], arrays["unknown"])
        return cls(vocabulary, Weights(arrays["weights"], arrays["exponents"], arrays["scales"]))

    @cached_property
    def _scorer(self) -> Scorer:
        return Scorer(self.vocabulary, self.weights)
