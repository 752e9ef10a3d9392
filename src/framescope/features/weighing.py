"""The hot path: texts to counted, weighted features, and to margins without a matrix in between.

Most runs of a text have been seen before. A cache holds the known features of recent runs, so that only a new
run is cut into n-grams and looked up. Pairs of words are looked up one by one. A weight row is read once for
each distinct feature of a text, four rows at a time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from framescope._types import Int32, Int64, UInt64
from framescope.features.ngrams import (
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
from framescope.features.weights import POWERS
from framescope.text.kernels import kernel

FREE = np.uint64(0)  # an empty slot; no run and no feature is given this hash
MAX_PROBES = 1024
"""Slots that are looked at for a hash: hashes of n-grams take some hundred at the very most."""
BLOCK_SCALE = np.sqrt(0.5)
RUNS_AT_A_TIME = 1024
N_RUNS_CACHED = 1 << 18
N_CACHED = 1 << 22
WAYS = 8  # places that a run can take
HEADER = 3  # what stands before the character n-grams of a cached run
TF = (1 + np.log(np.maximum(np.arange(256), 1))).astype(np.float32)

INDEX_BITS = 24
MAX_FEATURES = (1 << INDEX_BITS) - 2
_INDEX_SHIFT = np.uint64(INDEX_BITS)
_INDEX = np.uint64((1 << INDEX_BITS) - 1)
_VICTIM_SHIFT = np.uint64(61)  # leaves 0 to 7


class Lookup(NamedTuple):
    """Open addressing from hash to feature.

    A slot is ``FREE``, or holds the high bits of a hash and, in the low ``INDEX_BITS``, its feature + 1. The
    place of a slot stands for the low bits: one of 10^12 other hashes is taken for a feature.
    """

    slots: UInt64
    n_features: int


class Counter(NamedTuple):
    """What counting needs: the cache of runs, the runs at hand, the counts of the text at hand.

    A place in ``runs`` holds the high bits of a cached run's hash state and, in the low ``INDEX_BITS``, where
    its entry begins in ``cached``: the feature of the run itself, how often the run occurs among those at hand,
    the number of its known character n-grams, and those, each as often as it occurs. ``n_cached`` is the end
    of what is used. ``counts`` is 0 for all features between texts; ``words`` and ``chars`` list those that are
    not, with room for one more. The last of the counts is for what is unknown: it is never 0, and never listed.
    """

    runs: UInt64
    cached: Int32
    n_cached: Int64
    states: UInt64
    spans: Int64
    pairs: UInt64
    counts: Int32
    words: Int32
    chars: Int32


def new_counter(n_features: int) -> Counter:
    """Return a counter with an empty cache."""
    return Counter(
        runs=np.full(N_RUNS_CACHED, FREE),
        cached=np.empty(N_CACHED, np.int32),
        n_cached=np.zeros(1, np.int64),
        states=np.empty(RUNS_AT_A_TIME, np.uint64),
        spans=np.empty((RUNS_AT_A_TIME, 2), np.int64),
        pairs=np.empty(RUNS_AT_A_TIME, np.uint64),
        counts=np.concatenate([np.zeros(n_features, np.int32), np.ones(1, np.int32)]),
        words=np.empty(n_features + 1, np.int32),
        chars=np.empty(n_features + 1, np.int32),
    )


@kernel()
def fill_slots(hashes, slots):  # type: ignore[no-untyped-def]
    """Enter feature k under its hash; tell whether no hash will ever need more than ``MAX_PROBES`` slots."""
    mask = len(slots) - 1
    for feature in range(len(hashes)):
        slot = np.int64(hashes[feature]) & mask
        n_probes = 1
        while slots[slot] != FREE:
            slot = (slot + 1) & mask
            n_probes += 1
            if n_probes > MAX_PROBES:
                return False
        slots[slot] = hashes[feature] & ~_INDEX | np.uint64(feature + 1)
    n_together = 0
    for place in range(len(slots) + MAX_PROBES):  # a run of slots may reach over the end
        n_together = 0 if slots[place & mask] == FREE else n_together + 1
        if n_together >= MAX_PROBES:
            return False
    return True


@kernel()
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
        mask = len(slots) - 1
        distinct = _grown(distinct, n_distinct + n_hashes)
        for k in range(n_hashes):
            slot = np.int64(hashes[k]) & mask
            while slots[slot] != hashes[k] and slots[slot] != FREE:
                slot = (slot + 1) & mask
            if slots[slot] == FREE:
                slots[slot] = hashes[k]
                distinct[n_distinct] = hashes[k]
                n_distinct += 1
    return distinct[:n_distinct].copy()


@kernel()
def _power_of_two(least):  # type: ignore[no-untyped-def]
    size = 16
    while size < least:
        size *= 2
    return size


@kernel()
def csr_rows(data, offsets, tables, lookup, counter, idf):  # type: ignore[no-untyped-def]
    """Return the CSR rows of texts: indptr, indices, values; in a row words come first, then characters."""
    codes, indptr = np.empty(0, np.int32), np.zeros(len(offsets), np.int64)
    indices, values = np.empty(0, np.int32), np.empty(0, np.float32)
    for row in range(len(offsets) - 1):
        codes = _grown(codes, n_codes_at_most(offsets[row + 1] - offsets[row]))
        n_codes = fold(data, offsets[row], offsets[row + 1], tables, codes, None)
        n_words, n_chars = _count(codes, n_codes, lookup, counter)
        end = indptr[row]
        for found in (counter.words[:n_words], counter.chars[:n_chars]):
            begin, end = end, end + len(found)
            indices, values = _grown(indices, end), _grown(values, end)
            scale = _weigh(found, counter.counts, idf, values[begin:end])
            for k in range(len(found)):
                indices[begin + k] = found[k]
                values[begin + k] *= scale
        indptr[row + 1] = end
    return indptr, indices[: indptr[-1]].copy(), values[: indptr[-1]].copy()


@kernel()
def add_margins(data, offsets, tables, lookup, counter, weights, margins):  # type: ignore[no-untyped-def]
    """Add value * weights of each known feature to the text's row of margins.

    ``weights`` are those of :class:`framescope.features.weights.Rows`.
    """
    rows, exponents, idf, scales = weights
    codes, values = np.empty(0, np.int32), np.empty(len(counter.words), np.float32)
    totals = np.empty((2, rows.shape[1]), np.float32)
    for row in range(len(offsets) - 1):
        codes = _grown(codes, n_codes_at_most(offsets[row + 1] - offsets[row]))
        n_codes = fold(data, offsets[row], offsets[row + 1], tables, codes, None)
        n_words, n_chars = _count(codes, n_codes, lookup, counter)
        scale_of_words = _weigh(counter.words[:n_words], counter.counts, idf, values)
        _add_rows(counter.words[:n_words], values, rows, exponents, totals[0])
        scale_of_chars = _weigh(counter.chars[:n_chars], counter.counts, idf, values)
        _add_rows(counter.chars[:n_chars], values, rows, exponents, totals[1])
        for label in range(len(scales)):
            total = scale_of_words * totals[0, label] + scale_of_chars * totals[1, label]
            margins[row, label] += total * scales[label]


@kernel()
def _count(codes, n_codes, lookup, counter):  # type: ignore[no-untyped-def]
    """Count the known features of a text; return how many distinct words and character n-grams were found.

    Memory is slow, but many places can be waited for at once, as long as no branch hangs on what they hold: so
    each loop over the runs at hand does one thing, and unknown features are counted like others.
    """
    # For a literal 0 numba would compile a second version of each function.
    n_words = n_chars = at = np.int64(0)
    previous = FREE
    while at < n_codes:
        at, previous, n_runs, n_pairs = _read_runs(codes, at, n_codes, previous, counter)
        _find_runs(codes, n_runs, lookup, counter)
        n_distinct = _count_equal_runs(n_runs, counter)
        n_words, n_chars = _count_runs(n_distinct, n_words, n_chars, counter)
        n_words = _count_pairs(n_pairs, n_words, lookup, counter)
    return n_words, n_chars


@kernel()
def _read_runs(codes, at, n_codes, previous, counter):  # type: ignore[no-untyped-def]
    """Read the next runs, and the pairs of successive words."""
    states, spans, pairs = counter.states, counter.spans, counter.pairs
    n_runs, n_pairs = 0, 0
    while at < n_codes and n_runs < RUNS_AT_A_TIME:
        if codes[at] == 0:
            at += 1
            continue
        first = at
        at, state = read_run(codes, first, n_codes)
        states[n_runs] = state
        spans[n_runs, 0], spans[n_runs, 1] = first, at
        n_runs += 1
        if codes[first] > 0:
            if previous != FREE:
                pairs[n_pairs] = pair_hash(previous, state)
                n_pairs += 1
            previous = state
    return at, previous, n_runs, n_pairs


@kernel()
def _find_runs(codes, n_runs, lookup, counter):  # type: ignore[no-untyped-def]
    """Write into the runs' spans where their entries in the cache begin."""
    runs, states, spans = counter.runs, counter.states, counter.spans
    if counter.n_cached[0] + RUNS_AT_A_TIME * (MAX_GRAMS_PER_WORD + HEADER) > N_CACHED:
        runs[:] = FREE
        counter.n_cached[0] = 0
    for k in range(n_runs):
        place = _place(states[k], runs)
        if runs[place] == FREE or (runs[place] ^ states[k]) >> _INDEX_SHIFT:
            run = codes[spans[k, 0] : spans[k, 1]]
            runs[place] = states[k] & ~_INDEX | np.uint64(_cache_run(run, states[k], lookup, counter))
        spans[k, 0] = np.int64(runs[place] & _INDEX)


