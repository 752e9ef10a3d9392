"""Line charts as geometry: paths, ticks and marks in the coordinates of one SVG, for the template to draw.

Drawn by hand and not by a library: a chart is a dozen paths, takes its colours from the page's variables in
both themes and in print, scales to a phone with text of readable size, and is the same bytes every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 340, 250
LEFT, RIGHT, TOP, BOTTOM = 44, 328, 12, 206
MIN_STEP = 1.0
"""Points nearer than this to the last one drawn, in either direction, are left out: no eye can tell."""

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Series:
    """A named line in data coordinates; ``band`` holds (x, low, high), ``has_marks`` draws its points, too."""

    name: str
    points: Points
    band: Sequence[tuple[float, float, float]] = ()
    has_marks: bool = False


@dataclass(frozen=True)
class Axis:
    """An axis in words, from ``low`` to ``high``, with the values to name."""

    title: str
    low: float = 0.0
    high: float = 1.0
    ticks: Sequence[tuple[float, str]] = tuple((k / 4, f"{k / 4:g}") for k in range(5))


@dataclass(frozen=True)
class Line:
    """A series as drawn."""

    name: str
    path: str
    band: str
    whiskers: Sequence[tuple[str, str, str]]
    marks: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Chart:
    """A chart to draw, and what it shows in words."""

    title: str
    description: str
    x: Axis
    y: Axis
    series: Sequence[Series]
    has_diagonal: bool = False
    table: Sequence[Sequence[str]] = field(default=())
    """Its first row is the head."""

    @property
    def x_ticks(self) -> list[tuple[str, str]]:
        """Place and text of each tick."""
        return [(_number(self._across(value)), text) for value, text in self.x.ticks]

    @property
    def y_ticks(self) -> list[tuple[str, str]]:
        """Place and text of each tick."""
        return [(_number(self._down(value)), text) for value, text in self.y.ticks]

    @property
    def lines(self) -> list[Line]:
        """The series as drawn, in their order."""
        return [self._line(series) for series in self.series]

    def _line(self, series: Series) -> Line:
        points = _thinned([(self._across(x), self._down(y)) for x, y in series.points])
        whiskers = [
            (_number(self._across(x)), _number(self._down(high)), _number(self._down(low)))
            for x, low, high in series.band
        ]
        there = [(x, high) for x, high, _ in whiskers]
        back = [(x, low) for x, _, low in reversed(whiskers)]
        marks = [(_number(x), _number(y)) for x, y in points]
        return Line(
            series.name,
            _path(marks),
            f"{_path([*there, *back])}Z" if whiskers else "",
            whiskers if series.has_marks else (),
            marks if series.has_marks else (),
        )

    def _across(self, x: float) -> float:
        return LEFT + (RIGHT - LEFT) * (x - self.x.low) / (self.x.high - self.x.low)

    def _down(self, y: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (y - self.y.low) / (self.y.high - self.y.low)


def _thinned(points: Points) -> Points:
    """Leave out points that fall on the one before; the last one stays."""
    kept = list(points[:1])
    for x, y in points[1:-1]:
        if max(abs(x - kept[-1][0]), abs(y - kept[-1][1])) >= MIN_STEP:
            kept.append((x, y))
    return [*kept, *points[1:][-1:]]


def _path(points: Sequence[tuple[str, str]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points) if points else ""


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
