"""Measures of probabilities: hand-computed values, and scikit-learn's where it has the measure."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as sklearn_log_loss

from framescope.codebook import Codebook
from framescope.measure.reliability import (
    Slope,
    brier_score,
    brier_skill,
    calibration_error,
    calibration_noise,
    calibration_slope,
    decision_confidences,
    decision_losses,
    log_loss,
    risk_coverage_area,
)

TRUTH = np.array([[True, False], [False, False]])
PROBABILITIES = np.array([[0.8, 0.4], [0.1, 0.0]])
NO_UNITS = np.zeros((0, 2), dtype=bool)


def test_brier_score() -> None:
    assert brier_score(TRUTH, PROBABILITIES) == pytest.approx((0.2**2 + 0.4**2 + 0.1**2 + 0) / 4)


def test_brier_skill_is_the_share_saved_of_the_prior_s_score() -> None:
    """The prior's score: (0.5² + 0.25² + 0.5² + 0.25²) / 4 = 0.15625; ours: 0.0525."""
    assert brier_skill(TRUTH, PROBABILITIES, np.array([0.5, 0.25])) == pytest.approx(1 - 0.0525 / 0.15625)


def test_forecasting_the_prior_has_no_skill() -> None:
    prior = np.array([0.5, 0.25])
    assert brier_skill(TRUTH, np.array([prior, prior]), prior) == pytest.approx(0)


def test_brier_skill_beside_a_perfect_prior_is_undefined() -> None:
    assert brier_skill(np.array([[True, False]]), np.array([[0.5, 0.5]]), np.array([1.0, 0.0])) is None


def test_log_loss_clips_at_one_in_a_million() -> None:
    expected = -(math.log(0.8) + math.log(0.6) + math.log(0.9) + math.log(1 - 1e-6)) / 4
    assert log_loss(TRUTH, PROBABILITIES) == pytest.approx(expected, rel=1e-12)
    assert log_loss(np.array([[True]]), np.array([[0.0]])) == pytest.approx(-math.log(1e-6))


def test_single_precision_probabilities_of_one_do_not_overflow() -> None:
    """1 - 1e-6 in float32 is 0.99999899, so clipping before widening would miss it by 1 %."""
    assert log_loss(np.array([[False]]), np.ones((1, 1), dtype=np.float32)) == pytest.approx(-math.log(1e-6))


def test_brier_and_log_loss_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.uniform(0.01, 0.99, (50, 3))
    truth = rng.random((50, 3)) < probabilities
    assert brier_score(truth, probabilities) == pytest.approx(
        brier_score_loss(truth.ravel(), probabilities.ravel())
    )
    assert log_loss(truth, probabilities) == pytest.approx(
        sklearn_log_loss(truth.ravel(), probabilities.ravel())
    )


def test_calibration_error_with_a_bin_for_each_cell() -> None:
    """Three cells reach 0.05, each its own bin: |0.8 - 1|, |0.4 - 0|, |0.1 - 0|."""
    assert calibration_error(TRUTH, PROBABILITIES) == pytest.approx((0.2 + 0.4 + 0.1) / 3)


def test_calibration_error_has_fifteen_bins_of_equal_mass() -> None:
    """Thirty cells in neighbouring pairs, each second pair gold: any other bins would cancel some errors."""
    p = 0.4 + 0.005 * np.arange(30)
    is_gold = np.arange(30) // 2 % 2 == 1
    expected = np.abs(p[::2] + p[1::2] - 2 * is_gold[::2]).sum() / 30
    assert calibration_error(is_gold[:, None], p[:, None]) == pytest.approx(expected)


def test_equal_probabilities_share_a_bin() -> None:
    """Thirty cells of 0.5, half of them gold, are calibrated in whatever order they come."""
    p = np.full((30, 1), 0.5)
    assert calibration_error(np.arange(30)[:, None] < 15, p) == 0
    assert calibration_error(np.arange(30)[:, None] % 2 == 0, p) == 0


def test_calibration_error_leaves_out_small_probabilities() -> None:
    truth, p = np.array([[True, True, True]]), np.array([[0.049, 0.05, 0.9]], dtype=np.float32)
    assert calibration_error(truth, p) == pytest.approx((0.95 + 0.1) / 2, abs=1e-6)
    assert calibration_error(truth, np.full((1, 3), 0.01)) is None


def _trapezoids(losses: npt.NDArray[np.float64], confidences: npt.NDArray[np.float64]) -> float:
    """Return the area under generalized risk over coverage, straight between distinct thresholds."""
    thresholds = [np.inf, *np.unique(confidences)[::-1]]
    coverage = [np.mean(confidences >= t) for t in thresholds]
    risk = [np.mean(losses * (confidences >= t)) for t in thresholds]
    return float(np.trapezoid(risk, coverage))


def test_risk_coverage_area() -> None:
    """Losses 0, 1, 1/2 by falling confidence: risks 0, 0, 1/3, 1/2 at coverages 0, 1/3, 2/3, 1; area 7/36."""
    losses, confidences = np.array([1.0, 0.0, 0.5]), np.array([0.6, 0.9, 0.2])
    assert risk_coverage_area(losses, confidences) == pytest.approx((1 / 6 + 5 / 12) / 3)
    assert risk_coverage_area(losses, confidences) == pytest.approx(_trapezoids(losses, confidences))


def test_risk_coverage_area_with_ties_is_the_area_of_straight_lines() -> None:
    rng = np.random.default_rng(2)
    losses, confidences = rng.random(40), rng.integers(0, 6, 40) / 5
    assert risk_coverage_area(losses, confidences) == pytest.approx(_trapezoids(losses, confidences))
    assert risk_coverage_area(losses, np.zeros(40)) == pytest.approx(losses.mean() / 2)


