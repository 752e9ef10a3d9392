"""Articles by their sentences: the vector of an article is the mean of those of its sentences, by their length.

A headline, a credit or "Read also" says less than a sentence of three lines, and counts less.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from framescope._types import Float32, Float64, Indices
from framescope.encoders.cache import EmbeddingCache
from framescope.encoders.catalogue import open_same
from framescope.encoders.encoder import Encoder, EncoderFacts, encode
from framescope.text.kernels import in_threads
from framescope.text.segments import Unit, segments

N_AT_A_TIME = 64  # texts between two looks into the cache
MAX_CHARACTERS = 2_000
"""Of a sentence that is encoded as one: longer ones are lists and tables."""
N_TRIED = 16
"""Texts from which the time of all is estimated."""


@dataclass(frozen=True, eq=False)
class Sentences:
    """The sentences of a text that an encoder reads: offsets (n, 2), and their vectors (n, dim)."""

    offsets: Indices
    vectors: Float32

    def mean(self) -> Float32:
        """Return the vector of the text, in which each character counts alike; zeros for a blank one."""
        if not len(self.vectors):
            return np.zeros(self.vectors.shape[1], np.float32)
        return np.asarray(self.weighed().sum(axis=0) / self.lengths.sum(), np.float32)

    def means_without_each(self) -> Float32:
        """Return what the vector of the text, of two sentences or more, would be without each: (n, dim)."""
        weighed, lengths = self.weighed(), self.lengths[:, np.newaxis]
        return np.asarray((weighed.sum(axis=0) - weighed) / (lengths.sum() - lengths), np.float32)

    def weighed(self) -> Float64:
        """Return the vectors times the numbers of characters: (n, dim)."""
        return np.asarray(self.vectors * self.lengths[:, np.newaxis], np.float64)

    @property
    def lengths(self) -> Float64:
        """The number of characters of each sentence, (n,)."""
        return np.diff(self.offsets, axis=1)[:, 0].astype(np.float64)


def read_sentences(encoder: Encoder, text: str) -> Sentences:
    """Return the sentences of a text with their vectors.

    All sentences of a text, and nothing else, are encoded at a time: a matrix product rounds otherwise with
    other rows around, and a text must not be judged by what it is next to.
    """
    offsets = [
        piece
        for sentence in segments(text[: encoder.n_characters], Unit.SENTENCE)
        for piece in _pieces(text, *sentence)
    ]
    vectors = encode(encoder, [text[start:end] for start, end in offsets])
    return Sentences(np.array(offsets, np.intp).reshape(-1, 2), vectors)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a sentence where a space allows it: what an encoder needs grows with the longest one."""
    while end - start > MAX_CHARACTERS:
        space = text.rfind(" ", start + 1, start + MAX_CHARACTERS)
        cut = start + MAX_CHARACTERS if space < 0 else space
        yield start, cut
        start = cut + (space >= 0)
    yield start, end


def embed(
    encoder: Encoder,
    texts: Iterable[str],
    *,
    cache: EmbeddingCache | None = None,
    jobs: int = 1,
    advance: Callable[[int], object] | None = None,
) -> Float32:
    """Return the vectors of texts: (n_texts, dim) float32.

    ``jobs`` is a number of threads; ``advance`` is called with how many more texts are done.
    """
    texts, jobs = iter(texts), jobs if encoder.takes_threads else 1
    found: list[Float32] = []
    while some := list(islice(texts, N_AT_A_TIME)):
        known = (
            {} if cache is None else {text: vector for text in some if (vector := cache.get(text)) is not None}
        )
        unknown = [text for text in dict.fromkeys(some) if text not in known]
        new = dict(zip(unknown, _means(encoder, unknown, jobs), strict=True))
        if cache is not None and new:
            cache.put(new)
        known |= new
        found += [known[text] for text in some]
        if advance is not None:
            advance(len(some))
    return np.array(found, np.float32).reshape(-1, encoder.dim)


def _means(encoder: Encoder, texts: Sequence[str], jobs: int) -> list[Float32]:
    def mean(text: str) -> Float32:
        return read_sentences(encoder, text).mean()

    if jobs == 1 or len(texts) < 2:
        return [mean(text) for text in texts]
    with threadpool_limits(1, user_api="blas"):  # for all threads: that of one would end within another's
        return in_threads(mean, texts, jobs)


def seconds_for(
    encoder: Encoder, texts: Sequence[str], *, cache: EmbeddingCache | None = None, jobs: int = 1
) -> float:
    """Estimate how long texts that are not in the cache take, from a few of them."""
    unknown = [text for text in texts if cache is None or text not in cache]
    if len(unknown) <= N_TRIED:
        return 0.0
    tried = unknown[:: len(unknown) // N_TRIED][:N_TRIED]
    embed(encoder, tried[:1])  # the first one loads what is needed
    start = time.perf_counter()
    embed(encoder, tried, jobs=jobs)
    n_read, n_all = (sum(len(text[: encoder.n_characters]) for text in some) for some in (tried, unknown))
    return (time.perf_counter() - start) * n_all / max(n_read, 1)


@dataclass
class Embedder:
    """The encoders of a model at work; they are opened, and compared with those of training, when first used.

    The last texts are kept with their vectors, since blocks ask for the same ones one after the other.
    """

    encoders: tuple[EncoderFacts, ...]
    _last: tuple[Any, Float32] | None = field(default=None, repr=False)

    @property
    def dims(self) -> tuple[int, ...]:
        """The length of each encoder's vectors."""
        return tuple(facts.dim for facts in self.encoders)

    def open(self) -> list[Encoder]:
        """Return the encoders.

        Raises:
            EncoderError: one is missing, or is not that of training.
        """
        return [open_same(facts) for facts in self.encoders]

    def embed(self, texts: Iterable[str], *, jobs: int = 1) -> Float32:
        """Return the vectors of texts, those of all encoders side by side: (n_texts, n_dims) float32."""
        last = self._last
        if last is not None and last[0] is texts:
            return last[1]
        found = np.hstack([embed(encoder, texts, jobs=jobs) for encoder in self.open()])
        self._last = (texts, found)
        return found
