"""What a feature block is: one way of reading texts, with the weights that a model has for what is read.

A model's margins are its intercept and what each block adds. In training a block gives rows of features, or a
Gram matrix; the Gram matrices of blocks add up, and with them exact left-out margins
(:mod:`framescope.fit.ridge`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Protocol, Self

from framescope._types import Array, BoolArray, Float32, Float64, Floats, Integers
from framescope.encoders.articles import Embedder
from framescope.text.utf8 import Utf8Texts


class ArrayLayout(NamedTuple):
    """What an array must be: its dtype, its axes, and which values are in order; None if all are."""

    dtype: str
    axes: tuple[str, ...]
    in_order: Callable[[Array], BoolArray] | None = None
    expected: str = ""


class Extractor(Protocol):
    """A block before it has weights: a scikit-learn transformer."""

    def fit_transform(self, texts: Sequence[str]) -> Any:
        """Learn what there is to read, and return the rows of the texts."""

    def transform(self, texts: Sequence[str]) -> Any:
        """Return the rows of texts: (n_texts, n_features)."""

    def weigh(self, weights: Floats) -> Block:
        """Return the block with weights: (n_features, n_labels)."""


class Block(Protocol):
    """A fitted block.

    ``kind`` names it in a bundle; ``layout`` describes its arrays, whose axes are ``labels`` and its own.
    """

    kind: ClassVar[str]
    layout: ClassVar[Mapping[str, ArrayLayout]]

    @property
    def sizes(self) -> Mapping[str, int]:
        """The length of each axis that is the block's own."""

    def add_margins(self, texts: Utf8Texts, margins: Float32, *, jobs: int = 1) -> None:
        """Add to margins, (n_texts, n_labels) float32, in place."""

    def contributions(self, text: str, columns: Sequence[int]) -> tuple[Integers, Float64]:
        """Return distinct spans of a text, (n, 2), and what each adds to some margins, (n, n_columns).

        They sum up to what :meth:`add_margins` adds within 1e-4.
        """

    def arrays(self) -> dict[str, Array]:
        """Return the arrays of ``layout``."""

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array], embedder: Embedder | None = None) -> Self:
        """Build the block from arrays that agree with ``layout``, and the encoders that it reads with."""
