"""Weighted features of texts: the vocabulary, TF-IDF values, and margins without a matrix in between.

The value of a feature is (1 + ln count) * idf. Words with symbols, and character n-grams, are two blocks: each
is scaled to Euclidean length 1, then both by sqrt(1/2), so that a text that has both has length 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from framescope._types import Float32, Int32, Int64, UInt64
from framescope.features.ngrams import CHAR_BLOCK
from framescope.features.weighing import (
    FREE,
    MAX_FEATURES,
    Counter,
    Lookup,
    add_margins,
    csr_rows,
    distinct_hashes,
    fill_slots,
    new_counter,
)
from framescope.features.weights import Rows
from framescope.text.characters import character_tables
from framescope.text.utf8 import Utf8Texts

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The features a model knows.

    ``hashes`` is (n_features,) uint64, those of words and symbols before those of character n-grams. Of each
    kind the most frequent come first: what is needed most lies together in memory. ``idf`` is (n_features,)
    float32.
    """

    hashes: UInt64
    idf: Float32

    @classmethod
    def learn(
        cls, texts: Utf8Texts, *, min_df: int = 2, max_features: int | None = None, jobs: int = 1
    ) -> Vocabulary:
        """Keep the features of ``min_df`` texts or more, and of these the ``max_features`` most frequent."""
        parts = in_threads(_document_frequencies, texts.chunks(CHUNK_BYTES), jobs)
        hashes, df = _add_up(parts)
        kept = np.flatnonzero(df >= min_df)
        most = MAX_FEATURES if max_features is None else min(max_features, MAX_FEATURES)
        kept = kept[np.argsort(-df[kept], kind="stable")[:most]]
        kept = kept[np.argsort(hashes[kept] >= CHAR_BLOCK, kind="stable")]
        return cls(hashes[kept], (np.log((1 + len(texts)) / (1 + df[kept])) + 1).astype(np.float32))

    def __len__(self) -> int:
        return len(self.hashes)

    def __reduce__(self) -> tuple[Any, ...]:
        return Vocabulary, (self.hashes, self.idf)

    @cached_property
    def lookup(self) -> Lookup:
        """The vocabulary as the kernels read it."""
        slots = np.full(1 << max(4, (2 * len(self.hashes) - 1).bit_length()), FREE)
        fill_slots(np.ascontiguousarray(self.hashes), slots)
        return Lookup(slots, len(self.hashes))

    def values(self, texts: Utf8Texts, *, jobs: int = 1) -> tuple[Int64, Int32, Float32]:
        """Return the rows of the feature matrix as CSR: indptr, indices, values; in a row words come first."""
        parts = in_threads(self._values, texts.chunks(CHUNK_BYTES), jobs)
        counts = np.concatenate([np.zeros(1, np.int64), *(np.diff(indptr) for indptr, _, _ in parts)])
        return (
            np.cumsum(counts),
            np.concatenate([np.empty(0, np.int32), *(indices for _, indices, _ in parts)]),
            np.concatenate([np.empty(0, np.float32), *(values for _, _, values in parts)]),
        )

    def add_margins(self, texts: Utf8Texts, rows: Rows, margins: Float32, *, jobs: int = 1) -> None:
        """Add features @ weights to margins, (n_texts, n_labels), in place."""
        chunks = texts.chunks(CHUNK_BYTES)
        firsts = np.cumsum([0, *map(len, chunks)])

        def add(part: tuple[Utf8Texts, int]) -> None:
            chunk, first = part
            of_chunk = margins[first : first + len(chunk)]
            with self._lent_counter() as counter:
                add_margins(chunk.data, chunk.offsets, character_tables(), self.lookup, counter, rows, of_chunk)

        in_threads(add, list(zip(chunks, firsts, strict=False)), jobs)

    def _values(self, texts: Utf8Texts) -> tuple[Int64, Int32, Float32]:
        with self._lent_counter() as counter:
            parts: tuple[Int64, Int32, Float32] = csr_rows(
                texts.data, texts.offsets, character_tables(), self.lookup, counter, self.idf
            )
        return parts

    @contextmanager
    def _lent_counter(self) -> Iterator[Counter]:
        """Lend a counter to one thread at a time; what it has cached is there for the next."""
        try:
            counter = self._counters.pop()
        except IndexError:
            counter = new_counter(len(self))
        yield counter
        self._counters.append(counter)

    @cached_property
    def _counters(self) -> list[Counter]:
        return []


def in_threads(task: Callable[[Any], Any], parts: Sequence[Any], jobs: int) -> list[Any]:
    """Run a kernel over parts; the kernels release the interpreter's lock."""
    if jobs == 1 or len(parts) < 2:
        return [task(part) for part in parts]
    return list(Parallel(n_jobs=jobs, backend="threading", batch_size=1)(delayed(task)(part) for part in parts))


def _document_frequencies(texts: Utf8Texts) -> tuple[UInt64, Int64]:
    return np.unique(distinct_hashes(texts.data, texts.offsets, character_tables()), return_counts=True)


def _add_up(
    parts: Sequence[tuple[UInt64, Int64]],
) -> tuple[UInt64, Int64]:
    """Return the distinct hashes of all parts, ascending, and the sums of their counts."""
    hashes, inverse = np.unique(
        np.concatenate([np.empty(0, np.uint64), *(hashes for hashes, _ in parts)]), return_inverse=True
    )
    total = np.zeros(len(hashes), np.int64)
    np.add.at(total, inverse, np.concatenate([np.empty(0, np.int64), *(df for _, df in parts)]))
    return hashes, total
