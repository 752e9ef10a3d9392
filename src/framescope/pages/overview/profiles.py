"""One outlet each: its labels beside those of all outlets, what changed there, and who is alike."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from framescope.overview.contents import AVERAGE, ROSE, Cells, Overview
from framescope.pages.overview.courses import period_of
from framescope.pages.overview.exhibits import Draft
from framescope.pages.overview.grids import changes_of, shown_rows, sign_of
from framescope.pages.overview.words import (
    CHANGES,
    interval,
    key_name,
    points,
    share,
)

MAX_PROFILE_LABELS = 14
MAX_CHANGES = 8
N_ALIKE = 3


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A label in an outlet: its share with interval and that of all articles, as figures and places."""

    name: str
    share: str
    interval: str
    usual: str
    sign: str
    words: str
    panel: str
    at: str
    low: str
    high: str
    usual_at: str
    is_small: bool
    width: ClassVar[int] = 140
    height: ClassVar[int] = 14


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """A change in an outlet."""

    where: str
    label: str
    word: str
    points: str
    panel: str


@dataclass(frozen=True, slots=True)
class Profile:
    """An outlet; ``number`` is its cell in the table of outlets, ``top`` the share where lines end."""

    number: int
    name: str
    n: int
    n_unlike: int
    n_copies: int
    is_small: bool
    top: str
    rows: tuple[ProfileRow, ...]
    changes: tuple[ProfileChange, ...]
    alike: tuple[tuple[str, int | None, str], ...]


def make_profiles(draft: Draft) -> tuple[Profile, ...]:
    """Return the outlets with most articles, by name; none where outlets are not known."""
    cells = draft.overview.table("source")
    if cells is None:
        return ()
    shown = shown_rows(cells)
    numbers = {cells.keys[row][0]: row for row in shown}
    return tuple(_profile(draft, cells, row, numbers) for row in shown)


def _profile(draft: Draft, cells: Cells, row: int, numbers: Mapping[str, int]) -> Profile:
    name = cells.keys[row][0]
    order = np.argsort(-np.nan_to_num(cells.share[row]), kind="stable")
    labels = [int(k) for k in order if cells.share[row, k] >= 0.005][:MAX_PROFILE_LABELS]
    usual = draft.total.share[0]
    high = float(np.nanmax(cells.high[row, labels], initial=0.0)) if labels else 0.0
    top = max(high, *(float(usual[k]) for k in labels), 0.05) if labels else 1.0
    return Profile(
        number=row,
        name=draft.value(name),
        n=int(cells.n[row]),
        n_unlike=int(cells.n_unlike[row]),
        n_copies=int(cells.n_copies[row]),
        is_small=bool(cells.is_small[row]),
        top=share(top),
        rows=tuple(_row(draft, cells, row, k, top) for k in labels),
        changes=tuple(_changes(draft, name)),
        alike=tuple(_alike(draft.overview, name, numbers)),
    )


def _row(draft: Draft, cells: Cells, row: int, column: int, top: float) -> ProfileRow:
    """Return a label's share in an outlet beside the usual one, on an axis that ends at ``top``."""
    value, low, high = (float(one[row, column]) for one in (cells.share, cells.low, cells.high))
    usual = float(draft.total.share[0, column])
    return ProfileRow(
        name=draft.name(column),
        share=share(value),
        interval=interval(low, high),
        usual=share(usual),
        sign=sign_of(draft, cells, row, column),
        words=draft.words(cells, row, column),
        panel=draft.anchor(cells, row, column),
        at=_across(value, top),
        low=_across(low, top),
        high=_across(high, top),
        usual_at=_across(usual, top),
        is_small=bool(cells.is_small[row]),
    )


def _changes(draft: Draft, name: str) -> list[ProfileChange]:
    """Return what rose or fell in an outlet against its average, the greatest first."""
    overview, say = draft.overview, draft.say
    period = period_of(overview)
    cells = overview.table("source", period) if period is not None else None
    changes = changes_of(overview, "source", period, against=AVERAGE) if period is not None else None
    if cells is None or changes is None:
        return []
    outlet = cells.by.index("source")
    found = [
        (cell, int(label))
        for cell, key in enumerate(cells.keys)
        if key[outlet] == name
        for label in np.flatnonzero(changes.word[cell] >= ROSE)
    ]
    found.sort(key=lambda one: -abs(float(changes.difference[one])))
    return [
        ProfileChange(
            where=key_name([part for part in cells.keys[cell] if part != name], say),
            label=draft.name(label),
            word=say(CHANGES[int(changes.word[cell, label])]),
            points=points(float(changes.difference[cell, label])),
            panel=draft.anchor(cells, cell, label),
        )
        for cell, label in found[:MAX_CHANGES]
    ]


def _alike(overview: Overview, name: str, numbers: Mapping[str, int]) -> list[tuple[str, int | None, str]]:
    """Return the outlets that are most alike, their profile's number, and how alike they are."""
    found = sorted(
        (one for one in overview.alike if name in {one.one, one.other}), key=lambda one: -one.likeness
    )
    others = [(one.other if one.one == name else one.one, one.likeness) for one in found[:N_ALIKE]]
    return [(other, numbers.get(other), f"{likeness:.2f}") for other, likeness in others]


def _across(value: float, top: float) -> str:
    margin = 3
    kept = 0.0 if math.isnan(value) else min(value / top, 1.0)
    return f"{margin + (ProfileRow.width - 2 * margin) * kept:.1f}"
