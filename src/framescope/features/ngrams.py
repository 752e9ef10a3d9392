"""The n-gram kernel: UTF-8 bytes to hashed word 1-2-grams, symbol runs and in-word character n-grams.

Training's vectorizer and the predictor run these functions, so they cannot disagree. The features of a text:

- its words (runs of letters, marks and digits, cut after ``MAX_WORD``) and pairs of successive words,
- its runs of punctuation and other symbols,
- the character n-grams of ``CHAR_GRAMS`` lengths of each word with a boundary mark on either side.

Code points are case-folded first; format characters (soft hyphen, joiners) are dropped. A feature is known by a
64-bit hash, whose top bit tells character n-grams (1) from words and symbols (0).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from framescope._types import Int32, UInt64
from framescope.text.characters import (
    CLASS_SHIFT,
    EXPANSION_SHIFT,
    IGNORED,
    MAX_EXPANSION,
    NOT_DIRECT,
    SEPARATOR,
    WORD,
    CharacterTables,
)
from framescope.text.kernels import kernel, part
from framescope.text.plain import plain, sources

CHAR_GRAMS = (2, 5)
MAX_WORD = 64
MAX_GRAMS_PER_WORD = 2 + (CHAR_GRAMS[1] - CHAR_GRAMS[0] + 1) * (MAX_WORD + 1)
MAX_GRAMS_PER_CODE = 5
LOCATED_AT_A_TIME = 1 << 18
BOUNDARY = np.uint64(32)  # the mark on either side of a word: no word contains a space
CHAR_BLOCK = np.uint64(1 << 63)

_HASH_START = np.uint64(0xCBF29CE484222325)
_HASH_PRIME = np.uint64(0x100000001B3)  # FNV-1a, over code points
_MIX = np.uint64(0xD6E8FEB86659FD93)
_PAIR = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_CODE_MASK = (1 << CLASS_SHIFT) - 1
_FIRST_OF_TWO, _FIRST_OF_THREE = np.uint8(0x80), np.uint8(0xE0)  # the first of so many bytes in UTF-8
_ONE, _TWO, _SIX, _MAX_WORD = np.uint64(1), np.uint64(2), np.uint64(6), np.uint64(MAX_WORD)


@part
def _hash_step(state, code):  # type: ignore[no-untyped-def]
    return (state ^ code) * _HASH_PRIME


@part
def _hash_end(state):  # type: ignore[no-untyped-def]
    state = (state ^ (state >> _HALF)) * _MIX
    return state ^ (state >> _HALF)


@part
def _decode(data, at):  # type: ignore[no-untyped-def]
    """Return the code point at a position of valid UTF-8 and the position after it."""
    lead = np.int64(data[at])
    if lead < 0x80:
        return lead, at + 1
    if lead < 0xE0:
        return (lead & 0x1F) << 6 | np.int64(data[at + 1] & 0x3F), at + 2
    if lead < 0xF0:
        return (lead & 0x0F) << 12 | np.int64(data[at + 1] & 0x3F) << 6 | np.int64(data[at + 2] & 0x3F), at + 3
    return (
        (lead & 0x07) << 18
        | np.int64(data[at + 1] & 0x3F) << 12
        | np.int64(data[at + 2] & 0x3F) << 6
        | np.int64(data[at + 3] & 0x3F)
    ), at + 4


@part
def n_codes_at_most(n_bytes: int) -> int:
    """Return how many folded code points a text can have: two bytes fold to three at the worst."""
    return n_bytes + n_bytes // 2


@kernel()
def fold(data, begin, end, tables, codes, origins):  # type: ignore[no-untyped-def]
    """Write the case-folded code points of ``data[begin:end]``; return their number.

    ``codes`` holds word characters as they are, symbols negated, separators as 0, format characters not at all.
    ``origins``, unless it is None, gets the index of the character each code came from. Both need room for
    ``n_codes_at_most(end - begin)`` values.
    """
    direct = tables.direct
    # Unsigned: no check for indices that count from the end.
    n_codes, n_characters, at, last = np.uint64(0), np.uint64(0), np.uint64(begin), np.uint64(end)
    while at < last:
        # Characters of as many bytes as the one before: the processor guesses right but for the ends of words.
        while at < last and data[at] < _FIRST_OF_TWO:
            code = direct[np.uint64(data[at])]
            if code == NOT_DIRECT:
                break
            codes[n_codes] = code
            if origins is not None:
                origins[n_codes] = n_characters
            n_codes, n_characters, at = n_codes + _ONE, n_characters + _ONE, at + _ONE
        while at < last and _FIRST_OF_TWO <= data[at] < _FIRST_OF_THREE:
            code = direct[np.uint64(data[at] & 0x1F) << _SIX | np.uint64(data[at + _ONE] & 0x3F)]
            if code == NOT_DIRECT:
                break
            codes[n_codes] = code
            if origins is not None:
                origins[n_codes] = n_characters
            n_codes, n_characters, at = n_codes + _ONE, n_characters + _ONE, at + _TWO
        if at < last:
            at, n_folded = _fold_one(data, at, tables, codes, n_codes)
            if origins is not None:
                for k in range(n_folded):
                    origins[n_codes + np.uint64(k)] = n_characters
            n_codes, n_characters = n_codes + np.uint64(n_folded), n_characters + _ONE
    return np.int64(n_codes)


@part
def _fold_one(data, at, tables, codes, n_codes):  # type: ignore[no-untyped-def]
    """Write the folded code points of a character; return the position after it and their number."""
    code, after = _decode(data, np.int64(at))
    entry = np.int64(tables.entries[np.int64(tables.pages[code >> 8]) << 8 | (code & 255)])
    kind = entry >> CLASS_SHIFT & 3
    if kind == IGNORED:
        return np.uint64(after), 0
    folded = (code + (entry & _CODE_MASK)) & _CODE_MASK
    codes[n_codes] = 0 if kind == SEPARATOR else (folded if kind == WORD else -folded)
    n_folded = 1
    expansion = entry >> EXPANSION_SHIFT
    if expansion:
        for k in range(MAX_EXPANSION):
            if tables.expansions[expansion, k]:
                codes[n_codes + np.uint64(n_folded)] = tables.expansions[expansion, k]
                n_folded += 1
    return np.uint64(after), n_folded


@part
def read_word(codes, first, n_codes):  # type: ignore[no-untyped-def]
    """Return the end and the hash state of the run of word characters from ``first`` on; all are unsigned."""
    at, state = first, _HASH_START
    limit = min(n_codes, first + _MAX_WORD)
    while at < limit and codes[at] > 0:
        state = _hash_step(state, np.uint64(codes[at]))
        at += _ONE
    return at, state


@part
def read_symbols(codes, first, n_codes):  # type: ignore[no-untyped-def]
    """Return the same of the run of symbols."""
    at, state = first, _HASH_START
    limit = min(n_codes, first + _MAX_WORD)
    while at < limit and codes[at] < 0:
        state = _hash_step(state, np.uint64(-codes[at]))
        at += _ONE
    return at, state


@part
def _read_run(codes, first, n_codes):  # type: ignore[no-untyped-def]
    """Return the end and the hash state of the run from ``first`` on."""
    if codes[first] > 0:
        end, state = read_word(codes, np.uint64(first), np.uint64(n_codes))
    else:
        end, state = read_symbols(codes, np.uint64(first), np.uint64(n_codes))
    return np.int64(end), state


@part
def pair_hash(previous, state):  # type: ignore[no-untyped-def]
    """Return the hash of two successive words from the hash states of their runs."""
    return _hash_end(previous * _PAIR ^ state) & ~CHAR_BLOCK


@part
def emit_run(codes, first, end, state, hashes, spans, n_hashes):  # type: ignore[no-untyped-def]
    """Write the hashes of what depends on a run alone: itself and, of a word, its character n-grams."""
    hashes[n_hashes] = _hash_end(state) & ~CHAR_BLOCK
    if spans is not None:
        spans[n_hashes, 0], spans[n_hashes, 1] = first, end
    n_hashes += 1
    if codes[first] < 0:
        return n_hashes
    for begin in range(first - 1, end):
        state = _HASH_START
        for last in range(begin, min(begin + CHAR_GRAMS[1], end + 1)):
            state = _hash_step(state, np.uint64(codes[last]) if first <= last < end else BOUNDARY)
            if last - begin + 1 < CHAR_GRAMS[0]:
                continue
            hashes[n_hashes] = _hash_end(state) | CHAR_BLOCK
            if spans is not None:
                spans[n_hashes, 0], spans[n_hashes, 1] = max(begin, first), min(last + 1, end)
            n_hashes += 1
    return n_hashes


START = (0, np.uint64(0), 0)


@kernel()
def emit(codes, n_codes, resume, hashes, spans):  # type: ignore[no-untyped-def]
    """Write the hashes of successive features until the text or the room ends.

    ``resume`` is (position, hash state of the last word or 0, its first position); start with ``START``. A
    caller in Python gets the state as an int and must hand it back as np.uint64, or numba takes it for int64.
    ``spans``, unless it is None, gets the first and the end position in ``codes`` of each feature:
    (len(hashes), 2) int32. Returns ``resume`` for the next call and the number of hashes written.
    """
    at, previous, previous_first = resume
    n_hashes = 0
    while at < n_codes and n_hashes + MAX_GRAMS_PER_WORD <= len(hashes):
        if codes[at] == 0:
            at += 1
            continue
        first = at
        at, state = _read_run(codes, first, n_codes)
        n_hashes = emit_run(codes, first, at, state, hashes, spans, n_hashes)
        if codes[first] < 0:
            continue
        if previous:
            hashes[n_hashes] = pair_hash(previous, state)
            if spans is not None:
                spans[n_hashes, 0], spans[n_hashes, 1] = previous_first, at
            n_hashes += 1
        previous, previous_first = state, first
    return (at, previous, previous_first), n_hashes


def locate(text: str, tables: CharacterTables) -> tuple[UInt64, Int32]:
    """Return every feature of a text, read plainly, as often as it occurs.

    Returns:
        hashes (n,) uint64 and character spans (n, 2) int32, ends exclusive.
    """
    hashes, spans = zip(*located(text, tables), strict=True)
    return np.concatenate(hashes), np.concatenate(spans)


def located(text: str, tables: CharacterTables) -> Iterator[tuple[UInt64, Int32]]:
    """Yield the features of a text as :func:`locate` has them, about ``LOCATED_AT_A_TIME`` at a time."""
    read = plain(text)
    data = np.frombuffer(read.encode(), dtype=np.uint8)
    codes, origins = np.empty((2, n_codes_at_most(len(data))), np.int32)
    n_codes = fold(data, 0, len(data), tables, codes, origins)
    of_character = None if read == text else sources(text).astype(np.int32)
    room = min(n_codes * MAX_GRAMS_PER_CODE, LOCATED_AT_A_TIME) + MAX_GRAMS_PER_WORD
    at, previous, previous_first = START
    is_first = True
    while is_first or at < n_codes:
        hashes, spans = np.empty(room, np.uint64), np.empty((room, 2), np.int32)
        resume = at, np.uint64(previous), previous_first
        (at, previous, previous_first), n_hashes = emit(codes, n_codes, resume, hashes, spans)
        firsts, lasts = origins[spans[:n_hashes, 0]], origins[spans[:n_hashes, 1] - 1]
        is_first = False
        if of_character is None:
            yield hashes[:n_hashes], np.column_stack([firsts, lasts + 1])
        else:
            yield hashes[:n_hashes], np.column_stack([of_character[firsts, 0], of_character[lasts, 1]])
