"""What a word is, wherever words are shown or counted: what the n-gram kernel takes for one.

A word is a run of letters, the marks on them, and digits, by the shipped character tables. So a word of
Devanagari keeps its vowel signs, and ``don't`` and ``анти-ОДКБ`` are two words each. Format characters, such as
the soft hyphen, do not end a word. The kernel cuts words of more than 64 characters; here they stay whole.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from framescope._types import BoolArray, Indices, UInt32
from framescope.text.characters import CLASS_SHIFT, IGNORED, WORD, character_tables


def word_offsets(text: str) -> Indices:
    """Return where each word of a text begins and ends, in characters: (n_words, 2), ends exclusive."""
    classes = _classes(text)
    kept = np.flatnonzero(classes != IGNORED)
    edges = np.flatnonzero(np.diff(classes[kept] == WORD, prepend=False, append=False))
    return np.column_stack([kept[edges[::2]], kept[edges[1::2] - 1] + 1])


def words_of(text: str) -> list[str]:
    """Return the words of a text.

    >>> words_of("«анти-ОДКБ», कमज़ोर संघ।")
    ['анти', 'ОДКБ', 'कमज़ोर', 'संघ']
    """
    return [text[start:end] for start, end in word_offsets(text).tolist()]


def are_inside(words: Indices, offsets: npt.ArrayLike) -> BoolArray:
    """Tell which offsets are inside words, not at their ends: (n,) bool; ``words`` are :func:`word_offsets`."""
    found = np.asarray(offsets, np.intp)
    ends = np.concatenate([[-1], words[:, 1]])
    return np.asarray(found < ends[np.searchsorted(words[:, 0], found)])


def _classes(text: str) -> UInt32:
    """Return the class of each character: (n_characters,)."""
    tables = character_tables()
    codes = np.frombuffer(text.encode("utf-32-le", errors="surrogatepass"), "<u4")
    entries = tables.entries[tables.pages[codes >> 8].astype(np.intp) << 8 | codes & 255]
    return np.asarray(entries >> CLASS_SHIFT & 3)
