"""Krippendorff's alpha, from sums over articles: of each label, and of label sets with the MASI distance.

Source: Krippendorff, Content Analysis (2004), chapter 11; Passonneau, Measuring Agreement on Set-valued Items
(2006), for MASI.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from framescope._types import BoolArray, Float64, Indices
from framescope.measure.bootstrap import Bootstrap, resample_sums, sum_by_cluster
from framescope.measure.f1 import ratio
from framescope.measure.judgements import Judgements

N_BLOCK = 512


def label_sums(found: Judgements) -> Float64:
    """Return what each article adds to what :func:`label_alpha` and :func:`label_shares` read: (n_articles, k).

    Only articles with two codings or more add something. The columns are, for each label, the codings that have
    it, the pairs of codings that differ, and these over the number of codings less one; then codings and pairs.
    """
    n_coders = np.where(found.n_coders > 1, found.n_coders, 0).astype(np.float64)[:, None]
    n_with = np.zeros((len(found.rows), found.given.shape[1]))
    np.add.at(n_with, found.article, found.given)
    n_with = np.minimum(n_with, n_coders)
    differing = n_with * (n_coders - n_with)
    weighted = ratio(differing, np.broadcast_to(n_coders - 1, differing.shape), undefined=0.0)
    sums = np.hstack([n_with, differing, weighted, n_coders, n_coders * (n_coders - 1) / 2])
    return sum_by_cluster(sums, found.clusters)


def label_alpha(sums: Float64) -> Float64:
    """Return alpha of each label, (..., n_labels), from summed :func:`label_sums`; NaN where all are alike."""
    n_with, _, weighted = _parts(sums)
    n_codings = sums[..., -2:-1]
    return 1 - ratio(weighted * (n_codings - 1), n_with * (n_codings - n_with))


def label_shares(sums: Float64) -> tuple[Float64, Float64]:
    """Return the share of pairs that agree on each label, and of codings that have it, from the same sums."""
    n_with, differing, _ = _parts(sums)
    n_codings, n_pairs = sums[..., -2:-1], sums[..., -1:]
    shape = n_with.shape
    return (
        1 - ratio(differing, np.broadcast_to(n_pairs, shape)),
        ratio(n_with, np.broadcast_to(n_codings, shape)),
    )


def set_alpha(found: Judgements, bootstrap: Bootstrap | None = None) -> tuple[float, Float64, float]:
    """Return alpha of the label sets, that of resampled articles, and the share of pairs with the same set.

    A set has no label that another of its labels implies.
    """
    found = found.select(found.n_coders[found.article] > 1)
    sets, of_coding = np.unique(found.codebook.without_implied(found.given), axis=0, return_inverse=True)
    of_coding = of_coding.reshape(-1)
    first, second = _pairs(found.article)
    distances = _distances_of_pairs(sets, of_coding[first], of_coding[second])
    clusters = found.clusters[found.article]
    n_clusters = int(found.clusters.max()) + 1
    weights = 2 / (found.n_coders[found.article[first]] - 1)
    observed = np.bincount(clusters[first], weights * distances, n_clusters).astype(np.float64)
    counts = csr_matrix((np.ones(len(of_coding)), (clusters, of_coding)), shape=(n_clusters, len(sets)))
    alpha = _alpha(observed.sum()[None], np.asarray(counts.sum(axis=0)).reshape(1, -1), sets)
    same = float((distances == 0).mean())
    if bootstrap is None:
        return float(alpha[0]), np.zeros(0), same
    totals = resample_sums(observed[:, None], bootstrap)[:, 0]
    # The same seed draws the same articles.
    drawn = resample_sums(counts, bootstrap)  # type: ignore[arg-type]  # what it needs of sums is their product
    return float(alpha[0]), _alpha(totals, drawn, sets), same


def masi_distance(one: BoolArray, other: BoolArray) -> Float64:
    """Return the distance of each set of one list from each of another: (n_one, n_other); empty sets are alike.

    >>> sets = np.array([[True, True], [True, False], [False, False]])
    >>> masi_distance(sets, sets).round(3).tolist()
    [[0.0, 0.667, 1.0], [0.667, 0.0, 1.0], [1.0, 1.0, 0.0]]
    """
    shared = one.astype(np.float64) @ other.T.astype(np.float64)
    n_one, n_other = one.sum(axis=1)[:, None], other.sum(axis=1)[None, :]
    alike = (n_one == n_other) & (shared == n_one)
    is_within = shared == np.minimum(n_one, n_other)
    weight = np.select([alike, is_within, shared > 0], [1.0, 2 / 3, 1 / 3], 0.0)
    return np.where(alike, 0.0, 1 - weight * ratio(shared, n_one + n_other - shared, undefined=0.0))


def _parts(sums: Float64) -> tuple[Float64, Float64, Float64]:
    n_labels = (sums.shape[-1] - 2) // 3
    return sums[..., :n_labels], sums[..., n_labels : 2 * n_labels], sums[..., 2 * n_labels : -2]


def _pairs(article: Indices) -> tuple[Indices, Indices]:
    """Return both codings of every pair of codings of one article; codings are sorted by article."""
    firsts, seconds = [], []
    for step in range(1, int(np.bincount(article).max())):
        first = np.flatnonzero(article[:-step] == article[step:])
        firsts.append(first)
        seconds.append(first + step)
    return np.concatenate(firsts), np.concatenate(seconds)


def _distances_of_pairs(sets: BoolArray, first: Indices, second: Indices) -> Float64:
    pairs, of_pair = np.unique(np.column_stack([first, second]), axis=0, return_inverse=True)
    blocks = np.split(pairs, np.arange(N_BLOCK, len(pairs), N_BLOCK))
    found = [masi_distance(sets[block[:, 0]], sets[block[:, 1]]).diagonal() for block in blocks]
    distances: Float64 = np.concatenate(found)[of_pair.reshape(-1)]
    return distances


def _alpha(observed: Float64, counts: Float64, sets: BoolArray) -> Float64:
    """Return 1 - observed / expected disagreement; ``counts`` (n, n_sets) tell how often each set is given."""
    expected = np.zeros(len(counts))
    for start in range(0, len(sets), N_BLOCK):
        block = slice(start, start + N_BLOCK)
        expected += ((counts @ masi_distance(sets, sets[block])) * counts[:, block]).sum(axis=1)
    n_codings = counts.sum(axis=1)
    return 1 - ratio(observed * (n_codings - 1), expected)
