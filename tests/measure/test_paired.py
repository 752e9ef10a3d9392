"""Differences of two models on the same units: scores of each, and intervals that are of the pairs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from framescope.codebook import Codebook
from framescope.measure.metrics import Outcomes, UnitInfo, evaluate
from framescope.measure.paired import ScoreDifference, paired_differences

CODEBOOK = Codebook.from_parents({"bloc": None, "anti": "bloc", "west": None}, name="small")
N = 240


def outcomes(seed: int, share_wrong: float) -> Outcomes:
    """Return a model's outcomes on the same truth, a share of its cells wrong."""
    truth = CODEBOOK.closed(np.random.default_rng(0).random((N, 3)) < 0.3)
    rng = np.random.default_rng(seed)
    decided = CODEBOOK.closed(truth ^ (rng.random((N, 3)) < share_wrong))
    probabilities = np.where(decided, rng.uniform(0.5, 1, (N, 3)), rng.uniform(0, 0.5, (N, 3)))
    return Outcomes(truth, decided, probabilities.astype(np.float32))


UNITS = UnitInfo(["bg", "ru"] * (N // 2), [f"source {number // 4}" for number in range(N)])
GOOD, BAD = outcomes(1, 0.05), outcomes(2, 0.25)


def row_of(
    rows: list[ScoreDifference], score: str, *, level: str = "", section: str = "overall", label: str = ""
) -> ScoreDifference:
    key = (section, level, label, score)
    (found,) = (row for row in rows if (row.section, row.level, row.label, row.score) == key)
    return found


def test_scores_are_those_of_evaluate() -> None:
    """Of all units, of each language, and of each label."""
    rows = paired_differences(BAD, GOOD, UNITS, CODEBOOK)
    for which, of_model in (("first", BAD), ("second", GOOD)):
        expected = evaluate(of_model, UNITS, codebook=CODEBOOK)
        for section, scores in (("overall", expected["overall"]), *expected["by_language"].items()):
            for level in ("fine", "coarse"):
                for score in ("samples_f1", "micro_f1", "macro_f1"):
                    row = row_of(rows, score, level=level, section=section)
                    assert getattr(row, which) == pytest.approx(scores[level][score])
            found = row_of(rows, "false_alarm_rate", section=section)
            assert getattr(found, which) == pytest.approx(scores["false_alarm_rate"])
        for score in ("brier", "log_loss", "ece"):
            assert getattr(row_of(rows, score), which) == pytest.approx(expected["calibration"][score])
        for label in expected["per_label"]:
            for score in ("precision", "recall", "f1"):
                row = row_of(rows, score, label=label["label"])
                assert getattr(row, which) == pytest.approx(label[score])
    for row in rows:
        assert row.first is not None
        assert row.second is not None
        assert row.difference == row.second - row.first


def test_a_better_model_is_clearly_better() -> None:
    rows = paired_differences(BAD, GOOD, UNITS, CODEBOOK)
    for score in ("samples_f1", "micro_f1", "macro_f1"):
        row = row_of(rows, score, level="fine")
        assert row.is_clear
        assert row.ci95 is not None
        assert row.difference is not None
        assert 0 < row.ci95[0] < row.difference < row.ci95[1]
    brier = row_of(rows, "brier").ci95
    assert brier is not None
    assert brier[1] < 0


def test_equal_models_differ_by_nothing() -> None:
    """Resampled together, they are equal in every resample."""
    rows = paired_differences(GOOD, GOOD, UNITS, CODEBOOK)
    assert {(row.difference, row.ci95, row.is_clear) for row in rows} == {(0.0, (0.0, 0.0), False)}


def test_whole_clusters_are_drawn() -> None:
    """Where the difference is made in few clusters, it is uncertain; one cluster has no interval."""
    better = replace(BAD, decided=BAD.decided.copy())
    better.decided[:60] = GOOD.decided[:60]
    spread = UnitInfo(UNITS.languages, [str(number) for number in range(N)])
    lumped = UnitInfo(UNITS.languages, [str(number // 60) for number in range(N)])

    def width(units: UnitInfo) -> float:
        ci95 = row_of(paired_differences(BAD, better, units, CODEBOOK), "micro_f1", level="fine").ci95
        assert ci95 is not None
        return ci95[1] - ci95[0]

    assert width(lumped) > 1.5 * width(spread)
    alone = UnitInfo(UNITS.languages, ["one"] * N)
    assert {row.ci95 for row in paired_differences(BAD, GOOD, alone, CODEBOOK)} == {None}


def test_what_is_not_defined_has_no_difference() -> None:
    """Precision of a label that one model never gives."""
    silent = replace(GOOD, decided=np.zeros_like(GOOD.decided))
    row = row_of(paired_differences(silent, GOOD, UNITS, CODEBOOK), "precision", label="west")
    assert (row.first, row.difference, row.is_clear) == (None, None, False)
