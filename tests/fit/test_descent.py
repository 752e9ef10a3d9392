"""Coordinate descent: what the equations of ridge regression say, with weights, without units, of any width."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from framescope.fit import descent
from framescope.fit.descent import FeatureRows, Solution, descend, label_blocks, padded


@pytest.fixture(autouse=True)
def _tight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descent, "TOLERANCE", 1e-6)


def problem(n_units: int = 50, n_labels: int = 3) -> tuple[sp.csr_array, np.ndarray, np.ndarray]:
    """Return sparse features, one row of them empty, targets, and penalties of units with unequal weights."""
    rng = np.random.default_rng(4)
    features = rng.normal(scale=0.3, size=(n_units, 20)) * (rng.random((n_units, 20)) < 0.4)
    features[7] = 0
    weights = rng.choice([1.0, 0.1], size=n_units)
    return (
        sp.csr_array(features.astype(np.float32)),
        rng.random((n_units, n_labels)) < 0.4,
        (0.7 / weights).astype(np.float32),
    )


def exact(features: sp.csr_array, truth: np.ndarray, penalties: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return weights, intercept and dual weights by elimination."""
    dense = features.toarray().astype(np.float64)
    alpha = np.linalg.solve(dense @ dense.T + 1 + np.diag(penalties.astype(np.float64)), truth.astype(float))
    return dense.T @ alpha, alpha.sum(axis=0), alpha


def test_a_weighted_problem_has_the_exact_solution() -> None:
    """A unit of weight .1 has ten times the penalty on the diagonal; columns of padding stay 0."""
    features, truth, penalties = problem()
    found = descend(FeatureRows.of(features), padded(truth), penalties, rows=np.arange(50))
    assert found.weights.shape == (20, 8)
    for array, expected in zip(
        (found.weights, found.intercept, found.alpha), exact(features, truth, penalties), strict=True
    ):
        np.testing.assert_allclose(array[..., :3], expected, atol=1e-5)
        assert not array[..., 3:].any()


def test_units_are_left_out_of_a_solution_and_it_is_unchanged() -> None:
    """From the start of all units and from nothing, the rest has the solution of a fit that never saw them."""
    features, truth, penalties = problem()
    rows = FeatureRows.of(features)
    whole = descend(rows, padded(truth), penalties, rows=np.arange(50))
    before = [array.tobytes() for array in (whole.weights, whole.intercept, whole.alpha)]
    out, kept = np.arange(0, 50, 5), np.setdiff1d(np.arange(50), np.arange(0, 50, 5))
    start = whole.without(rows, out)
    expected = exact(features[kept], truth[kept], penalties[kept])
    for begin in (start, None):
        found = descend(rows, padded(truth), penalties, rows=kept, start=begin)
        np.testing.assert_allclose(found.weights[:, :3], expected[0], atol=1e-5)
        np.testing.assert_allclose(found.alpha[kept, :3], expected[2], atol=1e-5)
        assert not found.alpha[out].any()
        margins = features[out] @ expected[0] + expected[1]
        np.testing.assert_allclose(found.margins(rows, out)[:, :3], margins, atol=1e-5)
    assert before == [array.tobytes() for array in (whole.weights, whole.intercept, whole.alpha)]


def test_a_start_saves_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the solution itself one sweep is enough, and it stays where it is."""
    features, truth, penalties = problem()
    rows = FeatureRows.of(features)
    whole = descend(rows, padded(truth), penalties, rows=np.arange(50))
    monkeypatch.setattr(descent, "MAX_SWEEPS", 1)
    again = descend(rows, padded(truth), penalties, rows=np.arange(50), start=whole)
    np.testing.assert_allclose(again.weights, whole.weights, atol=1e-5)


def test_the_seed_is_the_order_of_the_units() -> None:
    features, truth, penalties = problem()
    one, same, other = (
        descend(
            FeatureRows.of(features), padded(truth), penalties, rows=np.arange(50), seed=seed
        ).weights.tobytes()
        for seed in (1, 1, 2)
    )
    assert one == same != other


def test_labels_are_fitted_in_blocks_of_about_equal_width() -> None:
    assert label_blocks(25) == [slice(0, 25)]
    assert label_blocks(33) == [slice(0, 16), slice(16, 33)]
    assert [block.stop - block.start for block in label_blocks(117)] == [29, 29, 29, 30]
    assert padded(np.ones((2, 25), bool)).shape == (2, 32)


def test_dual_weights_are_a_solution() -> None:
    """Its weights are what the units add up to."""
    features, truth, penalties = problem()
    rows = FeatureRows.of(features)
    whole = descend(rows, padded(truth), penalties, rows=np.arange(50))
    again = Solution.of(rows, whole.alpha)
    np.testing.assert_allclose(again.weights, whole.weights, atol=1e-5)
    np.testing.assert_allclose(again.intercept, whole.intercept, atol=1e-5)


def test_units_that_are_new_to_a_start_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """With three sweeps through them alone and one through all, what is left is less than with that one."""
    features, truth, penalties = problem()
    rows, targets = FeatureRows.of(features), padded(truth)
    start = descend(rows, targets, penalties, rows=np.arange(45))
    monkeypatch.setattr(descent, "MAX_SWEEPS", 1)
    expected = exact(features, truth, penalties)[2]
    errors = []
    for n_sweeps in (0, 3):
        monkeypatch.setattr(descent, "N_NEW_SWEEPS", n_sweeps)
        found = descend(rows, targets, penalties, rows=np.arange(50), start=start)
        errors.append(np.abs(found.alpha[:, :3] - expected).max())
    assert errors[1] < 0.7 * errors[0]
