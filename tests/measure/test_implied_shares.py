"""Shares that fit their codebook."""

from __future__ import annotations

import numpy as np
import pytest

from framescope.codebook import Codebook
from framescope.measure.implied_shares import implied_shares
from framescope.measure.prevalence import Shares

BOOK = Codebook.from_parents({"bloc": None, "csto": "bloc", "union": "bloc", "other": None}, name="book")


def shares(*cells: list[float]) -> Shares:
    values = np.array(cells)
    return Shares(values, values / 2, values * 2)


def test_a_child_above_its_parent_and_the_parent_get_their_mean() -> None:
    """Of bloc .1 with csto .3 both are .2; union .4 takes part, csto .3 is above the mean of .1 and .4, too."""
    found = implied_shares(shares([0.1, 0.3, 0.0, 0.9], [0.1, 0.3, 0.4, 0.0]), BOOK)
    third = 0.8 / 3
    assert found.share == pytest.approx(np.array([[0.2, 0.2, 0.0, 0.9], [third, third, third, 0.0]]))
    assert found.low == pytest.approx(found.share / 2)
    assert found.high == pytest.approx(found.share * 2)


def test_a_child_below_the_mean_of_those_above_it_stays() -> None:
    found = implied_shares(shares([0.1, 0.2, 0.7, 0.0]), BOOK)
    assert found.share == pytest.approx(np.array([[0.4, 0.2, 0.4, 0.0]]))


def test_shares_that_fit_and_cells_without_articles_stay_as_they_are() -> None:
    given = shares([0.5, 0.5, 0.2, 0.1], [np.nan] * 4)
    assert np.array_equal(implied_shares(given, BOOK).share, given.share, equal_nan=True)


def test_no_error_grows() -> None:
    """Noise around shares that fit: the sum of squared errors is at most what it was, cell by cell."""
    rng = np.random.default_rng(0)
    true = rng.uniform(0, 0.3, (200, 4))
    true[:, 0] = true[:, :3].max(axis=1)
    noisy = true + rng.normal(0, 0.1, true.shape)
    found = implied_shares(Shares(noisy, noisy - 0.1, noisy + 0.1), BOOK)
    before, after = (((one - true) ** 2).sum(axis=1) for one in (noisy, found.share))
    assert (after <= before + 1e-12).all()
    assert (after < before).sum() > 50
    assert (found.share[:, [0]] >= found.share[:, 1:3] - 1e-12).all()
    assert ((found.low <= found.share) & (found.share <= found.high)).all()
