"""Line charts as geometry: paths, ticks and marks in the coordinates of one SVG, for the template to draw.

Drawn by hand and not by a library: a chart is a dozen paths, takes its colours from the page's variables in
both themes and in print, scales to a phone with text of readable size, and is the same bytes every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

MIN_STEP = 1.0
"""Points nearer than this to the last one drawn, in either direction, are left out: nobody could see them."""

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the parts of a chart are in its SVG: the box of the data, and what is around it."""

    width: int = 340
    height: int = 250
    left: int = 44
    right: int = 328
    top: int = 12
    bottom: int = 206
    x_ticks: int = 222
    y_ticks: int = 38
    x_title: tuple[int, int] = (186, 243)
    y_title: tuple[int, int] = (10, 109)


FRAME = Frame()


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
    frame: ClassVar[Frame] = FRAME

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
        return FRAME.left + (FRAME.right - FRAME.left) * (x - self.x.low) / (self.x.high - self.x.low)

    def _down(self, y: float) -> float:
        return FRAME.bottom - (FRAME.bottom - FRAME.top) * (y - self.y.low) / (self.y.high - self.y.low)


@dataclass(frozen=True)
class ScoreLine:
    """A score from 0 to 1 on a short line, with its interval where there is one."""

    score: float
    interval: tuple[float, float] | None
    width: ClassVar[int] = 104
    height: ClassVar[int] = 14
    margin: ClassVar[int] = 2

    @property
    def base(self) -> tuple[str, str]:
        """The ends of the line, a score of 0 and one of 1."""
        return self._across(0), self._across(1)

    @property
    def range(self) -> tuple[str, str] | None:
        """The ends of the interval."""
        if self.interval is None:
            return None
        low, high = self.interval
        return self._across(low), self._across(high)

    @property
    def mark(self) -> tuple[str, str]:
        """The middle of the mark."""
        return self._across(self.score), _number(self.height / 2)

    def _across(self, score: float) -> str:
        return _number(self.margin + (self.width - 2 * self.margin) * score)


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
