"""The human ceiling: how well each coder meets what the others agree on, scored as a model and beside one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from framescope._types import BoolArray, Float64, Indices
from framescope.codebook import Codebook
from framescope.corpus.schema import Corpus
from framescope.corpus.scope import units_in_scope
from framescope.errors import CorpusError
from framescope.measure.bootstrap import Bootstrap, percentile_interval, resample_sums, sum_by_cluster
from framescope.measure.f1 import Levels, Tally, codebook_levels, defined, tally_units
from framescope.measure.judgements import Judgements, judgements_of
from framescope.model.fitted import Model
from framescope.text.utf8 import Utf8Texts

MODEL = "model"


def human_ceiling(found: Judgements, bootstrap: Bootstrap, decided: BoolArray | None = None) -> dict[str, Any]:
    """Return the F1 of coders against the majority of the others, of all together and of each.

    An article where the others are in a tie says nothing of a coder, and is counted in ``n_ties``. With what a
    model has ``decided``, (n_rows, n_labels), its F1 against the same is under ``model`` beside each.
    """
    levels = codebook_levels(found.codebook)
    per_coder, own_sums, model_sums = [], [], []
    for number, name in enumerate(found.coders):
        articles, truth, given, n_ties = _against_others(found, number)
        clusters = found.clusters[articles]
        counts = {"coder": name, "n_articles": len(articles), "n_ties": n_ties}
        own_sums.append(_by_article(found, articles, tally_units(truth, given, levels)))
        scores = _scores(own_sums[-1][articles], clusters, levels, bootstrap)
        if decided is not None:
            model_sums.append(_by_article(found, articles, tally_units(truth, decided[articles], levels)))
            scores[MODEL] = _scores(model_sums[-1][articles], clusters, levels, bootstrap)
        per_coder.append({**counts, **scores})
    together = _scores(np.sum(own_sums, axis=0), found.clusters, levels, bootstrap)
    if decided is not None:
        together[MODEL] = _scores(np.sum(model_sums, axis=0), found.clusters, levels, bootstrap)
    return {**together, "per_coder": per_coder}


def beside_coders(
    corpus: Corpus, codebook: Codebook, decided: BoolArray, *, model: Model | None = None, seed: int = 0
) -> dict[str, Any] | None:
    """Return the human ceiling of a corpus with what a model scores against the same.

    ``decided`` (n_units, n_labels) has the columns of ``codebook``, which has the model's labels. ``model``
    decides the articles that a tie leaves uncoded, which it has not learned from: where two coders differ there
    is always a tie. Without a model these articles are aside. None where no two coders can be compared, see
    :func:`~framescope.measure.judgements.judgements_of`.
    """
    try:
        found = judgements_of(corpus, codebook)
    except CorpusError:
        return None
    row_of = {unit_id: row for row, unit_id in enumerate(corpus.column("id"))}
    rows = np.array([row_of.get(row["id"], -1) for row in found.rows])
    columns = [found.codebook.columns[label] for label in codebook.ids]
    spread = np.zeros((len(rows), len(found.codebook.ids)), dtype=bool)
    is_decided, tied = np.flatnonzero(rows >= 0), np.flatnonzero(rows < 0)
    spread[is_decided[:, None], columns] = decided[rows[is_decided]]
    if model is None:
        found = found.select(rows[found.article] >= 0)
    elif len(tied):
        own = [found.codebook.columns[label] for label in model.codebook.ids]
        spread[tied[:, None], own] = _decided_by(
            model, corpus, [found.rows[row]["id"] for row in tied.tolist()]
        )
    return human_ceiling(found, Bootstrap(seed=seed), spread) if (found.n_coders > 1).any() else None


def _decided_by(model: Model, corpus: Corpus, ids: Sequence[str]) -> BoolArray:
    """Return what a model decides on articles that are uncoded."""
    uncoded = replace(corpus, table=corpus.uncoded, uncoded=None)
    row_of = {unit_id: row for row, unit_id in enumerate(uncoded.column("id"))}
    tied = uncoded.select([row_of[unit_id] for unit_id in ids])
    in_scope = units_in_scope(tied, model.codebook)
    texts = Utf8Texts.encode(tied.full_texts())
    return model.run(texts, in_scope=in_scope, languages=tied.languages()).decided


def _against_others(found: Judgements, coder: int) -> tuple[Indices, BoolArray, BoolArray, int]:
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


def _by_article(found: Judgements, articles: Indices, tallied: Float64) -> Float64:
    """Return sums of units as those of all articles, nothing for the others."""
    sums = np.zeros((len(found.rows), tallied.shape[1]))
    sums[articles] = tallied
    return sums


def _scores(sums: Float64, clusters: Indices, levels: Levels, bootstrap: Bootstrap) -> dict[str, Any]:
    """Return the F1 scores of each level with their intervals; None where nothing can be scored."""
    sums = sum_by_cluster(sums, clusters)
    if not len(sums):
        return {level: {} for level in levels}
    tally, resampled = Tally(sums.sum(axis=0), levels), Tally(resample_sums(sums, bootstrap), levels)
    scores: dict[str, Any] = {}
    for level in levels:
        drawn = resampled.f1_scores(level)
        scores[level] = {name: defined(float(value)) for name, value in tally.f1_scores(level).items()}
        scores[level] |= {f"{name}_ci95": percentile_interval(values) for name, values in drawn.items()}
    return scores
