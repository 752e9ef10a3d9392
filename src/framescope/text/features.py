"""Weighted features of texts: the vocabulary, TF-IDF values, and margins without a matrix in between.

The value of a feature is (1 + ln count) * idf. Words with symbols, and character n-grams, are two blocks: each
is scaled to Euclidean length 1, then both by sqrt(1/2), so that a text that has both has length 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed

from framescope.text.characters import character_tables
from framescope.text.ngrams import (
    CHAR_BLOCK,
    MAX_GRAMS_PER_CODE,
    MAX_GRAMS_PER_WORD,
    START,
    emit,
    fold,
    n_codes_at_most,
)
from framescope.text.utf8 import Utf8Texts

Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint64]

CHUNK_BYTES = 1 << 20
BUFFER_HASHES = 1 << 12
FREE = np.uint64(0)  # an empty slot; no feature is given this hash
BLOCK_SCALE = np.float32(np.sqrt(0.5))


class Lookup(NamedTuple):
    """Open addressing from hash to feature: a slot holds a hash and its feature, or -1."""

    hashes: Hashes
    features: Int32
    idf: Float32
    n_words: int


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
        slots, features = np.zeros(n_slots, np.uint64), np.full(n_slots, -1, np.int32)
        _fill_slots(self.hashes, slots, features)
        n_words = int(np.searchsorted(self.hashes, CHAR_BLOCK))
        return Lookup(slots, features, np.ascontiguousarray(self.idf), n_words)

    def values(self, texts: Utf8Texts, *, jobs: int = 1) -> tuple[npt.NDArray[np.int64], Int32, Float32]:
        """Return the rows of the feature matrix as CSR: indptr, ascending indices, values."""
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
            _add_margins(
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
        parts: tuple[npt.NDArray[np.int64], Int32, Float32] = _rows(
            texts.data, texts.offsets, character_tables(), self.lookup
        )
        return parts


def _in_threads(task: Callable[[Any], Any], parts: Sequence[Any], jobs: int) -> list[Any]:
    """Run a kernel over parts; the kernels release the interpreter's lock."""
    if jobs == 1 or len(parts) < 2:
        return [task(part) for part in parts]
    return list(Parallel(n_jobs=jobs, backend="threading")(delayed(task)(part) for part in parts))


def _document_frequencies(texts: Utf8Texts) -> tuple[Hashes, npt.NDArray[np.int64]]:
    return np.unique(_distinct_hashes(texts.data, texts.offsets, character_tables()), return_counts=True)


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


@nb.njit(cache=True, nogil=True)
def _fill_slots(hashes, slots, features):  # type: ignore[no-untyped-def]
    for feature in range(len(hashes)):
        slot = _slot(hashes[feature], slots)
        slots[slot] = hashes[feature]
        features[slot] = feature


@nb.njit(cache=True, nogil=True, inline="always")
def _slot(key, slots):  # type: ignore[no-untyped-def]
    """Return the slot of a hash, or the free slot where it would stand."""
    mask = len(slots) - 1
    slot = np.int64(key) & mask
    while slots[slot] != key and slots[slot] != FREE:
        slot = (slot + 1) & mask
    return slot


@nb.njit(cache=True, nogil=True)
def _grown(array, n_needed):  # type: ignore[no-untyped-def]
    """Return the array, or a longer copy if it has no room for so many values."""
    if n_needed <= len(array):
        return array
    longer = np.empty(max(n_needed, 2 * len(array)), array.dtype)
    longer[: len(array)] = array
    return longer


@nb.njit(cache=True, nogil=True)
def _distinct_hashes(data, offsets, tables):  # type: ignore[no-untyped-def]
    """Return the distinct feature hashes of each text, one text after the other."""
    codes, hashes = np.empty(0, np.int32), np.empty(0, np.uint64)
    distinct, n_distinct = np.empty(0, np.uint64), 0
    for row in range(len(offsets) - 1):
        codes = _grown(codes, n_codes_at_most(offsets[row + 1] - offsets[row]))
        n_codes = fold(data, offsets[row], offsets[row + 1], tables, codes, None)
        hashes = _grown(hashes, n_codes * MAX_GRAMS_PER_CODE + MAX_GRAMS_PER_WORD)
        _, n_hashes = emit(codes, n_codes, START, hashes, None)
        ordered = np.sort(hashes[:n_hashes])
        distinct = _grown(distinct, n_distinct + n_hashes)
        for k in range(n_hashes):
            if k == 0 or ordered[k] != ordered[k - 1]:
                distinct[n_distinct] = ordered[k]
                n_distinct += 1
    return distinct[:n_distinct].copy()


