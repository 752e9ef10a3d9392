"""Which characters of a text the n-grams of a model are, and what they add to margins there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from framescope._types import Float64, Indices, Int32, Integers, UInt64
from framescope.features.ngrams import located
from framescope.features.vocabulary import Vocabulary
from framescope.features.weights import Weights
from framescope.text.characters import character_tables
from framescope.text.utf8 import Utf8Texts

MAX_KEPT_CHARACTERS = 1 << 18
"""A longer text is read twice, rather than all of its n-grams kept."""


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
    spans, values = zip(*ngram_pieces(vocabulary, weights, text, columns), strict=True)
    return add_up(np.concatenate(spans), np.concatenate(values))


def ngram_pieces(
    vocabulary: Vocabulary, weights: Weights, text: str, columns: Sequence[int]
) -> Iterator[tuple[Integers, Float64]]:
    """Yield the same stretch by stretch, so that memory holds a long text: a span for each occurrence."""
    _, features, values = vocabulary.values(Utf8Texts.encode([text]))
    known = vocabulary.hashes[features]
    kept = list(_occurrences(text, known)) if len(text) <= MAX_KEPT_CHARACTERS else None
    n_times = np.zeros(len(features), np.int64)
    for number, _ in kept or _occurrences(text, known):
        n_times += np.bincount(number, minlength=len(features))
    shares = values[:, np.newaxis].astype(np.float64) * weights.at(features, columns)
    shares /= np.maximum(n_times, 1)[:, np.newaxis]  # 0 where another hash was taken for a feature
    for number, spans in kept or _occurrences(text, known):
        yield spans, shares[number]


def add_up(spans: Integers, values: Float64) -> tuple[Indices, Float64]:
    """Return distinct spans, (n, 2), in text order, with the sums of their values, (n, n_columns)."""
    base = int(spans.max(initial=0)) + 1
    keys, place = np.unique(spans.astype(np.intp) @ [base, 1], return_inverse=True)
    sums = [np.bincount(place, column, len(keys)) for column in values.T]
    return np.column_stack(np.divmod(keys, base)), np.column_stack([np.empty((len(keys), 0)), *sums])


def _occurrences(text: str, known: UInt64) -> Iterator[tuple[Indices, Int32]]:
    """Yield where known hashes are in a text, stretch by stretch: the place of each among them, its span."""
    order = np.argsort(known)
    ascending = known[order]
    for hashes, spans in located(text, character_tables()):
        if not len(known):
            yield np.empty(0, np.intp), spans[:0]
            continue
        nearest = np.minimum(np.searchsorted(ascending, hashes), len(known) - 1)
        is_known = ascending[nearest] == hashes
        yield order[nearest[is_known]], spans[is_known]
