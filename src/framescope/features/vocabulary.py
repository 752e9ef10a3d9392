"""Weighted features of texts: the vocabulary, and the values that training and explanations read.

A text is a sum over its distinct runs: one that occurs c times counts 1 + ln(c) / 2 times what its n-grams are
worth. An n-gram is worth its idf; a character n-gram CHAR_SHARE of it, divided by how often it occurs in the
distinct runs of a text that has it. Pairs of words count like runs. The sum is divided by the root of the sum
of the squares of all runs, known or not, and of the known pairs, as if runs had no n-gram in common: so what a
run adds to a margin is the same in every text, up to its count and the length of the text, and a text of
unknown words has small values as one of the training texts has without its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from framescope._types import Float32, Int32, Int64, UInt64
from framescope.features.growing import append
from framescope.features.lookup import MAX_FEATURES, Lookup, new_lookup
from framescope.features.ngrams import CHAR_BLOCK
from framescope.features.reading import new_reading
from framescope.features.weighing import add_counts, csr_rows, distinct_hashes, occurrences
from framescope.text.characters import character_tables
from framescope.text.kernels import in_threads
from framescope.text.utf8 import Utf8Texts

CHUNK_BYTES = 1 << 20
N_PARTS = 64  # of a corpus at most, where each part takes memory for every feature
CHAR_SHARE = 0.45
CHUNKS_ADDED = 32  # at a time: many chunks have the same n-grams


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The features a model knows.

    ``hashes`` is (n_features,) uint64, those of words and symbols before those of character n-grams. Of each
    kind the most frequent come first: what is needed most lies together in memory. ``worth`` is (n_features,)
    float32. ``unknown``, (2,) float32, is what an unknown word or run of symbols is worth, and an unknown
    character n-gram: as much as one of a single text.
    """

    hashes: UInt64
    worth: Float32
    unknown: Float32

    @classmethod
    def learn(
        cls, texts: Utf8Texts, *, min_df: int = 2, max_features: int | None = None, jobs: int = 1
    ) -> Vocabulary:
        """Keep the features of ``min_df`` texts or more, and of these the ``max_features`` most frequent."""
        texts = texts.plain(jobs=jobs)
        hashes, df = _document_frequencies(texts, jobs)
        kept = np.flatnonzero(df >= min_df)
        most = MAX_FEATURES if max_features is None else min(max_features, MAX_FEATURES)
        kept = kept[np.argsort(-df[kept], kind="stable")[:most]]
        kept = kept[np.argsort(hashes[kept] >= CHAR_BLOCK, kind="stable")]
        idf = (np.log((1 + len(texts)) / (1 + df[kept])) + 1).astype(np.float32)
        once = np.log((1 + len(texts)) / 2) + 1
        blank = cls(hashes[kept], idf, np.array([once, CHAR_SHARE * once], np.float32))
        return replace(blank, worth=idf * blank._shares(texts, df[kept], jobs))

    def _shares(self, texts: Utf8Texts, df: Int64, jobs: int) -> Float32:
        """Return what is left of the idf of each feature: all of it, but for character n-grams."""

        def count(part: Utf8Texts) -> Int64:
            found: Int64 = occurrences(
                part.data, part.offsets, character_tables(), new_reading(part), self.lookup
            )
            return found

        n_bytes = int(texts.offsets[-1] - texts.offsets[0])
        parts = in_threads(count, texts.chunks(max(CHUNK_BYTES, n_bytes // N_PARTS)), jobs)
        n_times = np.maximum(sum(parts, np.zeros(len(self), np.int64)), df) / df
        return np.where(self.hashes >= CHAR_BLOCK, CHAR_SHARE / n_times, 1).astype(np.float32)

    def __len__(self) -> int:
        return len(self.hashes)

    def __reduce__(self) -> tuple[Any, ...]:
        return Vocabulary, (self.hashes, self.worth, self.unknown)

    @cached_property
    def lookup(self) -> Lookup:
        """The vocabulary as the kernels read it.

        Raises:
            BundleError: the hashes are made to fall on few places, so that looking them up would take for ever.
        """
        return new_lookup(self.hashes, np.concatenate([self.worth, self.unknown]))

    def values(self, texts: Utf8Texts, *, jobs: int = 1) -> tuple[Int64, Int32, Float32]:
        """Return the rows of the feature matrix as CSR: indptr, indices, values."""
        indptr = np.zeros(len(texts) + 1, np.int64)
        indices, values = np.empty(0, np.int32), np.empty(0, np.float32)
        row = 0
        for ends, own_indices, own_values in self.rows(texts, jobs=jobs):
            indptr[row + 1 : row + len(ends)] = indptr[row] + ends[1:]
            append(indices, own_indices, int(indptr[row]))
            append(values, own_values, int(indptr[row]))
            row += len(ends) - 1
        for array in (indices, values):
            array.resize(indptr[-1], refcheck=False)
        return indptr, indices, values

    def rows(self, texts: Utf8Texts, *, jobs: int = 1) -> Iterator[tuple[Int64, Int32, Float32]]:
        """Yield the same for successive texts, a part at a time."""
        chunks = texts.plain(jobs=jobs).chunks(CHUNK_BYTES)
        for first in range(0, len(chunks), CHUNKS_ADDED):
            yield from in_threads(self._values, chunks[first : first + CHUNKS_ADDED], jobs)

    def _values(self, texts: Utf8Texts) -> tuple[Int64, Int32, Float32]:
        parts: tuple[Int64, Int32, Float32] = csr_rows(
            texts.data, texts.offsets, character_tables(), new_reading(texts), self.lookup
        )
        return parts


def _document_frequencies(texts: Utf8Texts, jobs: int) -> tuple[UInt64, Int64]:
    """Return the distinct hashes of all texts, ascending, and of how many texts each is.

    Two counts are merged when the earlier is no more than twice as long: so each hash is copied a few times
    only, however many chunks there are.
    """
    counts: list[tuple[UInt64, Int64]] = [(np.empty(0, np.uint64), np.empty(0, np.int64))]
    chunks = texts.chunks(CHUNK_BYTES)
    for first in range(0, len(chunks), CHUNKS_ADDED):
        for part in in_threads(_frequencies_of_chunk, chunks[first : first + CHUNKS_ADDED], jobs):
            counts.append(part)
            while len(counts) > 1 and len(counts[-2][0]) <= 2 * len(counts[-1][0]):
                counts[-2:] = [add_counts(*counts[-2], *counts[-1])]
    while len(counts) > 1:
        counts[-2:] = [add_counts(*counts[-2], *counts[-1])]
    return counts[0]


def _frequencies_of_chunk(texts: Utf8Texts) -> tuple[UInt64, Int64]:
    return np.unique(distinct_hashes(texts.data, texts.offsets, character_tables()), return_counts=True)
