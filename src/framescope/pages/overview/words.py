"""Figures and names of an overview in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from framescope.messages import Say, english, msg
from framescope.overview.contents import AVERAGE, BEFORE, Cells
from framescope.pages.base import percent, thousands

NOTHING = "–"
IN_BRACKETS = {
    "(no date)": msg("(no date)"),
    "(date not readable)": msg("(date not readable)"),
    "(no source)": msg("(no source)"),
    "(no lang)": msg("(no language)"),
}
CHANGES = (
    msg("nothing to compare with"),
    msg("no change beyond noise"),
    msg("rose"),
    msg("fell"),
)
"""In the order of ``contents.WORDS``."""
AGAINST = {BEFORE: msg("the period before"), AVERAGE: msg("the average")}
DIMENSIONS = {
    "source": msg("outlet"),
    "lang": msg("language"),
    "week": msg("week"),
    "month": msg("month"),
}


def share(value: float) -> str:
    r"""Return a share as a percentage; unlike a probability it can be none and all.

    >>> [share(s).replace("\xa0", " ") for s in (0.0, 0.0004, 0.041, 0.34, 1.0, math.nan)]
    ['0 %', '< 0.1 %', '4.1 %', '34 %', '100 %', '–']
    """
    if math.isnan(value):
        return NOTHING
    return f"{100 * value:.0f}\xa0%" if value in {0.0, 1.0} else percent(value)


def interval(low: float, high: float) -> str:
    r"""Return an interval of shares.

    >>> [interval(*ends).replace("\xa0", " ") for ends in ((0.28, 0.414), (0.002, 0.05), (0.0, 0.25))]
    ['28–41 %', '0.2–5.0 %', '0–25 %']
    """
    if math.isnan(low) or math.isnan(high):
        return ""
    is_whole = high >= 0.0995
    return (
        "–".join(f"{100 * end:.0f}" if is_whole or end == 0 else f"{100 * end:.1f}" for end in (low, high))
        + "\xa0%"
    )


def points(difference: float) -> str:
    """Return a difference of shares in percentage points, with its sign.

    >>> points(0.082), points(-0.0031), points(math.nan)
    ('+8.2', '−0.3', '–')
    """
    if math.isnan(difference):
        return NOTHING
    return f"{'−' if difference < 0 else '+'}{abs(100 * difference):.1f}"


def value_name(value: str, say: Say = english) -> str:
    """Return a value of a dimension; what stands in brackets is ours.

    >>> value_name("(no date)"), value_name("(sic) Daily")
    ('(no date)', '(sic) Daily')
    """
    return say(IN_BRACKETS[value]) if value in IN_BRACKETS else value


def key_name(key: Sequence[str], say: Say = english) -> str:
    """Return where a cell is.

    >>> key_name(("Steppe Wind", "2026-W06")), key_name(())
    ('Steppe Wind · 2026-W06', 'all articles')
    """
    return " · ".join(value_name(value, say) for value in key) or say(msg("all articles"))


def dimension_name(name: str, say: Say = english) -> str:
    """Return what articles are grouped by; columns of the user have their own names."""
    return say(DIMENSIONS[name]) if name in DIMENSIONS else name


def cell_in_words(cells: Cells, cell: int, label: int, say: Say = english) -> str:
    """Return the figures of a label in a cell as a phrase."""
    told = say(msg("%(share)s of %(n)s articles (95\u00a0%% interval %(interval)s)")) % {
        "share": share(float(cells.share[cell, label])),
        "n": thousands(int(cells.n[cell])),
        "interval": interval(float(cells.low[cell, label]), float(cells.high[cell, label])) or NOTHING,
    }
    return told + "".join(f"; {one}" for one in cautions(cells, cell, label, say))


def cautions(cells: Cells, cell: int, label: int, say: Say = english) -> list[str]:
    """Return why the share of a cell is to be read with care."""
    return [
        *([say(msg("few articles"))] if cells.is_small[cell] else []),
        *([say(msg("far from training: no correction is promised"))] if cells.is_beyond[cell, label] else []),
    ]


def decided_in_words(cells: Cells, cell: int, label: int, say: Say = english) -> str:
    """Return how many articles have the label by decision, and how many of those are to review."""
    n_decided, n_given = int(cells.n_decided[cell, label]), int(cells.n_given[cell, label])
    told = say(msg("decided on %(n)s articles, %(share)s")) % {
        "n": thousands(n_decided),
        "share": share(float(cells.counted[cell, label])),
    }
    review = say(msg("; %(n)s of them are to review")) % {"n": thousands(n_decided - n_given)}
    return told + (review if n_given < n_decided else "")
