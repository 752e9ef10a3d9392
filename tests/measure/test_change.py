"""Differences of shares: by hand where certain, seldom found where there are none, found where large."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from framescope.measure.change import difference_of, is_found
from framescope.measure.prevalence import ArticleSets, Separation
from mixtures import mixed, separation

CERTAIN = Separation.certain(1)


def seen(n_with: int, n_without: int) -> ArticleSets:
    """Return labels that nobody guessed."""
    return ArticleSets.of(np.array([[1.0]] * n_with + [[0.0]] * n_without, np.float32))


def test_of_certain_labels_the_test_is_the_binomial_one() -> None:
    """Of 6 labels in 10 and 90 articles, 5 are in the first: half of those that are as many count."""
    found = difference_of(seen(5, 5), seen(1, 89), CERTAIN)
    expected = 2 * (binom.sf(5, 6, 0.1) + binom.pmf(5, 6, 0.1) / 2)
    assert found.p_value[0, 0] == pytest.approx(expected, rel=1e-6)
    assert found.difference[0, 0] == pytest.approx(0.5 - 1 / 90, abs=0.03)
    assert found.low[0, 0] > 0


def test_common_labels_are_told_apart_by_their_absence() -> None:
    rare = difference_of(seen(5, 5), seen(1, 89), CERTAIN)
    common = difference_of(seen(5, 5), seen(89, 1), CERTAIN)
    assert common.p_value[0, 0] == pytest.approx(rare.p_value[0, 0])
    assert common.difference[0, 0] == pytest.approx(-rare.difference[0, 0])


def test_equal_samples_do_not_differ() -> None:
    found = difference_of(seen(2, 18), seen(2, 18), CERTAIN)
    assert found.p_value[0, 0] == 1
    assert found.difference[0, 0] == 0


def test_there_is_nothing_to_compare_with_no_articles() -> None:
    found = difference_of(seen(2, 3), seen(0, 1).where(np.array([False])), CERTAIN)
    assert np.isnan([found.difference, found.low, found.high, found.p_value]).all()


@pytest.mark.parametrize(("n_one", "n_other"), [(10, 300), (40, 40), (200, 2000)])
def test_samples_of_one_share_seldom_differ(n_one: int, n_other: int) -> None:
    """About one in twenty of 200 pairs of the share 4 % is below a p-value of .05 at most; intervals hold 0."""
    rng, n_below, n_held = np.random.default_rng(5), 0, 0
    for seed in range(200):
        with_one, with_other = rng.binomial(n_one, 0.04), rng.binomial(n_other, 0.04)
        one = mixed(with_one, n_one - with_one, seed=2 * seed)
        other = mixed(with_other, n_other - with_other, seed=2 * seed + 1)
        found = difference_of(one, other, separation())
        n_below += found.p_value[0, 0] < 0.05
        n_held += found.low[0, 0] <= 0 <= found.high[0, 0]
    assert n_below <= 16
    assert n_held >= 0.92 * 200


def test_a_great_change_is_found() -> None:
    found = difference_of(mixed(40, 60), mixed(5, 95, seed=2), separation())
    assert found.p_value[0, 0] < 1e-4
    assert found.low[0, 0] < 0.35 < found.high[0, 0]


def test_false_discoveries_are_kept_few() -> None:
    """Benjamini and Hochberg's cut: the largest k with p(k) <= .05 k / m, here .03 of 4."""
    p_values = np.array([[0.001, 0.03], [0.2, 0.02], [np.nan, np.nan]])
    assert is_found(p_values, 0.05).tolist() == [[True, True], [False, True], [False, False]]
    assert not is_found(np.array([[0.04, 0.9], [0.8, 0.7]]), 0.05).any()
    assert not is_found(np.full((1, 2), np.nan), 0.05).any()
