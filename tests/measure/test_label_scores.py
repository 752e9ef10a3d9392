"""Scores of single labels with intervals, and confusions among siblings: values computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from framescope.codebook import Codebook
from framescope.measure.bootstrap import Bootstrap
from framescope.measure.label_scores import Confusion, confusions, label_scores
from framescope.measure.metrics import Outcomes

# Columns: съюз 0, анти 1, про 2, запад 3, рядко 4 (never gold nor decided).
CODEBOOK = Codebook.from_parents(
    {"съюз": None, "анти": "съюз", "про": "съюз", "запад": None, "рядко": None}, name="рамки"
)
TRUTH = CODEBOOK.indicator([["анти"], ["анти"], ["про"], ["запад"], []])
DECIDED = CODEBOOK.indicator([["про"], ["анти", "про"], ["про"], ["анти"], ["запад"]])
OUTCOMES = Outcomes(TRUTH, DECIDED, np.where(DECIDED, 0.8, 0.1).astype(np.float32))
CLUSTERS = ["a", "a", "b", "c", "d"]


def test_scores_of_each_label() -> None:
    """анти: 1 hit, 2 decided, 2 gold. про: 1 hit, 3 decided, 1 gold."""
    scores = {score.label: score for score in label_scores(OUTCOMES, CLUSTERS, codebook=CODEBOOK)}
    anti, pro = scores["анти"], scores["про"]
    assert (anti.support, anti.n_decided, anti.precision, anti.recall, anti.f1) == (2, 2, 0.5, 0.5, 0.5)
    assert (pro.support, pro.n_decided, pro.recall, pro.f1) == (1, 3, 1.0, 0.5)
    assert pro.precision == pytest.approx(1 / 3)
    assert pro.average_precision == pytest.approx(1 / 3)


def test_a_label_without_gold_or_decision_has_no_scores() -> None:
    rare = label_scores(OUTCOMES, CLUSTERS, codebook=CODEBOOK)[4]
    assert (rare.precision, rare.recall, rare.f1, rare.f1_ci95, rare.average_precision) == (None,) * 5


def test_an_interval_holds_the_score_and_needs_two_clusters() -> None:
    interval = label_scores(OUTCOMES, CLUSTERS, codebook=CODEBOOK)[0].f1_ci95
    assert interval is not None
    assert interval[0] <= 0.857 <= interval[1]  # съюз: 3 hits, 4 decided, 3 gold
    assert label_scores(OUTCOMES, ["a"] * 5, codebook=CODEBOOK)[0].f1_ci95 is None


def test_resamples_without_the_label_do_not_count() -> None:
    """Every resample that has запад has it right."""
    perfect = Outcomes(TRUTH, TRUTH, OUTCOMES.probabilities)
    scores = label_scores(perfect, list("abcde"), codebook=CODEBOOK, bootstrap=Bootstrap(200, 0))
    assert scores[3].f1_ci95 == (1.0, 1.0)


def test_the_order_of_units_changes_nothing() -> None:
    order = np.array([3, 1, 4, 0, 2])
    turned = Outcomes(TRUTH[order], DECIDED[order], OUTCOMES.probabilities[order])
    clusters = [CLUSTERS[k] for k in order]
    assert label_scores(turned, clusters, codebook=CODEBOOK) == label_scores(
        OUTCOMES, CLUSTERS, codebook=CODEBOOK
    )


def test_siblings_are_confused_where_one_is_gold_and_the_other_only_decided() -> None:
    """Unit 0 has про instead of анти, unit 1 beside it, unit 3 съюз instead of запад."""
    assert confusions(OUTCOMES, CODEBOOK) == [
        Confusion(given="анти", decided="про", n_units=2, n_instead=1, support=2),
        Confusion(given="запад", decided="съюз", n_units=1, n_instead=1, support=1),
    ]


def test_labels_of_different_parents_are_no_siblings() -> None:
    """Unit 3 has запад and was given анти, which stands a level lower."""
    assert ("запад", "анти") not in {(pair.given, pair.decided) for pair in confusions(OUTCOMES, CODEBOOK)}
