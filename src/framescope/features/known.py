"""How much of a text training has seen: how many of its words, character n-grams and pairs of words are known.

Scoring counts on its way through a text. Here is the same for training articles, each without what training
knows from its own group only.
"""

from __future__ import annotations

import numpy as np

from framescope._types import Array, Indices, Int32, Int64
from framescope.features.lookup import count_pairs, find_run
from framescope.features.ngrams import MAX_GRAMS_PER_WORD, fold
from framescope.features.reading import list_runs, new_reading
from framescope.features.vocabulary import Vocabulary
from framescope.text.characters import character_tables
from framescope.text.kernels import kernel
from framescope.text.utf8 import Utf8Texts

WORDS, KNOWN_WORDS, GRAMS, KNOWN_GRAMS, PAIRS, KNOWN_PAIRS = range(6)
"""The columns of counts, (n_texts, N_COUNTS) int32: distinct words, the character n-grams of these, and pairs
of successive words, each with how many of them are known."""
N_COUNTS = 6
ENTRIES_AT_A_TIME = 1 << 22


def new_counts(n_texts: int) -> Int32:
    """Return counts that are all 0."""
    return np.zeros((n_texts, N_COUNTS), np.int32)


def count_known(texts: Utf8Texts, vocabulary: Vocabulary, lost: tuple[Array, Array], owner: Indices) -> Int32:
    """Count what is known of texts to a vocabulary that has lost some of its features.

    ``lost`` are the features of one loss after the other, as CSR: indptr, features. A text is read without
    those of loss ``owner[text]``.
    """
    texts = texts.plain()
    counts = new_counts(len(texts))
    _count_known(
        texts.data,
        texts.offsets,
        character_tables(),
        new_reading(texts),
        vocabulary.lookup,
        np.ones(len(vocabulary), np.uint8),
        lost[0].astype(np.int64),
        lost[1].astype(np.int32),
        owner.astype(np.int64),
        counts,
    )
    return counts


@kernel()
def _count_known(data, offsets, tables, reading, lookup, is_known, indptr, lost, owner, counts):  # type: ignore[no-untyped-def]
    hashes, features = np.empty(MAX_GRAMS_PER_WORD, np.uint64), np.empty(MAX_GRAMS_PER_WORD, np.int32)
    n_times, found = np.zeros(lookup.n_features + 1, np.int32), np.empty(lookup.n_features + 1, np.int32)
    n_times[-1] = 1
    for row in range(len(offsets) - 1):
        for k in range(indptr[owner[row]], indptr[owner[row] + 1]):
            is_known[lost[k]] = 0
        n_codes = fold(data, offsets[row], offsets[row + 1], tables, reading.codes, None)
        n_runs, n_pairs = list_runs(n_codes, reading)
        for run in range(n_runs):
            first, end, state = reading.firsts[run], reading.ends[run], reading.states[run]
            n_features, _ = find_run(reading.codes, first, end, state, lookup, hashes, features)
            for k in range(n_features):
                is_of_word, is_gram = n_features > 1, k > 0
                known = features[k] < lookup.n_features and is_known[features[k]] == 1
                counts[row, GRAMS if is_gram else WORDS] += is_of_word
                counts[row, KNOWN_GRAMS if is_gram else KNOWN_WORDS] += is_of_word and known
        counts[row, PAIRS] = n_pairs
        n_found = count_pairs(reading.pairs, n_pairs, lookup, n_times, found)
        for k in range(n_found):
            counts[row, KNOWN_PAIRS] += n_times[found[k]] * is_known[found[k]]
            n_times[found[k]] = 0
        for k in range(indptr[owner[row]], indptr[owner[row] + 1]):
            is_known[lost[k]] = 1


def rows_with_each(features: Indices, n_features: int) -> Int64:
    """Return in how many rows each feature is, (n_features,), by the entries' features of a CSR matrix.

    Memory does not grow with the entries.
    """
    n_rows = np.zeros(n_features, np.int64)
    for first in range(0, len(features), ENTRIES_AT_A_TIME):
        n_rows += np.bincount(features[first : first + ENTRIES_AT_A_TIME], minlength=n_features)
    return n_rows


def lost_without(
    features: Indices, indptr: Indices, df: Array, blocks: list[Indices], *, min_df: int
) -> tuple[Array, Array]:
    """Return what a vocabulary loses without each block of rows: a CSR of features, one row a block.

    ``features`` and ``indptr`` are those of the feature matrix, ``df`` in how many rows each feature is. A
    feature is lost if fewer than ``min_df`` rows are left that have it.
    """
    lost: list[Array] = []
    for rows in blocks:
        own = np.concatenate([np.empty(0, np.intp), *(features[indptr[row] : indptr[row + 1]] for row in rows)])
        found, n_own = np.unique(own, return_counts=True)
        lost.append(found[df[found] - n_own < min_df])
    return np.cumsum([0, *map(len, lost)]), np.concatenate([np.empty(0, np.intp), *lost])
