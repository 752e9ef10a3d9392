"""The dual ridge: its left-out margins are those of refits without the rows, to the last digits."""

from __future__ import annotations

import numpy as np
import pytest

from framescope.fit.groups import leave_out_blocks
from framescope.fit.ridge import DualRidge

N_UNITS = 30
Blocks = list[tuple[np.ndarray, np.ndarray]]


def primal(
    features: np.ndarray, targets: np.ndarray, penalty: float, counts: np.ndarray | None = None
) -> np.ndarray:
    """Return the weights of a ridge regression, the intercept last: it is penalized like a weight."""
    extended = np.column_stack([features, np.ones(len(features))])
    weighted = extended if counts is None else counts[:, None] * extended
    return np.linalg.solve(extended.T @ weighted + penalty * np.eye(extended.shape[1]), weighted.T @ targets)


@pytest.fixture
def problem() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    return rng.normal(size=(N_UNITS, 12)), (rng.random((N_UNITS, 4)) < 0.4).astype(np.float64)


def singles(rows: range) -> Blocks:
    return [(np.array([row]), np.array([row])) for row in rows]


GROUPS = np.arange(N_UNITS) % 7
BLOCKS = {
    "single rows": singles(range(N_UNITS)),
    "groups": leave_out_blocks(GROUPS, np.empty((0, 2), np.int32)),
    "near-duplicates of other groups": leave_out_blocks(GROUPS, np.array([[0, 8], [8, 16], [3, 29]], np.int32)),
    "parts that are fitted only": [(block[block < 20], block) for block in np.split(np.arange(30), 10)],
    "all but two rows": [(np.arange(2), np.arange(28)), (np.arange(2, 30), np.arange(2, 30))],
}


@pytest.mark.parametrize("penalty", [0.01, 1.0, 10.0])
@pytest.mark.parametrize("blocks", BLOCKS.values(), ids=BLOCKS.keys())
def test_left_out_margins_are_those_of_a_refit(
    problem: tuple[np.ndarray, np.ndarray], blocks: Blocks, penalty: float
) -> None:
    features, targets = problem
    solution = DualRidge.fit(features @ features.T, targets, penalty=penalty)
    found = solution.left_out_margins(blocks)
    expected = np.zeros_like(targets)
    for read, left_out in blocks:
        kept = np.setdiff1d(np.arange(N_UNITS), left_out)
        weights = primal(features[kept], targets[kept], penalty)
        expected[read] = features[read] @ weights[:-1] + weights[-1]
    np.testing.assert_allclose(found, expected, atol=1e-8)


def test_the_solution_is_that_of_the_primal_problem(problem: tuple[np.ndarray, np.ndarray]) -> None:
    features, targets = problem
    solution = DualRidge.fit(features @ features.T, targets, penalty=0.3)
    weights = primal(features, targets, 0.3)
    np.testing.assert_allclose(features.T @ solution.alpha, weights[:-1], atol=1e-10)
    np.testing.assert_allclose(solution.intercept, weights[-1], atol=1e-10)


COUNTS = np.random.default_rng(12).uniform(0.001, 1, N_UNITS)


@pytest.mark.parametrize("penalty", [0.01, 1.0])
def test_a_weighted_solution_is_that_of_the_primal_problem(
    problem: tuple[np.ndarray, np.ndarray], penalty: float
) -> None:
    """The minimum of sum of w (y - f)^2 plus penalty times the squared weights."""
    features, targets = problem
    solution = DualRidge.fit(features @ features.T, targets, penalty=penalty, sample_weight=COUNTS)
    weights = primal(features, targets, penalty, COUNTS)
    np.testing.assert_allclose(features.T @ solution.alpha, weights[:-1], atol=1e-9)
    np.testing.assert_allclose(solution.intercept, weights[-1], atol=1e-9)


@pytest.mark.parametrize("blocks", BLOCKS.values(), ids=BLOCKS.keys())
def test_left_out_margins_of_a_weighted_fit_are_those_of_a_refit(
    problem: tuple[np.ndarray, np.ndarray], blocks: Blocks
) -> None:
    features, targets = problem
    solution = DualRidge.fit(features @ features.T, targets, penalty=0.1, sample_weight=COUNTS)
    found = solution.left_out_margins(blocks)
    for read, left_out in blocks:
        kept = np.setdiff1d(np.arange(N_UNITS), left_out)
        weights = primal(features[kept], targets[kept], 0.1, COUNTS[kept])
        np.testing.assert_allclose(found[read], features[read] @ weights[:-1] + weights[-1], atol=1e-7)


def test_equal_weights_are_a_smaller_penalty(problem: tuple[np.ndarray, np.ndarray]) -> None:
    features, targets = problem
    gram = features @ features.T
    halved = DualRidge.fit(gram, targets, penalty=1.0, sample_weight=np.full(N_UNITS, 0.5))
    np.testing.assert_array_equal(halved.alpha, DualRidge.fit(gram, targets, penalty=2.0).alpha)


def test_rows_of_no_block_stay_0(problem: tuple[np.ndarray, np.ndarray]) -> None:
    features, targets = problem
    margins = DualRidge.fit(features @ features.T, targets, penalty=1.0).left_out_margins(singles(range(5)))
    assert margins[:5].all()
    assert not margins[5:].any()


def test_with_everything_left_out_nothing_is_known(problem: tuple[np.ndarray, np.ndarray]) -> None:
    """A fit to no rows has weights and intercept 0."""
    features, targets = problem
    everything = np.arange(N_UNITS)
    solution = DualRidge.fit(features @ features.T, targets, penalty=1.0)
    np.testing.assert_allclose(solution.left_out_margins([(everything, everything)]), 0, atol=1e-9)


def test_the_gram_matrix_is_not_written_to(problem: tuple[np.ndarray, np.ndarray]) -> None:
    features, targets = problem
    gram = features @ features.T
    before = gram.copy()
    DualRidge.fit(gram, targets, penalty=1.0)
    np.testing.assert_array_equal(gram, before)
