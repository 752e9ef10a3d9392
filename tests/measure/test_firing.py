"""Shares with intervals."""

from __future__ import annotations

import doctest

import pytest

from framescope.measure import firing
from framescope.measure.firing import share_interval


def test_examples() -> None:
    done = doctest.testmod(firing)
    assert (done.attempted, done.failed) == (1, 0)


@pytest.mark.parametrize(
    ("n_hits", "n_articles", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_are_those_of_wilson(n_hits: int, n_articles: int, low: float, high: float) -> None:
    """The last: example 1 of Newcombe, Two-sided confidence intervals for the single proportion (1998)."""
    assert share_interval(n_hits, n_articles) == pytest.approx((low, high), abs=5e-5)