@kernel(inline="always")
def _place(state, runs):  # type: ignore[no-untyped-def]
    """Return the place of a run, or the one that it is to take: one of the few in a cache line."""
    first = np.int64(state) & (N_RUNS_CACHED - WAYS)
    for place in range(first, first + WAYS):
        if runs[place] == FREE or not (runs[place] ^ state) >> _INDEX_SHIFT:
            return place
    return first + np.int64(state >> _VICTIM_SHIFT)


@kernel()
def _cache_run(run, state, lookup, counter):  # type: ignore[no-untyped-def]
    """Cut a run into n-grams and cache the known ones; return where the entry begins."""
    cached, hashes = counter.cached, np.empty(MAX_GRAMS_PER_WORD, np.uint64)
    begin = counter.n_cached[0]
    n_hashes = emit_run(run, 0, len(run), state, hashes, None, 0)
    _touch(hashes, n_hashes, lookup.slots)
    cached[begin] = _find(hashes[0], lookup.slots, lookup.n_features)
    at = begin + HEADER
    for k in range(1, n_hashes):
        cached[at] = _find(hashes[k], lookup.slots, lookup.n_features)
        at += cached[at] != lookup.n_features
    cached[begin + 1], cached[begin + 2] = 0, at - begin - HEADER
    counter.n_cached[0] = at
    return begin


