"""The words that tell an article from others, by TF-IDF, in a fixed number of bytes an article.

Texts are read twice in batches, so that of a million articles no more is in memory than these words: first to
count how many articles have each word, then to weigh the words of each article. A word that no other article
has is not kept, for it is shared with none; it counts in the length of the vector. Words are hashed to 22
bits; a few share a number by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from framescope._types import Int32, UInt16
from framescope.features.ngrams import fold, n_codes_at_most, read_word
from framescope.text.characters import character_tables
from framescope.text.kernels import kernel
from framescope.text.utf8 import Utf8Texts

N_WORDS = 48
"""Words of an article that are kept."""
N_BUCKETS = 1 << 22
WHOLE = 65_535
"""The weight 1."""

_HALF, _MASK = np.uint64(32), np.uint64(N_BUCKETS - 1)


class Sketches(NamedTuple):
    """The words of articles, (n_articles, N_WORDS), ascending, ``N_BUCKETS`` for none, and their weights.

    Products of the weights of two articles add up to about the cosine of their vectors of all words.
    """

    words: Int32
    weights: UInt16


def sketches_of(batches: Callable[[], Iterable[Utf8Texts]], n_texts: int) -> Sketches:
    """Return the sketches of texts; ``batches`` gives them from the first on, each time that it is called."""
    tables = character_tables()
    counts, last = np.zeros(N_BUCKETS, np.int32), np.full(N_BUCKETS, -1, np.int32)
    first = 0
    for texts in batches():
        count_words(texts.data, texts.offsets, tables, first, last, counts)
        first += len(texts)
    rarity = np.log((1 + n_texts) / (1 + counts)).astype(np.float32) + 1
    shape = n_texts, N_WORDS
    found = Sketches(np.full(shape, N_BUCKETS, np.int32), np.zeros(shape, np.uint16))
    first = 0
    for texts in batches():
        rows = slice(first, first + len(texts))
        kept = Sketches(found.words[rows], found.weights[rows])
        weigh_words(texts.data, texts.offsets, tables, rarity, counts > 1, kept)
        first += len(texts)
    return found


@kernel()
def count_words(data, offsets, tables, first, last, counts):  # type: ignore[no-untyped-def]
    """Add 1 to the count of each word of a text; ``last`` has the last text with it, the first is ``first``."""
    codes = np.empty(n_codes_at_most(np.diff(offsets).max() if len(offsets) > 1 else 0), np.int32)
    words = np.empty(len(codes), np.int32)
    for text in range(len(offsets) - 1):
        n_codes = fold(data, offsets[text], offsets[text + 1], tables, codes, None)
        for k in range(_list_words(codes, n_codes, words)):
            if last[words[k]] != first + text:
                last[words[k]] = first + text
                counts[words[k]] += 1


@kernel()
def weigh_words(data, offsets, tables, rarity, is_shared, kept):  # type: ignore[no-untyped-def]
    """Write the words of each text that weigh most: (1 + ln of how often it has them) times their rarity."""
    codes = np.empty(n_codes_at_most(np.diff(offsets).max() if len(offsets) > 1 else 0), np.int32)
    words = np.empty(len(codes), np.int32)
    found, values = np.empty(len(codes), np.int32), np.empty(len(codes), np.float32)
    for text in range(len(offsets) - 1):
        n_codes = fold(data, offsets[text], offsets[text + 1], tables, codes, None)
        ordered = np.sort(words[: _list_words(codes, n_codes, words)])
        n_found, at, of_own = 0, 0, 0.0
        while at < len(ordered):
            word, end = ordered[at], at
            while end < len(ordered) and ordered[end] == word:
                end += 1
            value = (1 + np.log(end - at)) * rarity[word]
            if is_shared[word]:
                found[n_found], values[n_found] = word, value
                n_found += 1
            else:
                of_own += value**2
            at = end
        _keep(found[:n_found], values[:n_found], of_own, kept.words[text], kept.weights[text])


@kernel()
def _list_words(codes, n_codes, words):  # type: ignore[no-untyped-def]
    """Write the number of each word of a text; return how many it has."""
    n_words, at = 0, np.int64(0)
    while at < n_codes:
        if codes[at] <= 0:
            at += 1
            continue
        end, state = read_word(codes, np.uint64(at), np.uint64(n_codes))
        words[n_words] = np.int32((state ^ (state >> _HALF)) & _MASK)
        n_words, at = n_words + 1, np.int64(end)
    return n_words


@kernel()
def _keep(found, values, of_own, words, weights):  # type: ignore[no-untyped-def]
    """Write the words of the largest values, of equal ones the first, and their weights.

    ``of_own`` are the squares of words that no other text has. Two articles are taken to share as much of the
    words that are left out as of those that are kept.
    """
    least, n_equal = np.float32(0), len(found)
    if len(found) > len(words):
        least = np.partition(values, len(found) - len(words))[len(found) - len(words)]
        n_equal = len(words) - (values > least).sum()
    n_kept, of_kept, of_all = 0, 0.0, 0.0
    chosen = np.empty(len(words), np.float32)
    for k in range(len(found)):
        is_equal = values[k] == least
        of_all += np.float64(values[k]) ** 2
        if values[k] > least or (is_equal and n_equal > 0):
            n_equal -= is_equal
            words[n_kept], chosen[n_kept] = found[k], values[k]
            of_kept += np.float64(values[k]) ** 2
            n_kept += 1
    for k in range(n_kept):
        weights[k] = np.uint16(WHOLE * chosen[k] / np.sqrt((of_all + of_own) * of_kept / of_all))
