"""What is known of training articles without their groups, which tells how like the training new ones are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import nnls

from framescope._types import Array, Float64, Indices, Int32
from framescope.features.known import WORDS, count_known, lost_without, rows_with_each
from framescope.features.vocabulary import Vocabulary
from framescope.model.typicality import (
    Typicality,
    mean_terms,
    shares_of,
    variance_terms,
)
from framescope.text.utf8 import Utf8Texts

MIN_ARTICLES = 30
"""Left-out articles from which on there is something to compare with."""
MAX_ARTICLES = 5_000
MIN_VARIANCE = 1e-5


def left_out_counts(
    vocabulary: Vocabulary,
    texts: Sequence[str],
    features: Any,
    *,
    blocks: Sequence[tuple[Indices, Indices]],
    min_df: int,
    rng: np.random.Generator,
) -> Int32:
    """Count what is known of articles to what the others teach: at most ``MAX_ARTICLES``, drawn at random.

    ``features``, a CSR matrix, are of all that the vocabulary was learned from, the articles first. ``blocks``
    are rows to read, and rows to leave out for them.
    """
    df = rows_with_each(features.indices, features.shape[1])
    drawn = np.zeros(len(texts), bool)
    drawn[rng.permutation(len(texts))[:MAX_ARTICLES]] = True
    wanted = [(rows[drawn[rows]], left_out) for rows, left_out in blocks if drawn[rows].any()]
    lost = lost_without(
        features.indices, features.indptr, df, [left_out for _, left_out in wanted], min_df=min_df
    )
    order = np.concatenate([rows for rows, _ in wanted])
    owner = np.repeat(np.arange(len(wanted)), [len(rows) for rows, _ in wanted])
    return count_known(Utf8Texts.encode(texts[row] for row in order), vocabulary, lost, owner)


def fit_typicality(counts: Int32, *, cut: float) -> Typicality | None:
    """Fit what is to be expected of a text by its length; None if there are too few articles with words.

    ``counts`` are those of left-out articles.
    """
    counts = counts[counts[:, WORDS] > 0]
    if len(counts) < MIN_ARTICLES:
        return None
    lengths = np.log1p(counts[:, WORDS])
    span = (float(lengths.min()), float(lengths.max()))
    terms, shares = mean_terms(counts, span), shares_of(counts)
    has_share = ~np.isnan(shares)
    means = [_least_squares(terms[has], share[has]) for has, share in zip(has_share.T, shares.T, strict=True)]
    residuals = shares - terms @ np.array(means).T
    of_length = variance_terms(counts)
    variances = [
        _variance(of_length[has], rest[has]) for has, rest in zip(has_share.T, residuals.T, strict=True)
    ]
    blank = Typicality(cut, np.array(means), np.array(variances), span, np.zeros(0, np.float32))
    familiarity = np.sort(blank.familiarity_of(counts))
    return Typicality(cut, blank.means, blank.variances, span, familiarity)


def _least_squares(terms: Float64, target: Float64) -> Float64:
    return np.asarray(np.linalg.lstsq(terms, target, rcond=None)[0])


def _variance(terms: Float64, residuals: Float64) -> Float64:
    """Return the variance of any text, and of a text of one word."""
    found: Array = nnls(terms, np.square(residuals))[0]
    return np.maximum(found, [MIN_VARIANCE, 0])
