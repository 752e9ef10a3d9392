"""Pairs of articles of few days that share rare words, in time that grows with the number of articles.

Articles are gone through in the order of their days. Each is compared with those just before it that have one
of its words, so many of a word; articles that are further back are reached through those between.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from framescope._types import Float32, Indices, Int32
from framescope.overview.sketches import N_BUCKETS, WHOLE, Sketches
from framescope.text.kernels import kernel

REACH = 12
"""Articles before one, of each of its words, that it is compared with."""
MAX_LINKS = 8
"""Of an article with those before it, the closest."""


_SCALE = np.float32(1 / WHOLE**2)


class Links(NamedTuple):
    """Pairs of articles, (n_pairs, 2), the earlier first, and their cosines."""

    pairs: Int32
    cosines: Float32


def links_of(sketches: Sketches, days: Int32, order: Indices, *, silence: int, least: float) -> Links:
    """Return pairs with a cosine of at least ``least`` and at most ``silence`` days between them.

    ``order`` names the articles from the first day to the last.
    """
    heads = np.full(N_BUCKETS, -1, np.int64)
    return Links(*find_links(sketches, days, order, heads, silence, least))


@kernel()
def find_links(sketches, days, order, heads, silence, least):  # type: ignore[no-untyped-def]
    """Return pairs and cosines. ``heads`` has the last entry of each word, -1 for none."""
    words, weights = sketches.words, sketches.weights
    n_words = words.shape[1]
    before = np.full(words.size, -1, np.int32)  # the entry of the same word in the article before
    sums, met = np.zeros(len(words), np.float32), np.full(len(words), -1, np.int32)
    others = np.empty(n_words * REACH, np.int32)
    pairs, cosines, n_pairs = np.empty((1024, 2), np.int32), np.empty(1024, np.float32), 0
    best, of_best = np.empty(MAX_LINKS, np.int32), np.empty(MAX_LINKS, np.float32)
    for article in order:
        n_others = 0
        for k in range(n_words):
            word = words[article, k]
            if word == N_BUCKETS:
                break
            entry = heads[word]
            before[article * n_words + k] = entry
            heads[word] = article * n_words + k
            for _ in range(REACH):
                if entry < 0 or days[article] - days[entry // n_words] > silence:
                    break
                other = entry // n_words
                if met[other] != article:
                    met[other], sums[other] = article, 0
                    others[n_others] = other
                    n_others += 1
                product = np.float32(weights[article, k]) * np.float32(weights[other, entry % n_words])
                sums[other] += product * _SCALE
                entry = before[entry]
        n_best = 0
        for other in others[:n_others]:
            if sums[other] >= least / 3:  # words that many have are summed up for the last of them only
                cosine = _cosine(words[article], weights[article], words[other], weights[other])
                if cosine >= least:
                    n_best = _insert(other, cosine, best, of_best, n_best)
        if n_pairs + n_best > len(pairs):
            pairs, cosines = np.concatenate((pairs, pairs)), np.concatenate((cosines, cosines))
        for k in range(n_best):
            pairs[n_pairs, 0], pairs[n_pairs, 1], cosines[n_pairs] = best[k], article, of_best[k]
            n_pairs += 1
    return pairs[:n_pairs].copy(), cosines[:n_pairs].copy()


@kernel()
def _cosine(words, weights, other_words, other_weights):  # type: ignore[no-untyped-def]
    one, other, total = 0, 0, np.float32(0)
    while one < len(words) and other < len(other_words) and words[one] < N_BUCKETS:
        if words[one] < other_words[other]:
            one += 1
        elif words[one] > other_words[other]:
            other += 1
        else:
            total += np.float32(weights[one]) * np.float32(other_weights[other]) * _SCALE
            one += 1
            other += 1
    return total


@kernel()
def _insert(other, cosine, best, of_best, n_best):  # type: ignore[no-untyped-def]
    """Put an article among the closest, the closest first; return how many there are."""
    at = n_best
    while at > 0 and of_best[at - 1] < cosine:
        at -= 1
    if at == len(best):
        return n_best
    n_best = min(n_best + 1, len(best))
    for k in range(n_best - 1, at, -1):
        best[k], of_best[k] = best[k - 1], of_best[k - 1]
    best[at], of_best[at] = other, cosine
    return n_best
