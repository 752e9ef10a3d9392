"""Going on from an earlier model: the same model as anew, with its n-grams or with new ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framescope.corpus.schema import Corpus
from framescope.errors import TrainingError
from framescope.fit import descent
from framescope.training import material
from framescope.training.background import Background, FeedArticle
from framescope.training.earlier import Earlier
from framescope.training.material import Material
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


def test_what_is_alike_is_not_searched_for_in_the_same_texts(
    monkeypatch: pytest.MonkeyPatch, make: Make, corpus: Corpus, tmp_path: Path
) -> None:
    """With labels corrected only, near-duplicates and stories are those of the earlier training."""
    by_story = replace(DESCENT, group_by="story")
    train(corpus, by_story).save(tmp_path / "first")
    earlier = Earlier.read(tmp_path / "first")
    content = rows()
    content[3] = {**content[3], "labels": [], "spans": []}
    corrected = make(content)
    anew = Material.of(corrected, by_story)
    monkeypatch.setattr(material, "near_duplicates_in", None)
    monkeypatch.setattr(material, "groups_of", None)
    known = Material.of(corrected, by_story, earlier.likeness(corrected))
    assert known.groups == anew.groups
    assert known.near.pairs.tolist() == sorted(anew.near.pairs.tolist())
    content[5] = {**content[5], "text": content[5]["text"] + " Още."}
    assert earlier.likeness(make(content)) is None
    assert earlier.likeness(make(content[1:])) is None


def test_units_with_other_labels_come_first(
    monkeypatch: pytest.MonkeyPatch, first: Path, corpus: Corpus
) -> None:
    """Sweeps go through them and through new units, until little is left there, and then through all."""
    orders: list[list[int]] = []
    sweep = descent._sweep

    def listed(features: Any, problem: Any, *rest: Any) -> None:
        orders.append(sorted(problem[2].tolist()))
        sweep(features, problem, *rest)

    monkeypatch.setattr(descent, "_sweep", listed)
    train(corpus, DESCENT, earlier=Earlier.read(first, same_vocabulary=True))
    n_units = corpus.n_units + sum(map(len, corpus.column("spans")))
    of_all = [order for order in orders if len(order) == n_units]
    assert orders[0] == orders[1]
    assert {*range(8), 11} < {*orders[0]}
    assert of_all
