"""Shares from probabilities: by hand, and for mixtures whose shares are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from framescope.measure.prevalence import (
    ArticleSets,
    Separation,
    adjusted_shares,
    counted_shares,
    easy_share,
    is_beyond,
    least_error,
    mean_shares,
    mixture_of,
    prevalence_figures,
    separation_of,
)
from mixtures import mixed, separation

TRUTH = np.array([[True], [True], [False], [False], [False]])
LEFT_OUT = np.array([[0.6], [0.8], [0.0], [0.1], [0.2]], np.float32)


def test_figures_are_counts_and_moments() -> None:
    (figures,) = prevalence_figures(["label"], TRUTH, LEFT_OUT)
    assert (figures["label"], figures["n_with"], figures["n_without"]) == ("label", 2, 3)
    assert figures["moments_with"] == pytest.approx([0.7, 0.5, 0.364, (0.6**4 + 0.8**4) / 2], abs=1e-6)
    assert figures["moments_without"] == pytest.approx([0.1, 0.05 / 3, 0.003, 0.0017 / 3], abs=1e-6)
    assert separation_of([figures]).prior.tolist() == [0.4]


def test_a_label_without_examples_has_no_moments_and_no_correction() -> None:
    known = separation_of(prevalence_figures(["label"], np.zeros((5, 1), bool), LEFT_OUT))
    found = adjusted_shares(ArticleSets.of(LEFT_OUT), known)
    assert (found.share[0, 0], found.low[0, 0], found.high[0, 0]) == (pytest.approx(0.34), 0, 1)


def test_the_raw_share_is_where_the_mean_lies_between_those_of_left_out_articles() -> None:
    """Means .7 and .1, and .34 of the sample: four tenths of the way."""
    known = separation_of(prevalence_figures(["label"], TRUTH, LEFT_OUT))
    found = mixture_of(ArticleSets.of(LEFT_OUT), known)
    assert found.easy[0, 0] == 0
    assert found.raw[0, 0] == pytest.approx(0.4)
    assert found.gap[0, 0] == pytest.approx(0.6)
    assert found.variance[0, 0] == pytest.approx(0.21 - 0.34**2, abs=0.02), "no less than that of the sample"


@pytest.mark.parametrize("n_with", [25, 50, 100, 200, 400])
def test_shares_are_found_from_a_quarter_to_the_double_of_those_of_training(n_with: int) -> None:
    found = adjusted_shares(mixed(n_with, 1000 - n_with), separation())
    assert found.share[0, 0] == pytest.approx(n_with / 1000, abs=0.03)
    assert found.low[0, 0] < n_with / 1000 < found.high[0, 0]


@pytest.mark.parametrize("n_easy", [0, 1000, 9000])
def test_articles_that_have_nothing_to_do_with_a_label_do_not_hide_it(n_easy: int) -> None:
    sample, true = mixed(100, 900, n_easy), 100 / (1000 + n_easy)
    assert easy_share(sample, separation())[0, 0] == pytest.approx(n_easy / (1000 + n_easy), abs=0.07)
    found = adjusted_shares(sample, separation())
    assert found.share[0, 0] == pytest.approx(true, rel=0.3)
    assert found.low[0, 0] < true < found.high[0, 0]
    assert not is_beyond(sample, separation())[0, 0]


def test_a_small_part_of_a_feed_of_easy_articles_is_taken_for_such() -> None:
    part = mixed(0, 1, 9)
    assert easy_share(part, separation())[0, 0] < 0.65
    within = separation().within(mixed(100, 900, 9000))
    assert easy_share(part, within)[0, 0] > 0.7


def test_intervals_hold_for_small_samples() -> None:
    """The share is in 19 of 20 of them, about."""
    rng = np.random.default_rng(3)
    n_held = 0
    for seed in range(300):
        n_with = rng.binomial(40, 0.2)
        found = adjusted_shares(mixed(n_with, 40 - n_with, seed=seed), separation())
        n_held += found.low[0, 0] <= n_with / 40 <= found.high[0, 0]
    assert 0.92 <= n_held / 300 <= 1


def test_what_differs_too_much_is_told() -> None:
    is_too_many, is_too_few, is_like = (
        is_beyond(mixed(n_with, 1000 - n_with), separation())[0, 0] for n_with in (800, 2, 200)
    )
    assert (is_too_many, is_too_few, is_like) == (True, True, False)


def test_nothing_is_known_of_no_articles() -> None:
    none = mixed(1, 1).where(np.array([False]))
    found = adjusted_shares(none, separation())
    assert np.isnan([found.share, found.low, found.high]).all()
    assert not is_beyond(none, separation()).any()


def test_counted_shares_have_intervals_of_wilson() -> None:
    """Of 3 of 10: .108 to .603 (Wilson, 1927)."""
    found = counted_shares(np.array([10.0, 0.0]), np.array([[3.0], [0.0]]))
    assert (found.share[0, 0], found.low[0, 0], found.high[0, 0]) == pytest.approx(
        (0.3, 0.1078, 0.6032), abs=1e-4
    )
    assert np.isnan(found.share[1, 0])


def test_mean_shares_have_intervals_as_if_probabilities_were_right() -> None:
    found = mean_shares(ArticleSets.of(np.array([[0.5], [0.5]], np.float32)))
    assert (found.share[0, 0], found.low[0, 0], found.high[0, 0]) == (0.5, 0.0, 1.0)


def test_certain_labels_are_what_they_are() -> None:
    sample = ArticleSets.of(np.array([[1.0], [0.0], [0.0], [0.0]], np.float32))
    assert mixture_of(sample, Separation.certain(1)).raw.tolist() == [[0.25]]


def test_samples_add_up() -> None:
    one, other = mixed(3, 7), mixed(2, 5, seed=2)
    both = one + other
    assert both.n.tolist() == [17]
    assert (both - other).powers == pytest.approx(one.powers)
    stacked = ArticleSets(np.array([10.0, 7.0]), np.concatenate([one.powers, other.powers], axis=1))
    assert stacked.grouped(np.array([0, 0]), 1).powers == pytest.approx(both.powers)
    assert stacked.taken(np.array([1, 0])).n.tolist() == [7, 10]
    assert stacked.where(np.array([True, False])).n.tolist() == [10, 0]


def test_shares_are_no_surer_than_what_is_known_of_left_out_articles() -> None:
    """However many articles: 25 with and 75 without a label, whose probabilities are 0.6 or 0.4 on average."""
    spread = 0.01  # the variance of both
    known = Separation(
        np.array([25.0]),
        np.array([75.0]),
        np.array([[0.6], [0.6**2 + spread], [0], [0]]),
        np.array([[0.4], [0.4**2 + spread], [0], [0]]),
    )
    error = 1.959964 * np.sqrt(0.25**2 * spread / 25 + 0.75**2 * spread / 75) / 0.2
    assert least_error(known) == pytest.approx([error])
    many = 10.0**9
    moments = np.full((4, 1, 1), [[[0.45]], [[0.22]], [[0.12]], [[0.07]]]) * many
    shares = adjusted_shares(ArticleSets(np.array([many]), moments), known)
    assert shares.high[0, 0] - shares.low[0, 0] == pytest.approx(2 * error, rel=0.1)
    assert np.isnan(least_error(replace(known, moments_with=known.moments_without)))
