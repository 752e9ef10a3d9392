"""Other ways to judge one fit: each gives what a fit without those groups, or before that time, would give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from framescope.codebook import Codebook
from framescope.fit.classifier import FramingClassifier
from framescope.fit.known import Known
from framescope.fit.outlooks import Outlooks

TREE = Codebook.from_parents({"Запад": None, "раскол": "Запад", "Other": None}, name="tree")


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Matrices of this size are slower with two."""
    with threadpool_limits(1, user_api="blas"):
        yield


def corpus(n_units: int = 120) -> tuple[sp.csr_array, np.ndarray]:
    """Return features, the first three of which carry the labels; closed labels."""
    rng = np.random.default_rng(0)
    y = rng.random((n_units, 3)) < 0.4
    y[:, 0] |= y[:, 1]
    x = rng.random((n_units, 30)) * (rng.random((n_units, 30)) < 0.5)
    x[:, :3] += y
    return sp.csr_array((x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)), y


def names(n_groups: int, n_units: int = 120) -> list[str]:
    return [f"g{unit % n_groups}" for unit in range(n_units)]


def fitted(groups: Sequence[object], **known: object) -> FramingClassifier:
    x, y = corpus()
    return FramingClassifier("ridge", codebook=TREE).fit(x, y, groups=groups, known=Known(**known))


def test_an_outlook_gives_what_a_fit_by_its_groups_gives() -> None:
    both = fitted(groups=names(40), outlooks=Outlooks({"twelve": names(12), "three": names(3)}))
    assert list(both.outlooks_) == ["twelve", "three"]
    for name, n_groups in (("twelve", 12), ("three", 3)):
        alone = fitted(groups=names(n_groups))
        assert alone.penalty_ == both.penalty_
        found = both.outlooks_[name]
        assert found.is_judged.all()
        np.testing.assert_allclose(found.probabilities, alone.probabilities_, atol=1e-6)
        np.testing.assert_array_equal(found.decisions, alone.decisions_)


def test_outlooks_change_nothing_else() -> None:
    plain = fitted(groups=names(40))
    both = fitted(groups=names(40), outlooks=Outlooks({"twelve": names(12)}, np.arange(120) // 40))
    assert plain.coef_.tobytes() == both.coef_.tobytes()
    assert plain.probabilities_.tobytes() == both.probabilities_.tobytes()
    assert plain.outlooks_ == {}


def test_an_outlook_leaves_out_the_parts_of_its_groups_and_near_duplicates() -> None:
    """The last 20 units are parts of the first 20; the last of them is a copy of the first article, too."""
    groups = [*names(10, 100), *names(10, 20)]
    pairs = np.array([[0, 119]], np.int32)
    options = {"n_articles": 100, "near_duplicates": pairs}
    both = fitted(groups=[*names(50, 100), *names(50, 20)], outlooks=Outlooks({"ten": groups}), **options)
    alone = fitted(groups=groups, **options)
    assert alone.penalty_ == both.penalty_
    assert both.outlooks_["ten"].probabilities.shape == (100, 3)
    np.testing.assert_allclose(both.outlooks_["ten"].probabilities, alone.probabilities_, atol=1e-6)


@pytest.mark.parametrize("learner", ["ridge", "logistic"])
def test_what_is_later_is_judged_by_what_is_earlier(learner: str) -> None:
    """Undated units, the last ten, are neither judged nor learned from; the first period only teaches."""
    x, y = corpus()
    periods = np.where(np.arange(120) < 110, np.arange(120) // 40, -1)
    groups = names(40)
    found = (
        FramingClassifier(learner, codebook=TREE)
        .fit(x, y, groups=groups, known=Known(outlooks=Outlooks({}, periods)))
        .outlooks_["time"]
    )
    assert found.is_judged.tolist() == [40 <= unit < 110 for unit in range(120)]
    for period, n_known in ((1, 40), (2, 80)):
        known = FramingClassifier(learner, codebook=TREE).fit(x[:n_known], y[:n_known], groups=groups[:n_known])
        later = np.flatnonzero(periods == period)
        np.testing.assert_allclose(found.probabilities[later], known.predict_proba(x[later]), atol=1e-5)
        np.testing.assert_array_equal(found.decisions[later], known.predict(x[later]))


def test_a_near_duplicate_of_what_is_later_is_not_learned_from() -> None:
    x, y = corpus()
    periods = np.arange(120) // 60
    pairs = np.array([[3, 100]], np.int32)
    found = fitted(groups=names(40), near_duplicates=pairs, outlooks=Outlooks({}, periods)).outlooks_["time"]
    kept = np.setdiff1d(np.arange(60), [3])
    known = FramingClassifier("ridge", codebook=TREE).fit(x[kept], y[kept], groups=np.array(names(40))[kept])
    np.testing.assert_allclose(found.probabilities[60:], known.predict_proba(x[60:]), atol=1e-5)


def test_outlooks_that_leave_nothing_to_learn_from_are_left_out() -> None:
    """One group only; one that is alike to all others; a past without labels; a learner that fits anew."""
    assert fitted(groups=names(40), outlooks=Outlooks({"one": ["g"] * 120})).outlooks_ == {}
    alike = np.array([[unit, 100] for unit in range(60)], np.int32)
    halves = Outlooks({"halves": [f"{unit // 60}" for unit in range(120)]})
    assert fitted(groups=names(40), near_duplicates=alike, outlooks=halves).outlooks_ == {}
    x, y = corpus()
    y[:60] = False
    silent = FramingClassifier("ridge", codebook=TREE).fit(
        x, y, groups=names(40), known=Known(outlooks=Outlooks({"halves": names(2)}, np.arange(120) // 60))
    )
    assert silent.outlooks_["halves"].is_judged.all()
    assert not silent.outlooks_["time"].is_judged.any()
    x, y = corpus()
    logistic = FramingClassifier("logistic", codebook=TREE)
    known = Known(outlooks=Outlooks({"three": names(3)}))
    assert logistic.fit(x, y, groups=names(40), known=known).outlooks_ == {}


def test_a_group_of_which_nothing_is_known_gets_what_is_usual() -> None:
    """Where groups stand for others, articles that score the intercept are one more, with all sorts of labels.

    Without them, such a score passes for evidence that there is no label. The articles themselves are judged
    as before, but for what the further group changes.
    """
    plain = fitted(names(40), outlooks=Outlooks({"three": names(3)}))
    foreign = fitted(names(40), outlooks=Outlooks({"three": names(3)}, foreign="three"))
    usual = corpus()[1].mean(axis=0)
    found = {}
    for name, one in (("plain", plain), ("foreign", foreign)):
        blank = one.intercept_[np.newaxis]
        found[name] = one.outlook_stages_["three"].calibration.probabilities(blank, TREE.parents)[0]
    assert np.abs(found["foreign"] - usual).sum() < 0.5 * np.abs(found["plain"] - usual).sum()
    assert foreign.outlooks_["three"].probabilities.shape == (120, 3)
    assert foreign.outlooks_["three"].is_judged.all()
    assert foreign.probabilities_.tobytes() == plain.probabilities_.tobytes()
