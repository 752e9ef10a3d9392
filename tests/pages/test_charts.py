"""Charts as geometry: data to coordinates."""

from __future__ import annotations

import re
from dataclasses import replace

from framescope.pages.base import environment
from framescope.pages.charts import FRAME, Axis, Chart, ScoreLine, Series

LEFT, RIGHT, TOP, BOTTOM = FRAME.left, FRAME.right, FRAME.top, FRAME.bottom


def chart(*series: Series, y: Axis | None = None) -> Chart:
    return Chart("t", "d", Axis("x"), y or Axis("y"), series)


def test_the_corners_of_the_data_are_the_corners_of_the_frame() -> None:
    (line,) = chart(Series("a", [(0.0, 0.0), (1.0, 1.0)])).lines
    assert line.path == f"M{LEFT} {BOTTOM}L{RIGHT} {TOP}"


def test_axes_have_their_own_ranges() -> None:
    axis = Axis("y", 10, 30, [(10, "ten"), (20, "twenty")])
    assert chart(y=axis).y_ticks == [(f"{BOTTOM}", "ten"), (f"{(TOP + BOTTOM) / 2:g}", "twenty")]
    assert chart().x_ticks[-1] == (f"{RIGHT}", "1")


def test_points_that_no_eye_tells_apart_are_left_out() -> None:
    """The first and the last stay."""
    points = [(k / 10_000, 0.5) for k in range(10_001)]
    (line,) = chart(Series("a", points)).lines
    assert 250 < line.path.count("L") < 300
    assert line.path.startswith(f"M{LEFT} ")
    assert line.path.endswith(f"L{RIGHT} {(TOP + BOTTOM) / 2:g}")


def test_a_band_closes_around_its_points_or_becomes_whiskers() -> None:
    band = [(0.0, 0.0, 1.0), (1.0, 0.0, 1.0)]
    (line,) = chart(Series("a", [(0.0, 0.5), (1.0, 0.5)], band)).lines
    assert line.band == f"M{LEFT} {TOP}L{RIGHT} {TOP}L{RIGHT} {BOTTOM}L{LEFT} {BOTTOM}Z"
    assert line.whiskers == ()
    (marked,) = chart(Series("a", [(0.0, 0.5), (1.0, 0.5)], band, has_marks=True)).lines
    assert marked.whiskers == [(f"{LEFT}", f"{TOP}", f"{BOTTOM}"), (f"{RIGHT}", f"{TOP}", f"{BOTTOM}")]
    assert len(marked.marks) == 2


def test_one_point_and_none() -> None:
    one, none = chart(Series("a", [(0.0, 0.0)]), Series("b", [])).lines
    assert (one.path, none.path) == (f"M{LEFT} {BOTTOM}", "")


def test_a_chart_is_drawn_within_its_frame() -> None:
    """The template takes every place from the frame, and writes none itself."""
    source = environment("en").loader.get_source(environment("en"), "charts.html.j2")[0]
    macro = source[source.index("{% macro chart(") : source.index("{% if c.series")]
    assert not re.findall(r'\b[xy][12]?="\d', macro)
    template = '{% from "charts.html.j2" import chart with context %}{{ chart(c, "") }}'
    diagonal = replace(chart(Series("a", [(0.0, 0.0)])), has_diagonal=True)
    drawn = environment("en").from_string(template).render(c=diagonal)
    assert f'viewBox="0 0 {FRAME.width} {FRAME.height}"' in drawn
    assert f'<line class="diagonal" x1="{LEFT}" y1="{BOTTOM}" x2="{RIGHT}" y2="{TOP}"/>' in drawn
    assert f'<line class="grid" x1="{LEFT}" y1="{TOP}" x2="{LEFT}" y2="{BOTTOM}"/>' in drawn


def test_a_score_has_its_place_on_a_line() -> None:
    line = ScoreLine(0.5, (0.25, 0.755))
    assert (line.base, line.range, line.mark) == (("2", "102"), ("27", "77.5"), ("52", "7"))
    assert ScoreLine(1.0, None).range is None
