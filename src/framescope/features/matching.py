"""Terms found in UTF-8 bytes, at a small part of the time that reading n-grams takes.

A word is a run of letters, marks and digits, folded as the n-gram kernel folds it. Bytes after which no word
can begin are passed over, and so are words whose first bytes begin no term; what is left is folded and led down
a tree of code points. A text is left as soon as every scope is found.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from framescope._types import BoolArray, Int32, UInt8, UInt64
from framescope.features.ngrams import fold
from framescope.text.kernels import kernel, part

PIECE_BYTES = 512
AHEAD_BYTES = 8
N_AROUND = 6  # bytes before and after a piece that tell where words begin, and with what
N_SHORT = 4  # bytes that a word is known by where they are three letters or more, or all that a term has
CODE_BITS = 21
GRAM_BITS = 16
FREE = np.uint64(0)

_NEVER = -2
_CODE_BITS = np.uint64(CODE_BITS)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_GRAM_SPREAD = np.uint32(0x9E3779B1)
_PAIR_SPREAD = np.uint32(0x85EBCA6B)
_GRAM_SHIFT = np.uint32(32 - GRAM_BITS)
_BYTE = np.uint32(8)
_PAIR = np.uint32(16)


class Matcher(NamedTuple):
    """The terms of some scopes.

    Only a word whose first two bytes are in ``heads`` or a later pair in ``tails``, both (65536,) uint8, or
    whose first four or six bytes are in ``grams`` (65536,) uint8, by :func:`gram_hash`, can begin a term. There
    Latin capitals are small letters.

    The tree: from node n a code point leads to ``nodes[slot]``, where ``keys[slot]`` is n and the code point
    side by side (open addressing, free slots are 0). A place is a word of a term; those of a term follow each
    other. Words that begin with the code points on the way to node n can take the places
    ``places[bounds[2 * n]:bounds[2 * n + 1]]``, and the word of just these code points those from there to
    ``bounds[2 * n + 2]``, too. ``ends`` has, from 3 n on, the bits of the scopes whose terms begin with either,
    and with any from n on. ``is_first`` and ``is_last`` tell the ends of a term, and ``scopes`` its scope.
    """

    heads: UInt8
    tails: UInt8
    grams: UInt8
    keys: UInt64
    nodes: Int32
    ends: UInt64
    bounds: Int32
    places: Int32
    is_first: BoolArray
    is_last: BoolArray
    scopes: Int32


@kernel()
def find_terms(data, offsets, tables, matcher, found):  # type: ignore[no-untyped-def]
    """Mark the scopes of which a text names a term: (n_texts, n_scopes or more) bool, all False before."""
    piece = np.empty(PIECE_BYTES + 2 * N_AROUND, np.uint8)
    begins, starts = np.empty(PIECE_BYTES, np.uint8), np.empty(PIECE_BYTES, np.int32)
    taken = np.full(len(matcher.scopes), _NEVER)  # the number of the word that took a place last
    places = np.empty(len(matcher.scopes), np.int32)
    codes = np.empty(2 * AHEAD_BYTES, np.int32)
    keys, nodes, ends = matcher.keys, matcher.nodes, matcher.ends
    n_scopes, n_words = matcher.scopes.max() + 1, 0
    for row in range(len(offsets) - 1):
        begin, end = offsets[row], offsets[row + 1]
        missing = _missing(found, row, n_scopes)
        for at in range(begin, end, PIECE_BYTES):
            n_bytes = min(end - at, PIECE_BYTES)
            _copy(data, begin, end, at - N_AROUND, piece[: n_bytes + 2 * N_AROUND])
            n_starts = _list_starts(piece, matcher, begins[:n_bytes], starts)
            for k in range(n_starts):
                start = at + starts[k]
                if missing and _is_news(data, start, end, tables, codes, keys, nodes, ends, missing):
                    n_words = _follow(
                        data, begin, start, end, tables, matcher, codes, places, taken, n_words, found, row
                    )
                    missing = _missing(found, row, n_scopes)
            if not missing:
                break


@part
def _missing(found, row, n_scopes):  # type: ignore[no-untyped-def]
    """Return the bits of the scopes that are not found yet."""
    bits = np.uint64(0)
    for scope in range(n_scopes):
        if not found[row, scope]:
            bits |= scope_bit(scope)
    return bits


@kernel()
def scope_bit(scope):  # type: ignore[no-untyped-def]
    """Return the bit of a scope; 64 and more share theirs."""
    return np.uint64(1) << np.uint64(scope & 63)


@part
def _copy(data, begin, end, at, piece):  # type: ignore[no-untyped-def]
    """Copy bytes from ``at`` on, Latin capitals made small, and zeros for what is before or after the text."""
    first = max(begin - at, 0)
    last = min(end - at, len(piece))
    source, target = data[at + first : at + last], piece[first:last]
    for k in range(len(source)):
        target[k] = source[k] + 0x20 * ((source[k] > 0x40) & (source[k] < 0x5B))
    for k in range(first):
        piece[k] = 0
    for k in range(last, len(piece)):
        piece[k] = 0


@part
def _list_starts(piece, matcher, begins, starts):  # type: ignore[no-untyped-def]
    """List where in a piece a term may begin; return the number of places."""
    heads, tails, grams = matcher.heads, matcher.tails, matcher.grams
    _mark_begins(piece, begins)
    n_begins = np.uint64(0)
    for k in range(len(begins)):
        starts[n_begins] = k
        n_begins += np.uint64(begins[k])
    n_starts = np.uint64(0)
    for i in range(n_begins):
        start = starts[i]
        at = np.uint64(start + N_AROUND)
        head, tail = _pair(piece, at), _pair(piece, at + np.uint64(2))
        third = _pair(piece, at + np.uint64(4))
        starts[n_starts] = start
        is_gram = grams[gram_hash(head, tail, np.uint32(0))] | grams[gram_hash(head, tail, third)]
        n_starts += np.uint64(heads[head] | tails[tail] | tails[third] | is_gram)
    return np.int64(n_starts)


@part
def _pair(piece, at):  # type: ignore[no-untyped-def]
    return np.uint32(piece[at]) << _BYTE | np.uint32(piece[at + np.uint64(1)])


@kernel(inline="always")
def gram_hash(head, tail, third):  # type: ignore[no-untyped-def]
    """Return the place in ``grams`` of six bytes, three pairs of them, or of four and 0."""
    return np.uint32(((head << _PAIR | tail) ^ third * _PAIR_SPREAD) * _GRAM_SPREAD) >> _GRAM_SHIFT


@part
def _mark_begins(piece, begins):  # type: ignore[no-untyped-def]
    """Mark the bytes that may begin a word: those after anything but a Latin or Cyrillic letter, or a digit.

    Comparisons of single bytes and no branch: the compiler makes one step of many bytes.
    """
    n_bytes = len(begins)
    before4, before3, before2 = piece[2 : n_bytes + 2], piece[3 : n_bytes + 3], piece[4 : n_bytes + 4]
    before, here = piece[5 : n_bytes + 5], piece[6 : n_bytes + 6]
    for k in range(n_bytes):
        one, two = before[k], before2[k]
        after_ascii = (one < 0x30) | ((one > 0x39) & (one < 0x41)) | ((one > 0x5A) & (one < 0x61))
        after_ascii |= (one > 0x7A) & (one < 0x80)
        after_two = ((two >= 0xC2) & (two < 0xD0)) | ((two > 0xD1) & (two < 0xE0))
        after_more = (before3[k] >= 0xE0) | (before4[k] >= 0xF0)
        begins[k] = (here[k] >= 0x30) & (after_ascii | after_two | after_more)


@part
def _is_news(data, at, end, tables, codes, keys, nodes, ends, missing):  # type: ignore[no-untyped-def]
    """Tell whether the word that begins here, if one does, may take a place in a term of a missing scope.

    An array that is handed to a function costs as much as two characters: hence the bits.
    """
    node = 0
    while at < end:
        last = min(at + AHEAD_BYTES, end)
        while last < end and data[last] & 0xC0 == 0x80:
            last -= 1
        n_codes = fold(data, at, last, tables, codes, None)
        for k in range(n_codes):
            if codes[k] <= 0:
                return ends[3 * node + 1] & missing != 0
            node = _step(node, codes[k], keys, nodes)
            if node < 0 or ends[3 * node + 2] & missing == 0:
                return False
            if ends[3 * node] & missing != 0:
                return True
        at = last
    return ends[3 * node + 1] & missing != 0


@part
def _follow(data, begin, at, end, tables, matcher, codes, places, taken, n_words, found, row):  # type: ignore[no-untyped-def]
    """Let the word that begins here, and those after it while a term goes on, take their places.

    Returns how many words have been read in all.
    """
    if not _begins_word(data, begin, at, tables, codes):
        return n_words
    n_words += 1  # no term goes on from what was read before
    is_open = True
    while is_open and at < end:
        n_words += 1
        at, n_places = _read_word(data, at, end, tables, matcher, codes, places)
        is_open = _take(places, n_places, n_words, taken, matcher, found, row)
        while is_open and at < end:  # to the next word
            after = _next(data, at)
            if fold(data, at, after, tables, codes, None) and codes[0] > 0:
                break
            at = after
    return n_words


@part
def _begins_word(data, begin, at, tables, codes):  # type: ignore[no-untyped-def]
    """Tell whether a character begins a word: a letter that follows none, whatever is ignored between them."""
    if data[at] & 0xC0 == 0x80 or not fold(data, at, _next(data, at), tables, codes, None) or codes[0] <= 0:
        return False
    while at > begin:
        after = at
        at -= 1
        while data[at] & 0xC0 == 0x80:
            at -= 1
        if fold(data, at, after, tables, codes, None):
            return codes[0] <= 0
    return True


@part
def _next(data, at):  # type: ignore[no-untyped-def]
    """Return where the character after this one is."""
    lead = data[at]
    return at + 1 + (lead >= 0xC0) + (lead >= 0xE0) + (lead >= 0xF0)


@part
def _read_word(data, at, end, tables, matcher, codes, places):  # type: ignore[no-untyped-def]
    """Lead a word down the tree; return how many places it can take, and its end, unless there are none."""
    bounds, node, n_places = matcher.bounds, 0, 0
    while at < end and (node >= 0 or n_places):
        after = _next(data, at)
        n_codes = fold(data, at, after, tables, codes, None)
        if n_codes and codes[0] <= 0:
            break
        at = after
        for k in range(n_codes):
            if node >= 0:
                node = _step(node, codes[k], matcher.keys, matcher.nodes)
            if node >= 0:
                n_places = _add(bounds[2 * node], bounds[2 * node + 1], matcher, places, n_places)
    if node >= 0:
        n_places = _add(bounds[2 * node + 1], bounds[2 * node + 2], matcher, places, n_places)
    return at, n_places


@part
def _step(node, code, keys, nodes):  # type: ignore[no-untyped-def]
    """Return the node that a code point leads to, -1 if there is none."""
    mask = len(keys) - 1
    key = np.uint64(node) << _CODE_BITS | np.uint64(code)
    slot = np.int64(key * _SPREAD >> _HALF) & mask
    while keys[slot] != key:
        if keys[slot] == FREE:
            return np.int64(-1)
        slot = (slot + 1) & mask
    return np.int64(nodes[slot])


@part
def _add(first, last, matcher, places, n_places):  # type: ignore[no-untyped-def]
    for k in range(first, last):
        places[n_places] = matcher.places[k]
        n_places += 1
    return n_places


@part
def _take(places, n_places, word, taken, matcher, found, row):  # type: ignore[no-untyped-def]
    """Let a word take places, none within a term but after a word that took the place before.

    Scopes are found at the last place of a term. Returns whether a term may go on.
    """
    n_taken, is_open = 0, False
    for k in range(n_places):
        place = places[k]
        if matcher.is_first[place] or taken[place - 1] == word - 1:
            places[n_taken] = place
            n_taken += 1
    for k in range(n_taken):
        taken[places[k]] = word
        if matcher.is_last[places[k]]:
            found[row, matcher.scopes[places[k]]] = True
        else:
            is_open = True
    return is_open


@kernel()
def fill_slots(parents, codes, keys, nodes):  # type: ignore[no-untyped-def]
    """Enter node k + 1, which a code point leads to from its parent."""
    mask = len(keys) - 1
    for k in range(len(parents)):
        key = np.uint64(parents[k]) << _CODE_BITS | np.uint64(codes[k])
        slot = np.int64(key * _SPREAD >> _HALF) & mask
        while keys[slot] != FREE:
            slot = (slot + 1) & mask
        keys[slot], nodes[slot] = key, k + 1
