"""The learners: better than chance, honest about duplicates, and the same with any number of jobs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from framescope.fit import descent, learners, linear
from framescope.fit.groups import assign_folds
from framescope.fit.learners import LEARNERS, fit_linear
from framescope.fit.linear import (
    LOGISTIC_PENALTIES,
    N_FOLDS,
    RIDGE_PENALTIES,
    LinearFit,
    Units,
    fit_logistic,
    fit_ridge,
)
from framescope.fit.ridge_cd import N_DESCENT_FOLDS

NO_PAIRS = np.empty((0, 2), np.int32)
EACH = pytest.mark.parametrize("learner", list(LEARNERS))
FOLDS = {"ridge-cd": N_DESCENT_FOLDS, "logistic": N_FOLDS}


def units_of(features: np.ndarray, truth: np.ndarray) -> Units:
    """Return units that are each a group of its own."""
    return Units(sp.csr_array(features.astype(np.float32)), truth, np.arange(len(truth)), NO_PAIRS, len(truth))


def separable(n_units: int = 60, scale: float = 1.0) -> Units:
    """Three labels, each the sign of one of eight features; the third is true of nothing."""
    rng = np.random.default_rng(1)
    features = rng.choice([-1.0, 1.0], size=(n_units, 8))
    truth = features[:, :3] > 0
    truth[:, 2] = False
    return units_of(scale * features, truth)


def noise(n_units: int = 80) -> Units:
    rng = np.random.default_rng(2)
    return units_of(rng.normal(size=(n_units, 30)), rng.random((n_units, 2)) < 0.5)


def decided(fit: LinearFit) -> np.ndarray:
    return fit.margins > (0.5 if fit.link == "identity" else 0.0)


def bits(fit: LinearFit) -> list[bytes]:
    return [array.tobytes() for array in (fit.weights, fit.intercept, fit.margins)]


@EACH
def test_left_out_margins_tell_a_separable_problem(learner: str) -> None:
    units = separable()
    fit = fit_linear(units, learner=learner)
    assert fit.link == ("logistic" if learner == "logistic" else "identity")
    assert fit.learner == learner
    assert (fit.weights.shape, fit.intercept.shape, fit.margins.shape) == ((8, 3), (3,), (60, 3))
    np.testing.assert_array_equal(decided(fit), units.truth)
    margins = units.features @ fit.weights + fit.intercept
    np.testing.assert_array_equal(margins > (0.0 if learner == "logistic" else 0.5), units.truth)


@EACH
def test_left_out_margins_of_noise_tell_nothing(learner: str) -> None:
    """The fit itself tells its own units apart well; a leak would show here."""
    units = noise()
    fit = fit_linear(units, learner=learner)
    assert 0.3 < (decided(fit) == units.truth).mean() < 0.6


@EACH
def test_a_label_without_examples_has_no_weights_and_low_margins(learner: str) -> None:
    """Half an example against 60.5: the prior's log-odds; of folds, with 48 units."""
    fit = fit_linear(separable(), learner=learner)
    assert not fit.weights[:, 2].any()
    intercept, margin = (np.log(0.5 / 60.5), np.log(0.5 / 48.5)) if learner == "logistic" else (0, 0)
    assert fit.intercept[2] == pytest.approx(intercept)
    np.testing.assert_allclose(fit.margins[:, 2], margin)


@pytest.mark.parametrize(
    ("units", "learner", "expected"),
    [
        (noise(), "ridge", RIDGE_PENALTIES[-1]),
        (separable(scale=0.01), "ridge", RIDGE_PENALTIES[0]),
        (noise(), "ridge-cd", RIDGE_PENALTIES[-1]),
        (noise(), "logistic", LOGISTIC_PENALTIES[-1]),
        (separable(scale=0.5), "logistic", LOGISTIC_PENALTIES[0]),
    ],
)
def test_penalties_may_be_at_the_ends_of_the_grid(units: Units, learner: str, expected: float) -> None:
    """Noise asks for the greatest; weak but clean signals for the smallest."""
    assert fit_linear(units, learner=learner).penalty == expected


