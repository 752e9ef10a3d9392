"""How shares changed from one period to the next, and against all others, with false discoveries kept few."""

from __future__ import annotations

import numpy as np

from framescope._types import Int64
from framescope.measure.change import difference_of, is_found
from framescope.measure.prevalence import ArticleSets, Separation
from framescope.overview.contents import AVERAGE, BEFORE, FELL, NO_CHANGE, NO_COMPARISON, ROSE, Changes
from framescope.overview.dimensions import PeriodCoder
from framescope.overview.tables import Draft

FALSE_RATE = 0.05
"""Share of the changes that are called so which may be chance."""


def changes_of(draft: Draft, coder: PeriodCoder, separation: Separation) -> tuple[Changes, Changes]:
    """Return a table's changes from period to period, and against the average of the other periods.

    Cells are compared within what they have beside the period. Those without a date are compared with nothing.
    """
    place, before = draft.by.index(coder.name), coder.before()
    outlets = [(*key[:place], *key[place + 1 :]) for key in draft.keys]
    periods = [key[place] for key in draft.keys]
    cells = {both: cell for cell, both in enumerate(zip(outlets, periods, strict=True))}
    earlier = np.array(
        [
            cells.get((outlet, before.get(period, "")), -1)
            for outlet, period in zip(outlets, periods, strict=True)
        ]
    )
    numbers = {outlet: number for number, outlet in enumerate(dict.fromkeys(outlets))}
    groups: Int64 = np.array([numbers[outlet] for outlet in outlets], np.int64)
    is_dated = np.array([period in before for period in periods], bool)
    sample = draft.sums.sample
    dated = sample.where(is_dated)
    others = (dated.grouped(groups, len(numbers)).taken(groups) - dated).where(is_dated)
    return (
        compared(draft.by, BEFORE, (sample, sample.taken(earlier).where(earlier >= 0)), separation),
        compared(draft.by, AVERAGE, (sample, others), separation),
    )


def compared(
    by: tuple[str, ...], against: str, samples: tuple[ArticleSets, ArticleSets], separation: Separation
) -> Changes:
    """Return how the first samples differ from the second, cell by cell."""
    found = difference_of(*samples, separation)
    is_change = is_found(found.p_value, FALSE_RATE)
    word = np.where(np.isnan(found.p_value), NO_COMPARISON, NO_CHANGE).astype(np.int8)
    word[is_change & (found.difference > 0)] = ROSE
    word[is_change & (found.difference < 0)] = FELL
    return Changes(
        by=by,
        against=against,
        difference=found.difference,
        low=found.low,
        high=found.high,
        p_value=found.p_value,
        word=word,
        n_tests=int((~np.isnan(found.p_value)).sum()),
        false_rate=FALSE_RATE,
    )
