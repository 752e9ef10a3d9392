"""Scoring's way through texts: margins from rows of runs, without a matrix in between.

What a run adds to all margins, up to how often it occurs and the length of its text, depends on nothing but
the run: it is the sum of the weight rows of its n-grams. Most runs of a text have been seen before, so a cache
keeps these sums, one row for each run, and only a new run is cut into n-grams. Beside them it keeps how many
n-grams the run has and how many of them are known, which tells how much of a text training has seen.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from framescope._types import Array, Float32, Int32, UInt8, UInt64
from framescope.features.known import GRAMS, KNOWN_GRAMS, KNOWN_PAIRS, KNOWN_WORDS, PAIRS, WORDS
from framescope.features.lookup import count_pairs, find_run, frequency
from framescope.features.ngrams import MAX_GRAMS_PER_WORD, fold
from framescope.features.reading import FREE, list_runs
from framescope.features.weights import CACHE_LINE, LANES, POWERS, Rows, aligned
from framescope.text.kernels import bring_near, kernel, part

CACHE_BYTES = 1 << 25
MAX_ROWS = 1 << 18
WAYS = 8  # places that a run can take: their states fill a cache line
RUNS_AT_A_TIME = 256
MAX_STEP = 32767
N_EXTRAS = 2  # float32 values at the end of a row: its square and the size of a step
SQUARE, STEP = -2, -1
_WORD_BITS = np.uint64(10)  # fields of the counts of RUNS_AT_A_TIME runs
_GRAM_BITS = np.uint64(20)
_WORD_FIELD = np.uint64((1 << 10) - 1)
_GRAM_FIELD = np.uint64((1 << 20) - 1)
_NO_SIGN = np.int32(0x7FFFFFFF)
_VICTIM_SHIFT = np.uint64(61)  # leaves 0 to 7
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_SET_SHIFT = np.uint64(32)  # the high bits of a product are the better ones


class Cache(NamedTuple):
    """The rows of recent runs, and room for the runs and pairs at hand.

    ``states[place]`` is the hash state of the run whose row is ``rows[place]``, (n_columns,) int16: the labels'
    steps, then, seen through ``extras``, the run's square and the size of a step. ``is_used`` marks runs that
    came again and are to stay. ``known`` has four counts in one number: from the low bits, words and known
    words, 10 bits each, character n-grams and known ones, 20 bits each. Behind the rows of all places there is
    room for those of ``RUNS_AT_A_TIME`` new runs, which are given their places afterwards. ``places`` are where
    the rows of the runs at hand are, and behind them the numbers of the new ones.
    """

    states: UInt64
    rows: Array
    extras: Float32
    is_used: UInt8
    known: UInt64
    places: Int32
    values: Float32
    hashes: UInt64
    features: Int32
    total: Float32
    bits: Int32
    n_times: Int32
    found: Int32


def new_cache(weights: Rows) -> Cache:
    """Return an empty cache of ``MAX_ROWS``, or as many as ``CACHE_BYTES`` hold."""
    n_features, n_weights = weights.rows.shape
    n_columns = -(-(len(weights.scales) + 2 * N_EXTRAS) // LANES) * LANES  # a float32 takes two of int16
    n_rows = min(MAX_ROWS, CACHE_BYTES // (2 * n_columns))
    n_sets = 1 << max(0, (n_rows // WAYS).bit_length() - 1)
    n_rows = n_sets * WAYS + RUNS_AT_A_TIME
    rows = aligned(2 * n_columns * n_rows).view(np.int16).reshape(n_rows, n_columns)
    states = aligned(8 * n_sets * WAYS).view(np.uint64)
    states[:] = FREE
    total, n_times = np.empty(n_weights, np.float32), np.zeros(n_features + 1, np.int32)
    n_times[-1] = 1
    return Cache(
        states=states,
        rows=rows,
        extras=rows.view(np.float32),
        is_used=np.zeros(n_rows, np.uint8),
        known=np.zeros(n_rows, np.uint64),
        places=np.empty(2 * RUNS_AT_A_TIME, np.int32),
        values=np.empty(max(RUNS_AT_A_TIME, MAX_GRAMS_PER_WORD), np.float32),
        hashes=np.empty(MAX_GRAMS_PER_WORD, np.uint64),
        features=np.empty(MAX_GRAMS_PER_WORD, np.int32),
        total=total,
        bits=total.view(np.int32),
        n_times=n_times,
        found=np.empty(n_features + 1, np.int32),
    )


@kernel()
def add_margins(data, offsets, tables, reading, lookup, weights, cache, margins, counts):  # type: ignore[no-untyped-def]
    """Add value * weights of each known feature to the text's row of margins; count what is known of the text.

    ``counts`` has the columns of :mod:`framescope.features.known`.
    ``weights`` are those of :class:`framescope.features.weights.Rows`.
    """
    n_labels = margins.shape[1]
    total, of_pairs = np.empty(cache.rows.shape[1], np.float32), np.empty(len(cache.total), np.float32)
    for row in range(len(offsets) - 1):
        n_codes = fold(data, offsets[row], offsets[row + 1], tables, reading.codes, None)
        n_runs, n_pairs = list_runs(n_codes, reading)
        for column in range(len(total)):
            total[column] = 0
        for column in range(len(of_pairs)):
            of_pairs[column] = 0
        square = 0.0
        for begin in range(0, n_runs, RUNS_AT_A_TIME):
            end = min(begin + RUNS_AT_A_TIME, n_runs)
            states = reading.states[begin:end]
            n_new = _find_rows(states, cache.states, cache.is_used, cache.places)
            for k in range(n_new):
                _make_row(begin + cache.places[RUNS_AT_A_TIME + k], k, reading, lookup, weights, cache)
            _bring_near(cache.places, end - begin, cache.rows)
            square += _weigh(reading.counts[begin:end], cache.places, cache.extras, cache.values)
            _add_counts(cache.places, end - begin, cache.known, counts[row])
            _sum_rows(cache.places, end - begin, cache.values, cache.rows, total)
            if n_new:
                _keep_rows(states, cache.places, cache.states, cache.is_used, cache.known, cache.rows)
        n_found = count_pairs(reading.pairs, n_pairs, lookup, cache.n_times, cache.found)
        counts[row, PAIRS] = n_pairs
        for k in range(n_found):
            counts[row, KNOWN_PAIRS] += cache.n_times[cache.found[k]]
        square += _add_pairs(cache.found, n_found, cache.n_times, lookup.worth, weights, of_pairs)
        scale = np.float32(1 / np.sqrt(max(square, 1e-30)))
        for label in range(n_labels):
            margins[row, label] += (total[label] + of_pairs[label]) * scale * weights.scales[label]


@part
def _find_rows(states, known, is_used, places):  # type: ignore[no-untyped-def]
    """Write where the rows of some runs are; return how many are new.

    New ones are to be where the room for them is. Their numbers are written behind the places.
    """
    n_new = 0
    for k in range(len(states)):
        first = _first_place(states[k], known)
        place = len(known) + n_new
        is_new = 1
        for way in range(first, first + WAYS):  # no branch: the eight are compared at once
            is_known = known[way] == states[k]
            place = way if is_known else place
            is_new = 0 if is_known else is_new
        is_used[place] = 1
        places[k] = place
        places[RUNS_AT_A_TIME + n_new] = k
        n_new += is_new
    return n_new


@part
def _first_place(state, known):  # type: ignore[no-untyped-def]
    return np.int64(state * _SPREAD >> _SET_SHIFT) & (len(known) - WAYS)


@part
def _make_row(run, number, reading, lookup, weights, cache):  # type: ignore[no-untyped-def]
    """Add up the weight rows of a run's n-grams, in the room of this number for new rows."""
    features, values, total = cache.features, cache.values, cache.total
    first, end, state = reading.firsts[run], reading.ends[run], reading.states[run]
    n_features, square = find_run(reading.codes, first, end, state, lookup, cache.hashes, features)
    place = len(cache.states) + number
    is_known, n_known = features[0] < lookup.n_features, np.uint64(0)
    for k in range(n_features):  # no branch: the processor cannot guess what is known
        features[n_known] = features[k]
        n_known += np.uint64(features[k] < lookup.n_features)
    _bring_near(features, n_known, weights.rows)
    for k in range(n_known):
        values[k] = lookup.worth[features[k]] * _power(features[k], weights)
    for column in range(len(total)):
        total[column] = 0
    _sum_rows(features, np.int64(n_known), values, weights.rows, total)
    greatest = _greatest(total, cache.bits, len(weights.scales))
    cache.known[place] = _packed(is_known, n_known, n_features)
    cache.extras[place, SQUARE], cache.extras[place, STEP] = square, greatest / MAX_STEP
    n_steps = np.float32(MAX_STEP) / max(greatest, np.float32(1e-30))
    for label in range(len(weights.scales)):
        cache.rows[place, label] = np.floor(total[label] * n_steps + np.float32(0.5))


