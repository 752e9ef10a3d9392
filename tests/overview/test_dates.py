"""Dates as people write them, and the weeks and months that they are in."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from framescope.overview.dates import (
    MISSING,
    UNREADABLE,
    days_of,
    month_number,
    name_of_month,
    name_of_week,
    shown,
    week_number,
)
from framescope.text.arrow import strings


def day_of(text: str | None) -> int:
    return int(days_of(strings([text]))[0])


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-03",
        "2026-02-03T23:59:59Z",
        "2026-02-03T10:20:30.123+02:00",
        "2026-02-03 10:20",
        " 2026/2/3 ",
        "20260203",
        "20260203T102030Z",
        "2026-W06-2",
        "3.2.2026",
        "03.02.2026 г.",
        "03.02.2026, 10:20",
        "3 February 2026",
        "3 Feb 2026",
        "Tue, 03 Feb 2026 10:20:30 GMT",
        "February 3, 2026",
        "Feb 3rd, 2026 at 10:20 AM",
        "3 февраля 2026 года",
        "3 февруари 2026 г.",
    ],
)
def test_forms_of_a_date(text: str) -> None:
    assert shown(day_of(text)) == "2026-02-03"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("5 мая 2026", "2026-05-05"), ("12 юни 2026", "2026-06-12"), ("13/2/2026", "2026-02-13")],
)
def test_months_in_other_words(text: str, expected: str) -> None:
    assert shown(day_of(text)) == expected


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-02-30", "3/2/2026", "2026", "03.02.26", "3 Foo 2026", "9999999999999999-01-01"]
)
def test_what_is_no_date_or_two_is_not_read(text: str) -> None:
    assert day_of(text) == UNREADABLE


def test_nothing_is_missing() -> None:
    assert days_of(strings([None, "", "  "])).tolist() == [MISSING] * 3
    assert days_of(strings([])).tolist() == []


def test_weeks_and_months_have_the_names_of_their_calendar() -> None:
    """Of every day of twelve years, with years of 53 weeks among them."""
    first = date(2015, 1, 1)
    days = np.arange(12 * 365, dtype=np.int32) + (first - date(1970, 1, 1)).days
    for day, week, month in zip(
        days.tolist(), week_number(days).tolist(), month_number(days).tolist(), strict=True
    ):
        found = date.fromordinal(date(1970, 1, 1).toordinal() + day)
        year, number, _ = found.isocalendar()
        assert name_of_week(week) == f"{year}-W{number:02d}"
        assert name_of_month(month) == f"{found:%Y-%m}"
