"""Rules, fitted to hand-sized probabilities."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from framescope.codebook import Codebook
from framescope.fit.promises import Goal, parse_goal, promised_cut, stands_alone
from framescope.fit.rules import (
    EXPECTED_SHARE,
    fit_cuts,
    fit_macro_f1,
    fit_micro_f1,
    fit_samples_f1,
    parse_rule,
)
from framescope.model.decision import NEVER

TREE = Codebook.from_parents({"Запад": None, "раскол": "Запад", "विभाजन": "Запад", "Other": None}, name="tree")


def flat(n_labels: int) -> Codebook:
    return Codebook.flat(f"label{k}" for k in range(n_labels))


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)[:, None]


def marks(text: str) -> np.ndarray:
    """Return one column of truth: ``1`` for true."""
    return np.array([[mark == "1"] for mark in text])


def cut(name: str, probabilities: np.ndarray, truth: np.ndarray) -> float:
    """Return the cut of a codebook's only label."""
    rule = parse_rule(name)(probabilities, truth, flat(1))
    assert rule.cuts is not None
    assert (rule.name, rule.cuts.dtype, rule.cuts.shape) == (name, np.float32, (1,))
    return float(rule.cuts[0])


SCORES = column(0.9, 0.75, 0.5, 0.25, 0.125)


@pytest.mark.parametrize(
    ("truth", "expected"),
    [
        ("10000", 0.9),
        ("11000", 0.75),
        ("11010", 0.25),  # 6/7 beats 4/5
        ("00001", 0.125),
        ("10100", 0.5),  # 4/5 beats 2/3
        ("10010", 0.9),  # 2/3 at 0.9 and at 0.25: the higher cut
        ("11111", 0.125),
    ],
)
def test_the_cut_of_the_best_f1(truth: str, expected: float) -> None:
    assert cut("micro-f1", SCORES, marks(truth)) == np.float32(expected)


def test_equal_probabilities_go_together() -> None:
    """At 0.5 stand one true and two false units: F1 is 2/3 without them, 4/6 with them."""
    tied = column(0.9, 0.5, 0.5, 0.5, 0.1)
    assert cut("micro-f1", tied, marks("11000")) == np.float32(0.9)
    assert cut("micro-f1", tied, marks("10100")) == np.float32(0.9)
    assert cut("micro-f1", tied, marks("11100")) == 0.5


def test_micro_has_one_cut_for_fine_labels_and_one_for_parents() -> None:
    """Together, cells of the fine labels 1 to 3 are best cut at 0.5; those of the parent at 0.25."""
    probabilities = np.array(
        [[0.6, 0.6, 0.1, 0.2], [0.3, 0.2, 0.25, 0.9], [0.25, 0.5, 0.1, 0.1], [0.2, 0.125, 0.3, 0.3]],
        dtype=np.float32,
    )
    truth = np.array([[1, 1, 0, 0], [1, 0, 0, 1], [1, 1, 0, 0], [0, 0, 0, 0]], dtype=bool)
    rule = fit_micro_f1(probabilities, truth, TREE)
    assert rule.cuts is not None
    assert rule.cuts.tolist() == [0.25, 0.5, NEVER, 0.5]  # label 2 has no example


def test_macro_counts_a_hit_in_part_as_its_probability_says() -> None:
    """By hand: three quarters of the probability and a quarter of the truth."""
    rng = np.random.default_rng(4)
    probabilities = rng.integers(1, 9, (40, 3)).astype(np.float32) / 8
    truth = rng.random((40, 3)) < probabilities * [0.9, 0.5, 0.1]
    expected = EXPECTED_SHARE * probabilities + (1 - EXPECTED_SHARE) * truth
    for label, found in enumerate(fit_macro_f1(probabilities, truth, flat(3)).cuts):
        scores = {}
        for at in np.arange(1, 9) / 8:
            decided = probabilities[:, label] >= at
            hits = expected[decided, label].sum()
            scores[at] = 2 * hits / (decided.sum() + expected[:, label].sum())
        assert scores[float(found)] == pytest.approx(max(scores.values()))