@kernel()
def _count_equal_runs(n_runs, counter):  # type: ignore[no-untyped-def]
    """Count each run in its entry and move the distinct ones' spans to the front; return their number."""
    spans, cached = counter.spans, counter.cached
    n_distinct = 0
    for k in range(n_runs):
        begin = spans[k, 0]
        n_before = cached[begin + 1]
        cached[begin + 1] = n_before + 1
        spans[n_distinct, 0], spans[n_distinct, 1] = begin, begin + HEADER + cached[begin + 2]
        n_distinct += n_before == 0
    return n_distinct


@kernel()
def _count_runs(n_distinct, n_words, n_chars, counter):  # type: ignore[no-untyped-def]
    """Count the distinct runs and their character n-grams as often as they occur."""
    spans, cached, counts = counter.spans, counter.cached, counter.counts
    words, chars = counter.words, counter.chars
    for run in range(n_distinct):
        begin, end = spans[run, 0], spans[run, 1]
        n_times = cached[begin + 1]
        cached[begin + 1] = 0
        n_words = _add(cached[begin], n_times, counts, words, n_words)
        for k in range(begin + HEADER, end):
            n_chars = _add(cached[k], n_times, counts, chars, n_chars)
    return n_words, n_chars


@kernel()
def _count_pairs(n_pairs, n_words, lookup, counter):  # type: ignore[no-untyped-def]
    slots, n_features = lookup.slots, lookup.n_features
    pairs, counts, words = counter.pairs, counter.counts, counter.words
    _touch(pairs, n_pairs, slots)
    for k in range(n_pairs):
        n_words = _add(_find(pairs[k], slots, n_features), 1, counts, words, n_words)
    return n_words