@part
def _power(feature, weights):  # type: ignore[no-untyped-def]
    """Return what a feature's steps are to be multiplied by, but for its value and the labels' scales."""
    return POWERS[np.int64(weights.exponents[feature]) + 128]


@part
def _greatest(total, bits, n_labels):  # type: ignore[no-untyped-def]
    """Return the greatest absolute value, by the values' bits: whole numbers are compared many at once.

    It is put where a row of weights has its exponent, which is nothing to add up.
    """
    greatest = np.int32(0)
    for label in range(n_labels):
        greatest = max(greatest, bits[label] & _NO_SIGN)
    bits[-1] = greatest
    return total[-1]


@part
def _packed(is_known, n_known, n_features):  # type: ignore[no-untyped-def]
    """Return the counts of a run as a cache keeps them: all 0 for symbols, which no word has."""
    if n_features == 1:
        return np.uint64(0)
    is_known, n_grams = np.uint64(is_known), np.uint64(n_features - 1)
    words = np.uint64(1) | is_known << _WORD_BITS
    return words | (n_grams | n_known - is_known << _GRAM_BITS) << _GRAM_BITS


@part
def _add_counts(places, n_places, known, counts):  # type: ignore[no-untyped-def]
    """Add the counts of the runs at some places, at most ``RUNS_AT_A_TIME``."""
    total = np.uint64(0)
    for k in range(n_places):
        total += known[places[k]]
    words, grams = total & _GRAM_FIELD, total >> _GRAM_BITS
    counts[WORDS] += words & _WORD_FIELD
    counts[KNOWN_WORDS] += words >> _WORD_BITS
    counts[GRAMS] += grams & _GRAM_FIELD
    counts[KNOWN_GRAMS] += grams >> _GRAM_BITS


