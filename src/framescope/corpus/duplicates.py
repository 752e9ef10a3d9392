"""Texts that occur more than once: equal ones, and near duplicates by the words they share."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, count, islice, product

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfTransformer

from framescope._types import Float32, Int32
from framescope.corpus.alike import pairs_above
from framescope.corpus.schema import Corpus
from framescope.text.composed import composed

THRESHOLD = 0.7
"""Cosine above which two texts are near duplicates."""

MAX_PAIRS = 200_000
"""A corpus of variants of one text has more pairs than anyone reads; the search ends there."""

# Not \w+: Python counts the vowel signs of Devanagari as no word characters.
WORD = re.compile(r"[^\s!-/:-@\[-`{-~«»„“”‘’…–—।]+")


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """Pairs of texts, (n_pairs, 2) int32 with the smaller index first; all pairs, or the first found.

    Pairs of distinct texts are found before those of their copies.
    """

    pairs: Int32
    is_complete: bool


def normalize(text: str) -> str:
    """Return a text that is equal for texts which differ in case, white space or composition only."""
    return " ".join(composed(text).casefold().split())


def find_near_duplicates(texts: Sequence[str], *, threshold: float = THRESHOLD) -> NearDuplicates:
    """Find the pairs of normalized texts whose TF-IDF vectors of words have a cosine above ``threshold``."""
    copies_of: defaultdict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        if WORD.search(text):
            copies_of[text].append(number)
    if not copies_of:
        return NearDuplicates(np.empty((0, 2), np.int32), is_complete=True)
    copies = list(copies_of.values())
    vectors = _vectorize(texts)[[numbers[0] for numbers in copies]]
    near = pairs_above(vectors, threshold, MAX_PAIRS + 1)[0].tolist()
    pairs = np.array(list(islice(_with_copies(near, copies), MAX_PAIRS + 1)), np.int32).reshape(-1, 2)
    return NearDuplicates(np.sort(pairs[:MAX_PAIRS], axis=1), is_complete=len(pairs) <= MAX_PAIRS)


def likeness(texts: Sequence[str], *, threshold: float) -> tuple[Int32, Float32]:
    """Return the pairs of normalized texts with a cosine above ``threshold``, and the cosines.

    Pairs are (n_pairs, 2), the smaller index first.
    """
    if not any(map(WORD.search, texts)):
        return np.empty((0, 2), np.int32), np.empty(0, np.float32)
    return pairs_above(_vectorize(texts), threshold)


def near_duplicates_in(corpus: Corpus) -> NearDuplicates:
    """Find the pairs of units whose titles and texts together are equal or nearly so."""
    return find_near_duplicates([normalize(text) for text in corpus.full_texts()])


def _with_copies(
    pairs: Sequence[tuple[int, int]], copies: Sequence[Sequence[int]]
) -> Iterator[tuple[int, int]]:
    """Yield pairs of distinct texts by the first copies of both, then those of all other copies."""
    yield from ((copies[one][0], copies[other][0]) for one, other in pairs)
    for one, other in pairs:
        yield from islice(product(copies[one], copies[other]), 1, None)
    yield from chain.from_iterable(combinations(numbers, 2) for numbers in copies)


def _vectorize(texts: Sequence[str]) -> sp.csr_matrix:
    """Return unit vectors whose columns run from the rarest word to the commonest."""
    columns: defaultdict[str, int] = defaultdict(count().__next__)
    words, ends = array("i"), [0]
    for text in texts:
        words.extend(map(columns.__getitem__, WORD.findall(text)))
        ends.append(len(words))
    indices, indptr = np.array(words, np.int32), np.array(ends)
    counts = sp.csr_matrix((np.ones(len(indices), np.float32), indices, indptr), (len(texts), len(columns)))
    counts.sum_duplicates()
    by_frequency = np.argsort(np.bincount(counts.indices, minlength=len(columns)), kind="stable")
    counts.indices = np.argsort(by_frequency).astype(np.int32)[counts.indices]
    counts.has_sorted_indices = False
    counts.sort_indices()
    vectors: sp.csr_matrix = TfidfTransformer(sublinear_tf=True).fit_transform(counts)
    return vectors
