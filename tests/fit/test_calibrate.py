"""Fitting the second stage: priors, a sane fit for every label, and corpora with nothing to tell apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from framescope.fit import calibrate
from framescope.fit.calibrate import (
    PENALTY,
    PRIOR_ONLY,
    FeedMargins,
    feed_weights,
    fit_calibration,
    label_prior,
)
from framescope.measure.reliability import calibration_error
from framescope.model.calibration import N_TERMS, Calibration, terms

PARENTS = np.array([-1, 0, 0, -1, 3], dtype=np.int32)


def simulated(n_units: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw ridge-like margins, and labels that are true with that probability; parents of true children."""
    rng = np.random.default_rng(seed)
    margins = rng.beta(0.4, [2, 4, 8, 1, 2], size=(n_units, 5))
    truth = rng.random(margins.shape) < margins
    for child in np.flatnonzero(PARENTS >= 0):
        truth[:, PARENTS[child]] |= truth[:, child]
    return margins, truth


def test_priors_are_half_a_unit_off_0_and_1() -> None:
    truth = np.array([[True, False, True], [True, False, False], [True, False, False]])
    np.testing.assert_allclose(label_prior(truth), [3.5 / 4, 0.5 / 4, 1.5 / 4])


def test_the_fit_is_the_least_penalized_log_loss() -> None:
    """The gradient is 0: X'(p - y) + penalty * (coefficients in units of each term's spread)."""
    margins, truth = simulated(400)
    fitted = fit_calibration(margins, truth, parents=PARENTS, link="identity")
    columns = np.column_stack([term.ravel() for term in terms(margins, PARENTS, fitted)])
    scale = np.where(columns.std(axis=0) > 0, columns.std(axis=0), 1.0)
    log_odds = columns @ fitted.coefficients
    errors = 1 / (1 + np.exp(-log_odds)) - truth.ravel()
    gradient = (columns / scale).T @ errors + PENALTY * fitted.coefficients * scale
    np.testing.assert_allclose(gradient / truth.size, 0, atol=1e-4)
    np.testing.assert_allclose(fitted.prior, label_prior(truth))


def test_probabilities_of_other_units_are_calibrated() -> None:
    """Mean and, within each fifth of the cells, share of true cells; nothing of it by more than 3 points."""
    fitted = fit_calibration(*simulated(3000), parents=PARENTS, link="identity")
    margins, truth = simulated(3000, seed=1)
    probabilities = fitted.probabilities(margins, PARENTS)
    for cells in np.array_split(np.argsort(probabilities.ravel()), 5):
        assert probabilities.ravel()[cells].mean() == pytest.approx(truth.ravel()[cells].mean(), abs=0.03)


def test_a_sample_of_the_cells_gives_nearly_the_same_probabilities(monkeypatch: pytest.MonkeyPatch) -> None:
    """Untrue cells that are kept stand for those left out; the terms come some rows at a time."""
    margins, truth = simulated(6000)
    of_all = fit_calibration(margins, truth, parents=PARENTS, link="identity").probabilities(margins, PARENTS)
    monkeypatch.setattr(calibrate, "MAX_CELLS", 2 * int(truth.sum()))
    monkeypatch.setattr(calibrate, "ROWS_AT_A_TIME", 1000)
    sampled = fit_calibration(margins, truth, parents=PARENTS, link="identity")
    of_some = sampled.probabilities(margins, PARENTS)
    assert 0 < np.abs(of_some - of_all).mean() < 0.01
    assert of_some.mean() == pytest.approx(of_all.mean(), abs=0.005)


