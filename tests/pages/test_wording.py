"""Probabilities and rules in words."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

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


def test_rules_say_what_they_do() -> None:
    cuts = np.array([0.4, 0.4], np.float32)
    assert "greatest expected F1" in rule_in_words(Rule("samples-f1"), "article")
    one = rule_in_words(Rule("micro-f1", cuts=cuts), "sentence")
    assert one == "Each sentence gets all labels from a probability of 40 % on."
    own = rule_in_words(Rule("macro-f1", cuts=np.array([0.4, NEVER], np.float32)), "article")
    assert "never given" in own
