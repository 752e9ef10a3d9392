"""Charts as PNG, with letters that are the same on every computer.

A server may have no fonts, so the package brings some (``fonts/``). Those of the computer are loaded, which
takes time, for letters that these lack.
"""

from __future__ import annotations

import re
from enum import StrEnum
from importlib import import_module
from importlib.resources import as_file, files
from importlib.util import find_spec

from framescope.errors import FramescopeError

ZOOM = 2
"""Pixels of a picture for each of its chart: sharp on screens of today, and in print."""
FONTS = ("DejaVuSans-cut.ttf", "DejaVuSans-Bold-cut.ttf")
FAMILY = "DejaVu Sans"

_WITH_LETTERS = re.compile(
    "[\n -~\xa0-\u024f\u0300-\u036f\u0370-\u03ff\u0400-\u052f\u1e00-\u1eff\u2000-\u206f\u2070-\u209f"
    "\u20a0-\u20bf\u2116\u2122\u2190-\u2199\u2212\u25b2\u25bc\u25cf]*"
)
"""What the fonts have letters for."""


class ChartFormat(StrEnum):
    """What charts are written as."""

    SVG = "svg"
    PNG = "png"


def check_charts(form: ChartFormat) -> None:
    """Check that charts can be drawn in a format.

    Raises:
        FramescopeError: resvg-py is missing.
    """
    if form == ChartFormat.PNG and find_spec("resvg_py") is None:
        raise FramescopeError('png needs resvg-py, which is not installed: pip install "framescope[charts]"')


def drawn_as(form: ChartFormat, svg: str) -> bytes:
    """Return a chart as the bytes of a file; as PNG, it has twice its size in pixels.

    Raises:
        FramescopeError: resvg-py is missing.
    """
    if form == ChartFormat.SVG:
        return svg.encode()
    check_charts(form)
    with as_file(files("framescope.pages") / "fonts") as folder:
        drawn = import_module("resvg_py").svg_to_bytes(
            svg_string=svg,
            zoom=ZOOM,
            font_files=[str(folder / name) for name in FONTS],
            skip_system_fonts=_WITH_LETTERS.fullmatch(svg) is not None,
            font_family=FAMILY,
            sans_serif_family=FAMILY,
        )
    return bytes(drawn)
