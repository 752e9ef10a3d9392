"""Training's way through texts: the features they have, and the rows of the feature matrix."""

from __future__ import annotations

import numpy as np

from framescope.features.lookup import count_pairs, find_run, frequency
from framescope.features.ngrams import (
    MAX_GRAMS_PER_CODE,
    MAX_GRAMS_PER_WORD,
    START,
    emit,
    fold,
    n_codes_at_most,
)
from framescope.features.reading import FREE, list_runs, n_slots_for
from framescope.text.kernels import kernel, part


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
            slots = np.empty(n_slots_for(2 * n_hashes), np.uint64)
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
def add_counts(hashes, counts, other_hashes, other_counts):  # type: ignore[no-untyped-def]
    """Return the hashes that either has, ascending as theirs are, and the sums of their counts."""
    n_both = len(hashes) + len(other_hashes)
    merged, sums = np.empty(n_both, np.uint64), np.empty(n_both, np.int64)
    one, other, n_merged = 0, 0, 0
    while one < len(hashes) or other < len(other_hashes):
        is_left = other == len(other_hashes) or (one < len(hashes) and hashes[one] <= other_hashes[other])
        is_right = one == len(hashes) or (other < len(other_hashes) and other_hashes[other] <= hashes[one])
        merged[n_merged] = hashes[one] if is_left else other_hashes[other]
        sums[n_merged] = 0
        if is_left:
            sums[n_merged] += counts[one]
            one += 1
        if is_right:
            sums[n_merged] += other_counts[other]
            other += 1
        n_merged += 1
    return merged[:n_merged], sums[:n_merged]


@kernel()
def occurrences(data, offsets, tables, reading, lookup):  # type: ignore[no-untyped-def]
    """Return how often each feature occurs in the distinct runs of texts, summed over the texts."""
    hashes, features = np.empty(MAX_GRAMS_PER_WORD, np.uint64), np.empty(MAX_GRAMS_PER_WORD, np.int32)
    total = np.zeros(lookup.n_features + 2, np.int64)
    for row in range(len(offsets) - 1):
        n_codes = fold(data, offsets[row], offsets[row + 1], tables, reading.codes, None)
        n_runs, _ = list_runs(n_codes, reading)
        for run in range(n_runs):
            first, end, state = reading.firsts[run], reading.ends[run], reading.states[run]
            n_found, _ = find_run(reading.codes, first, end, state, lookup, hashes, features)
            for k in range(n_found):
                total[features[k]] += 1
    return total[: lookup.n_features].copy()


@kernel()
def csr_rows(data, offsets, tables, reading, lookup):  # type: ignore[no-untyped-def]
    """Return the CSR rows of texts: indptr, indices, values."""
    indptr, indices, values = np.zeros(len(offsets), np.int64), np.empty(0, np.int32), np.empty(0, np.float32)
    n_times, found = np.zeros(lookup.n_features + 1, np.int32), np.empty(lookup.n_features + 1, np.int32)
    n_times[-1] = 1
    sums = np.zeros(lookup.n_features + 2)
    for row in range(len(offsets) - 1):
        n_codes = fold(data, offsets[row], offsets[row + 1], tables, reading.codes, None)
        n_runs, n_pairs = list_runs(n_codes, reading)
        n_found = count_pairs(reading.pairs, n_pairs, lookup, n_times, found)
        square = _add_pairs(found, n_found, lookup.worth, n_times, sums)
        n_found, square_of_runs = _add_runs(reading, n_runs, lookup, sums, found, n_found)
        scale = 1 / np.sqrt(max(square + square_of_runs, 1e-30))
        begin, end = indptr[row], indptr[row] + n_found
        indices, values = _grown(indices, end), _grown(values, end)
        for k in range(n_found):
            indices[begin + k], values[begin + k] = found[k], sums[found[k]] * scale
            sums[found[k]] = 0
        indptr[row + 1] = end
    return indptr, indices[: indptr[-1]].copy(), values[: indptr[-1]].copy()


@part
def _add_pairs(found, n_found, worth, n_times, sums):  # type: ignore[no-untyped-def]
    """Add the counted pairs, set their counts back to 0; return the sum of their squares."""
    square = 0.0
    for k in range(n_found):
        value = frequency(n_times[found[k]]) * worth[found[k]]
        n_times[found[k]] = 0
        sums[found[k]] = value
        square += value * value
    return square


@part
def _add_runs(reading, n_runs, lookup, sums, found, n_found):  # type: ignore[no-untyped-def]
    """Add what each distinct run has of each feature; return how many are found by now, and the square."""
    hashes, features = np.empty(MAX_GRAMS_PER_WORD, np.uint64), np.empty(MAX_GRAMS_PER_WORD, np.int32)
    square = 0.0
    for run in range(n_runs):
        first, end, state = reading.firsts[run], reading.ends[run], reading.states[run]
        n_features, square_of_run = find_run(reading.codes, first, end, state, lookup, hashes, features)
        times = frequency(reading.counts[run])
        square += times * times * square_of_run
        for k in range(n_features):
            if features[k] < lookup.n_features:
                if sums[features[k]] == 0:
                    found[n_found] = features[k]
                    n_found += 1
                sums[features[k]] += times * lookup.worth[features[k]]
    return n_found, square


@part
def _grown(array, n_needed):  # type: ignore[no-untyped-def]
    """Return the array, or a longer copy if it has no room for so many values."""
    if n_needed <= len(array):
        return array
    longer = np.empty(max(n_needed, 2 * len(array)), array.dtype)
    for k in range(len(array)):  # a slice assignment takes 5 s to compile
        longer[k] = array[k]
    return longer
