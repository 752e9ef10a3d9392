"""Floors: the lowest ones that keep every label, parents too, to a rate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from framescope.codebook import Codebook
from framescope.fit.floors import close_empty, n_needed, raise_floors
from framescope.model.decision import NEVER, Rule

TREE = Codebook.from_parents(
    {"West": None, "раскол": "West", "हथियार": "West", "Bloc": None, "weak": "Bloc", "Other": None}, name="tree"
)
CUTS = np.array([0.5, 0.4, 0.4, 0.5, 0.3, 0.2], np.float32)
RULES = [Rule("macro-f1", CUTS), Rule("samples-f1", empty=(-3.0, 1.0, 0.5)), Rule("samples-f1")]


@pytest.mark.parametrize(("max_firing", "n_articles"), [(0.005, 199), (0.01, 99), (0.5, 1), (0.3, 3)])
def test_so_many_articles_are_needed(max_firing: float, n_articles: int) -> None:
    """One more article must be likely enough to fire least of all: 1 / (n + 1)."""
    assert n_needed(max_firing) == n_articles


def flat(*probabilities: float) -> np.ndarray:
    return np.array(probabilities, np.float32)[:, None]


def test_a_floor_is_a_hundredth_above_the_first_article_too_many() -> None:
    """Of 9 articles, one may have the label at 0.2: (1 + 1) / (9 + 1)."""
    rule = Rule("macro-f1", np.array([0.3], np.float32))
    probabilities = flat(0.9, 0.8, 0.7, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1)
    floored = raise_floors(rule, probabilities, Codebook.flat(["a"]), max_firing=0.2)
    assert floored.floors is not None
    assert floored.floors[0] == pytest.approx(0.81)
    decided = floored.decide(probabilities, Codebook.flat(["a"]))
    assert decided[:, 0].tolist() == [True] + [False] * 8


def test_a_floor_is_halfway_to_an_article_that_is_nearer() -> None:
    rule = Rule("macro-f1", np.array([0.3], np.float32))
    floored = raise_floors(rule, flat(0.81, 0.8, *[0.1] * 7), Codebook.flat(["a"]), max_firing=0.2)
    assert floored.floors is not None
    assert floored.floors[0] == pytest.approx(0.805)


def test_a_label_that_keeps_to_the_rate_has_no_floor() -> None:
    rule = Rule("macro-f1", np.array([0.85], np.float32))
    floored = raise_floors(rule, flat(0.9, *[0.1] * 8), Codebook.flat(["a"]), max_firing=0.2)
    assert floored.floors is not None
    assert floored.floors.tolist() == [0]


def test_equal_probabilities_fall_together() -> None:
    rule = Rule("macro-f1", np.array([0.3], np.float32))
    floored = raise_floors(rule, flat(0.8, 0.8, *[0.1] * 7), Codebook.flat(["a"]), max_firing=0.2)
    assert not floored.decide(flat(0.8), Codebook.flat(["a"])).any()


def test_a_parent_that_fires_too_often_raises_its_children() -> None:
    """Each child fires on one article of nine, the parent on two."""
    probabilities = np.full((9, 6), 0.01, np.float32)
    probabilities[0, [0, 1]], probabilities[1, [0, 2]] = 0.9, 0.8
    floored = raise_floors(Rule("macro-f1", CUTS), probabilities, TREE, max_firing=0.2)
    assert floored.floors is not None
    assert floored.floors[0] == pytest.approx(0.81)
    assert floored.floors.tolist()[1:3] == [floored.floors[0]] * 2
    decided = floored.decide(probabilities, TREE)
    assert [np.flatnonzero(row).tolist() for row in decided[:2]] == [[0, 1], []]


@given(
    arrays.arrays(np.float32, (29, 6), elements=st.floats(2**-9, 1 - 2**-9, width=32)),
    st.sampled_from(RULES),
    st.sampled_from([0.04, 0.1, 0.25]),
)
def test_every_label_keeps_to_the_rate(probabilities: np.ndarray, rule: Rule, max_firing: float) -> None:
    """Whatever the rule; and no label is given that was not given before."""
    for child in np.flatnonzero(TREE.parents >= 0):
        parent = TREE.parents[child]
        probabilities[:, parent] = np.maximum(probabilities[:, parent], probabilities[:, child])
    floored = raise_floors(rule, probabilities, TREE, max_firing=max_firing)
    decided = floored.decide(probabilities, TREE)
    n_allowed = int(max_firing * 30 + 1e-9) - 1
    assert (decided.sum(axis=0) <= n_allowed).all()
    assert not (decided & ~rule.decide(probabilities, TREE)).any()
    assert floored.floors is not None
    for child in np.flatnonzero(TREE.parents >= 0):
        assert floored.floors[child] >= floored.floors[TREE.parents[child]]
        assert not (decided[:, child] & ~decided[:, TREE.parents[child]]).any()


def test_a_floor_that_leaves_no_labelled_article_is_never_reached() -> None:
    """The first label keeps one of its articles, the second none, the third had no floor."""
    codebook = Codebook.flat(["a", "b", "c"])
    rule = Rule("macro-f1", np.full(3, 0.1, np.float32), floors=np.array([0.5, 0.5, 0.0], np.float32))
    probabilities = np.array([[0.6, 0.4, 0.0], [0.4, 0.6, 0.0]], np.float32)
    truth = np.array([[True, True, True], [True, False, True]])
    closed = close_empty(rule, probabilities, truth, codebook)
    assert closed.floors is not None
    assert closed.floors.tolist() == [0.5, NEVER, 0.0]
    assert closed.never_given(codebook).tolist() == [False, True, False]


def test_a_rule_without_floors_stays_as_it_is() -> None:
    rule = Rule("samples-f1")
    assert close_empty(rule, flat(0.1), flat(0.1) > 0, Codebook.flat(["a"])) is rule
