"""How reliable coders are: Dawid and Skene's model against crowd-kit, and what few answers are worth."""

from __future__ import annotations

import random

import numpy as np
import pytest

from framescope.corpus import reliability
from framescope.corpus.reliability import Reliability, weigh

CODERS = [(0.85, 0.95), (0.8, 0.85), (0.6, 0.7), (0.75, 0.9)]
"""The shares of articles with and without a label on which each coder is right."""


def fitted(one_more: float) -> Reliability:
    """Fit the codings of 120 articles, four fifths of which each coder has coded."""
    rng = random.Random(11)  # noqa: S311 - labels, not secrets
    rows = []
    for article in range(120):
        bears = rng.random() < 0.3
        for coder, (sensitivity, specificity) in enumerate(CODERS):
            if rng.random() < 0.8:
                given = rng.random() < sensitivity if bears else rng.random() >= specificity
                rows.append((article, coder, given))
    coded, coder, given = (np.array(column) for column in zip(*rows, strict=True))
    article = np.unique(coded, return_inverse=True)[1]  # one of them is coded by nobody
    return weigh(article, coder, given, one_more=one_more)


def test_the_steps_towards_the_greatest_likelihood_are_those_of_crowd_kit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The values are those of ``crowdkit.aggregation.DawidSkene()``, 1.4.2, which stops after four rounds."""
    monkeypatch.setattr(reliability, "MAX_ROUNDS", 4)
    found = fitted(0.0)
    expected = [
        *(0.002831, 0.010995, 0.002831, 0.995271, 0.846778, 0.972343),
        *(0.043622, 0.004426, 0.999739, 0.988752, 0.024128, 0.002831),
    ]
    assert found.probabilities[:12].tolist() == pytest.approx(expected, abs=1e-6)


def test_coders_are_told_apart() -> None:
    found = fitted(1.0)
    assert found.sensitivity.tolist() == pytest.approx([s for s, _ in CODERS], abs=0.12)
    assert found.specificity.tolist() == pytest.approx([s for _, s in CODERS], abs=0.12)
    assert found.sensitivity.argmin() == 2


def test_of_few_answers_no_one_is_sure() -> None:
    """By hand: three coders of one article, all say yes; each has 1.0 right of 1.0, and one more of each."""
    found = weigh(np.zeros(3, dtype=np.intp), np.arange(3), np.ones(3, dtype=bool))
    assert found.probabilities.tolist() == pytest.approx([1.0])
    assert found.sensitivity.tolist() == pytest.approx([2 / 3] * 3)
    assert found.specificity.tolist() == pytest.approx([0.5] * 3)


def test_a_label_that_nobody_gave_is_on_no_article() -> None:
    found = weigh(np.array([0, 0, 1]), np.array([0, 1, 0]), np.zeros(3, dtype=bool))
    assert found.probabilities.tolist() == [0.0, 0.0]