def test_a_single_example_does_not_make_a_cut() -> None:
    """It stands at 0.125, where probabilities let nothing be gained; at 0.5 they do."""
    probabilities = column(0.9, 0.75, 0.5, *[0.125] * 20)
    assert cut("micro-f1", probabilities, marks("0001" + "0" * 19)) == 0.125
    assert cut("macro-f1", probabilities, marks("0001" + "0" * 19)) == 0.5


def test_a_goal_of_a_rule_is_a_promise_over_groups() -> None:
    """Two articles of a group count as one: of 40 groups 60 labels are right, and none wrong from 0.5 on."""
    probabilities = np.repeat(np.linspace(0.99, 0.02, 80, dtype=np.float32), 2)[:, None]
    truth, groups = probabilities >= 0.5, np.repeat(np.arange(80), 2)
    for name in ("precision>=0.6", "recall>=0.6"):
        rule = parse_rule(name)(probabilities, truth, flat(1), groups)
        goal = parse_goal(name)
        assert goal is not None
        assert rule.name == name
        assert rule.cuts.tolist() == [promised_cut(probabilities, truth, groups, goal)]
        assert 0 < rule.cuts[0] < 1


def test_without_groups_each_unit_is_one() -> None:
    probabilities = np.linspace(0.99, 0.01, 99, dtype=np.float32)[:, None]
    rule = parse_rule("precision>=0.6")
    cuts = [rule(probabilities, probabilities > 0.4, flat(1), groups).cuts for groups in (None, np.arange(99))]
    assert cuts[0].tolist() == cuts[1].tolist() < [0.4]


def test_labels_of_few_groups_share_a_cut_and_those_of_many_have_their_own() -> None:
    """90 groups are needed to stand alone for 0.6; parents are no part of their children's pool."""
    rng = np.random.default_rng(8)
    n_units, often = 800, [0.3, 0.2, 0.05, 0.05]
    truth = rng.random((n_units, 4)) < often
    truth[:, 0] |= truth[:, 1] | truth[:, 2]
    probabilities = np.where(truth, rng.beta(4, 2, truth.shape), rng.beta(1, 9, truth.shape)).astype(np.float32)
    goal, groups = Goal("precision", 0.6), np.arange(n_units)
    assert stands_alone(truth, groups, goal).tolist() == [True, True, False, False]
    found = fit_cuts(goal, probabilities, truth, groups, TREE)
    assert found[1] == promised_cut(probabilities[:, [1]], truth[:, [1]], groups, goal)
    assert found[2] == found[3] == promised_cut(probabilities[:, 2:], truth[:, 2:], groups, goal)
    brought = (probabilities[:, 1:3] >= found[1:3]).any(axis=1)
    of_parent = np.where(brought, np.float32(np.inf), probabilities[:, 0])[:, None]
    assert found[0] == promised_cut(of_parent, truth[:, [0]], groups, goal)
    assert (found < 1).all()


@pytest.mark.parametrize("name", ["micro-f1", "macro-f1", "precision>=0.1", "recall>=0.1"])
def test_without_any_example_no_label_is_given(name: str) -> None:
    assert cut(name, SCORES, marks("00000")) == float(NEVER)


@pytest.mark.parametrize("name", ["micro-f1", "macro-f1", "precision>=0.5", "recall>=0.5"])
def test_a_label_without_examples_is_not_given_beside_others(name: str) -> None:
    scores = np.vstack([SCORES] * 40)
    truth = np.hstack([marks("11000" * 40), marks("00000" * 40)])
    rule = parse_rule(name)(np.hstack([scores, scores]), truth, flat(2))
    assert rule.cuts is not None
    assert rule.cuts[0] < rule.cuts[1] == NEVER


