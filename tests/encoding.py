"""A small encoder for tests: a hashed bag of words, through the real protocol."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from framescope._types import Float32
from framescope.text.words import word_offsets

DIM = 16


class HashedWords:
    """The sum of a random direction for each word, of length 1; it counts the texts that it is given."""

    n_characters: int | None = None
    gamma = 1.0
    dim = DIM
    takes_threads = True

    def __init__(self, name: str = "words", _place: str = "") -> None:
        self.name = name
        self.digest = hashlib.sha256(name.encode()).hexdigest()
        self.n_encoded = 0

    def encode(self, texts: Sequence[str]) -> Float32:
        self.n_encoded += len(texts)
        return np.array([_vector(text) for text in texts], np.float32).reshape(-1, DIM)


def _vector(text: str) -> np.ndarray:
    total = np.full(DIM, 0.01)
    for start, end in word_offsets(text):
        seed = hashlib.sha256(text[start:end].lower().encode()).digest()
        total += np.random.default_rng(int.from_bytes(seed[:8], "big")).normal(size=DIM)
    return total / np.linalg.norm(total)
