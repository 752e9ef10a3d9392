"""Curves as points: hand-computed, with ties and without anything to draw."""

from __future__ import annotations

import numpy as np
import pytest

from framescope.measure.curves import Bin, precision_recall, reliability, risk_coverage
from framescope.measure.reliability import calibration_error


def test_precision_at_each_recall() -> None:
    """Cuts at 0.9 (right), 0.8 (wrong), 0.5 (right)."""
    truth = np.array([True, False, True])
    points = precision_recall(truth, np.array([0.9, 0.8, 0.5], np.float32))
    assert points == [(0.0, 1.0), (0.5, 1.0), (0.5, 0.5), (1.0, pytest.approx(2 / 3))]


def test_without_gold_there_is_no_curve() -> None:
    assert precision_recall(np.zeros(3, bool), np.ones(3, np.float32)) == []


def test_bins_are_of_equal_mass_and_leave_out_the_least_probabilities() -> None:
    """Twenty cells of 0.1 to 0.9 fall into ten bins of two; 0.04 is below the floor."""
    probabilities = np.append(np.linspace(0.1, 0.9, 20), 0.04).astype(np.float32).reshape(-1, 1)
    truth = probabilities > 0.5
    bins = reliability(truth, probabilities, [str(k) for k in range(21)])
    assert [b.n_cells for b in bins] == [2] * 10
    assert [b.share for b in bins] == [0.0] * 5 + [1.0] * 5
    assert bins[0].probability == pytest.approx(probabilities[:2].mean())


def test_equal_probabilities_share_a_bin_and_intervals_draw_clusters() -> None:
    probabilities = np.full((4, 2), 0.25, np.float32)
    truth = np.array([[True, False], [False, False], [True, False], [False, False]])
    (only,) = reliability(truth, probabilities, ["a", "a", "b", "b"])
    assert only == Bin(0.25, 0.25, (0.25, 0.25), 8), "both clusters have one in four"
    assert reliability(truth, probabilities, ["a"] * 4)[0].share_ci95 is None


def test_bins_without_cells() -> None:
    assert reliability(np.zeros((3, 1), bool), np.zeros((3, 1), np.float32), list("abc")) == []


def test_as_many_bins_as_cells_give_the_calibration_error() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.uniform(0.05, 1, (9, 1)).astype(np.float32)
    truth = rng.random((9, 1)) < 0.5
    bins = reliability(truth, probabilities, [str(k) for k in range(9)])
    error = sum(b.n_cells * abs(b.probability - b.share) for b in bins) / 9
    assert error == pytest.approx(calibration_error(truth, probabilities), abs=1e-6)


def test_risk_of_the_most_confident() -> None:
    """Losses 0, 1, 0.5 by descending confidence."""
    points = risk_coverage(np.array([0.5, 0.0, 1.0]), np.array([0.1, 0.9, 0.5]))
    assert points == [(pytest.approx(1 / 3), 0.0), (pytest.approx(2 / 3), 0.5), (1.0, 0.5)]


def test_units_of_equal_confidence_are_kept_together() -> None:
    assert risk_coverage(np.array([1.0, 0.0]), np.array([0.5, 0.5])) == [(1.0, 0.5)]
    assert risk_coverage(np.empty(0), np.empty(0)) == []
