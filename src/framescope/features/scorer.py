"""Margins of texts from a vocabulary and weights, in threads that keep what they have seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np

from framescope._types import Float32, Int32
from framescope.features.known import new_counts
from framescope.features.reading import new_reading
from framescope.features.run_rows import Cache, add_margins, new_cache
from framescope.features.vocabulary import CHUNK_BYTES, Vocabulary
from framescope.features.weights import Rows, Weights
from framescope.text.characters import character_tables
from framescope.text.kernels import in_threads
from framescope.text.utf8 import Utf8Texts


class Scorer:
    """Adds up weighted values without a matrix in between."""

    def __init__(self, vocabulary: Vocabulary, weights: Weights) -> None:
        self.vocabulary, self.weights = vocabulary, weights
        self._caches: list[Cache] = []

    def __reduce__(self) -> tuple[Any, ...]:
        return Scorer, (self.vocabulary, self.weights)

    def add_margins(
        self, texts: Utf8Texts, margins: Float32, counts: Int32 | None = None, *, jobs: int = 1
    ) -> None:
        """Add features @ weights to margins, (n_texts, n_labels), and what is known of each text to counts.

        Both are changed in place; counts have the columns of :mod:`framescope.features.known`.
        """
        counts = new_counts(len(texts)) if counts is None else counts
        chunks = texts.plain(jobs=jobs).chunks(CHUNK_BYTES)
        firsts = np.cumsum([0, *map(len, chunks)])

        def add(part: tuple[Utf8Texts, int]) -> None:
            chunk, first = part
            rows = slice(first, first + len(chunk))
            with self._lent_cache() as cache:
                add_margins(
                    chunk.data,
                    chunk.offsets,
                    character_tables(),
                    new_reading(chunk),
                    self.vocabulary.lookup,
                    self._rows,
                    cache,
                    margins[rows],
                    counts[rows],
                )

        in_threads(add, list(zip(chunks, firsts, strict=False)), jobs)

    @contextmanager
    def _lent_cache(self) -> Iterator[Cache]:
        """Lend a cache to one thread at a time; what is in it is there for the next."""
        try:
            cache = self._caches.pop()
        except IndexError:
            cache = new_cache(self._rows)
        yield cache
        self._caches.append(cache)

    @cached_property
    def _rows(self) -> Rows:
        return Rows.pack(self.weights)
