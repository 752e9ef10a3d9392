"""Going on from an earlier model: the same model as anew, with its n-grams or with new ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from framescope.corpus.schema import Corpus
from framescope.errors import TrainingError
from framescope.fit import descent
from framescope.training.background import Background, FeedArticle
from framescope.training.earlier import Earlier
from framescope.training.train import train
from recipes import BY_SOURCE, Make, contents, rows

DESCENT = replace(BY_SOURCE, learner="ridge-cd")


@pytest.fixture
def first(make: Make, tmp_path: Path) -> Path:
    """Return the model of all articles but eight, one of whose labels is wrong."""
    content = rows()[8:]
    content[3] = {**content[3], "labels": [], "spans": []}
    train(make(content), DESCENT).save(tmp_path / "first")
    return tmp_path / "first"


def test_articles_are_added_and_a_label_is_corrected(
    monkeypatch: pytest.MonkeyPatch, first: Path, corpus: Corpus
) -> None:
    """Anew at the same penalty, weights are the same; what is known is taken by the articles' ids."""
    monkeypatch.setattr(descent, "TOLERANCE", 1e-6)
    earlier = Earlier.read(first)
    trained = train(corpus, DESCENT, earlier=earlier)
    assert trained.training.penalty == earlier.solution.penalty
    assert trained.solution is not None
    assert list(trained.solution.folds[8:]) == list(earlier.solution.folds)
    anew = train(corpus, DESCENT)
    assert anew.training.penalty == trained.training.penalty
    gap = trained.model.ngrams.weights.wide() - anew.model.ngrams.weights.wide()
    assert np.abs(gap).max() < 0.02 * np.abs(anew.model.ngrams.weights.wide()).max()


def test_the_vocabulary_may_stay(first: Path, corpus: Corpus) -> None:
    earlier = Earlier.read(first, same_vocabulary=True)
    kept = train(corpus, DESCENT, earlier=earlier).model.ngrams.vocabulary.hashes
    assert earlier.vocabulary is not None
    assert kept.tolist() == earlier.vocabulary.hashes.tolist()
    learned = train(corpus, DESCENT, earlier=Earlier.read(first)).model.ngrams.vocabulary.hashes
    assert len(learned) != len(kept)


def test_jobs_do_not_change_a_byte(first: Path, corpus: Corpus, tmp_path: Path) -> None:
    for name, jobs in (("one", 1), ("two", 2)):
        train(corpus, replace(DESCENT, jobs=jobs), earlier=Earlier.read(first)).save(tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    one, two = (tmp_path / f"{name}.solution.parquet" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_other_learners_and_backgrounds_begin_anew(first: Path, corpus: Corpus) -> None:
    earlier = Earlier.read(first)
    with pytest.raises(TrainingError, match="the learner ridge begins anew: leave out --from, or choose"):
        train(corpus, BY_SOURCE, earlier=earlier)
    background = Background((FeedArticle("x", "Съвсем друг текст."),), 1)
    with pytest.raises(TrainingError, match="leave out --from or --background"):
        train(corpus, DESCENT, background=background, earlier=earlier)
