"""The learning curve: all points of the same units, nested shares, nothing seen before it is judged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from framescope.errors import TrainingError
from framescope.evaluation import learning_curve as module
from framescope.evaluation.judged import judge
from framescope.evaluation.learning_curve import LearningPoint, _first, learning_curve, recipe_of
from framescope.pages.report import make_report
from framescope.progress import no_progress
from framescope.training.recipe import Recipe
from reported import CODEBOOK, Trained, with_column

RECIPE = Recipe(allow_unseen_labels=True)


@pytest.fixture(scope="module")
def points(trained: Trained) -> list[LearningPoint]:
    return learning_curve(trained.corpus, RECIPE)


def test_shares_grow_and_the_last_is_all_but_a_fold(points: list[LearningPoint]) -> None:
    """64 articles in folds of 16."""
    assert [point.share for point in points] == [0.125, 0.25, 0.5, 1.0]
    assert [point.n_units for point in points] == [6, 12, 24, 48]


def test_more_articles_help(points: list[LearningPoint]) -> None:
    scores = [point.scores["fine"]["micro_f1"] for point in points]
    assert scores[-1] > scores[0] + 0.2
    assert points[-1].scores["fine"]["micro_f1_ci95"][0] <= scores[-1]


@pytest.mark.slow
def test_jobs_change_nothing(trained: Trained, points: list[LearningPoint]) -> None:
    assert learning_curve(trained.corpus, RECIPE, jobs=2) == points


def test_what_is_judged_was_not_learned_from(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor anything of its group; smaller shares are parts of greater ones."""
    seen: list[tuple[set[int], set[int]]] = []

    def decide(corpus: object, recipe: object, learned: np.ndarray, held_out: np.ndarray) -> object:
        seen.append(({*learned.tolist()}, {*held_out.tolist()}))
        shape = len(held_out), len(CODEBOOK.ids)
        return np.zeros(shape, bool), np.zeros(shape, np.float32)

    monkeypatch.setattr(module, "_decide", decide)
    learning_curve(trained.corpus, replace(RECIPE, group_by="source"))
    sources = trained.corpus.column("source")
    for learned, held_out in seen:
        assert not {sources[row] for row in learned} & {sources[row] for row in held_out}
    for smaller, larger in zip(seen, seen[4:], strict=False):
        assert smaller[0] <= larger[0]
        assert smaller[1] == larger[1]
    assert set.union(*(held_out for _, held_out in seen[:4])) == {*range(64)}


def test_equal_articles_stand_on_one_side(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or one of them on none."""
    twin = 5
    doubled = trained.corpus
    for name in ("title", "text"):
        values = doubled.column(name)
        doubled = with_column(doubled, name, [values[twin], *values[1:]])
    seen = []

    def decide(corpus: object, recipe: object, learned: np.ndarray, held_out: np.ndarray) -> object:
        seen.append((learned, held_out))
        shape = len(held_out), len(CODEBOOK.ids)
        return np.zeros(shape, bool), np.zeros(shape, np.float32)

    monkeypatch.setattr(module, "_decide", decide)
    learning_curve(doubled, RECIPE)
    for learned, held_out in seen:
        for one, other in ((0, twin), (twin, 0)):
            assert not (one in held_out and other in learned)


def test_a_share_has_two_groups_at_least() -> None:
    rows = np.arange(6)
    rank = np.array([0, 0, 1, 1, 2, 2])
    assert _first(rows, rank, 0.1).tolist() == [0, 1, 2, 3]
    assert _first(rows, rank, 1.0).tolist() == rows.tolist()


def test_the_recipe_is_that_of_training(trained: Trained) -> None:
    recipe = recipe_of(trained.predictor.bundle.training)
    assert recipe == Recipe(learner="ridge", group_by="source", allow_unseen_labels=True)


def test_too_few_articles_are_refused(trained: Trained) -> None:
    few = trained.corpus.select([0, 1, 8, 9])
    with pytest.raises(TrainingError, match="every unit has the same label"):
        learning_curve(few, RECIPE)


def test_the_page_shows_it(trained: Trained, points: list[LearningPoint]) -> None:
    judged = judge(trained.predictor.bundle, trained.corpus, group_by=None, jobs=1, progress=no_progress)
    report = make_report(trained.predictor, judged, learning=points)
    assert report.learning is not None
    assert [text for _, text in report.learning.x_ticks] == ["6", "12", "24", "48"]
    assert "more annotated units of the same kind will help" in report.html()


@pytest.mark.slow
def test_the_curve_knows_the_scope(trained: Trained) -> None:
    """A label in whose scope no article is cannot be found, however many there are."""
    labels = tuple(
        replace(label, mentions={"bg": ("нищо",)} if label.parent == "bloc" else None)
        for label in trained.corpus.codebook.labels
    )
    corpus = replace(trained.corpus, codebook=replace(trained.corpus.codebook, labels=labels))
    free, scoped = learning_curve(trained.corpus, RECIPE)[-1], learning_curve(corpus, RECIPE)[-1]
    assert scoped.scores["fine"]["macro_f1"] < free.scores["fine"]["macro_f1"] / 2
