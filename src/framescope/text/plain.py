"""Texts as the n-grams read them: what looks the same to a reader is the same.

- Canonically equivalent texts are one: й is a letter, written as one character or as и and a breve.
- Stress marks on Cyrillic letters, as in за́мок, are left out; the Bulgarian word ѝ keeps its own.
- A word of Latin and Cyrillic letters is in one of the two scripts, where all its letters of the other look so.

Nearly all words are so already, which a kernel tells; only the others are rewritten.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise

import numpy as np

from framescope._types import Indices
from framescope.text.composed import composed
from framescope.text.kernels import kernel, part

BLOCK_BYTES = 1 << 12
N_BEFORE = 2
SPACE = 0x20
"""What composition, and the rules here, never look across."""

CYRILLIC_ALIKE = "асеорхуѕіјАВСЕНКМОРТХЅІЈ"
LATIN_ALIKE = "aceopxysijABCEHKMOPTXSIJ"
_TO_CYRILLIC = str.maketrans(LATIN_ALIKE, CYRILLIC_ALIKE)
_TO_LATIN = str.maketrans(CYRILLIC_ALIKE, LATIN_ALIKE)
_LATIN_ONLY = re.compile(f"(?![{LATIN_ALIKE}])[A-Za-z]")
_CYRILLIC_ONLY = re.compile(f"(?![{CYRILLIC_ALIKE}])[\u0400-\u052f]")

_MEETING = re.compile("[A-Za-z][\u0400-\u052f]|[\u0400-\u052f][A-Za-z]")
_WORD = re.compile(r"\w+")
_STRESS = re.compile("(?<=[\u0400-\u052f])[\u0300\u0301]+")
_ACCENTED = re.compile(r"[Ѐѐ]|\b[Ѝѝ]\B|\B[Ѝѝ]")
_BARE = str.maketrans("ЀѐЍѝ", "ЕеИи")


def plain(text: str) -> str:
    """Return a text as it is read.

    >>> plain("за\u0301мок"), plain("Казаxстан")  # the x is a Latin one
    ('замок', 'Казахстан')
    """
    bare = composed(text)
    if "\u0300" in bare or "\u0301" in bare:
        bare = _STRESS.sub("", bare)
    if any(letter in bare for letter in "ЀѐЍѝ"):
        bare = _ACCENTED.sub(lambda found: found[0].translate(_BARE), bare)
    return _WORD.sub(lambda word: _in_one_script(word[0]), bare) if _MEETING.search(bare) else bare


def mixed_words(text: str) -> list[str]:
    """Return the words of a text that have letters of both scripts side by side.

    >>> mixed_words("Съюзът на Рoсия и IT-секторът")  # the o is a Latin one
    ['Рoсия']
    """
    return [word for word in _WORD.findall(text) if _MEETING.search(word)] if _MEETING.search(text) else []


def sources(text: str) -> Indices:
    """Return the piece of a text that each character of the plain text stands for: (n_characters, 2)."""
    pieces: list[tuple[int, int]] = []
    for begin, end in _clusters(text):
        pieces += [(begin, end)] * len(_STRESS.sub("", composed(text[begin:end])))
    return np.array(pieces, np.intp).reshape(-1, 2)


def _in_one_script(word: str) -> str:
    """Return a word in the script that it has a letter of which the other has none like it; else as it is."""
    if not _MEETING.search(word):
        return word
    is_latin, is_cyrillic = _LATIN_ONLY.search(word), _CYRILLIC_ONLY.search(word)
    if is_latin and is_cyrillic:
        return word
    n_latin = sum(letter in LATIN_ALIKE for letter in word)
    n_cyrillic = sum(letter in CYRILLIC_ALIKE for letter in word)
    if is_cyrillic or (not is_latin and n_cyrillic > n_latin):
        return word.translate(_TO_CYRILLIC)
    return word.translate(_TO_LATIN) if is_latin or n_latin > n_cyrillic else word


def _clusters(text: str) -> list[tuple[int, int]]:
    """Return pieces of a text that are composed each by itself: a character and what may join it."""
    begins = [place for place, character in enumerate(text) if not place or not _may_join(character)]
    return list(pairwise([*begins, len(text)] if text else []))


@cache
def _may_join(character: str) -> bool:
    return bool(unicodedata.combining(character)) or character in _joining()


@cache
def _joining() -> frozenset[str]:
    """Return the characters that are no marks, but that composition joins to the one before."""
    jamo = [*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)]
    parts = (unicodedata.decomposition(chr(code)).split() for code in range(0x20000))
    second = (chr(int(pair[1], 16)) for pair in parts if len(pair) == 2 and not pair[0].startswith("<"))
    return frozenset([*map(chr, jamo), *second])


@kernel()
def list_odd_pieces(data, offsets, begins, ends):  # type: ignore[no-untyped-def]
    """Write where the pieces of texts are that may not be plain; return how many.

    A piece goes from one space to another, or further where the next is odd, too; some are listed in vain.
    ``begins`` and ``ends`` have room for as many as there are bytes. All bytes are looked at in one go, several
    at once.
    """
    begin, end, text, n_pieces = offsets[0], offsets[-1], 0, 0
    piece, odd = np.zeros(BLOCK_BYTES + N_BEFORE, np.uint8), np.empty(BLOCK_BYTES, np.uint8)
    for at in range(begin, end, BLOCK_BYTES):
        n_bytes = min(BLOCK_BYTES, end - at)
        for k in range(N_BEFORE):
            piece[k] = data[at - N_BEFORE + k] if at - N_BEFORE + k >= begin else 0
        source, target = data[at : at + n_bytes], piece[N_BEFORE:]
        for k in range(n_bytes):
            target[k] = source[k]
        if not _has_odd(piece, n_bytes, odd):
            continue
        for place in range(at, at + n_bytes):
            if not odd[place - at] or (n_pieces and place < ends[n_pieces - 1]):
                continue
            while offsets[text + 1] <= place:
                text += 1
            first, last = place, place + 1
            while first > offsets[text] and data[first - 1] != SPACE:
                first -= 1
            while last < offsets[text + 1] and data[last] != SPACE:
                last += 1
            if n_pieces and offsets[text] < first == ends[n_pieces - 1] + 1:
                ends[n_pieces - 1] = last
            else:
                begins[n_pieces], ends[n_pieces] = first, last
                n_pieces += 1
    return n_pieces


@part
def _has_odd(piece, n_bytes, odd):  # type: ignore[no-untyped-def]
    """Tell whether a byte, with the two before it, may stand in a text that is not plain; write which.

    Those are the bytes of marks and of what composition changes, ѐ, ѝ beside a letter, and where Latin and
    Cyrillic letters meet. Signs that are frequent, and do not change, are left out: quotes, №, €, ™ and emoji.
    """
    second, first, here = piece[:n_bytes], piece[1 : n_bytes + 1], piece[2 : n_bytes + 2]
    found = np.uint8(0)
    for k in range(n_bytes):
        byte, before, before2 = here[k], first[k], second[k]
        is_letter = ((byte | 0x20) >= 0x61) & ((byte | 0x20) <= 0x7A)
        was_letter = ((before | 0x20) >= 0x61) & ((before | 0x20) <= 0x7A)
        is_odd = (
            ((byte & 0xFE) == 0xCC) | ((before == 0xCE) & (byte == 0x87)) | ((before == 0xD2) & (byte <= 0x87))
        )
        is_odd |= (
            (byte >= 0xD6) & (byte != 0xE2) & (byte != 0xEF) & (byte != 0xF0) & ((byte < 0xE4) | (byte > 0xE9))
        )
        is_odd |= (before == 0xE2) & ((byte == 0x83) | (byte == 0x8C) | (byte == 0xAB))
        is_odd |= (before == 0xE2) & ((byte == 0xB3) | (byte == 0xB5) | (byte == 0xB7))
        is_odd |= (before == 0xEF) & (byte >= 0xA4) & (byte <= 0xAD)
        is_odd |= (before2 == 0xEF) & (before == 0xB8) & (byte >= 0xA0)
        is_odd |= (before == 0x84) & (byte >= 0xA6) & (byte <= 0xAB)
        is_odd |= (before == 0xF0) & (byte != 0x9F)
        is_odd |= ((before == 0xD1) & (byte == 0x90)) | ((before == 0xD0) & (byte == 0x80))
        was_grave = ((before2 == 0xD1) & (before == 0x9D)) | ((before2 == 0xD0) & (before == 0x8D))
        is_grave = ((before == 0xD1) & (byte == 0x9D)) | ((before == 0xD0) & (byte == 0x8D))
        is_odd |= was_grave & (byte >= 0x30) & ((byte < 0x80) | (byte >= 0xC2))
        is_odd |= is_grave & (before2 >= 0x30)
        is_odd |= is_letter & (before2 >= 0xD0) & (before2 <= 0xD4)
        is_odd |= was_letter & (byte >= 0xD0) & (byte <= 0xD4)
        odd[k] = is_odd
    for k in range(n_bytes):
        found |= odd[k]
    return found != 0