@nb.njit(cache=True, nogil=True)
def _count(codes, n_codes, lookup, buffer, counts, found):  # type: ignore[no-untyped-def]
    """Count known features in ``counts``, all 0 before; list them in ``found``, return their number."""
    n_found = 0
    resume = START
    while resume[0] < n_codes:
        resume, n_hashes = emit(codes, n_codes, resume, buffer, None)
        for k in range(n_hashes):
            feature = lookup.features[_slot(buffer[k], lookup.hashes)]
            if feature < 0:
                continue
            if counts[feature] == 0:
                found[n_found] = feature
                n_found += 1
            counts[feature] += 1
    return n_found


@nb.njit(cache=True, nogil=True)
def _weigh(counts, found, lookup, values):  # type: ignore[no-untyped-def]
    """Write the value of each found feature; set its count back to 0."""
    squares_of_words, squares_of_chars = 0.0, 0.0  # float32 would lose 0.2 % over a million features
    for k in range(len(found)):
        value = np.float32(1 + np.log(counts[found[k]])) * lookup.idf[found[k]]
        counts[found[k]] = 0
        values[k] = value
        if found[k] < lookup.n_words:
            squares_of_words += value * value
        else:
            squares_of_chars += value * value
    scale_of_words = BLOCK_SCALE / np.sqrt(max(squares_of_words, 1e-30))
    scale_of_chars = BLOCK_SCALE / np.sqrt(max(squares_of_chars, 1e-30))
    for k in range(len(found)):
        values[k] *= scale_of_words if found[k] < lookup.n_words else scale_of_chars


@nb.njit(cache=True, nogil=True)
def _rows(data, offsets, tables, lookup):  # type: ignore[no-untyped-def]
    """Return the CSR rows of texts: indptr, ascending indices, values."""
    n_features = len(lookup.idf)
    codes, buffer = np.empty(0, np.int32), np.empty(BUFFER_HASHES, np.uint64)
    counts, found = np.zeros(n_features, np.int32), np.empty(n_features, np.int32)
    indptr = np.zeros(len(offsets), np.int64)
    indices, values = np.empty(0, np.int32), np.empty(0, np.float32)
    for row in range(len(offsets) - 1):
        codes = _grown(codes, n_codes_at_most(offsets[row + 1] - offsets[row]))
        n_codes = fold(data, offsets[row], offsets[row + 1], tables, codes, None)
        n_found = _count(codes, n_codes, lookup, buffer, counts, found)
        begin, end = indptr[row], indptr[row] + n_found
        indices, values = _grown(indices, end), _grown(values, end)
        indices[begin:end] = np.sort(found[:n_found])
        _weigh(counts, indices[begin:end], lookup, values[begin:end])
        indptr[row + 1] = end
    return indptr, indices[: indptr[-1]].copy(), values[: indptr[-1]].copy()


@nb.njit(cache=True, nogil=True)
def _add_margins(data, offsets, tables, lookup, weights, margins):  # type: ignore[no-untyped-def]
    """Add value * weights of each known feature to the text's row of margins."""
    n_features = len(lookup.idf)
    codes, buffer = np.empty(0, np.int32), np.empty(BUFFER_HASHES, np.uint64)
    counts, found = np.zeros(n_features, np.int32), np.empty(n_features, np.int32)
    values = np.empty(n_features, np.float32)
    for row in range(len(offsets) - 1):
        codes = _grown(codes, n_codes_at_most(offsets[row + 1] - offsets[row]))
        n_codes = fold(data, offsets[row], offsets[row + 1], tables, codes, None)
        n_found = _count(codes, n_codes, lookup, buffer, counts, found)
        _weigh(counts, found[:n_found], lookup, values)
        for k in range(n_found):
            for label in range(weights.shape[1]):
                margins[row, label] += values[k] * weights[found[k], label]