@kernel(inline="always")
def _add(feature, n_times, counts, found, n_found):  # type: ignore[no-untyped-def]
    """Count a feature, list it when it is new; return how many are listed."""
    place = np.uint32(feature)  # unsigned: no check for indices that count from the end
    found[n_found] = feature
    n_found += counts[place] == 0
    counts[place] += n_times
    return n_found


@kernel()
def _touch(keys, n_keys, slots):  # type: ignore[no-untyped-def]
    """Bring the slots of all keys near at once, before they are read one by one."""
    mask, seen = len(slots) - 1, FREE
    for k in range(n_keys):
        seen |= slots[np.int64(keys[k]) & mask]
    return seen


@kernel(inline="always")
def _find(key, slots, n_features):  # type: ignore[no-untyped-def]
    """Return the feature of a hash, or ``n_features`` if it is unknown."""
    mask = len(slots) - 1
    slot = np.int64(key) & mask
    while slots[slot] != FREE and (slots[slot] ^ key) >> _INDEX_SHIFT:
        slot = (slot + 1) & mask
    return n_features if slots[slot] == FREE else np.int64(slots[slot] & _INDEX) - 1


@kernel()
def _weigh(found, counts, idf, values):  # type: ignore[no-untyped-def]
    """Write the values of a block's found features, set their counts back to 0; return the values' scale."""
    squares = 0.0  # float32 would lose 0.2 % over a million features
    for k in range(len(found)):
        place = np.uint32(found[k])
        count = counts[place]
        counts[place] = 0
        value = (TF[count] if count < len(TF) else np.float32(1 + np.log(count))) * idf[place]
        values[k] = value
        squares += np.float64(value) * value
    return np.float32(BLOCK_SCALE / np.sqrt(max(squares, 1e-30)))


@kernel()
def _add_rows(found, values, rows, exponents, total):  # type: ignore[no-untyped-def]
    """Write the sum of value * power * row over the found features, four at a time."""
    for k in range(len(found)):
        values[k] *= POWERS[np.int64(exponents[np.uint32(found[k])]) + 128]
    for column in range(len(total)):
        total[column] = 0
    n_in_fours = len(found) & ~3
    for k in range(0, n_in_fours, 4):
        row0, row1 = rows[np.uint32(found[k])], rows[np.uint32(found[k + 1])]
        row2, row3 = rows[np.uint32(found[k + 2])], rows[np.uint32(found[k + 3])]
        value0, value1, value2, value3 = values[k], values[k + 1], values[k + 2], values[k + 3]
        for column in range(len(total)):
            total[column] += (
                value0 * np.float32(row0[column])
                + value1 * np.float32(row1[column])
                + value2 * np.float32(row2[column])
                + value3 * np.float32(row3[column])
            )
    for k in range(n_in_fours, len(found)):
        row = rows[np.uint32(found[k])]
        for column in range(len(total)):
            total[column] += values[k] * np.float32(row[column])


@kernel()
def _grown(array, n_needed):  # type: ignore[no-untyped-def]
    """Return the array, or a longer copy if it has no room for so many values."""
    if n_needed <= len(array):
        return array
    longer = np.empty(max(n_needed, 2 * len(array)), array.dtype)
    for k in range(len(array)):  # a slice assignment takes 5 s to compile
        longer[k] = array[k]
    return longer
