"""The hot path: texts to counted, weighted features, and to margins without a matrix in between.

Most runs of a text have been seen before. A cache that lives as long as one call holds the known features of
recent runs, so that only a new run is cut into n-grams and looked up. Pairs of words are looked up one by one.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from framescope.text.ngrams import (
    MAX_GRAMS_PER_CODE,
    MAX_GRAMS_PER_WORD,
    START,
    emit,
    emit_run,
    fold,
    n_codes_at_most,
    pair_hash,
    read_run,
)

FREE = np.uint64(0)  # an empty slot; no run and no feature is given this hash
BLOCK_SCALE = np.sqrt(0.5)
N_RUNS_CACHED = 1 << 16
N_FEATURES_CACHED = 1 << 20
TF = (1 + np.log(np.maximum(np.arange(256), 1))).astype(np.float32)


class Lookup(NamedTuple):
    """Open addressing from hash to feature: a slot holds a hash and its feature, or ``FREE``."""

    hashes: npt.NDArray[np.uint64]
    features: npt.NDArray[np.int32]
    idf: npt.NDArray[np.float32]
    n_words: int


@nb.njit(cache=True, nogil=True)
def fill_slots(hashes, slots, features):  # type: ignore[no-untyped-def]
    """Enter feature k under its hash."""
    for feature in range(len(hashes)):
        slot = _slot(hashes[feature], slots)
        slots[slot] = hashes[feature]
        features[slot] = feature


@nb.njit(cache=True, nogil=True)
def distinct_hashes(data, offsets, tables):  # type: ignore[no-untyped-def]
    """Return the distinct feature hashes of each text, one text after the other."""
    codes, hashes, slots = np.empty(0, np.int32), np.empty(0, np.uint64), np.empty(0, np.uint64)
    distinct, n_distinct = np.empty(0, np.uint64), 0
    for row in range(len(offsets) - 1):
        codes = _grown(codes, n_codes_at_most(offsets[row + 1] - offsets[row]))
        n_codes = fold(data, offsets[row], offsets[row + 1], tables, codes, None)
        hashes = _grown(hashes, n_codes * MAX_GRAMS_PER_CODE + MAX_GRAMS_PER_WORD)
        _, n_hashes = emit(codes, n_codes, START, hashes, None)
        if len(slots) < 2 * n_hashes:
            slots = np.empty(_power_of_two(2 * n_hashes), np.uint64)
        slots[:] = FREE
        distinct = _grown(distinct, n_distinct + n_hashes)
        for k in range(n_hashes):
            slot = _slot(hashes[k], slots)
            if slots[slot] == FREE:
                slots[slot] = hashes[k]
                distinct[n_distinct] = hashes[k]
                n_distinct += 1
    return distinct[:n_distinct].copy()


@nb.njit(cache=True, nogil=True)
def _power_of_two(least):  # type: ignore[no-untyped-def]
    size = 16
    while size < least:
        size *= 2
    return size


@nb.njit(cache=True, nogil=True)
def csr_rows(data, offsets, tables, lookup):  # type: ignore[no-untyped-def]
    """Return the CSR rows of texts: indptr, indices in the order of their first occurrence, values."""
    codes, counter = np.empty(0, np.int32), _new_counter(len(lookup.idf))
    indptr = np.zeros(len(offsets), np.int64)
    indices, values = np.empty(0, np.int32), np.empty(0, np.float32)
    for row in range(len(offsets) - 1):
        codes = _grown(codes, n_codes_at_most(offsets[row + 1] - offsets[row]))
        n_codes = fold(data, offsets[row], offsets[row + 1], tables, codes, None)
        n_found = _count(codes, n_codes, lookup, counter)
        begin, end = indptr[row], indptr[row] + n_found
        indices, values = _grown(indices, end), _grown(values, end)
        for k in range(n_found):
            indices[begin + k] = counter.found[k]
        _weigh(counter.counts, indices[begin:end], lookup, values[begin:end])
        indptr[row + 1] = end
    return indptr, indices[: indptr[-1]].copy(), values[: indptr[-1]].copy()


@nb.njit(cache=True, nogil=True)
def add_margins(data, offsets, tables, lookup, weights, margins):  # type: ignore[no-untyped-def]
    """Add value * weights of each known feature to the text's row of margins."""
    codes, counter = np.empty(0, np.int32), _new_counter(len(lookup.idf))
    values = np.empty(len(lookup.idf), np.float32)
    for row in range(len(offsets) - 1):
        codes = _grown(codes, n_codes_at_most(offsets[row + 1] - offsets[row]))
        n_codes = fold(data, offsets[row], offsets[row + 1], tables, codes, None)
        found = counter.found[: _count(codes, n_codes, lookup, counter)]
        _weigh(counter.counts, found, lookup, values)
        _add_weighted_rows(found, values, weights, margins[row])


class _Counter(NamedTuple):
    """What counting needs: the cache of runs, and the counts of the text at hand.

    The cached run of a place has its known features in ``cached`` from ``begin`` to ``end``; ``n_cached`` is
    the end of what is used. ``counts`` is 0 for all features between texts; ``found`` lists those that are
    not, with room for one more.
    """

    runs: npt.NDArray[np.uint64]
    begin: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    cached: npt.NDArray[np.int32]
    n_cached: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int32]
    found: npt.NDArray[np.int32]


