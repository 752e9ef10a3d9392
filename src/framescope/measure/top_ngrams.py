"""The n-grams that set a label's texts apart from the others, with the words they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from framescope._types import BoolArray, Float32, Float64, Indices, Int64
from framescope.bundle.record import RankedNgram
from framescope.features.narrow import FeatureMatrix, entries
from framescope.features.ngrams import CHAR_BLOCK, locate
from framescope.model.fitted import Model
from framescope.text.characters import character_tables
from framescope.text.kernels import kernel
from framescope.text.utf8 import Utf8Texts

N_TOP = 20
N_CANDIDATES = 5  # for each that is kept: most say again what a better one says


@dataclass(frozen=True, slots=True)
class Ngram:
    """An n-gram and its share of the gap between the mean margins of a label's texts and of the others.

    ``text`` is how it is written where it first occurs, ``is_part`` whether it is part of a word,
    ``n_texts`` how many of the label's texts have it. The gaps of all n-grams sum up to the whole gap.
    """

    text: str
    is_part: bool
    feature: int
    weight: float
    gap: float
    n_texts: int


def top_ngrams(
    model: Model, features: FeatureMatrix, *, texts: Sequence[str], members: BoolArray, n_top: int = N_TOP
) -> list[tuple[Ngram, ...]]:
    """Return for each label the n-grams that speak for it, by descending gap.

    ``features`` are those of the texts, as from :func:`feature_rows`; ``members`` (n_texts, n_labels) bool
    marks the texts of each label. A label with all texts, or none, has no gap. An n-gram within one that stands
    before it is left out.
    """
    total, _ = _sums(features, np.arange(features.shape[0]))
    best = [
        _rank(features, total, rows=rows, weights=model.ngrams.weights.of(k), n_best=n_top * N_CANDIDATES)
        for k, rows in enumerate(members.T)
    ]
    wanted = np.unique(np.concatenate([np.empty(0), *(ranked[0] for ranked in best)])).astype(np.intp)
    names = _names(model, features, wanted, texts=texts)
    return [
        tuple(_distinct((_ngram(model, names, row) for row in ranked.T.tolist()), n_top)) for ranked in best
    ]


def as_json(ngrams: Iterable[Ngram]) -> list[RankedNgram]:
    """Return n-grams for a file."""
    return [
        RankedNgram(
            text=ngram.text,
            is_part=ngram.is_part,
            feature=ngram.feature,
            weight=ngram.weight,
            gap=ngram.gap,
            n_texts=ngram.n_texts,
        )
        for ngram in ngrams
    ]


def feature_rows(model: Model, texts: Sequence[str]) -> sp.csr_array:
    """Return the features of texts as the model weighs them: (n_texts, n_features) float32."""
    indptr, indices, values = model.ngrams.vocabulary.values(Utf8Texts.encode(texts))
    return sp.csr_array((values, indices, indptr), shape=(len(texts), len(model.ngrams.vocabulary)))


def _rank(
    features: FeatureMatrix, total: Float64, *, rows: BoolArray, weights: Float32, n_best: int
) -> Float64:
    """Return features, weights, gaps, numbers of the label's texts, by descending gap: (4, at most n_best)."""
    n_members = int(rows.sum())
    if n_members in {0, len(rows)}:
        return np.empty((4, 0))
    sums, counts = _sums(features, np.flatnonzero(rows))
    gaps = (sums / n_members - (total - sums) / (len(rows) - n_members)) * weights
    known = np.flatnonzero((gaps > 0) & (weights > 0))
    least = np.partition(gaps[known], -n_best)[-n_best] if len(known) > n_best else 0.0
    best = known[gaps[known] >= least]
    best = best[np.argsort(-gaps[best], kind="stable")][:n_best]
    return np.stack([best, weights[best], gaps[best], counts[best]])


def _sums(features: FeatureMatrix, rows: Indices) -> tuple[Float64, Int64]:
    """Return the sum of each feature over some rows, and in how many of them it is, both (n_features,)."""
    sums, counts = np.zeros(features.shape[1]), np.zeros(features.shape[1], np.int64)
    _add_up(*entries(features), (rows, sums, counts))
    return sums, counts


@kernel()
def _add_up(indptr, indices, values, steps, target):  # type: ignore[no-untyped-def]
    rows, sums, counts = target
    for row in rows:
        for k in range(indptr[row], indptr[row + 1]):
            sums[indices[k]] += steps[row] * np.float32(values[k])
            counts[indices[k]] += 1


@kernel()
def _find_first(indptr, indices, first_rows):  # type: ignore[no-untyped-def]
    """Write the first row of each feature that has one."""
    for row in range(len(indptr) - 1):
        for k in range(indptr[row], indptr[row + 1]):
            if first_rows[indices[k]] < 0:
                first_rows[indices[k]] = row


def _names(model: Model, features: FeatureMatrix, wanted: Indices, *, texts: Sequence[str]) -> dict[int, str]:
    """Return how each wanted feature is written in the first text that has it."""
    first_rows = np.full(features.shape[1], -1)
    _find_first(*entries(features)[:2], first_rows)
    rows, found = first_rows[wanted], wanted
    names: dict[int, str] = {}
    for row in np.unique(rows):
        there = found[rows == row]
        there = there[np.argsort(model.ngrams.vocabulary.hashes[there])]
        hashes, spans = locate(texts[row], character_tables())
        known = model.ngrams.vocabulary.hashes[there]
        nearest = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
        at = np.flatnonzero(known[nearest] == hashes)[::-1]  # backwards: the first occurrence stays
        for feature, (start, end) in zip(there[nearest[at]].tolist(), spans[at].tolist(), strict=True):
            names[feature] = texts[row][start:end]
    return names


def _ngram(model: Model, names: dict[int, str], row: Sequence[float]) -> Ngram:
    feature = int(row[0])
    return Ngram(
        text=names[feature],
        is_part=bool(model.ngrams.vocabulary.hashes[feature] >= CHAR_BLOCK),
        feature=feature,
        weight=row[1],
        gap=row[2],
        n_texts=int(row[3]),
    )


def _distinct(ngrams: Iterable[Ngram], n_top: int) -> list[Ngram]:
    """Leave out words that a better n-gram has, too, and parts of better n-grams or around better parts."""
    kept: list[Ngram] = []
    words: set[str] = set()
    for ngram in ngrams:
        text = ngram.text.casefold()
        if ngram.is_part:
            known = any(text in k.text.casefold() or (k.is_part and k.text.casefold() in text) for k in kept)
        else:
            known = bool(words & {*text.split()})
            words |= set() if known else {*text.split()}
        if not known:
            kept.append(ngram)
        if len(kept) == n_top:
            break
    return kept
