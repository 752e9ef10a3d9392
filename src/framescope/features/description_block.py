"""How far a text resembles the description of each label: a term of the second stage, not of the margins.

The cosine between a text's vector and that of a label's names and definition, less its mean over the training
units and divided by its deviation there; with several encoders, the mean of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Self

import numpy as np

from framescope._types import Array, Float32, Float64, Integers
from framescope.codebook import Codebook, Label
from framescope.encoders.articles import Embedder
from framescope.encoders.encoder import Encoder, encode
from framescope.features.block import ArrayLayout
from framescope.text.utf8 import Utf8Texts

MIN_WIDTH = 1e-6
MIN_NORM = 1e-12


@dataclass(frozen=True, eq=False)
class DescriptionBlock:
    """The vectors of labels' descriptions: a :class:`~framescope.features.block.Block` that adds no margins.

    ``labels`` (n_labels, n_dims) are of length 1 for each encoder, those of the encoders side by side;
    ``means`` and ``widths`` (n_labels, n_encoders) are those of the cosines in training.
    """

    embedder: Embedder
    labels: Float32
    means: Float32
    widths: Float32

    kind: ClassVar[str] = "descriptions"
    layout: ClassVar[Mapping[str, ArrayLayout]] = {
        "labels": ArrayLayout("<f4", ("labels", "dims"), np.isfinite, "finite values"),
        "means": ArrayLayout("<f4", ("labels", "encoders"), np.isfinite, "finite values"),
        "widths": ArrayLayout("<f4", ("labels", "encoders"), lambda a: (a > 0) & np.isfinite(a), "above 0"),
    }

    @classmethod
    def learn(cls, embedder: Embedder, codebook: Codebook, vectors: Float32) -> DescriptionBlock:
        """Return the block of a codebook, by the vectors of whole training units: (n_units, n_dims)."""
        labels = np.hstack([describe(encoder, codebook) for encoder in embedder.open()])
        shape = (len(labels), len(embedder.encoders))
        blank = cls(embedder, labels, np.zeros(shape, np.float32), np.ones(shape, np.float32))
        cosines = blank.cosines(vectors[vectors.any(axis=1)] if vectors.any() else vectors)
        widths = np.maximum(cosines.std(axis=0), MIN_WIDTH)
        return cls(embedder, labels, cosines.mean(axis=0).astype(np.float32), widths.astype(np.float32))

    @property
    def sizes(self) -> Mapping[str, int]:
        """The number of dimensions and encoders."""
        return {"dims": self.labels.shape[1], "encoders": self.means.shape[1]}

    def likeness(self, vectors: Float32) -> Float32:
        """Return how far texts resemble each label's description, by vectors (n_texts, n_dims).

        The result is (n_texts, n_labels) float32; in training its mean is 0, and so is that of a blank text.
        """
        scaled = (self.cosines(vectors) - self.means) / self.widths
        return np.asarray(scaled.mean(axis=2) * vectors.any(axis=1, keepdims=True), np.float32)

    def cosines(self, vectors: Float32) -> Float64:
        """Return cosines between texts and labels: (n_texts, n_labels, n_encoders)."""
        bounds = np.cumsum([0, *self.embedder.dims]).tolist()
        found = np.zeros((len(vectors), len(self.labels), len(bounds) - 1))
        for k, (start, end) in enumerate(pairwise(bounds)):
            own = vectors[:, start:end].astype(np.float64)
            own /= np.maximum(np.linalg.norm(own, axis=1, keepdims=True), MIN_NORM)
            found[:, :, k] = own @ self.labels[:, start:end].astype(np.float64).T
        return found

    def add_margins(self, texts: Utf8Texts, margins: Float32, *, jobs: int = 1) -> None:
        """Add nothing."""

    def contributions(self, text: str, columns: Sequence[int]) -> tuple[Integers, Float64]:
        """Return no spans."""
        del text
        return np.empty((0, 2), np.intp), np.empty((0, len(columns)))

    def arrays(self) -> dict[str, Array]:
        """Return the arrays of ``layout``."""
        return {name: getattr(self, name) for name in self.layout}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array], embedder: Embedder | None = None) -> Self:
        """Build the block from arrays that agree with ``layout``."""
        return cls(embedder or Embedder(()), **arrays)


def describe(encoder: Encoder, codebook: Codebook) -> Float32:
    """Return the vector of each label's description, of length 1: (n_labels, dim) float32."""
    found = [encode(encoder, list(descriptions(label))).sum(axis=0) for label in codebook.labels]
    vectors = np.array(found, np.float32)
    return np.asarray(
        vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), MIN_NORM), np.float32
    )


def descriptions(label: Label) -> Iterator[str]:
    """Yield a label's names, or else its id in words, and where it has a definition the name with it.

    >>> list(descriptions(Label("fear-appeal", applies="The text frightens.")))
    ['fear appeal', 'fear appeal. The text frightens.']
    """
    names = list(label.names.values()) or [" ".join(label.id.replace("_", " ").replace("-", " ").split())]
    yield from names
    if label.applies:
        yield f"{label.names.get('en', names[0])}. {label.applies}"
