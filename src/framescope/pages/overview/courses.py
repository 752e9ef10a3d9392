"""Labels over time: a line with its interval for each, as the geometry of one SVG, and as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from framescope.messages import msg
from framescope.overview.contents import AVERAGE, BEFORE, ROSE, Cells, Changes, Overview
from framescope.overview.dimensions import PERIODS
from framescope.pages.overview.exhibits import Draft
from framescope.pages.overview.grids import SIGNS, changes_of, shown_labels
from framescope.pages.overview.words import AGAINST, CHANGES, interval, points, share

MAX_COURSES, MAX_PERIODS = 24, 60
TOPS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
"""Where the axis of shares may end."""


@dataclass(frozen=True, slots=True)
class CoursePoint:
    """A period of a label. ``x``, ``y``, ``high``, ``low`` are places; ``sign`` is that of a change."""

    period: str
    n: int
    n_unlike: int
    share: str
    interval: str
    counted: str
    sign: str
    change: str
    words: str
    panel: str
    place: str
    is_small: bool
    is_known: bool
    x: str
    y: str
    high: str
    low: str


@dataclass(frozen=True)
class Course:
    """A label over time, to draw."""

    column: int
    name: str
    total: str
    panel: str
    points: tuple[CoursePoint, ...]
    top: float
    width: ClassVar[int] = 340
    height: ClassVar[int] = 150
    left: ClassVar[int] = 44
    right: ClassVar[int] = 330
    upper: ClassVar[int] = 12
    lower: ClassVar[int] = 122

    @property
    def y_ticks(self) -> list[tuple[str, str]]:
        """Place and text of each tick."""
        return [(_down(self.top * k / 2, self.top), share(self.top * k / 2)) for k in range(3)]

    @property
    def x_ticks(self) -> list[tuple[str, str, str]]:
        """Place, text and anchor of the first period, one in the middle and the last."""
        last = len(self.points) - 1
        places = {0: "start", last // 2: "middle", last: "end"} if last > 3 else {0: "start", last: "end"}
        return [(self.points[k].x, self.points[k].period, anchor) for k, anchor in places.items()]

    @property
    def lines(self) -> list[str]:
        """Paths through periods that follow each other."""
        return ["M" + "L".join(f"{one.x} {one.y}" for one in run) for run in _runs(self.points)]

    @property
    def bands(self) -> list[str]:
        """The intervals as areas."""
        return [
            "M"
            + "L".join(
                [*(f"{one.x} {one.high}" for one in run), *(f"{one.x} {one.low}" for one in reversed(run))]
            )
            + "Z"
            for run in _runs(self.points)
        ]

    @property
    def sentence(self) -> str:
        """The course in words, for those who cannot see it."""
        known = [one for one in self.points if one.is_known]
        return "; ".join(f"{one.period}: {one.share} ({one.interval})" for one in known[:1] + known[1:][-1:])


def period_of(overview: Overview) -> str | None:
    """Return the dimension that is time, the finest; None if there is none."""
    return next((name for name in PERIODS if name in overview.dimensions), None)


def make_courses(draft: Draft) -> tuple[Course, ...]:
    """Return the most common labels over time, those that changed first; none without dates."""
    overview = draft.overview
    period = period_of(overview)
    cells = overview.table(period) if period is not None else None
    if period is None or cells is None:
        return ()
    rows = [row for row, key in enumerate(cells.keys) if not key[0].startswith("(")][-MAX_PERIODS:]
    if len(rows) < 2:
        return ()
    changes = {against: changes_of(overview, period, against=against) for against in (BEFORE, AVERAGE)}
    drawn = _Drawn(draft, cells, rows, changes)
    has_changed = np.zeros(len(overview.labels), bool)
    for one in changes.values():
        has_changed |= False if one is None else (one.word[rows] >= ROSE).any(axis=0)
    order = sorted(
        shown_labels(overview, MAX_COURSES),
        key=lambda column: (not has_changed[column], -float(draft.total.share[0, column])),
    )
    return tuple(_course(drawn, column) for column in order)


@dataclass(frozen=True, eq=False)
class _Drawn:
    """The table that courses are drawn from, its periods, and their changes."""

    draft: Draft
    cells: Cells
    rows: Sequence[int]
    changes: dict[str, Changes | None]

    def change(self, row: int, column: int) -> tuple[str, str]:
        """Return the sign of a change, and what changed in words."""
        signs, told, say = [], [], self.draft.say
        for name, changes in self.changes.items():
            if changes is not None and (word := int(changes.word[row, column])) >= ROSE:
                signs.append(SIGNS[word])
                values = {
                    "word": say(CHANGES[word]),
                    "what": say(AGAINST[name]),
                    "points": points(float(changes.difference[row, column])),
                }
                told.append(say(msg("%(word)s against %(what)s (%(points)s points)")) % values)
        return (signs[0] if signs else ""), "; ".join(told)


def _course(drawn: _Drawn, column: int) -> Course:
    draft, cells = drawn.draft, drawn.cells
    highest = max((h for row in drawn.rows if not math.isnan(h := float(cells.high[row, column]))), default=0.0)
    top = next((one for one in TOPS if one >= highest), 1.0)
    return Course(
        column=column,
        name=draft.name(column),
        total=draft.words(draft.total, 0, column),
        panel=draft.anchor(draft.total, 0, column),
        points=tuple(_point(drawn, place, column, top) for place in range(len(drawn.rows))),
        top=top,
    )


def _point(drawn: _Drawn, place: int, column: int, top: float) -> CoursePoint:
    """Return a label's share in the period of a place, on an axis that ends at ``top``."""
    draft, cells, row = drawn.draft, drawn.cells, drawn.rows[place]
    value, low, high = (float(one[row, column]) for one in (cells.share, cells.low, cells.high))
    sign, change = drawn.change(row, column)
    step = (Course.right - Course.left) / (len(drawn.rows) - 1)
    return CoursePoint(
        period=draft.value(cells.keys[row][0]),
        n=int(cells.n[row]),
        n_unlike=int(cells.n_unlike[row]),
        share=share(value),
        interval=interval(low, high),
        counted=share(float(cells.counted[row, column])),
        sign=sign,
        change=change,
        words=draft.words(cells, row, column),
        panel=draft.anchor(cells, row, column),
        place=draft.place(cells, row, column),
        is_small=bool(cells.is_small[row]),
        is_known=not math.isnan(value),
        x=f"{Course.left + step * place:.1f}",
        y=_down(value, top),
        high=_down(high, top),
        low=_down(low, top),
    )


def _down(value: float, top: float) -> str:
    if math.isnan(value):
        return "0"
    return f"{Course.lower - (Course.lower - Course.upper) * min(value / top, 1):.1f}"


def _runs(points: Sequence[CoursePoint]) -> list[list[CoursePoint]]:
    """Return the stretches of periods that have articles."""
    runs: list[list[CoursePoint]] = [[]]
    for point in points:
        if point.is_known:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]
