"""What an encoder is, and the check of what it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from framescope._types import Float32
from framescope.errors import EncoderError


class Encoder(Protocol):
    """A model that gives every text a vector.

    ``digest`` is a hexadecimal SHA-256 over all that the vectors depend on: weights, tokenizer, prefix,
    pooling. ``n_characters`` says how much of an article it reads, None for all; ``gamma`` is the width of its
    kernel; ``takes_threads`` tells whether several threads may ask it at a time, and gain by it.
    """

    @property
    def name(self) -> str:
        """The name by which :func:`~framescope.encoders.catalogue.open_encoder` opens it."""

    @property
    def dim(self) -> int:
        """The length of a vector."""

    @property
    def digest(self) -> str:
        """What changes when the vectors do."""

    @property
    def n_characters(self) -> int | None:
        """How many of an article's first characters are read."""

    @property
    def gamma(self) -> float:
        """The width of the kernel over its vectors: see :mod:`framescope.features.kernel_block`."""

    @property
    def takes_threads(self) -> bool:
        """Whether several threads may ask at a time."""

    def encode(self, texts: Sequence[str]) -> Float32:
        """Return the vectors of texts: (n_texts, dim) float32."""


@dataclass(frozen=True, slots=True)
class EncoderFacts:
    """What a bundle keeps of an encoder, to find the same one again."""

    name: str
    digest: str
    dim: int
    n_characters: int | None
    gamma: float

    @classmethod
    def of(cls, encoder: Encoder) -> EncoderFacts:
        """Return what is to be kept of an encoder."""
        return cls(encoder.name, encoder.digest, encoder.dim, encoder.n_characters, encoder.gamma)


def encode(encoder: Encoder, texts: Sequence[str]) -> Float32:
    """Return the vectors of texts, checked: (n_texts, dim) float32, all finite.

    Raises:
        EncoderError: the encoder gives something else.
    """
    try:
        found = np.asarray(encoder.encode(texts), np.float32)
    except Exception as error:  # packages have errors of their own, of no common kind
        raise EncoderError(
            f"the encoder {encoder.name} cannot read the texts from {_opening(texts)!r} on: {error}: "
            "choose another encoder, or report this to its authors"
        ) from error
    if found.shape != (len(texts), encoder.dim):
        raise EncoderError(
            f"the encoder {encoder.name} gives an array {found.shape} for {len(texts)} texts: "
            f"expected ({len(texts)}, {encoder.dim}); install the version that framescope[encoder] names"
        )
    if not np.isfinite(found).all():
        row = int(np.flatnonzero(~np.isfinite(found).all(axis=1))[0])
        raise EncoderError(
            f"the encoder {encoder.name} gives NaN or infinite values for the text {_opening(texts[row:])!r}: "
            "choose another encoder, or report this text to its authors"
        )
    return found


def _opening(texts: Sequence[str]) -> str:
    return texts[0][:60] if texts else ""
