"""The block of sentence vectors: a kernel between a text and the units of training.

With ``a`` the mean of a text's sentence vectors by their length, ``mu`` that of the training units and
``u = (a - mu) / |a - mu|``, the kernel of an encoder is ``exp(-gamma (2 - 2 u.u'))``. The block's is the sum
over its encoders, each with its weight, and a text's margins are the kernel's row times the dual weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import ClassVar, Self

import numpy as np

from framescope._types import Array, Float16, Float32, Float64, Floats, Indices, Integers
from framescope.encoders.articles import Embedder, Sentences, read_sentences
from framescope.features.block import ArrayLayout
from framescope.text.utf8 import Utf8Texts

ROWS_AT_A_TIME = 1 << 8
MIN_NORM = 1e-6  # of what differs from the mean: a blank text may be it


@dataclass(frozen=True, eq=False)
class KernelBlock:
    """Sentence vectors with dual weights: a :class:`~framescope.features.block.Block`.

    ``units`` are the vectors u of the training units, (n_units, n_dims) float16, those of the encoders side by
    side; ``duals`` (n_units, n_labels) their dual weights. ``gammas`` and ``weights`` have a value an encoder.
    """

    embedder: Embedder
    mean: Float32
    units: Float16
    duals: Float32
    gammas: Float32
    weights: Float32

    kind: ClassVar[str] = "sentences"
    layout: ClassVar[Mapping[str, ArrayLayout]] = {
        "mean": ArrayLayout("<f4", ("dims",), np.isfinite, "finite values"),
        "units": ArrayLayout("<f2", ("units", "dims"), np.isfinite, "finite values"),
        "duals": ArrayLayout("<f4", ("units", "labels"), np.isfinite, "finite values"),
        "gammas": ArrayLayout("<f4", ("encoders",), lambda a: (a > 0) & np.isfinite(a), "values above 0"),
        "weights": ArrayLayout("<f4", ("encoders",), lambda a: (a > 0) & np.isfinite(a), "values above 0"),
    }

    @classmethod
    def untrained(cls, embedder: Embedder, vectors: Float32, mean: Floats) -> KernelBlock:
        """Return the block of training units without weights: vectors (n_units, n_dims), and mu, (n_dims,)."""
        n_encoders = len(embedder.encoders)
        block = cls(
            embedder,
            mean.astype(np.float32),
            np.empty((0, vectors.shape[1]), np.float16),
            np.empty((0, 0), np.float32),
            np.array([facts.gamma for facts in embedder.encoders], np.float32),
            np.full(n_encoders, 1.0, np.float32),
        )
        return replace(block, units=block.directions(vectors).astype(np.float16))

    def weighed(self, duals: Floats, weight: float) -> KernelBlock:
        """Return the block with dual weights and a weight of the kernel; units without weights are dropped."""
        kept = np.flatnonzero(duals.any(axis=1))
        weights = np.full(len(self.weights), weight, np.float32)
        return replace(self, units=self.units[kept], duals=duals[kept].astype(np.float32), weights=weights)

    def of_units(self, rows: Indices) -> KernelBlock:
        """Return the block of some units, without weights."""
        return replace(self, units=self.units[rows])

    def gram(self) -> Float64:
        """Return the kernel between all units: (n_units, n_units)."""
        gram = np.vstack([*self.kernel_rows(self.units)])
        return (gram + gram.T) / 2

    def kernel_rows(self, directions: Floats) -> Iterator[Float64]:
        """Yield the kernel between texts, by their directions, and units, some texts at a time."""
        for first in range(0, len(directions), ROWS_AT_A_TIME):
            yield self._kernel(directions[first : first + ROWS_AT_A_TIME].astype(np.float64))

    @property
    def sizes(self) -> Mapping[str, int]:
        """The number of units, dimensions and encoders."""
        return {"units": len(self.units), "dims": len(self.mean), "encoders": len(self.gammas)}

    def add_margins(self, texts: Utf8Texts, margins: Float32, *, jobs: int = 1) -> None:
        """Add the kernel's rows times the dual weights to margins, (n_texts, n_labels), in place."""
        vectors = self.embedder.embed(texts, jobs=jobs)
        for first in range(0, len(vectors), ROWS_AT_A_TIME):
            rows = slice(first, first + ROWS_AT_A_TIME)
            margins[rows] += self._margins(vectors[rows]).astype(np.float32)

    def contributions(self, text: str, columns: Sequence[int]) -> tuple[Integers, Float64]:
        """Return the sentences of a text, (n, 2), and what each adds to some margins, (n, n_columns).

        A sentence adds what the block's margin loses when it is left out. What sentences add only together, for
        a kernel is no sum over them, is the share of the whole text, the last span.
        """
        columns = list(columns)
        read = [read_sentences(encoder, text) for encoder in self.embedder.open()]
        whole = self._margins(np.hstack([own.mean() for own in read])[np.newaxis])[0, columns]
        offsets: list[Indices] = []
        lost: list[Float64] = []
        for k, own in enumerate(read):
            if len(own.offsets) > 1:
                without = self._margins(np.vstack([*self._without_each(read, k)]))[:, columns]
                offsets.append(own.offsets)
                lost.append(whole - without)
        together = whole - sum((values.sum(axis=0) for values in lost), np.zeros(len(columns)))
        spans = [*offsets, np.array([(0, len(text))] if text else [], np.intp).reshape(-1, 2)]
        values = [*lost, together[np.newaxis] if text else np.empty((0, len(columns)))]
        return np.concatenate(spans), np.concatenate(values)

    def arrays(self) -> dict[str, Array]:
        """Return the arrays of ``layout``."""
        return {name: getattr(self, name) for name in self.layout}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array], embedder: Embedder | None = None) -> Self:
        """Build the block from arrays that agree with ``layout``."""
        return cls(embedder or Embedder(()), **arrays)

    def directions(self, vectors: Float32) -> Float64:
        """Return u of each text and encoder, side by side: (n_texts, n_dims)."""
        centred = vectors - self.mean.astype(np.float64)
        for columns in self._parts():
            norms = np.linalg.norm(centred[:, columns], axis=1, keepdims=True)
            centred[:, columns] /= np.maximum(norms, MIN_NORM)
        return np.asarray(centred)

    def _margins(self, vectors: Float32) -> Float64:
        margins = self._kernel(self.directions(vectors)) @ self.duals.astype(np.float64)
        return np.asarray(margins * vectors.any(axis=1, keepdims=True))  # a blank text says nothing

    def _kernel(self, directions: Float64) -> Float64:
        """Return the kernel between texts and units: (n_texts, n_units)."""
        kernel = np.zeros((len(directions), len(self.units)))
        for columns, gamma, weight in zip(self._parts(), self.gammas, self.weights, strict=True):
            products = directions[:, columns] @ self._wide[:, columns].T
            kernel += float(weight) * np.exp(float(gamma) * (2.0 * products - 2.0))
        return kernel

    def _parts(self) -> Iterator[slice]:
        """Yield the columns of each encoder."""
        bounds = np.cumsum([0, *self.embedder.dims]).tolist()
        yield from (slice(start, end) for start, end in pairwise(bounds))

    @cached_property
    def _wide(self) -> Float64:
        # In double precision, so that what a text gets hardly depends on the texts around it.
        return self.units.astype(np.float64)

    def _without_each(self, read: Sequence[Sentences], k: int) -> Iterator[Float32]:
        """Yield the vectors of a text without each of the sentences that one encoder reads."""
        means = [own.mean() for own in read]
        for mean in read[k].means_without_each():
            yield np.hstack([*means[:k], mean, *means[k + 1 :]])