@part
def _add_row(feature, value, weights, total):  # type: ignore[no-untyped-def]
    """Add value * weights of a feature, in units of the labels' scales; what is behind them does not matter."""
    row = weights.rows[feature]
    factor = np.float32(value * _power(feature, weights))
    for column in range(len(total)):
        total[column] += factor * np.float32(row[column])


@part
def _bring_near(places, n_places, rows):  # type: ignore[no-untyped-def]
    for k in range(n_places):
        for column in range(0, rows.shape[1], CACHE_LINE // rows.itemsize):
            bring_near(rows, np.int64(places[k]), column)  # type: ignore[call-arg]


@part
def _weigh(counts, places, extras, values):  # type: ignore[no-untyped-def]
    """Write what the steps of each row are to be multiplied by; return the sum of the squares."""
    square = 0.0
    for k in range(len(counts)):
        times = frequency(counts[k])
        values[k] = times * extras[places[k], STEP]
        square += times * times * extras[places[k], SQUARE]
    return square


@part
def _sum_rows(places, n_places, values, rows, total):  # type: ignore[no-untyped-def]
    """Add value * row of some places to the total, four at a time."""
    n_in_fours = n_places & ~3
    for k in range(0, n_in_fours, 4):
        row0, row1 = rows[np.uint32(places[k])], rows[np.uint32(places[k + 1])]
        row2, row3 = rows[np.uint32(places[k + 2])], rows[np.uint32(places[k + 3])]
        value0, value1, value2, value3 = values[k], values[k + 1], values[k + 2], values[k + 3]
        for column in range(len(total)):
            total[column] += (
                value0 * np.float32(row0[column])
                + value1 * np.float32(row1[column])
                + value2 * np.float32(row2[column])
                + value3 * np.float32(row3[column])
            )
    for k in range(n_in_fours, n_places):
        row = rows[np.uint32(places[k])]
        for column in range(len(total)):
            total[column] += values[k] * np.float32(row[column])


@part
def _keep_rows(states, places, known, is_used, counts, rows):  # type: ignore[no-untyped-def]
    """Give new rows a place each: a free one, or that of a run that has not come again."""
    for k in range(len(states)):
        if places[k] >= len(known):
            first = _first_place(states[k], known)
            place = _place_to_take(first, known, is_used)
            if place < 0:  # all have come again: each gets a second chance but one
                place = first + np.int64(states[k] >> _VICTIM_SHIFT)
                for way in range(first, first + WAYS):
                    is_used[way] = 0
            known[place] = states[k]
            is_used[place] = 0
            counts[place] = counts[places[k]]
            for column in range(rows.shape[1]):
                rows[place, column] = rows[places[k], column]


@part
def _place_to_take(first, known, is_used):  # type: ignore[no-untyped-def]
    """Return a free place of a set, or else the first that is not used, or -1."""
    for way in range(first, first + WAYS):
        if known[way] == FREE:
            return way
    for way in range(first, first + WAYS):
        if not is_used[way]:
            return way
    return -1


@part
def _add_pairs(found, n_found, n_times, worth, weights, total):  # type: ignore[no-untyped-def]
    """Add the weight rows of counted pairs, set their counts back to 0; return the sum of their squares."""
    square = 0.0
    for k in range(n_found):
        value = frequency(n_times[found[k]]) * worth[found[k]]
        n_times[found[k]] = 0
        square += value * value
        _add_row(found[k], value, weights, total)
    return square
