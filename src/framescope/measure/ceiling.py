"""The human ceiling: how well each coder meets what the others agree on, scored as a model is."""

from __future__ import annotations

from typing import Any

import numpy as np

from framescope._types import BoolArray, Float64
from framescope.measure.bootstrap import Bootstrap, percentile_interval, resample_sums, sum_by_cluster
from framescope.measure.f1 import Levels, Tally, codebook_levels, defined, tally_units
from framescope.measure.judgements import Judgements


def human_ceiling(found: Judgements, bootstrap: Bootstrap) -> dict[str, Any]:
    """Return the F1 of coders against the majority of the others, of all together and of each.

    An article where the others are in a tie says nothing of a coder, and is counted in ``n_ties``.
    """
    levels = codebook_levels(found.codebook)
    per_coder, sums = [], []
    for number, name in enumerate(found.coders):
        articles, truth, decided, n_ties = _against_others(found, number)
        tallied = tally_units(truth, decided, levels)
        of_all = np.zeros((len(found.rows), tallied.shape[1]))
        of_all[articles] = tallied
        sums.append(of_all)
        own = _scores(sum_by_cluster(tallied, found.clusters[articles]), levels, bootstrap)
        per_coder.append({"coder": name, "n_articles": len(articles), "n_ties": n_ties, **own})
    together = _scores(sum_by_cluster(np.sum(sums, axis=0), found.clusters), levels, bootstrap)
    return {**together, "per_coder": per_coder}


def _against_others(found: Judgements, coder: int) -> tuple[Any, BoolArray, BoolArray, int]:
    """Return the articles of a coder, what the majority of the others gave, what the coder did, and ties."""
    votes = np.zeros((len(found.rows), found.given.shape[1]), dtype=np.int64)
    others = found.coder != coder
    np.add.at(votes, found.article[others], found.given[others])
    n_others = found.n_coders - np.bincount(found.article[~others], minlength=len(found.rows))
    own = np.flatnonzero(~others & (n_others[found.article] > 0))
    articles = found.article[own]
    is_tied = (2 * votes[articles] == n_others[articles][:, None]).any(axis=1)
    own, articles = own[~is_tied], articles[~is_tied]
    truth = 2 * votes[articles] > n_others[articles][:, None]
    return articles, truth, found.given[own], int(is_tied.sum())


def _scores(sums: Float64, levels: Levels, bootstrap: Bootstrap) -> dict[str, dict[str, Any]]:
    """Return the F1 scores of each level with their intervals; None where nothing can be scored."""
    if not len(sums):
        return {level: {} for level in levels}
    tally, resampled = Tally(sums.sum(axis=0), levels), Tally(resample_sums(sums, bootstrap), levels)
    scores: dict[str, dict[str, Any]] = {}
    for level in levels:
        drawn = resampled.f1_scores(level)
        scores[level] = {name: defined(float(value)) for name, value in tally.f1_scores(level).items()}
        scores[level] |= {f"{name}_ci95": percentile_interval(values) for name, values in drawn.items()}
    return scores
