"""Scores as people read them."""

from __future__ import annotations

import doctest

import numpy as np

from framescope.codebook import Codebook
from framescope.measure import metrics, shown
from framescope.measure.shown import BASELINES, SCORES, with_interval


def test_examples() -> None:
    done = doctest.testmod(shown)
    assert done.attempted > 0
    assert done.failed == 0


def test_an_interval_that_is_not_defined_is_left_out() -> None:
    assert with_interval({"micro_f1": None, "micro_f1_ci95": None}, "micro_f1") == "-"
    assert with_interval({"micro_f1": 0.5, "micro_f1_ci95": None}, "micro_f1") == "0.500"
    assert with_interval({"micro_f1": 0.5}, "micro_f1") == "0.500"


def test_every_score_and_baseline_of_an_evaluation_has_a_name() -> None:
    one = np.ones((2, 1), dtype=bool)
    outcomes = metrics.Outcomes(one, one, one.astype(np.float32))
    units = metrics.UnitInfo(["bg", "bg"], ["a", "b"])
    found = metrics.evaluate(outcomes, units, codebook=Codebook.flat(["x"]), prior=[0.5])
    assert found["baselines"].keys() == BASELINES.keys()
    assert found["baselines"]["no_label"]["fine"].keys() == SCORES.keys()
