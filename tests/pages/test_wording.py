"""Probabilities and rules in words."""

from __future__ import annotations

import doctest

import numpy as np
import numpy.typing as npt
import pytest

from framescope.codebook import Codebook
from framescope.fit.rules import parse_rule
from framescope.model.decision import NEVER, Rule
from framescope.pages import base, wording
from framescope.pages.wording import rule_in_words, share_in_words


@pytest.mark.parametrize("module", [base, wording])
def test_examples(module: object) -> None:
    done = doctest.testmod(module)  # type: ignore[arg-type]
    assert done.attempted > 0
    assert done.failed == 0


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "fewer than 1 in 100"),
        (0.0949, "about 9 in 100"),
        (0.0951, "about 1 in 10"),
        (0.5, "about 5 in 10"),
        (0.9049, "about 9 in 10"),
        (0.906, "about 91 in 100"),
        (0.99, "about 99 in 100"),
        (1.0, "more than 99 in 100"),
    ],
)
def test_a_share_is_of_ten_or_of_a_hundred(probability: float, words: str) -> None:
    assert share_in_words(probability) == words


FLAT = Codebook.flat(["a", "b"])
TREE = Codebook.from_parents({"top": None, "a": "top", "b": "top"}, name="tree")


def cuts(*values: float) -> npt.NDArray[np.float32]:
    return np.array(values, np.float32)


def test_a_rule_without_cuts_chooses_sets() -> None:
    assert "the set of labels with the greatest expected F1" in rule_in_words(
        Rule("samples-f1"), FLAT, "article"
    )


@pytest.mark.parametrize(
    ("codebook", "found", "words"),
    [
        (FLAT, cuts(0.4, 0.4), "40 %."),
        (FLAT, cuts(0.042, 0.042), "4.2 %."),
        (FLAT, cuts(NEVER, 0.4), "40 %. A label without an example in training is never given."),
        (TREE, cuts(0.4, 0.4, 0.4), "40 %."),
        (TREE, cuts(0.55, 0.4, 0.4), "40 %, or for a label with children at least 55 %."),
        (
            TREE,
            cuts(0.55, NEVER, 0.4),
            "40 %, or for a label with children at least 55 %. "
            "A label without an example in training is never given.",
        ),
    ],
)
def test_micro_f1_has_one_cut_a_level(codebook: Codebook, found: npt.NDArray[np.float32], words: str) -> None:
    """Whatever its cuts look like: labels that are never given make it no rule of own cuts."""
    said = rule_in_words(Rule("micro-f1", found), codebook, "sentence")
    assert said == f"Each sentence gets every label with a probability of at least {words}"


@pytest.mark.parametrize("name", ["macro-f1", "precision>=0.9", "recall>=0.5"])
def test_other_rules_have_own_cuts_even_where_these_are_equal(name: str) -> None:
    said = rule_in_words(Rule(name, cuts(0.4, 0.4)), FLAT, "article")
    expected = "Each article gets a label where its probability reaches the label's own cut"
    assert said == f"{expected}; one without a cut is never given."


def test_a_fitted_rule_says_its_own_cuts() -> None:
    """With a label that nobody gave in training."""
    truth = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 0], [1, 0, 0]], dtype=bool)
    probabilities = np.array([[0.9, 0.7, 0.1], [0.8, 0.6, 0.2], [0.3, 0.2, 0.1], [0.75, 0.5, 0]], np.float32)
    said = rule_in_words(parse_rule("micro-f1")(probabilities, truth, TREE), TREE, "article")
    assert said == (
        "Each article gets every label with a probability of at least 60 %, or for a label with children at "
        "least 75 %. A label without an example in training is never given."
    )


def test_floors_are_told_after_the_rule() -> None:
    told = rule_in_words(Rule("samples-f1", floors=cuts(0, 0.5)), FLAT, "article")
    assert told.endswith("it stays rare on the feed that training was given.")
    assert "greatest expected F1" in told


def test_samples_f1_says_why_a_likelier_label_with_children_may_be_left_out() -> None:
    told = rule_in_words(Rule("samples-f1"), TREE, "article")
    assert told.endswith("it is left out, though it may be more likely than a label that is given.")
    assert "children" not in rule_in_words(Rule("samples-f1"), FLAT, "article")
