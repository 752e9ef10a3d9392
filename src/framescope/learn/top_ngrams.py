"""The n-grams that set a label's texts apart from the others, with the words they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from framescope.model import Model
from framescope.text.characters import character_tables
from framescope.text.ngrams import CHAR_BLOCK, locate
from framescope.text.utf8 import Utf8Texts

BoolArray = npt.NDArray[np.bool_]
Columns = npt.NDArray[np.intp]

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
    model: Model, texts: Sequence[str], members: BoolArray, *, n_top: int = N_TOP
) -> list[tuple[Ngram, ...]]:
    """Return for each label the n-grams that speak for it, by descending gap.

    ``members`` (n_texts, n_labels) bool marks the texts of each label. A label with all texts, or none, has no
    gap. An n-gram within one that stands before it is left out.
    """
    features = feature_rows(model, texts)
    total = _sums(features)
    ranked = [_rank(model, features, total, rows=members[:, k], column=k) for k in range(members.shape[1])]
    best = [gaps[:, : n_top * N_CANDIDATES] for gaps in ranked]
    wanted = np.unique(np.concatenate([np.empty(0), *(gaps[0] for gaps in best)])).astype(np.intp)
    names = _names(model, features, wanted, texts=texts)
    return [
        tuple(_distinct((_ngram(model, names, row, column=k) for row in gaps.T.tolist()), n_top))
        for k, gaps in enumerate(best)
    ]


def as_json(ngrams: Iterable[Ngram]) -> list[dict[str, Any]]:
    """Return n-grams for a file."""
    return [asdict(ngram) for ngram in ngrams]


def feature_rows(model: Model, texts: Sequence[str]) -> sp.csr_array:
    """Return the features of texts as the model weighs them: (n_texts, n_features) float32."""
    indptr, indices, values = model.vocabulary.values(Utf8Texts.encode(texts))
    return sp.csr_array((values, indices, indptr), shape=(len(texts), len(model.vocabulary)))


def _rank(
    model: Model, features: sp.csr_array, total: npt.NDArray[np.float64], *, rows: BoolArray, column: int
) -> npt.NDArray[np.float64]:
    """Return features, gaps and numbers of the label's texts, by descending gap: (3, n_positive)."""
    n_members = int(rows.sum())
    if n_members in {0, len(rows)}:
        return np.empty((3, 0))
    own = features[np.flatnonzero(rows)]
    sums = _sums(own)
    weights = model.weights_of(column)
    gaps = (sums / n_members - (total - sums) / (len(rows) - n_members)) * weights
    order = np.flatnonzero((gaps > 0) & (weights > 0))
    order = order[np.argsort(-gaps[order], kind="stable")]
    return np.stack([order, gaps[order], np.bincount(own.indices, minlength=len(gaps))[order]])


def _sums(features: sp.csr_array) -> npt.NDArray[np.float64]:
    return np.asarray(np.bincount(features.indices, features.data, features.shape[1]), np.float64)


def _names(model: Model, features: sp.csr_array, wanted: Columns, *, texts: Sequence[str]) -> dict[int, str]:
    """Return how each wanted feature is written in the first text that has it."""
    is_wanted = np.zeros(features.shape[1], dtype=bool)
    is_wanted[wanted] = True
    places = np.flatnonzero(is_wanted[features.indices])
    found, first = np.unique(features.indices[places], return_index=True)
    rows = np.searchsorted(features.indptr, places[first], side="right") - 1
    names: dict[int, str] = {}
    for row in np.unique(rows):
        there = found[rows == row]
        hashes, spans = locate(texts[row], character_tables())
        known, first = np.unique(hashes, return_index=True)
        at = first[np.searchsorted(known, model.vocabulary.hashes[there])]
        written = (texts[row][start:end] for start, end in spans[at].tolist())
        names.update(zip(there.tolist(), written, strict=True))
    return names


def _ngram(model: Model, names: dict[int, str], row: Sequence[float], *, column: int) -> Ngram:
    feature = int(row[0])
    return Ngram(
        text=names[feature],
        is_part=bool(model.vocabulary.hashes[feature] >= CHAR_BLOCK),
        feature=feature,
        weight=float(model.weights_of(column)[feature]),
        gap=row[1],
        n_texts=int(row[2]),
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
