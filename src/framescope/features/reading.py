"""The first step of every way through a text: its distinct runs with their counts, and its pairs of words.

What follows asks for each distinct run once, however often the text has it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from framescope._types import Int32, Int64, UInt64
from framescope.features.ngrams import n_codes_at_most, pair_hash, read_symbols, read_word
from framescope.text.kernels import part
from framescope.text.utf8 import Utf8Texts

FREE = np.uint64(0)  # an empty slot; no run and no feature is given this hash
_ONE = np.uint64(1)


class Reading(NamedTuple):
    """What was read of a text, in arrays that have room for the longest of a chunk.

    ``codes`` are its folded code points. Run k has the hash state ``states[k]``, occurs ``counts[k]`` times and
    is first found at ``codes[firsts[k]:ends[k]]``. ``slots`` is open addressing from state to k + 1. ``pairs``
    are the hashes of successive words, each as often as it occurs.
    """

    codes: Int32
    states: UInt64
    counts: Int32
    firsts: Int64
    ends: Int64
    slots: Int32
    pairs: UInt64


def new_reading(texts: Utf8Texts) -> Reading:
    """Return room for each of some texts; no text has more runs than code points."""
    n_codes = n_codes_at_most(int(np.diff(texts.offsets).max(initial=0)))
    return Reading(
        np.empty(n_codes, np.int32),
        np.empty(n_codes, np.uint64),
        np.empty(n_codes, np.int32),
        np.empty(n_codes, np.int64),
        np.empty(n_codes, np.int64),
        np.empty(n_slots_for(n_codes), np.int32),
        np.empty(n_codes, np.uint64),
    )


@part
def n_slots_for(n_codes: int) -> int:
    """Return a power of two that is greater than the number of code points."""
    n_slots = 16
    while n_slots <= n_codes:
        n_slots *= 2
    return n_slots


@part
def list_runs(n_codes, reading):  # type: ignore[no-untyped-def]
    """Count the distinct runs of a text that has been folded, and list its pairs of words.

    Returns how many there are of both.
    """
    # No array is replaced in this loop: numba would count references at every step.
    codes, states, counts, slots = reading.codes, reading.states, reading.counts, reading.slots
    mask = np.uint64(n_slots_for(n_codes) - 1)
    for place in range(mask + _ONE):
        slots[place] = 0
    n_runs, n_pairs = np.uint64(0), np.uint64(0)  # unsigned: no check for indices that count from the end
    at, n_codes, previous = np.uint64(0), np.uint64(n_codes), FREE
    while at < n_codes:
        first = at
        # One question for each end of a run: the processor cannot guess the answer.
        if codes[at] > 0:
            at, state = read_word(codes, first, n_codes)
            if previous != FREE:
                reading.pairs[n_pairs] = pair_hash(previous, state)
                n_pairs += _ONE
            previous = state
        elif codes[at] < 0:
            at, state = read_symbols(codes, first, n_codes)
        else:
            at += _ONE
            continue
        slot = state & mask
        while slots[slot] != 0 and states[np.uint64(slots[slot]) - _ONE] != state:
            slot = (slot + _ONE) & mask
        if slots[slot] != 0:
            counts[np.uint64(slots[slot]) - _ONE] += 1
            continue
        states[n_runs], counts[n_runs] = state, 1
        reading.firsts[n_runs], reading.ends[n_runs] = first, at
        n_runs += _ONE
        slots[slot] = n_runs
    return np.int64(n_runs), np.int64(n_pairs)