def test_spaces_in_a_goal_are_allowed_and_its_name_is_kept() -> None:
    assert 0.25 < cut("precision >= 0.5", np.vstack([SCORES] * 40), marks("11000" * 40)) < 1


@pytest.mark.parametrize(
    "name", ["accuracy", "", "precision", "precision>0.5", "recall>=1.5", "precision>=50", "recall>=", "F1"]
)
def test_an_unknown_rule_names_the_choices(name: str) -> None:
    message = (
        rf"^unknown rule {name!r}; expected one of samples-f1, micro-f1, macro-f1, "
        r"precision>=P, recall>=R with P and R between 0 and 1$"
    )
    with pytest.raises(ValueError, match=message):
        parse_rule(name)


# The probability of no label


def test_a_corpus_of_labelled_texts_knows_no_empty_set() -> None:
    rule = fit_samples_f1(SCORES, marks("11111"), flat(1))
    assert (rule.name, rule.cuts, rule.empty) == ("samples-f1", None, None)


def test_texts_without_labels_make_the_empty_set_likely_where_labels_are_not() -> None:
    """Certain units are decided as they were; the share of empty sets comes out right on average."""
    rng = np.random.default_rng(9)
    probabilities = rng.choice(np.array([0.02, 0.95], np.float32), size=(300, 3), p=[0.8, 0.2])
    truth = rng.random((300, 3)) < probabilities
    rule = fit_samples_f1(probabilities, truth, flat(3))
    assert rule.cuts is None
    rows = np.array(list(product([0.02, 0.95], repeat=3)), dtype=np.float32)
    assert rule.decide(rows, flat(3)).tolist() == (rows > 0.5).tolist()


def test_where_all_texts_are_without_labels_none_is_given() -> None:
    """One half of a unit speaks against it: log odds of (n + 1/2) to 1/2."""
    rule = fit_samples_f1(SCORES, marks("00000"), flat(1))
    assert rule.empty == (pytest.approx(np.log(11)), 0, 0)
    assert not rule.decide(SCORES, flat(1)).any()


def test_a_feed_shows_what_no_label_is_where_every_article_has_one() -> None:
    """Without it the rule gives every text a label."""
    codebook = Codebook.flat(["a", "b"])
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.6]], np.float32)
    truth = np.array([[True, False], [False, True], [True, True]])
    quiet = np.full((20, 2), 0.02, np.float32)
    alone = fit_samples_f1(probabilities, truth, codebook)
    taught = fit_samples_f1(probabilities, truth, codebook, quiet)
    assert alone.empty is None
    assert alone.decide(quiet, codebook).any(axis=1).all()
    assert not taught.decide(quiet, codebook).any()
    assert taught.decide(probabilities, codebook).any(axis=1).all()


# Scopes


@pytest.mark.parametrize(
    ("name", "truth", "expected"),
    [
        ("micro-f1", "10010", 0.9),  # 2/3 at 0.9, 1/2 at 0.5: what is out of scope is missed at any cut
        ("recall>=0.5", "00011", float(NEVER)),
        ("micro-f1", "00011", float(NEVER)),
        ("precision>=0.5", "00111", float(NEVER)),
    ],
)
def test_units_out_of_scope_are_missed_and_never_a_cut(name: str, truth: str, expected: float) -> None:
    assert cut(name, column(0.9, 0.5, 0, 0, 0), marks(truth)) == np.float32(expected)


def test_units_out_of_every_scope_say_nothing_of_units_without_labels() -> None:
    probabilities, truth = np.vstack([SCORES] * 8), np.vstack([marks("11000")] * 8)
    outside = np.zeros((30, 1), np.float32)
    expected = fit_samples_f1(probabilities, truth, flat(1))
    found = fit_samples_f1(np.vstack([probabilities, outside]), np.vstack([truth, outside > 0]), flat(1))
    assert found.empty == expected.empty is not None
    assert fit_samples_f1(outside, outside > 0, flat(1)).empty is None
