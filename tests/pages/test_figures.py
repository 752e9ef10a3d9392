"""The charts of a report: lines by language, and the line of all units."""

from __future__ import annotations

from dataclasses import replace

import pytest

from framescope.evaluation.judged import Judged, judge
from framescope.measure.metrics import UnitInfo
from framescope.pages.figures import precision_recall_chart, reliability_chart, risk_coverage_chart
from framescope.progress import no_progress
from reported import Trained


@pytest.fixture(scope="module")
def judged(trained: Trained) -> Judged:
    return judge(trained.predictor.bundle, trained.corpus, group_by=None, jobs=1, progress=no_progress)


def in_languages(judged: Judged, *languages: str) -> Judged:
    """Return the units in these languages by turns."""
    named = [languages[row % len(languages)] for row in range(judged.corpus.n_units)]
    return replace(judged, units=UnitInfo(named, judged.units.clusters))


@pytest.mark.parametrize(
    ("languages", "lines"),
    [
        (("",), ["all"]),
        (("bg",), ["all"]),
        (("bg", "en"), ["all", "bg", "en"]),
        (("all", "bg"), ["all", "all", "bg"]),
    ],
)
def test_each_of_several_languages_has_a_line(
    judged: Judged, languages: tuple[str, ...], lines: list[str]
) -> None:
    """A single one would be drawn over that of all. ISO 639-3 has a language ``all``."""
    units = in_languages(judged, *languages)
    charts = [precision_recall_chart(units, 0), reliability_chart(units), risk_coverage_chart(units, None)]
    for chart in charts:
        assert chart is not None
        assert [series.name for series in chart.series] == lines
    assert [series.has_marks for series in charts[1].series] == [True] + [False] * (len(lines) - 1)


def test_the_line_of_all_has_the_intervals(judged: Judged) -> None:
    first, *others = reliability_chart(in_languages(judged, "bg", "all")).series
    assert first.band
    assert all(not series.band for series in others)


def test_a_label_without_gold_has_no_chart(judged: Judged) -> None:
    truth = judged.outcomes.truth.copy()
    truth[:, 1] = False
    empty = replace(judged, outcomes=replace(judged.outcomes, truth=truth))
    assert precision_recall_chart(empty, 1) is None
