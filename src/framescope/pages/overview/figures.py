"""The charts of an overview as files of their own: heat maps, labels over time, outlets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from framescope.files import write_bytes
from framescope.pages.base import environment
from framescope.pages.overview.page import OverviewPage
from framescope.pages.pictures import ChartFormat, drawn_as
from framescope.visible import visible

CELL, ROW, NAMES, HEAD = 66, 26, 230, 215
"""Pixels of a heat map: width of a cell, height of a row, and what names take at the left and on top."""
RIGHT = 120
"""What the last label leans over."""
MAX_NAME = 60


@dataclass(frozen=True)
class Size:
    """The size of a chart."""

    width: int
    height: int


def write_figures(page: OverviewPage, folder: Path, form: ChartFormat = ChartFormat.SVG) -> list[Path]:
    """Write a file for each chart of a page, in light colours; return the files.

    Raises:
        FramescopeError: a file cannot be written, or what draws PNG is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, chart in figures_of(page):
        path = folder / f"{name}.{form}"
        write_bytes(path, drawn_as(form, chart))
        written.append(path)
    return written


def figures_of(page: OverviewPage) -> Iterator[tuple[str, str]]:
    """Yield the name and the SVG of each chart."""
    for grid in page.grids:
        size = Size(NAMES + CELL * len(grid.columns) + RIGHT, HEAD + ROW * len(grid.rows) + 34)
        yield f"by-{file_name(grid.by)}", _drawn(page, "grid", size, chart=grid)
    for course in page.courses:
        name = f"time-{course.column + 1}-{file_name(page.overview.labels[course.column].id)}"
        size = Size(course.width, course.height + 26)
        yield name.rstrip("-"), _drawn(page, "course", size, chart=course)
    for profile in page.profiles:
        size = Size(560, 62 + 24 * len(profile.rows))
        name = f"outlet-{profile.number + 1}-{file_name(profile.name)}"
        yield name.rstrip("-"), _drawn(page, "profile", size, chart=profile)


def file_name(name: str) -> str:
    """Return a name as part of a file name: letters and digits, the rest as hyphens.

    >>> file_name("Степен вятър / bg: <b>")
    'Степен-вятър-bg-b'
    """
    return re.sub(r"[^\w.]+", "-", name)[:MAX_NAME].strip("-.")


def _drawn(page: OverviewPage, kind: str, size: Size, *, chart: object) -> str:
    template = environment(page.interface).get_template("overview_chart.svg.j2")
    sizes = {"cell_width": CELL, "row_height": ROW, "names": NAMES, "head": HEAD}
    return visible(template.render(kind=kind, size=size, chart=chart, title=page.overview.origin.name, **sizes))
