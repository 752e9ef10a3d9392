"""From hashes to features: the vocabulary as the kernels read it, and what a run has of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from framescope._types import Float32, UInt8, UInt64
from framescope.errors import BundleError
from framescope.features.ngrams import CHAR_BLOCK, emit_run
from framescope.features.reading import FREE
from framescope.text.kernels import kernel, part

INDEX_BITS = 24
MAX_FEATURES = (1 << INDEX_BITS) - 2
MAX_PROBES = 1024
"""Slots that are looked at for a hash: hashes of n-grams take some hundred at the very most."""
PAIRS_AT_A_TIME = 1 << 10
BITS_PER_WORD = 16  # of the sieve: one in so many unknown pairs passes it
FREQUENCIES = 1 + 0.5 * np.log(np.maximum(np.arange(256), 1))
_INDEX_SHIFT = np.uint64(INDEX_BITS)
_INDEX = np.uint64((1 << INDEX_BITS) - 1)
_SIEVE_SHIFT = np.uint64(30)


class Lookup(NamedTuple):
    """Open addressing from hash to feature, and what features are worth.

    A slot is ``FREE``, or holds the high bits of a hash and, in the low ``INDEX_BITS``, its feature + 1. The
    place of a slot stands for the low bits: one of 10^12 other hashes is taken for a feature. ``sieve`` has a
    bit for every hash of a word, symbols or pair. Few of the bits are set, so most pairs, which are unknown,
    end there; it is small enough to be near. ``worth`` is (n_features + 2,): the last two are for what is
    unknown, a word or symbols and a character n-gram.
    """

    slots: UInt64
    sieve: UInt8
    worth: Float32
    n_features: int


def new_lookup(hashes: UInt64, worth: Float32) -> Lookup:
    """Enter feature k under its hash; ``worth`` has two values more.

    Raises:
        BundleError: the hashes are made to fall on few places, so that looking them up would take for ever.
    """
    slots = np.full(1 << max(4, (2 * len(hashes) - 1).bit_length()), FREE)
    n_words = int((hashes < CHAR_BLOCK).sum())
    sieve = np.zeros(1 << max(4, (BITS_PER_WORD * n_words // 8 - 1).bit_length()), np.uint8)
    if not enter(np.ascontiguousarray(hashes), slots, sieve):
        raise BundleError(
            f"more than {MAX_PROBES} of the model's {len(hashes):,} hashes of n-grams fall on one place, "
            "as those of no text do: do not trust this bundle"
        )
    return Lookup(slots, sieve, worth, len(hashes))


@kernel()
def enter(hashes, slots, sieve):  # type: ignore[no-untyped-def]
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
        if hashes[feature] < CHAR_BLOCK:
            byte, bit = _bit_of(hashes[feature], sieve)
            sieve[byte] |= np.uint8(1 << bit)
    n_together = 0
    for place in range(len(slots) + MAX_PROBES):  # a run of slots may reach over the end
        n_together = 0 if slots[place & mask] == FREE else n_together + 1
        if n_together >= MAX_PROBES:
            return False
    return True


@part
def find(hashes, n_hashes, lookup, features):  # type: ignore[no-untyped-def]
    """Write the features of hashes, ``n_features`` for what is unknown.

    Memory is slow, but many places can be waited for at once: all slots are brought near before one is read.
    """
    slots, unknown = lookup.slots, lookup.n_features
    mask, seen = len(slots) - 1, FREE
    for k in range(n_hashes):
        seen |= slots[np.int64(hashes[k]) & mask]
    for k in range(n_hashes):
        slot = np.int64(hashes[k]) & mask
        while slots[slot] != FREE and (slots[slot] ^ hashes[k]) >> _INDEX_SHIFT:
            slot = (slot + 1) & mask
        features[k] = unknown if slots[slot] == FREE else np.int64(slots[slot] & _INDEX) - 1
    return seen


@part
def find_run(codes, first, end, state, lookup, hashes, features):  # type: ignore[no-untyped-def]
    """Write the features of a run: itself, then, of a word, its character n-grams, each as often as it occurs.

    Returns their number and the run's square: the sum over its distinct n-grams of (occurrences * worth)^2.
    What is unknown is written as ``n_features``, or one more if it is a character n-gram, and counts like the
    rest.
    """
    n_hashes = emit_run(codes, first, end, state, hashes, None, 0)
    find(hashes, n_hashes, lookup, features)
    has_twins = _has_pair_twice(codes, first, end)
    square = 0.0
    for k in range(n_hashes):
        features[k] += k > 0 and features[k] == lookup.n_features
        n_equal = 1
        if has_twins:
            n_equal = 0
            for other in range(n_hashes):
                n_equal += hashes[other] == hashes[k]
        worth = np.float64(lookup.worth[features[k]])
        square += n_equal * worth * worth
    return n_hashes, square


@part
def _has_pair_twice(codes, first, end):  # type: ignore[no-untyped-def]
    """Tell whether a run has two characters in a row twice, as it has if it has any n-gram twice."""
    for at in range(first, end - 1):
        for other in range(at + 1, end - 1):
            if codes[at] == codes[other] and codes[at + 1] == codes[other + 1]:
                return True
    return False


@part
def count_pairs(pairs, n_pairs, lookup, n_times, found):  # type: ignore[no-untyped-def]
    """Count the known pairs of words in ``n_times``, list them; return how many are listed.

    ``n_times`` is (n_features + 1,), 0 for all features; the last is for what is unknown: it is never 0, and so
    never listed.
    """
    hashes, features = np.empty(PAIRS_AT_A_TIME, np.uint64), np.empty(PAIRS_AT_A_TIME, np.int32)
    n_found = 0
    for begin in range(0, n_pairs, PAIRS_AT_A_TIME):
        n_left = 0
        for k in range(begin, min(begin + PAIRS_AT_A_TIME, n_pairs)):
            byte, bit = _bit_of(pairs[k], lookup.sieve)
            hashes[n_left] = pairs[k]
            n_left += lookup.sieve[byte] >> bit & 1
        find(hashes, n_left, lookup, features)
        for k in range(n_left):
            found[n_found] = features[k]
            n_found += n_times[features[k]] == 0
            n_times[features[k]] += 1
    return n_found


@part
def _bit_of(key, sieve):  # type: ignore[no-untyped-def]
    bit = np.int64(key >> _SIEVE_SHIFT)
    return bit >> 3 & (len(sieve) - 1), bit & 7


@part
def frequency(count):  # type: ignore[no-untyped-def]
    """Return what a run that occurs so often counts for: 1 + ln(count) / 2."""
    return FREQUENCIES[count] if count < len(FREQUENCIES) else 1 + 0.5 * np.log(count)
