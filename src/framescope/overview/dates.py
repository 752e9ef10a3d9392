"""Days, weeks and months from dates as people write them, without a loop over articles.

Dates are cut to their day first, so that each day of a form is read once. Weeks are those of ISO 8601.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from framescope._types import Int32

MISSING, UNREADABLE = -(10**6), -(10**6) + 1
"""In place of a day."""

_EPOCH = date(1970, 1, 1).toordinal()
_DAYS_BEFORE = 3  # of its week
_TIME = r"(?:[T ,]+|\s+at\s+)\d{1,2}:\d{2}.*$|T\d{2,6}(?:[.,]\d+)?Z?$|\s+(?:г\.?|года?|год\.)$"
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_RUSSIAN = ("янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_MONTHS = {name: number for names in (_ENGLISH, _RUSSIAN) for number, name in enumerate(names, start=1)}
_MONTHS |= {"мая": 5, "юни": 6, "юли": 7, "сеп": 9, "ное": 11}
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_BASIC = re.compile(r"(\d{4})(\d{2})(\d{2})")
_WEEK = re.compile(r"(\d{4})-?W(\d{2})(?:-?(\d))?")
_DOTS = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
_SLASHES = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_WORDS = re.compile(r"(?:\w+\.?,\s*)?(\d{1,2})(?:st|nd|rd|th)?[\s.-]+([^\W\d]{3,})\.?,?[\s-]+(\d{4})")
_AMERICAN = re.compile(r"(?:\w+\.?,\s*)?([^\W\d]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")


def days_of(dates: pa.Array) -> Int32:
    """Return the day of each date, counted from 1970; ``MISSING`` or ``UNREADABLE`` where there is none.

    ``dates`` are strings: ISO 8601 with or without a time, 3.2.2026, 3 February 2026 or Feb 3, 2026 in English,
    Russian or Bulgarian, also behind a day of the week. 3/2/2026 could be two days, and is not read.
    """
    cut = pc.utf8_trim_whitespace(pc.replace_substring_regex(pc.utf8_trim_whitespace(dates), _TIME, ""))
    coded = pc.dictionary_encode(pc.fill_null(cut, ""))
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    days = np.array([_day_of(text) for text in coded.dictionary.to_pylist()], np.int32)
    codes: Int32 = coded.indices.to_numpy(zero_copy_only=False)
    return days[codes] if len(days) else np.zeros(0, np.int32)


def week_number(days: Int32) -> Int32:
    """Return the number of each day's ISO week: 0 is the week of 1 January 1970, which began on a Monday."""
    return np.asarray((days + _DAYS_BEFORE) // 7)


def month_number(days: Int32) -> Int32:
    """Return the number of each day's month: 0 is January 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int32)


def name_of_week(number: int) -> str:
    """Return the name of a week.

    >>> [name_of_week(int(week)) for week in week_number(np.array([20454, 20457], np.int32))]
    ['2026-W01', '2026-W01']
    """
    year, week, _ = date.fromordinal(_EPOCH + 7 * number).isocalendar()
    return f"{year}-W{week:02d}"


def name_of_month(number: int) -> str:
    """Return the name of a month.

    >>> name_of_month(12)
    '1971-01'
    """
    return f"{1970 + number // 12}-{number % 12 + 1:02d}"


def shown(day: int) -> str:
    """Return a day in ISO 8601.

    >>> shown(20454)
    '2026-01-01'
    """
    return date.fromordinal(_EPOCH + day).isoformat()


def _day_of(text: str) -> int:
    if not text:
        return MISSING
    for pattern, read in _FORMS:
        if found := pattern.fullmatch(text):
            try:
                return read(found).toordinal() - _EPOCH
            except (ValueError, KeyError):
                return UNREADABLE
    return UNREADABLE


def _year_first(found: re.Match[str]) -> date:
    return date(int(found[1]), int(found[2]), int(found[3]))


def _day_first(found: re.Match[str]) -> date:
    return date(int(found[3]), int(found[2]), int(found[1]))


def _slashed(found: re.Match[str]) -> date:
    """Read a date of which one number only can be the month."""
    first, second = int(found[1]), int(found[2])
    if first <= 12 and second <= 12 and first != second:
        raise ValueError("two days")
    day, month = (first, second) if first > 12 else (second, first)
    return date(int(found[3]), month, day)


def _of_week(found: re.Match[str]) -> date:
    return date.fromisocalendar(int(found[1]), int(found[2]), int(found[3] or 1))


def _in_words(found: re.Match[str]) -> date:
    return date(int(found[3]), _MONTHS[found[2][:3].casefold()], int(found[1]))


def _month_first(found: re.Match[str]) -> date:
    return date(int(found[3]), _MONTHS[found[1][:3].casefold()], int(found[2]))


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], date]], ...] = (
    (_ISO, _year_first),
    (_BASIC, _year_first),
    (_WEEK, _of_week),
    (_DOTS, _day_first),
    (_SLASHES, _slashed),
    (_WORDS, _in_words),
    (_AMERICAN, _month_first),
)
