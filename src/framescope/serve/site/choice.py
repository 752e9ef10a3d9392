"""Which rows of a table are shown, and in which order: what the address of the page says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from starlette.datastructures import QueryParams

from framescope.serve.site.rows import ArticleRow

PER_PAGE = 100
N_OUTLETS = 200

STATES: dict[str, Callable[[ArticleRow], bool]] = {
    "with": lambda row: bool(row.labels),
    "review": lambda row: bool(row.labels.keys() - row.given),
    "none": lambda row: not row.labels,
    "unlike": lambda row: row.is_unlike,
}
"""What ``show`` may be, beside nothing."""

ORDERS: dict[str, Callable[[ArticleRow], Any]] = {
    "title": lambda row: row.title.casefold(),
    "outlet": lambda row: row.source.casefold(),
    "date": lambda row: row.date,
    "labels": lambda row: (len(row.given), max(row.labels.values(), default=0.0)),
    "typicality": lambda row: 2.0 if row.typicality is None else row.typicality,
}
"""What ``sort`` may be; with a minus before it, the greatest first."""

FIRST = "-labels"
"""The order where none is asked for: the surest labels first."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked for: words of a title or outlet, a label, a state, an outlet, dates, an order, a page."""

    words: str = ""
    label: str = ""
    show: str = ""
    outlet: str = ""
    since: str = ""
    until: str = ""
    sort: str = FIRST
    page: int = 1

    @classmethod
    def of(cls, query: QueryParams) -> Choice:
        """Return what an address asks for; what means nothing is left out."""
        sort, page = query.get("sort", FIRST), query.get("page", "1")
        since, until = (query.get(name, "") for name in ("since", "until"))
        return cls(
            words=query.get("words", "").strip(),
            label=query.get("label", ""),
            show=query.get("show", "") if query.get("show") in STATES else "",
            outlet=query.get("outlet", ""),
            since=since if _DATE.fullmatch(since) else "",
            until=until if _DATE.fullmatch(until) else "",
            sort=sort if sort.removeprefix("-") in ORDERS else FIRST,
            page=int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 7 else 1,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether rows are left out."""
        return any((self.words, self.label, self.show, self.outlet, self.since, self.until))

    def order_for(self, column: str) -> str:
        """Return what ``sort`` is after a click on a column's head."""
        first, other = (f"-{column}", column) if column == "labels" else (column, f"-{column}")
        return other if self.sort == first else first

    def direction(self, column: str) -> str:
        """Return what ``aria-sort`` of a column's head is."""
        if self.sort.removeprefix("-") != column:
            return "none"
        return "descending" if self.sort.startswith("-") else "ascending"


@dataclass(frozen=True, slots=True)
class Shown:
    """The rows of a page, of ``n`` that are left of ``n_all``; how many of those left have each label."""

    rows: Sequence[ArticleRow]
    n: int
    n_all: int
    page: int
    n_pages: int
    counts: Counter[str]


def chosen(rows: Sequence[ArticleRow], choice: Choice) -> Shown:
    """Return the rows that are asked for; a page beyond the last is the last."""
    found = [row for row in rows if _is_asked_for(row, choice)]
    found.sort(key=ORDERS[choice.sort.removeprefix("-")], reverse=choice.sort.startswith("-"))
    n_pages = max(1, ceil(len(found) / PER_PAGE))
    page = min(choice.page, n_pages)
    counts = Counter(label for row in found for label in row.labels)
    begin = (page - 1) * PER_PAGE
    return Shown(found[begin : begin + PER_PAGE], len(found), len(rows), page, n_pages, counts)


def outlets_of(rows: Sequence[ArticleRow]) -> list[str]:
    """Return the outlets with most articles, in the order of their names."""
    counts = Counter(row.source for row in rows if row.source)
    return sorted((name for name, _ in counts.most_common(N_OUTLETS)), key=str.casefold)


def _is_asked_for(row: ArticleRow, choice: Choice) -> bool:
    words, date = choice.words.casefold(), row.date[:10]
    return (
        (not choice.label or choice.label in row.labels)
        and (not choice.show or STATES[choice.show](row))
        and (not choice.outlet or row.source == choice.outlet)
        and (not words or words in row.title.casefold() or words in row.source.casefold())
        and (not choice.since or date >= choice.since)
        and (not choice.until or "" < date <= choice.until)
    )
