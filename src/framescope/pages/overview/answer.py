"""What matters first: what rose and fell, who pushes what, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from framescope.overview.contents import AVERAGE, BEFORE, OTHERS, ROSE, Cells, Overview
from framescope.pages.overview.courses import period_of
from framescope.pages.overview.exhibits import Draft
from framescope.pages.overview.grids import SIGNS, changes_of
from framescope.pages.overview.words import AGAINST, CHANGES, interval, key_name, points, share

N_PUSHED, N_LATEST, N_CHANGED = 8, 4, 60


@dataclass(frozen=True, slots=True)
class Pushed:
    """An outlet that carries a label more often than all outlets together, beyond chance."""

    outlet: str
    number: int
    label: str
    share: str
    interval: str
    usual: str
    is_beyond: bool
    panel: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A label that rose or fell, over all outlets or in one."""

    where: str
    period: str
    label: str
    word: str
    sign: str
    against: str
    share: str
    value: float
    points: str
    interval: str
    size: float
    is_last: bool
    panel: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of the page; ``last`` is the last period, "" without dates.

    ``latest`` are changes over all outlets in the last period, ``before`` the last one of some labels.
    """

    last: str
    has_changes: bool
    latest: tuple[Changed, ...]
    before: tuple[Changed, ...]
    changed: tuple[Changed, ...]
    n_changed: int
    pushed: tuple[Pushed, ...]
    has_outlets: bool
    sure: tuple[str, ...]


def make_answer(draft: Draft) -> Answer:
    """Return what a reader has to know first."""
    overview = draft.overview
    changed = _changed(draft)
    outlets = overview.table("source")
    return Answer(
        last=draft.value(_last(overview)),
        has_changes=bool(overview.changes),
        latest=tuple(one for one in changed if one.is_last and not one.where),
        before=tuple({(one.label, one.where): one for one in reversed(changed)}.values())[::-1][:N_LATEST],
        changed=tuple(changed[:N_CHANGED]),
        n_changed=len(changed),
        pushed=() if outlets is None else tuple(_pushed(draft, outlets)),
        has_outlets=outlets is not None and len(outlets.keys) > 1,
        sure=tuple(draft.said(one) for one in overview.notes),
    )


def _last(overview: Overview) -> str:
    """Return the last period with articles."""
    period = period_of(overview)
    cells = overview.table(period) if period is not None else None
    if cells is None:
        return ""
    named = [key[0] for row, key in enumerate(cells.keys) if cells.n[row] and not key[0].startswith("(")]
    return named[-1] if named else ""


def _pushed(draft: Draft, cells: Cells) -> list[Pushed]:
    """Return where an outlet surely has more of a finest label than all others, the greatest gap first."""
    changes = changes_of(draft.overview, "source", against=OTHERS)
    if changes is None:
        return []
    labels, usual = draft.overview.labels, draft.total.share[0]
    parents = {label.parent for label in labels}
    is_pushed = (changes.word == ROSE) & ~cells.is_small[:, np.newaxis]
    is_pushed[:, [label.id in parents for label in labels]] = False
    gap = np.where(is_pushed, changes.low, -np.inf)
    order = np.argsort(-gap, axis=None, kind="stable")[: min(N_PUSHED, int(is_pushed.sum()))]
    return [
        Pushed(
            outlet=draft.value(cells.keys[row][0]),
            number=row,
            label=draft.name(label),
            share=share(float(cells.share[row, label])),
            interval=interval(float(cells.low[row, label]), float(cells.high[row, label])),
            usual=share(float(usual[label])),
            is_beyond=bool(cells.is_beyond[row, label]),
            panel=draft.anchor(cells, row, label),
        )
        for row, label in zip(*(axis.tolist() for axis in np.unravel_index(order, gap.shape)), strict=True)
    ]


def _changed(draft: Draft) -> list[Changed]:
    """Return all that rose or fell: the last period first, then all outlets before one, then the greatest."""
    period = period_of(draft.overview)
    if period is None:
        return []
    found = [
        one
        for by in ((period,), ("source", period))
        for against in (BEFORE, AVERAGE)
        for one in _changed_in(draft, by, against)
    ]
    found.sort(key=lambda one: (one.period, not one.where, one.size), reverse=True)
    return found


def _changed_in(draft: Draft, by: Sequence[str], against: str) -> list[Changed]:
    overview, say, last = draft.overview, draft.say, _last(draft.overview)
    cells, changes = overview.table(*by), changes_of(overview, *by, against=against)
    if cells is None or changes is None:
        return []
    time = cells.by.index(by[-1])
    return [
        Changed(
            where=key_name(others, say)
            if (others := [p for k, p in enumerate(cells.keys[cell]) if k != time])
            else "",
            period=cells.keys[cell][time],
            label=draft.name(label),
            word=say(CHANGES[int(changes.word[cell, label])]),
            sign=SIGNS[int(changes.word[cell, label])],
            against=say(AGAINST[against]),
            share=share(float(cells.share[cell, label])),
            value=round(float(cells.share[cell, label]), 5),
            points=points(float(changes.difference[cell, label])),
            interval=f"{points(float(changes.low[cell, label]))} … {points(float(changes.high[cell, label]))}",
            size=abs(float(changes.difference[cell, label])),
            is_last=cells.keys[cell][time] == last,
            panel=draft.anchor(cells, cell, label),
        )
        for cell, label in zip(*(axis.tolist() for axis in np.nonzero(changes.word >= ROSE)), strict=True)
    ]