@pytest.mark.parametrize("share_of_noise", [0.0, 0.1, 0.2, 0.4])
def test_the_ridge_penalty_is_that_of_the_least_left_out_error(
    share_of_noise: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all penalties, each tried alone."""
    units = separable(scale=0.3)
    truth = units.truth ^ (np.random.default_rng(3).random(units.truth.shape) < share_of_noise)
    units = replace(units, truth=truth)
    chosen = fit_ridge(units).penalty
    errors = {}
    for penalty in RIDGE_PENALTIES:
        monkeypatch.setattr(linear, "RIDGE_PENALTIES", (penalty,))
        errors[penalty] = np.square(fit_ridge(units).margins - truth).sum()
    assert chosen == min(errors, key=errors.__getitem__)


def test_the_penalty_is_chosen_on_a_sample_of_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few units of many tell much the same; all are fitted and judged."""
    monkeypatch.setattr(linear, "MAX_PENALTY_UNITS", 20)
    sizes = []
    error = linear._left_out_error

    def record(units: Units, gram: np.ndarray, penalty: float) -> tuple[float, None]:
        sizes.append((len(units.truth), units.n_articles, gram.shape))
        return error(units, gram, penalty)

    monkeypatch.setattr(linear, "_left_out_error", record)
    units = separable()
    fit = fit_ridge(replace(units, groups=np.arange(60) // 3))
    assert fit.margins.shape == (60, 3)
    assert len(set(sizes)) == 1
    n_units, n_articles, shape = sizes[0]
    assert 15 <= n_units == n_articles <= 21
    assert shape == (n_units, n_units)


@EACH
def test_units_beyond_the_articles_are_fitted_and_not_judged(learner: str) -> None:
    """The third label is taught by parts alone; no margin of theirs comes back."""
    units = separable()
    parts = Units(
        features=sp.vstack([units.features, units.features[:20]], format="csr"),
        truth=np.vstack([units.truth, np.eye(3, dtype=bool)[np.full(20, 2)]]),
        groups=np.concatenate([units.groups, units.groups[:20]]),
        near_duplicates=NO_PAIRS,
        n_articles=60,
    )
    fit = fit_linear(parts, learner=learner)
    assert fit.margins.shape == (60, 3)
    assert fit.weights[:, 2].any()


def mislabelled_copies() -> Units:
    """Forty units of noise, few with the label; the first two are copies of one another and have it."""
    rng = np.random.default_rng(6)
    features = np.hstack([np.zeros((40, 1)), rng.normal(scale=0.1, size=(40, 5))])
    features[:2] = [3.0, 0, 0, 0, 0, 0]
    truth = rng.random((40, 1)) < 0.2
    truth[:2] = True
    return units_of(features, truth)


def seed_that_parts(units: Units, n_folds: int) -> int:
    """Return a seed of folds that puts the copies into different ones."""
    for seed in range(100):
        folds = assign_folds(units.groups, n_folds=n_folds, rng=np.random.default_rng(seed))
        if folds[0] != folds[1]:
            return seed
    raise ValueError("no such seed below 100")


@EACH
def test_a_near_duplicate_teaches_nothing_about_its_copy(learner: str) -> None:
    """Without the pair a copy's label leaks. With it, the margin is that of a fit that saw neither."""
    units = mislabelled_copies()
    seed = seed_that_parts(units, FOLDS.get(learner, N_FOLDS))
    leaking = fit_linear(units, learner=learner, seed=seed)
    assert decided(leaking)[:2].all()
    honest = fit_linear(
        replace(units, near_duplicates=np.array([[0, 1]], np.int32)), learner=learner, seed=seed
    )
    assert not decided(honest)[:2].any()
    # Neither copy in the fit: their own feature has no weight, and what is left is the intercept.
    low = -0.5 if learner == "logistic" else 0.3
    assert (honest.margins[:2] < low).all()


def test_margins_of_logistic_folds_are_those_of_fits_without_them() -> None:
    """By hand for one fold: neither its units nor their near-duplicates are fitted."""
    units = replace(mislabelled_copies(), near_duplicates=np.array([[0, 1], [5, 9]], np.int32))
    fit = fit_logistic(units, seed=3)
    folds = assign_folds(units.groups, n_folds=N_FOLDS, rng=np.random.default_rng(3))
    fold = folds[0]
    kept = folds != fold
    for left, right in ((0, 1), (1, 0), (5, 9), (9, 5)):
        if folds[left] == fold:
            kept[right] = False
    weights, intercept = linear._fit_label(units.features[kept], units.truth[kept, 0], fit.penalty)
    expected = units.features[folds == fold] @ weights + intercept
    np.testing.assert_allclose(fit.margins[folds == fold, 0], expected, rtol=1e-12)


@EACH
def test_a_given_penalty_is_the_one_that_is_fitted(learner: str) -> None:
    """The chosen one, given, is the same fit."""
    chosen = fit_linear(noise(), learner=learner)
    given = LEARNERS[learner](noise(), penalty=chosen.penalty)
    assert (given.penalty, bits(given)) == (chosen.penalty, bits(chosen))
    assert LEARNERS[learner](noise(), penalty=0.1).penalty == 0.1


@EACH
def test_a_unit_that_counts_next_to_nothing_teaches_next_to_nothing(
    learner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty units, and twenty of the opposite labels that count a billionth: as the forty alone."""
    monkeypatch.setattr(descent, "TOLERANCE", 1e-6)
    monkeypatch.setattr(descent, "MAX_SWEEPS", 2000)  # rows of length 8 take many
    units = separable(60)
    truth = np.vstack([units.truth[:40], ~units.truth[40:]])
    weighted = replace(units, truth=truth, sample_weight=np.repeat([1.0, 1e-9], [40, 20]))
    alone = LEARNERS[learner](units.subset(np.arange(40)), penalty=0.1)
    fit = LEARNERS[learner](weighted, penalty=0.1)
    np.testing.assert_allclose(fit.weights[:, :2], alone.weights[:, :2], atol=1e-4)
    heavy = LEARNERS[learner](replace(weighted, sample_weight=None), penalty=0.1)
    assert not np.allclose(heavy.weights[:, :2], alone.weights[:, :2], atol=0.1)


def test_a_known_gram_matrix_is_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    units = noise()
    expected = fit_ridge(units)
    known = replace(units, known_gram=units.gram())
    expected_part = fit_ridge(units.subset(np.arange(30)))
    monkeypatch.setattr(linear, "linear_gram", None)
    assert bits(fit_ridge(known)) == bits(expected)
    np.testing.assert_allclose(fit_ridge(known.subset(np.arange(30))).margins, expected_part.margins, atol=1e-6)


@EACH
def test_jobs_do_not_change_a_bit(learner: str) -> None:
    units = separable(40)
    one, two = (fit_linear(units, learner=learner, n_jobs=n_jobs) for n_jobs in (1, 2))
    assert bits(one) == bits(two)
    assert one.penalty == two.penalty


def test_the_seed_deals_the_folds_of_the_logistic_learner() -> None:
    units = noise(40)
    assert bits(fit_logistic(units, seed=1)) == bits(fit_logistic(units, seed=1))
    assert bits(fit_logistic(units, seed=1)) != bits(fit_logistic(units, seed=2))


def test_auto_is_ridge_up_to_a_number_of_units(monkeypatch: pytest.MonkeyPatch) -> None:
    units = separable(12)
    for limit, learner in ((12, "ridge"), (11, "ridge-cd")):
        monkeypatch.setattr(learners, "MAX_RIDGE_UNITS", limit)
        assert fit_linear(units, learner="auto").learner == learner


def test_a_subset_has_groups_and_pairs_of_its_own() -> None:
    """Rows 1, 2, 4 of five: groups are counted anew, pairs with a row that is gone are dropped."""
    units = Units(
        features=sp.csr_array(np.arange(5.0)[:, None]),
        truth=np.eye(5, dtype=bool),
        groups=np.array([0, 3, 1, 2, 3]),
        near_duplicates=np.array([[0, 1], [1, 4], [2, 3], [2, 4]], np.int32),
        n_articles=4,
        sample_weight=np.arange(5.0),
    )
    part = units.subset(np.array([1, 2, 4]))
    assert part.features.toarray().ravel().tolist() == [1, 2, 4]
    np.testing.assert_array_equal(part.truth, np.eye(5, dtype=bool)[[1, 2, 4]])
    assert part.groups.tolist() == [1, 0, 1]
    assert part.near_duplicates.tolist() == [[0, 2], [1, 2]]
    assert part.n_articles == 2
    assert part.sample_weight is not None
    assert part.sample_weight.tolist() == [1, 2, 4]
