"""Which characters of a text the n-grams of a model are, and what they add to margins there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from framescope._types import BoolArray, Float64, Indices, Integers, UInt64
from framescope.features.ngrams import locate
from framescope.features.vocabulary import Vocabulary
from framescope.features.weights import Weights
from framescope.text.characters import character_tables
from framescope.text.utf8 import Utf8Texts


def ngram_contributions(
    vocabulary: Vocabulary, weights: Weights, text: str, columns: Sequence[int]
) -> tuple[Indices, Float64]:
    """Return the distinct spans of a text's known n-grams, in order, and what each adds to labels' margins.

    An n-gram's value times its weight is divided equally over its occurrences; what falls on the same span is
    added up. The text is read once, for all labels, which are given by their columns.

    Returns:
        character spans (n, 2), ends exclusive, and values (n, n_columns) float64.

    Raises:
        TextError: the text is not valid Unicode.
    """
    _, features, values = vocabulary.values(Utf8Texts.encode([text]))
    hashes, spans = locate(text, character_tables())
    number, is_known = _number_among(vocabulary.hashes[features], hashes)
    number, spans = number[is_known], spans[is_known]
    shares = values[:, np.newaxis].astype(np.float64) * weights.at(features, columns)
    n_occurrences = np.bincount(number, minlength=len(features))
    shares /= np.maximum(n_occurrences, 1)[:, np.newaxis]  # 0 where another hash was taken for a feature
    return add_up(spans, shares[number])


def add_up(spans: Integers, values: Float64) -> tuple[Indices, Float64]:
    """Return distinct spans, (n, 2), in text order, with the sums of their values, (n, n_columns)."""
    base = int(spans.max(initial=0)) + 1
    keys, place = np.unique(spans.astype(np.intp) @ [base, 1], return_inverse=True)
    sums = [np.bincount(place, column, len(keys)) for column in values.T]
    return np.column_stack(np.divmod(keys, base)), np.column_stack([np.empty((len(keys), 0)), *sums])


def _number_among(known: UInt64, hashes: UInt64) -> tuple[Indices, BoolArray]:
    """Return the place of each hash among the known ones, and whether it is one of them."""
    if not len(known):
        return np.zeros(len(hashes), np.intp), np.zeros(len(hashes), dtype=bool)
    order = np.argsort(known)
    nearest = order[np.minimum(np.searchsorted(known, hashes, sorter=order), len(known) - 1)]
    return nearest, known[nearest] == hashes
