"""Weighted features of texts: the vocabulary, TF-IDF values, and margins without a matrix in between.

The value of a feature is (1 + ln count) * idf. Words with symbols, and character n-grams, are two blocks: each
is scaled to Euclidean length 1, then both by sqrt(1/2), so that a text that has both has length 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed

from framescope.text.characters import character_tables
from framescope.text.ngrams import CHAR_BLOCK
from framescope.text.utf8 import Utf8Texts
from framescope.text.weighing import FREE, Lookup, add_margins, csr_rows, distinct_hashes, fill_slots

Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint64]

CHUNK_BYTES = 1 << 22


@dataclass(frozen=True)
class Vocabulary:
    """The features a model knows.

    ``hashes`` is (n_features,) uint64, ascending; ``idf`` is (n_features,) float32.
    """

    hashes: Hashes
    idf: Float32

    @classmethod
    def learn(
        cls, texts: Utf8Texts, *, min_df: int = 2, max_features: int | None = None, jobs: int = 1
    ) -> Vocabulary:
        """Keep the features that occur in ``min_df`` texts or more, the most frequent ones first."""
        parts = _in_threads(_document_frequencies, texts.chunks(CHUNK_BYTES), jobs)
        hashes, df = _add_up(parts)
        kept = np.flatnonzero(df >= min_df)
        if max_features is not None and len(kept) > max_features:
            kept = np.sort(kept[np.argsort(-df[kept], kind="stable")[:max_features]])
        return cls(hashes[kept], (np.log((1 + len(texts)) / (1 + df[kept])) + 1).astype(np.float32))

    def __len__(self) -> int:
        return len(self.hashes)

    @cached_property
    def lookup(self) -> Lookup:
        """The vocabulary as the kernels read it."""
        n_slots = 1 << max(4, int(2 * len(self.hashes)).bit_length())
        slots, features = np.full(n_slots, FREE), np.full(n_slots, -1, np.int32)
        fill_slots(self.hashes, slots, features)
        n_words = int(np.searchsorted(self.hashes, CHAR_BLOCK))
        return Lookup(slots, features, np.ascontiguousarray(self.idf), n_words)

    def values(self, texts: Utf8Texts, *, jobs: int = 1) -> tuple[npt.NDArray[np.int64], Int32, Float32]:
        """Return the rows of the feature matrix as CSR: indptr, indices in order of occurrence, values."""
        parts = _in_threads(self._values, texts.chunks(CHUNK_BYTES), jobs)
        counts = np.concatenate([np.zeros(1, np.int64), *(np.diff(indptr) for indptr, _, _ in parts)])
        return (
            np.cumsum(counts),
            np.concatenate([np.empty(0, np.int32), *(indices for _, indices, _ in parts)]),
            np.concatenate([np.empty(0, np.float32), *(values for _, _, values in parts)]),
        )

    def margins(self, texts: Utf8Texts, weights: Float32, *, intercept: Float32, jobs: int = 1) -> Float32:
        """Return features @ weights + intercept: (n_texts, n_labels) float32.

        ``weights`` is (n_features, n_labels), ``intercept`` (n_labels,).
        """
        margins = np.repeat(intercept[np.newaxis], len(texts), axis=0)
        firsts = np.cumsum([0, *(len(chunk) for chunk in texts.chunks(CHUNK_BYTES))])
        parts = list(zip(texts.chunks(CHUNK_BYTES), firsts, strict=False))

        def add(part: tuple[Utf8Texts, int]) -> None:
            chunk, first = part
            add_margins(
                chunk.data,
                chunk.offsets,
                character_tables(),
                self.lookup,
                weights,
                margins[first : first + len(chunk)],
            )

        _in_threads(add, parts, jobs)
        return margins

    def _values(self, texts: Utf8Texts) -> tuple[npt.NDArray[np.int64], Int32, Float32]:
        parts: tuple[npt.NDArray[np.int64], Int32, Float32] = csr_rows(
            texts.data, texts.offsets, character_tables(), self.lookup
        )
        return parts


def _in_threads(task: Callable[[Any], Any], parts: Sequence[Any], jobs: int) -> list[Any]:
    """Run a kernel over parts; the kernels release the interpreter's lock."""
    if jobs == 1 or len(parts) < 2:
        return [task(part) for part in parts]
    return list(Parallel(n_jobs=jobs, backend="threading")(delayed(task)(part) for part in parts))


def _document_frequencies(texts: Utf8Texts) -> tuple[Hashes, npt.NDArray[np.int64]]:
    return np.unique(distinct_hashes(texts.data, texts.offsets, character_tables()), return_counts=True)


def _add_up(
    parts: Sequence[tuple[Hashes, npt.NDArray[np.int64]]],
) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """Return the distinct hashes of all parts, ascending, and the sums of their counts."""
    hashes, inverse = np.unique(
        np.concatenate([np.empty(0, np.uint64), *(hashes for hashes, _ in parts)]), return_inverse=True
    )
    total = np.zeros(len(hashes), np.int64)
    np.add.at(total, inverse, np.concatenate([np.empty(0, np.int64), *(df for _, df in parts)]))
    return hashes, total