def test_parents_are_calibrated_though_theirs_is_the_greatest_of_several() -> None:
    """Each of six children is a noisy estimate, and the greatest is too high; those of children stay."""
    parents = np.array([-1, *[0] * 6], dtype=np.int32)

    def draw(seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        chances = rng.beta(0.3, 3, size=(4000, 7))
        truth = rng.random(chances.shape) < chances
        truth[:, 0] = truth[:, 1:].any(axis=1)
        return np.clip(chances + rng.normal(0, 0.15, chances.shape), 0, 1), truth

    fitted = fit_calibration(*draw(0), parents=parents, link="identity")
    margins, truth = draw(1)
    before = replace(fitted, of_parents=None).probabilities(margins, parents)
    after = fitted.probabilities(margins, parents)
    np.testing.assert_array_equal(before[:, 1:], after[:, 1:])
    assert calibration_error(truth[:, :1], before[:, :1]) > 0.05
    assert calibration_error(truth[:, :1], after[:, :1]) < 0.025
    assert after[:, 0].mean() == pytest.approx(truth[:, 0].mean(), rel=0.04)


def test_the_fit_of_parents_is_the_least_penalized_log_loss() -> None:
    """Over the cells of parents that are possible with a child; without such cells there is none."""
    margins, truth = simulated(400)
    in_scope = np.random.default_rng(5).random(truth.shape) < 0.8
    fitted = fit_calibration(margins, truth, parents=PARENTS, link="identity", in_scope=in_scope)
    alone = fitted.each_alone(margins, PARENTS, in_scope=in_scope)
    best = np.column_stack([alone[:, 1:3].max(axis=1), alone[:, 4]])
    own, is_true = alone[:, [0, 3]], truth[:, [0, 3]]
    cells = (own > 0) & (best > 0)
    columns = np.column_stack([np.ones(cells.sum()), *(np.log(p / (1 - p)) for p in (own[cells], best[cells]))])
    scale = np.array([1.0, *columns[:, 1:].std(axis=0)])
    coefficients = np.array(fitted.of_parents)
    errors = 1 / (1 + np.exp(-columns @ coefficients)) - is_true[cells]
    gradient = (columns / scale).T @ errors + PENALTY * coefficients * scale
    np.testing.assert_allclose(gradient / cells.sum(), 0, atol=1e-4)
    in_scope[:, [1, 2, 4]] = False
    without = fit_calibration(margins, truth, parents=PARENTS, link="identity", in_scope=in_scope)
    assert without.of_parents is None


def test_a_flat_codebook_has_no_step_for_parents() -> None:
    flat = np.full(5, -1, dtype=np.int32)
    assert fit_calibration(*simulated(100), parents=flat, link="identity").of_parents is None


def test_a_label_of_a_single_example_is_held_down_by_its_prior() -> None:
    """The same margins as a common label, a far smaller probability, and not 0."""
    rng = np.random.default_rng(2)
    truth = np.column_stack([rng.random(500) < 0.3, np.arange(500) == 7])
    margins = 0.8 * truth[:, [0, 0]] * rng.random((500, 2))
    margins[7, 1] = 0.5
    flat = np.full(2, -1, dtype=np.int32)
    fitted = fit_calibration(margins, truth, parents=flat, link="identity")
    common, rare = fitted.probabilities(np.array([[0.4, 0.4]]), flat)[0]
    assert 0.001 < rare < 0.6 * common


@pytest.mark.parametrize("n_labels", [1, 3])
def test_a_term_that_is_constant_up_to_rounding_is_no_trouble(n_labels: int) -> None:
    """Equal priors have a spread of about 1e-16: divided by it, they would drown every other term."""
    flat = np.full(n_labels, -1, dtype=np.int32)
    for support in range(1, 21):
        truth = np.repeat(np.arange(21)[:, None] < support, n_labels, axis=1)
        margins = truth * 0.3 + np.random.default_rng(0).random(truth.shape)
        fitted = fit_calibration(margins, truth, parents=flat, link="identity")
        assert 0 < np.abs(fitted.coefficients).max() < 50


@pytest.mark.parametrize("is_true", [False, True])
def test_where_nothing_can_be_told_apart_labels_get_their_prior(*, is_true: bool) -> None:
    fitted = fit_calibration(np.zeros((9, 5)), np.full((9, 5), is_true), parents=PARENTS, link="logistic")
    expected = 0.95 if is_true else 0.05
    np.testing.assert_allclose(fitted.probabilities(np.ones((1, 5)), PARENTS), expected, rtol=1e-6)
    assert isinstance(fitted, Calibration)
    assert fitted.coefficients.shape == (N_TERMS,)


def test_a_feed_counts_a_fifth_of_the_labelled_articles_whatever_its_size() -> None:
    assert feed_weights(10, 0).tolist() == [1.0] * 10
    for n_feed in (1, 40):
        weights = feed_weights(10, n_feed)
        assert weights[:10].tolist() == [1.0] * 10
        assert weights[10:].sum() == pytest.approx(2.0)


def test_a_feed_enters_as_articles_without_labels_and_leaves_the_prior() -> None:
    """The gradient with every article at its weight is 0."""
    margins, truth = simulated(400)
    feed = simulated(50, seed=1)[0] / 3
    fitted = fit_calibration(margins, truth, parents=PARENTS, link="identity", feed=FeedMargins(feed))
    weights = np.repeat([1.0, 0.2 * 400 / 50], [400 * 5, 50 * 5])
    columns = np.column_stack([term.ravel() for term in terms(np.vstack([margins, feed]), PARENTS, fitted)])
    scale = np.where(columns.std(axis=0) > 0, columns.std(axis=0), 1.0)
    errors = 1 / (1 + np.exp(-columns @ fitted.coefficients)) - np.append(truth.ravel(), np.zeros(250))
    gradient = (columns / scale).T @ (weights * errors) + PENALTY * fitted.coefficients * scale
    np.testing.assert_allclose(gradient / truth.size, 0, atol=1e-4)
    np.testing.assert_array_equal(fitted.prior, label_prior(truth))


def test_priors_are_shares_of_the_units_in_scope() -> None:
    """A true label out of its scope does not count; a label in nobody's scope is as one that nobody has."""
    truth = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0], [0, 1, 1]], bool)
    in_scope = np.array([[1, 1, 0], [0, 1, 0], [1, 0, 0], [0, 0, 0]], bool)
    np.testing.assert_allclose(label_prior(truth, in_scope), [1.5 / 3, 1.5 / 3, 0.5 / 5])
    np.testing.assert_array_equal(label_prior(truth, np.ones((4, 3), bool)), label_prior(truth))


def test_cells_out_of_scope_do_not_count() -> None:
    """Whatever their truth: the fit is as if they were not there."""
    margins, truth = simulated(400)
    in_scope = np.random.default_rng(1).random(truth.shape) < 0.6
    others = np.where(in_scope, truth, ~truth)
    found = [
        fit_calibration(margins, each, parents=PARENTS, link="identity", in_scope=in_scope)
        for each in (truth, others)
    ]
    np.testing.assert_array_equal(found[0].coefficients, found[1].coefficients)
    np.testing.assert_array_equal(found[0].prior, found[1].prior)
    assert not np.allclose(
        found[0].coefficients, fit_calibration(margins, truth, parents=PARENTS, link="identity").coefficients
    )
    everywhere = fit_calibration(
        margins, truth, parents=PARENTS, link="identity", in_scope=np.ones(truth.shape, bool)
    )
    np.testing.assert_array_equal(
        everywhere.coefficients, fit_calibration(margins, truth, parents=PARENTS, link="identity").coefficients
    )


def test_with_no_true_cell_in_scope_every_label_has_its_prior() -> None:
    margins, truth = simulated(50)
    fitted = fit_calibration(margins, truth, parents=PARENTS, link="identity", in_scope=~truth)
    np.testing.assert_array_equal(fitted.coefficients, PRIOR_ONLY)
