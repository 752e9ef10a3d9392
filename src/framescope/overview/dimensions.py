"""What articles are grouped by: a column such as the outlet, or the week or month of their date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from framescope._types import Int32, Int64
from framescope.overview.dates import (
    MISSING,
    UNREADABLE,
    days_of,
    month_number,
    name_of_month,
    name_of_week,
    week_number,
)
from framescope.overview.feed import OverviewError
from framescope.text.languages import primary_language

WEEK, MONTH, LANG, SOURCE, DATE = "week", "month", "lang", "source", "date"
PERIODS = (WEEK, MONTH)
MAX_VALUES = 20_000
MAX_GAP = 60
"""Periods without articles in a row that are shown; where there are more, a date is probably wrong."""

NO_DATE, UNREADABLE_DATE = "(no date)", "(date not readable)"


class Coder(Protocol):
    """Gives the values of a dimension numbers, batch by batch."""

    name: str
    column: str

    def codes(self, batch: Mapping[str, pa.Array]) -> Int32:
        """Return the number of each article's value."""

    def values(self) -> tuple[str, ...]:
        """Return the names of the numbers so far."""


@dataclass
class ColumnCoder:
    """Values of a column, as they are; codes of languages as they compare."""

    name: str
    column: str
    _known: dict[str, int] = field(default_factory=dict)

    def codes(self, batch: Mapping[str, pa.Array]) -> Int32:
        """Return the number of each article's value; an empty one is named."""
        coded = pc.dictionary_encode(pc.fill_null(pc.utf8_trim_whitespace(batch[self.column]), ""))
        numbers = [self._number(value) for value in coded.dictionary.to_pylist()]
        codes: Int32 = coded.indices.to_numpy(zero_copy_only=False)
        return np.array(numbers, np.int32)[codes] if numbers else np.zeros(0, np.int32)

    def values(self) -> tuple[str, ...]:
        """Return the names of the numbers so far."""
        return tuple(self._known)

    def _number(self, value: str) -> int:
        named = (primary_language(value) if self.name == LANG else value) or f"(no {self.name})"
        number = self._known.setdefault(named, len(self._known))
        if number >= MAX_VALUES:
            raise OverviewError(
                f"{self.column}: has more than {MAX_VALUES:,} values: expected a column of outlets or the like"
            )
        return number


@dataclass
class PeriodCoder:
    """Weeks or months of dates."""

    name: str
    column: str
    unreadable: list[str] = field(default_factory=list)
    n_unreadable: int = 0
    _known: dict[int, int] = field(default_factory=dict)

    def codes(self, batch: Mapping[str, pa.Array]) -> Int32:
        """Return the number of each article's period; what has none is named."""
        days = days_of(batch[self.column])
        self._note(batch[self.column], days)
        is_day = days > UNREADABLE
        number = week_number if self.name == WEEK else month_number
        periods = np.where(is_day, number(np.where(is_day, days, 0)), days)
        distinct, codes = np.unique(periods, return_inverse=True)
        numbers = [self._known.setdefault(int(period), len(self._known)) for period in distinct]
        return np.array(numbers, np.int32)[codes]

    def values(self) -> tuple[str, ...]:
        """Return the names of the numbers so far."""
        return tuple(self._named(period) for period in self._known)

    def gaps(self) -> tuple[str, ...]:
        """Return the periods without an article between those that have some."""
        found = sorted(period for period in self._known if period > UNREADABLE)
        return tuple(
            self._named(period)
            for before, after in pairwise(found)
            if after - before <= MAX_GAP
            for period in range(before + 1, after)
        )

    def before(self) -> dict[str, str]:
        """Return the name of the period before each, by its name."""
        found = [period for period in self._known if period > UNREADABLE]
        every = range(min(found), max(found) + 1) if found and max(found) - min(found) < MAX_VALUES else found
        return {self._named(period): self._named(period - 1) for period in every}

    def _named(self, period: int) -> str:
        if period in {MISSING, UNREADABLE}:
            return NO_DATE if period == MISSING else UNREADABLE_DATE
        return name_of_week(period) if self.name == WEEK else name_of_month(period)

    def _note(self, dates: pa.Array, days: Int32) -> None:
        rows = np.flatnonzero(days == UNREADABLE)
        self.n_unreadable += len(rows)
        if len(rows) and len(self.unreadable) < 3:
            self.unreadable.extend(dates.take(pa.array(rows[:3])).to_pylist()[: 3 - len(self.unreadable)])


def column_of(name: str, columns: Mapping[str, str]) -> str:
    """Return the column that a dimension is read from."""
    field_name = DATE if name in PERIODS else name
    return columns.get(field_name, field_name)


def coders_of(names: Sequence[str], columns: Mapping[str, str], available: Sequence[str]) -> list[Coder]:
    """Return what numbers the values of each dimension.

    ``columns`` say where the source, the language and the date are.

    Raises:
        OverviewError: a column is missing, or a name is there twice.
    """
    made: list[Coder] = []
    for name in names:
        column = column_of(name, columns)
        if column not in available:
            has = f"there are {', '.join(map(repr, available))}" if available else "there is none"
            raise OverviewError(
                f"{name}: there is no column {column!r}: {has}; carry it through with framescope score "
                f"--keep {column}, name another column for it, or leave {name} out of --by"
            )
        made.append(PeriodCoder(name, column) if name in PERIODS else ColumnCoder(name, column))
    return made


def order_of(name: str, values: Sequence[str]) -> Int64:
    """Return the places of values: periods in time, others by name, those in brackets last."""
    keys = [(value.startswith("("), value if name in PERIODS else value.casefold()) for value in values]
    order = sorted(range(len(values)), key=keys.__getitem__)
    places = np.empty(len(values), np.int64)
    places[order] = np.arange(len(values))
    return places
