"""A feed in the fit: margins are those of fits without the article; what looks labelled is set aside."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from framescope.fit.background import MAX_TRIAL_ARTICLES, SHARES, WEIGHTS, Feed, FeedFit, fit_with_feed
from framescope.fit.learners import LEARNERS, fit_linear
from framescope.fit.linear import LinearFit, Units

NO_PARENTS = np.full(2, -1, np.int32)
EACH = pytest.mark.parametrize("learner", list(LEARNERS))
N_FEATURES = 40


def articles(n: int, seed: int, *, of: int | None = None) -> np.ndarray:
    """Return articles of noise about subject ``of``: 0 and 1 are those of the labels, 2 is the feed's own."""
    rng = np.random.default_rng(seed)
    features = rng.normal(scale=0.3, size=(n, N_FEATURES))
    subjects = rng.integers(0, 2, n) if of is None else np.full(n, of)
    features[np.arange(n), subjects] += 1.5
    return features


def corpus(n: int = 80) -> Units:
    """Half have a label; one part of the first article comes after them, fitted only."""
    features = articles(n, seed=1)
    truth = np.column_stack([features[:, 0] > 1, features[:, 1] > 1])
    truth[::2] = False
    features[::2, :2] = 0
    features[:, 3] = 1
    return Units(
        features=sp.csr_array(np.vstack([features, features[1:2]]).astype(np.float32)),
        truth=np.vstack([truth, truth[1:2]]),
        groups=np.array([*range(n), 1]),
        near_duplicates=np.array([[0, 5], [7, n]], np.int32),
        n_articles=n,
    )


def feed_of(features: np.ndarray, n_fitted: int | None = None) -> Feed:
    n_fitted = len(features) if n_fitted is None else n_fitted
    return Feed(sp.csr_array(features.astype(np.float32)), n_fitted)


def fit(units: Units, feed: Feed, learner: str = "ridge", n_jobs: int = 1) -> tuple[LinearFit, FeedFit]:
    return fit_with_feed(units, feed, parents=NO_PARENTS, learner=learner, n_jobs=n_jobs)


def primal(features: np.ndarray, truth: np.ndarray, penalty: float, counts: np.ndarray) -> np.ndarray:
    """Return weights, the intercept last, of a weighted ridge regression."""
    extended = np.column_stack([features, np.ones(len(features))]).astype(np.float64)
    weighted = counts[:, None] * extended
    return np.linalg.solve(extended.T @ weighted + penalty * np.eye(extended.shape[1]), weighted.T @ truth)


def test_every_margin_is_that_of_a_refit_without_its_group() -> None:
    """Labelled articles without their near-duplicates, the feed's fitted ones, those set aside, the rest."""
    units, feed = corpus(), feed_of(articles(30, seed=2, of=2), n_fitted=20)
    linear, found = fit(units, feed)
    fitted = np.setdiff1d(np.arange(20), found.set_aside)
    features = np.vstack([units.features.toarray(), feed.features.toarray()[fitted]])
    truth = np.vstack([units.truth, np.zeros((len(fitted), 2), bool)]).astype(float)
    counts = np.repeat([1.0, found.weight], [81, len(fitted)])

    def margins(rows: np.ndarray, without: list[int]) -> np.ndarray:
        kept = np.setdiff1d(np.arange(len(truth)), without)
        weights = primal(features[kept], truth[kept], linear.penalty, counts[kept])
        return rows @ weights[:-1] + weights[-1]

    for article, without in ((0, [0, 5]), (1, [1, 7, 80]), (7, [7, 80]), (20, [20])):
        np.testing.assert_allclose(linear.margins[article], margins(features[article], without), atol=1e-4)
    for place, article in enumerate(fitted):
        expected = margins(feed.features.toarray()[article], [81 + place])
        np.testing.assert_allclose(found.articles.margins[article], expected, atol=1e-4)
    for article in (*found.set_aside, *range(20, 30)):
        np.testing.assert_allclose(
            found.articles.margins[article], margins(feed.features.toarray()[article], []), atol=1e-4
        )
    assert linear.margins.shape == (80, 2)
    assert linear.dual_weights is None
    assert found.weight in WEIGHTS


@EACH
def test_a_feed_teaches_that_its_subject_carries_no_label(learner: str) -> None:
    """Feature 3 is in every article of the corpus, and with a label half the time."""
    units = corpus()
    hostile = articles(60, seed=3, of=2)
    hostile[:, 0] += 0.7  # the feed sounds a little like the first label
    alone = fit_linear(units, learner=learner)
    linear, found = fit(units, feed_of(hostile), learner)
    without = hostile @ alone.weights + alone.intercept
    assert found.articles.margins[:, 0].mean() < without[:, 0].mean() - 0.05
    assert linear.link == alone.link
    assert linear.penalty == alone.penalty


@EACH
def test_articles_that_carry_a_label_are_set_aside(learner: str) -> None:
    """Three of sixty are the corpus's own subject: they are the ones, and the label does not suffer."""
    units = corpus()
    features = articles(60, seed=4, of=2)
    features[[11, 23, 47]] = articles(3, seed=5, of=0) * 1.5
    _, found = fit(units, feed_of(features), learner)
    assert set(found.set_aside.tolist()) <= {11, 23, 47}
    assert len(found.set_aside) > 0
    quiet = np.setdiff1d(np.arange(60), [11, 23, 47])
    assert found.articles.margins[[11, 23, 47], 0].min() > found.articles.margins[quiet, 0].max()
    assert (np.diff(found.set_aside) > 0).all()
    assert len(found.set_aside) in {round(share * 60) for share in SHARES}


@EACH
def test_jobs_do_not_change_a_bit(learner: str) -> None:
    units, feed = corpus(), feed_of(articles(40, seed=6))
    (one, of_one), (two, of_two) = (fit(units, feed, learner, n_jobs) for n_jobs in (1, 2))
    assert (one.weights.tobytes(), one.margins.tobytes()) == (two.weights.tobytes(), two.margins.tobytes())
    assert of_one.articles.margins.tobytes() == of_two.articles.margins.tobytes()
    assert (of_one.weight, of_one.set_aside.tolist()) == (of_two.weight, of_two.set_aside.tolist())


def test_auto_asks_for_the_number_of_labelled_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a feed would change the learner."""
    monkeypatch.setattr("framescope.fit.learners.MAX_RIDGE_UNITS", 81)
    assert fit(corpus(), feed_of(articles(10, seed=7)), "auto")[0].learner == "ridge"
    monkeypatch.setattr("framescope.fit.learners.MAX_RIDGE_UNITS", 80)
    assert fit(corpus(), feed_of(articles(10, seed=7)), "auto")[0].learner == "ridge-cd"


def test_a_single_article_will_do() -> None:
    linear, found = fit(corpus(), feed_of(articles(1, seed=8)))
    assert found.articles.margins.shape == (1, 2)
    assert np.isfinite(linear.weights).all()


def test_weight_and_share_are_chosen_on_a_part_of_the_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it is fitted."""
    assert MAX_TRIAL_ARTICLES == 1000
    monkeypatch.setattr("framescope.fit.background.MAX_TRIAL_ARTICLES", 8)
    _, found = fit(corpus(), feed_of(articles(40, seed=9)))
    assert found.articles.margins.shape == (40, 2)