@nb.njit(cache=True, nogil=True)
def _new_counter(n_features):  # type: ignore[no-untyped-def]
    return _Counter(
        np.full(N_RUNS_CACHED, FREE, np.uint64),
        np.empty(N_RUNS_CACHED, np.int32),
        np.empty(N_RUNS_CACHED, np.int32),
        np.empty(N_FEATURES_CACHED, np.int32),
        np.zeros(1, np.int32),
        np.zeros(n_features, np.int32),
        np.empty(n_features + 1, np.int32),
    )


@nb.njit(cache=True, nogil=True)
def _count(codes, n_codes, lookup, counter):  # type: ignore[no-untyped-def]
    """Count the known features of a text; return how many distinct ones were found."""
    # Arrays are taken out of their tuples once: each time costs an atomic count of references.
    slots, feature_of_slot = lookup.hashes, lookup.features
    runs, begin, end, cached, _, counts, found = counter
    n_found = 0
    at, previous = 0, FREE
    while at < n_codes:
        if codes[at] == 0:
            at += 1
            continue
        first = at
        at, state = read_run(codes, first, n_codes)
        place = np.int64(state) & (N_RUNS_CACHED - 1)
        if runs[place] != state:
            _cache_run(codes[first:at], state, place, lookup, counter)
        for k in range(begin[place], end[place]):
            feature = np.uint32(cached[k])
            found[n_found] = feature
            n_found += counts[feature] == 0
            counts[feature] += 1
        if codes[first] < 0:
            continue
        if previous != FREE:
            slot = _slot(pair_hash(previous, state), slots)
            if slots[slot] != FREE:
                feature = np.uint32(feature_of_slot[slot])
                found[n_found] = feature
                n_found += counts[feature] == 0
                counts[feature] += 1
        previous = state
    return n_found


@nb.njit(cache=True, nogil=True)
def _cache_run(run, state, place, lookup, counter):  # type: ignore[no-untyped-def]
    """Cut a run into n-grams and cache the known ones, each as often as it occurs."""
    if counter.n_cached[0] + MAX_GRAMS_PER_WORD > N_FEATURES_CACHED:
        counter.runs[:] = FREE
        counter.n_cached[0] = 0
    hashes = np.empty(MAX_GRAMS_PER_WORD, np.uint64)
    slots, feature_of_slot, cached = lookup.hashes, lookup.features, counter.cached
    at = counter.n_cached[0]
    counter.runs[place], counter.begin[place] = state, at
    for k in range(emit_run(run, 0, len(run), state, hashes, None, 0)):
        slot = _slot(hashes[k], slots)
        if slots[slot] != FREE:
            cached[at] = feature_of_slot[slot]
            at += 1
    counter.end[place] = counter.n_cached[0] = at


@nb.njit(cache=True, nogil=True, inline="always")
def _slot(key, slots):  # type: ignore[no-untyped-def]
    """Return the slot of a hash, or the free slot where it would stand."""
    mask = len(slots) - 1
    slot = np.int64(key) & mask
    while slots[slot] != key and slots[slot] != FREE:
        slot = (slot + 1) & mask
    return slot


@nb.njit(cache=True, nogil=True)
def _weigh(counts, found, lookup, values):  # type: ignore[no-untyped-def]
    """Write the value of each found feature; set its count back to 0."""
    squares_of_words, squares_of_chars = 0.0, 0.0  # float32 would lose 0.2 % over a million features
    for k in range(len(found)):
        feature = found[k]
        count = counts[feature]
        counts[feature] = 0
        value = (TF[count] if count < len(TF) else np.float32(1 + np.log(count))) * lookup.idf[feature]
        values[k] = value
        square = np.float64(value) * value
        if feature < lookup.n_words:
            squares_of_words += square
        else:
            squares_of_chars += square
    scale_of_words = np.float32(BLOCK_SCALE / np.sqrt(max(squares_of_words, 1e-30)))
    scale_of_chars = np.float32(BLOCK_SCALE / np.sqrt(max(squares_of_chars, 1e-30)))
    for k in range(len(found)):
        values[k] *= scale_of_words if found[k] < lookup.n_words else scale_of_chars


@nb.njit(cache=True, nogil=True)
def _add_weighted_rows(found, values, weights, margins):  # type: ignore[no-untyped-def]
    """Add values[k] * weights[found[k]] for every k to one text's margins."""
    total = np.zeros(weights.shape[1], np.float32)
    for k in range(len(found)):
        feature = np.uint32(found[k])  # unsigned: no check for indices that count from the end
        value = values[k]
        for label in range(weights.shape[1]):
            total[label] += value * weights[feature, label]
    for label in range(weights.shape[1]):
        margins[label] += total[label]


@nb.njit(cache=True, nogil=True)
def _grown(array, n_needed):  # type: ignore[no-untyped-def]
    """Return the array, or a longer copy if it has no room for so many values."""
    if n_needed <= len(array):
        return array
    longer = np.empty(max(n_needed, 2 * len(array)), array.dtype)
    for k in range(len(array)):  # a slice assignment takes 5 s to compile
        longer[k] = array[k]
    return longer
