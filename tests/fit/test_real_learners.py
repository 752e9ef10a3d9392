"""Both ridge learners on real articles: the same scores."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from framescope.codebook_reading import read_codebook
from framescope.corpus.read import read_corpus
from framescope.features.vectorizer import NgramVectorizer
from framescope.fit.groups import assign_folds, group_numbers, leave_out_blocks
from framescope.fit.linear import Units, fit_ridge, sample_of_groups
from framescope.fit.ridge_cd import N_DESCENT_FOLDS, fit_ridge_cd


def best_f1(truth: np.ndarray, margins: np.ndarray) -> float:
    """Return the F1 of the best cut of all labels."""
    order = np.argsort(-margins, axis=None)
    hits = np.cumsum(truth.ravel()[order])
    return float((2 * hits / (np.arange(1, len(hits) + 1) + hits[-1])).max())


@pytest.mark.corpora
@pytest.mark.slow
@pytest.mark.parametrize("n_units", [5_000, 10_000])
def test_ridge_cd_scores_as_the_exact_learner(n_units: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slavic debates, at most 7,359: F1 to .003 and margins correlated above .999, without the same folds."""
    default = Path(__file__).parents[3] / "shared" / "corpora"
    folder = Path(os.environ.get("FRAMESCOPE_CORPORA", default)) / "slavic_persuasion"
    codebook = read_codebook(folder / "codebook.json")
    corpora = [read_corpus(folder / f"{part}.jsonl", codebook=codebook) for part in ("train", "dev")]
    truth = codebook.indicator([labels for corpus in corpora for labels in corpus.column("labels")])
    groups = group_numbers([article for corpus in corpora for article in corpus.column("article_id")])
    texts = [text for corpus in corpora for text in corpus.full_texts()]
    features = NgramVectorizer().fit_transform(texts)
    units = Units(features, truth, groups, np.empty((0, 2), np.int32), len(truth))
    monkeypatch.setattr("framescope.fit.linear.MAX_PENALTY_UNITS", n_units)
    units = units.subset(sample_of_groups(groups, np.random.default_rng(0)))
    monkeypatch.undo()
    with threadpool_limits(1, user_api="blas"):
        exact, descended = fit_ridge(units), fit_ridge_cd(units)
    assert descended.penalty == exact.penalty
    folds = assign_folds(units.groups, n_folds=N_DESCENT_FOLDS, rng=np.random.default_rng(0))
    assert exact.solution is not None
    margins = exact.solution.left_out_margins(leave_out_blocks(folds, units.near_duplicates))
    assert np.corrcoef(margins.ravel(), descended.margins.ravel())[0, 1] > 0.999
    f1 = [best_f1(units.truth, found) for found in (margins, descended.margins)]
    assert f1[0] == pytest.approx(f1[1], abs=0.003)
