"""Promised cuts: the bound by hand, and that what it promises holds on groups that were not seen."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from scipy.stats import t as student

from framescope.fit.promises import (
    CONFIDENCE,
    GROWTH,
    LEAST_TRIED,
    Goal,
    keeps,
    n_needed,
    parse_goal,
    promised_cut,
    stands_alone,
)
from framescope.model.decision import NEVER

PRECISION = Goal("precision", 0.6)
N_TRIALS = 300


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("precision>=0.9", Goal("precision", 0.9)),
        (" recall >= .5", Goal("recall", 0.5)),
        ("recall>=1.0", Goal("recall", 1.0)),
        ("precision>=1.5", None),
        ("samples-f1", None),
        ("", None),
    ],
)
def test_goals_by_name(text: str, expected: Goal | None) -> None:
    assert parse_goal(text) == expected


def test_the_bound_by_hand() -> None:
    """Twelve groups of ten labels, of which 1, 2, 0 and 1 are wrong: a debt of -2, -1, -3 and -2 for 0.7."""
    n_wrong, n_all = np.array([[1.0], [2.0], [0.0], [1.0]] * 3), np.full((12, 1), 10.0)
    spread = sqrt(2 * 12) * np.std([-2, -1, -3, -2] * 3, ddof=1)
    assert -24 + 0.7 + student.ppf(CONFIDENCE, 11) * spread < 0
    assert keeps(n_wrong, n_all, 0.7).tolist() == [True]
    assert -4.8 + 0.86 + student.ppf(CONFIDENCE, 11) * spread > 0
    assert keeps(n_wrong, n_all, 0.86).tolist() == [False]


def test_few_groups_keep_nothing() -> None:
    """Though they have a thousand right labels each."""
    n_all = (np.arange(20) < 9)[:, None] * 1000.0
    assert not keeps(0 * n_all, n_all, 0.5).any()
    assert keeps(np.zeros((10, 1)), np.full((10, 1), 1000.0), 0.5).all()


def test_what_is_needed_is_the_least_that_keeps_a_goal_with_all_labels_right() -> None:
    """One label in each of so many groups of many."""
    for least in (0.8, 0.9):
        for n_labels, is_kept in ((n_needed(least), True), (n_needed(least) - 1, False)):
            n_all = (np.arange(10_000) < n_labels)[:, None].astype(float)
            assert keeps(0 * n_all, n_all, least).tolist() == [is_kept]


def test_the_lowest_cut_of_a_precision_and_the_highest_of_a_recall() -> None:
    """Every article is a group; from 0.5 on all labels are right, and below none is."""
    probabilities = np.linspace(1, 0, 1001, dtype=np.float32)[:-1, None]
    truth = probabilities >= 0.5
    lowest = promised_cut(probabilities, truth, np.arange(1000), PRECISION)
    n_given = int((probabilities >= lowest).sum())
    assert 501 / n_given > 0.6
    assert 501 / (n_given * GROWTH) < 0.64
    highest = promised_cut(probabilities, truth, np.arange(1000), Goal("recall", 0.6))
    n_given = int((probabilities >= highest).sum())
    assert 0.6 < n_given / 501 < 0.6 * GROWTH + 0.05


def test_labels_of_one_group_are_not_many() -> None:
    """The same labels keep a goal where each is of another source, and not where two sources have them all."""
    probabilities = np.linspace(0.9, 0.1, 200, dtype=np.float32)[:, None]
    truth = np.arange(200)[:, None] < 100
    assert promised_cut(probabilities, truth, np.arange(200), PRECISION) < 1
    assert promised_cut(probabilities, truth, np.arange(200) % 2, PRECISION) == NEVER


@pytest.mark.parametrize("goal", [PRECISION, Goal("recall", 0.6)])
def test_nothing_is_promised_of_too_little(goal: Goal) -> None:
    """No text, a text without words, three right labels, no true label, and certainty."""
    three = np.array([[0.9], [0.8], [0.7]], np.float32)
    assert promised_cut(three[:0], three[:0] > 0, np.arange(0), goal) == NEVER
    assert promised_cut(0 * three, three > 0, np.arange(3), goal) == NEVER
    assert promised_cut(three, three > 1, np.arange(3), goal) == NEVER
    many = np.linspace(0.9, 0.1, 500, dtype=np.float32)[:, None]
    assert promised_cut(many, many > 1, np.arange(500), goal) == NEVER
    assert promised_cut(many, many > 0.5, np.arange(500), Goal(goal.measure, 1.0)) == NEVER


def test_few_right_labels_make_no_promise_of_precision() -> None:
    few = LEAST_TRIED * n_needed(0.6)
    for n_labels, is_kept in ((few - 1, False), (few, True)):
        probabilities = np.linspace(0.9, 0.5, n_labels, dtype=np.float32)[:, None]
        found = promised_cut(probabilities, probabilities > 0, np.arange(n_labels), PRECISION)
        assert (found < NEVER) == is_kept


def test_missed_labels_out_of_scope_count_against_a_recall() -> None:
    probabilities = np.linspace(0.9, 0.1, 400, dtype=np.float32)[:, None]
    goal = Goal("recall", 0.6)
    assert promised_cut(probabilities, probabilities > 0, np.arange(400), goal) < NEVER
    outside = np.where(np.arange(400)[:, None] % 2, probabilities, np.float32(0))
    assert promised_cut(outside, probabilities > 0, np.arange(400), goal) == NEVER


def test_a_label_stands_alone_by_its_groups_and_not_by_its_articles() -> None:
    truth = np.ones((100, 2), bool)
    truth[80:, 1] = False
    assert stands_alone(truth, np.arange(100), PRECISION).tolist() == [True, False]
    assert not stands_alone(truth, np.arange(100) // 2, PRECISION).any()
    assert stands_alone(truth[:0], np.arange(0), PRECISION).tolist() == [False, False]


@pytest.mark.slow
@pytest.mark.parametrize("goal", [Goal("precision", 0.6), Goal("precision", 0.8), Goal("recall", 0.8)])
def test_a_promise_holds_on_as_many_new_groups_in_nine_of_ten_cases(goal: Goal) -> None:
    """Labels of a group are right or wrong together, and probabilities are too high by chance."""
    rng = np.random.default_rng(3)
    n_short = n_promised = 0
    for _ in range(N_TRIALS):
        probabilities, truth, groups = draw(rng, n_groups=60)
        cut = promised_cut(probabilities, truth, groups, goal)
        new, true, _ = draw(rng, n_groups=60)
        given = new >= cut
        n_promised += bool(cut < NEVER)
        n_all = given.sum() if goal.measure == "precision" else true.sum()
        n_short += bool(cut < NEVER and (given & true).sum() < goal.least * n_all)
    assert n_short <= 0.1 * N_TRIALS
    assert n_promised >= 0.9 * N_TRIALS


def draw(rng: np.random.Generator, *, n_groups: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return probabilities and truth of three labels in groups of ten; a group's log-odds differ by 1 or so."""
    groups = np.repeat(np.arange(n_groups), 10)
    log_odds = rng.normal(-1, 2.5, (len(groups), 3))
    truth = rng.random(log_odds.shape) < 1 / (1 + np.exp(-log_odds - rng.normal(0, 1, n_groups)[groups, None]))
    return (1 / (1 + np.exp(-log_odds))).astype(np.float32), truth, groups