def test_losses_are_one_less_f1_and_two_empty_sets_lose_nothing() -> None:
    truth = np.array([[1, 1, 0], [0, 0, 0], [0, 0, 0], [1, 0, 0]], dtype=bool)
    decided = np.array([[1, 0, 0], [0, 0, 0], [1, 0, 0], [0, 0, 0]], dtype=bool)
    assert decision_losses(truth, decided) == pytest.approx([1 - 2 / 3, 0, 1, 1])


def test_confidence_is_the_promised_f1() -> None:
    """Columns: narrative 0, its child 1, Other 2.

    Decided {0, 1}: 2 (0.9 + 0.6) / (2 + 0.9 + 0.6 + 0.1). Decided nothing: (1 - 0.3)(1 - 0.2), the child being
    nowhere without its parent.
    """
    codebook = Codebook.from_parents({"нарратив": None, "под": "нарратив", "Other": None}, name="x")
    decided = np.array([[1, 1, 0], [0, 0, 0]], dtype=bool)
    probabilities = np.array([[0.9, 0.6, 0.1], [0.3, 0.25, 0.2]])
    expected = [2 * 1.5 / 3.6, 0.7 * 0.8]
    assert decision_confidences(decided, probabilities, codebook) == pytest.approx(expected)


def test_means_over_nothing_are_none() -> None:
    p = np.zeros((0, 2))
    assert [f(NO_UNITS, p) for f in (brier_score, log_loss, calibration_error)] == [None, None, None]
    assert brier_skill(NO_UNITS, p, np.array([0.5, 0.5])) is None
    assert risk_coverage_area(np.zeros(0), np.zeros(0)) is None


def test_noise_is_the_mean_error_of_exactly_true_probabilities() -> None:
    """Against 400 simulations of labels from the probabilities, within 3 %."""
    rng = np.random.default_rng(2)
    probabilities = rng.beta(0.6, 2.0, size=(300, 4))
    errors = [
        calibration_error(rng.random(probabilities.shape) < probabilities, probabilities) for _ in range(400)
    ]
    assert calibration_noise(probabilities) == pytest.approx(np.mean(np.array(errors, float)), rel=0.03)


def test_noise_counts_cells_from_the_floor_on() -> None:
    """One cell of 0.5: sqrt(2 / pi x 1/4); nothing where there is none."""
    assert calibration_noise(np.array([[0.5, 0.04]])) == pytest.approx(np.sqrt(0.5 / np.pi))
    assert calibration_noise(np.array([[0.04]])) is None


def test_slope_agrees_with_an_unpenalized_logistic_regression() -> None:
    rng = np.random.default_rng(3)
    probabilities = rng.uniform(0.05, 0.95, size=(200, 2))
    truth = rng.random(probabilities.shape) < probabilities**1.5
    logits = np.log(probabilities / (1 - probabilities)).reshape(-1, 1)
    expected = LogisticRegression(C=np.inf, tol=1e-10).fit(logits, truth.ravel()).coef_[0, 0]
    slope = calibration_slope(truth, probabilities, [str(row) for row in range(200)])
    assert slope is not None
    assert slope.value == pytest.approx(expected, abs=1e-5)


def test_the_interval_of_the_slope_covers_1_where_probabilities_are_true() -> None:
    """In about 95 of 100 corpora of 40 articles, each with 5 units that share their truth: no less than 88."""
    rng = np.random.default_rng(8)
    n_covered = 0
    for _ in range(100):
        probabilities = np.repeat(rng.uniform(0.05, 0.95, size=(40, 3)), 5, axis=0)
        truth = np.repeat(rng.random((40, 3)) < probabilities[::5], 5, axis=0)
        slope = calibration_slope(truth, probabilities, [str(row // 5) for row in range(200)])
        assert slope is not None
        assert slope.ci95 is not None
        n_covered += slope.ci95[0] <= 1 <= slope.ci95[1]
    assert 88 <= n_covered <= 99


def test_slopes_that_cannot_be_told() -> None:
    """All of one probability; nothing true; truth that the probabilities tell without error; few groups."""
    few = np.array([[0.2], [0.4], [0.6], [0.8]])
    groups = list("abcd")
    assert calibration_slope(few > 0.3, np.full((4, 1), 0.5), groups) is None
    assert calibration_slope(few > 1, few, groups) is None
    assert calibration_slope(few > 0.5, few, groups) is None
    assert calibration_slope(few > 0.3, few - 0.19, groups) is None
    found = calibration_slope(np.array([[True], [False], [True], [True]]), few, groups)
    assert found is not None
    assert found.ci95 is None
    assert found.fault is None


@pytest.mark.parametrize(
    ("slope", "fault", "is_sure"),
    [
        (Slope(0.8, (0.7, 0.9)), "too extreme", True),
        (Slope(0.8, (0.5, 1.1)), "too extreme", False),
        (Slope(0.9, (0.85, 0.95)), None, True),
        (Slope(1.3, (1.1, 1.5)), "too timid", True),
        (Slope(1.3, (0.9, 1.7)), "too timid", False),
        (Slope(0.2, None), None, False),
    ],
)
def test_a_slope_is_a_fault_if_it_is_far_from_1(slope: Slope, fault: str | None, is_sure: bool) -> None:
    assert (slope.fault or "").split(":")[0] == (fault or "")
    assert slope.is_sure == is_sure
