"""Outlets side by side: what each pushes more than the others, which are alike, which labels go together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.sparse as sp

from framescope._types import Float64
from framescope.codebook import Codebook
from framescope.measure.firing import Z95
from framescope.measure.prevalence import Separation
from framescope.overview.changes import compared
from framescope.overview.contents import OTHERS, ROSE, Alike, Changes, Together
from framescope.overview.gathered import Entries
from framescope.overview.tables import Draft

MAX_PAIRS = 200
LEAST_LIKENESS = 0.5
LEAST_TOGETHER = 3


def against_others(draft: Draft, separation: Separation) -> Changes:
    """Compare the shares of each value of a dimension, such as an outlet, with those of all others together."""
    sample = draft.sums.sample
    one = np.zeros(len(sample.n), np.int64)
    return compared(draft.by, OTHERS, (sample, sample.grouped(one, 1).taken(one) - sample), separation)


def alike_outlets(draft: Draft, changes: Changes, codebook: Codebook) -> tuple[Alike, ...]:
    """Return the outlets that push the same labels more than the others do, the most alike first.

    What is compared is by how many standard errors the share of each finest label is above that of the others;
    likeness is the cosine. Outlets that push nothing beyond noise are like none.
    """
    error = (changes.high - changes.low) / (2 * Z95)
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.maximum(np.nan_to_num((changes.difference / error)[:, codebook.fine]), 0)
    differs = (changes.word[:, codebook.fine] == ROSE).any(axis=1)
    places = np.flatnonzero(differs)
    profiles = scores[places] / np.linalg.norm(scores[places], axis=1, keepdims=True)
    cosines: Float64 = profiles @ profiles.T
    pairs = [
        Alike(draft.keys[places[one]][0], draft.keys[places[other]][0], float(cosines[one, other]))
        for one, other in zip(*np.nonzero(np.triu(cosines, 1) >= LEAST_LIKENESS), strict=True)
    ]
    return tuple(sorted(pairs, key=lambda pair: -pair.likeness)[:MAX_PAIRS])


def labels_together(entries: Entries, n_articles: int, codebook: Codebook) -> tuple[Together, ...]:
    """Return the pairs of finest labels that articles have together, those beyond chance first."""
    rows, of_row = np.unique(entries.row, return_inverse=True)
    marks = sp.csr_matrix((np.ones(len(of_row)), (of_row, entries.label)), shape=(len(rows), len(codebook.ids)))
    counts = np.asarray((marks.T @ marks).todense())
    return tuple(sorted(_pairs(counts, n_articles, codebook), key=_surprise, reverse=True)[:MAX_PAIRS])


def _pairs(counts: Float64, n_articles: int, codebook: Codebook) -> Iterator[Together]:
    fine: Sequence[int] = codebook.fine.tolist()
    for place, one in enumerate(fine):
        for other in fine[place + 1 :]:
            if counts[one, other] >= LEAST_TOGETHER:
                expected = float(counts[one, one] * counts[other, other] / n_articles)
                yield Together(codebook.ids[one], codebook.ids[other], int(counts[one, other]), expected)


def _surprise(pair: Together) -> float:
    """Return by how many standard errors a count is above what is expected."""
    return float((pair.n - pair.expected) / np.sqrt(pair.expected))
