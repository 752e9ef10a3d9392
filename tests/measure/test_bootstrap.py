"""Clustered bootstrap: sums per cluster, resampled totals, percentile intervals."""

from __future__ import annotations

import numpy as np
import pytest

from framescope.measure import bootstrap as module
from framescope.measure.bootstrap import (
    Bootstrap,
    percentile_interval,
    resample_sums,
    resampled_of_several,
    sum_by_cluster,
)


def test_rows_of_a_cluster_are_added_up_in_sorted_order_of_the_clusters() -> None:
    values = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0], [8.0, 80.0]])
    clusters = np.array(["статья-2", "статья-1", "статья-2", "статья-3"])
    assert sum_by_cluster(values, clusters).tolist() == [[2, 20], [5, 50], [8, 80]]


def test_no_units_give_no_clusters() -> None:
    assert sum_by_cluster(np.zeros((0, 3)), np.array([])).shape == (0, 3)


def test_every_resample_draws_as_many_clusters_as_there_are() -> None:
    totals = resample_sums(np.ones((7, 1)), Bootstrap(50))
    assert totals.shape == (50, 1)
    assert (totals == 7).all()


def test_clusters_are_drawn_with_replacement_and_evenly() -> None:
    """A cluster is drawn Binomial(5, 1/5) times: mean 1, variance 0.8, absent in (4/5)^5 = 0.328."""
    counts = resample_sums(np.eye(5), Bootstrap(20_000, seed=1))
    assert counts.mean(axis=0) == pytest.approx(np.ones(5), abs=0.03)
    assert counts.var(axis=0) == pytest.approx(np.full(5, 0.8), abs=0.05)
    assert (counts == 0).mean(axis=0) == pytest.approx(np.full(5, 0.8**5), abs=0.02)


def test_the_seed_decides_the_resamples() -> None:
    sums = np.arange(12.0).reshape(6, 2)
    first = resample_sums(sums, Bootstrap(10, seed=4))
    assert np.array_equal(first, resample_sums(sums, Bootstrap(10, seed=4)))
    assert not np.array_equal(first, resample_sums(sums, Bootstrap(10, seed=5)))


def test_blocks_of_resamples_do_not_change_the_totals(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = np.arange(12.0).reshape(6, 2)
    whole = resample_sums(sums, Bootstrap(11))
    # Four resamples of six clusters: blocks of 4, 4 and 3.
    monkeypatch.setattr(module, "_N_CELLS_PER_CHUNK", 24)
    assert np.array_equal(resample_sums(sums, Bootstrap(11)), whole)


def test_no_resamples() -> None:
    assert resample_sums(np.ones((3, 2)), Bootstrap(0)).shape == (0, 2)


def test_a_single_cluster_is_not_resampled() -> None:
    """Every draw would be the same, and the interval would have no width."""
    assert resampled_of_several(np.ones((1, 2)), Bootstrap(10)).shape == (0, 2)
    sums = np.arange(12.0).reshape(6, 2)
    expected = resample_sums(sums, Bootstrap(10, seed=4))
    assert np.array_equal(resampled_of_several(sums, Bootstrap(10, seed=4)), expected)


def test_percentile_interval_cuts_a_fortieth_off_each_end() -> None:
    """Linear percentiles of 0..40: 2.5 % of 40 steps is 1, 97.5 % is 39."""
    assert percentile_interval(np.arange(41.0)[::-1]) == pytest.approx((1, 39))


def test_percentile_interval_leaves_out_undefined_values() -> None:
    assert percentile_interval(np.array([np.nan, 3.0, 3.0])) == (3, 3)
    assert percentile_interval(np.array([np.nan])) is None
    assert percentile_interval(np.array([])) is None
