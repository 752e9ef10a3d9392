"""Which rows of the table are shown."""

from __future__ import annotations

import pytest
from starlette.datastructures import QueryParams

from framescope.serve.site.choice import PER_PAGE, Choice, chosen, outlets_of
from framescope.serve.site.rows import ArticleRow

ROWS = [
    ArticleRow("1", "Блок", "Б", "2026-11-01", "bg", {"bloc": 0.9}, {"bloc"}, 0.5, 1),
    ArticleRow("2", "Съюз", "А", "2026-11-02", "bg", {"bloc": 0.4, "west": 0.6}, set(), 0.1, 1),
    ArticleRow("3", "union", "", "", "en", {}, set(), 0.001, 2, 1),
]


def ids(**query: str) -> str:
    return "".join(row.id for row in chosen(ROWS, Choice.of(QueryParams(query))).rows)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "123"),  # the surest labels first, then those to review
        ({"sort": "labels"}, "321"),
        ({"sort": "outlet"}, "321"),
        ({"sort": "-date"}, "213"),
        ({"sort": "title"}, "312"),
        ({"sort": "typicality"}, "321"),
        ({"show": "review"}, "2"),
        ({"show": "with"}, "12"),
        ({"show": "none"}, "3"),
        ({"show": "unlike"}, "3"),
        ({"label": "west"}, "2"),
        ({"outlet": "Б"}, "1"),
        ({"words": "СЪЮЗ"}, "2"),
        ({"words": "б"}, "1"),
        ({"since": "2026-11-02"}, "2"),
        ({"until": "2026-11-01"}, "1"),
        ({"sort": "nonsense", "show": "?", "since": "then", "page": "-1"}, "123"),
        ({"page": "99"}, "123"),
    ],
)
def test_rows_are_those_that_are_asked_for(query: dict[str, str], expected: str) -> None:
    assert ids(**query) == expected


def test_a_page_has_a_hundred_rows() -> None:
    rows = [ArticleRow(str(n), str(n), "", "", "", {"bloc": 0.5}, set(), None, 1) for n in range(PER_PAGE + 1)]
    found = chosen(rows, Choice(page=2))
    assert (len(found.rows), found.n, found.n_all, found.page, found.n_pages) == (1, 101, 101, 2, 2)
    assert found.counts == {"bloc": 101}


def test_a_second_click_turns_the_order() -> None:
    by_date = Choice.of(QueryParams({"sort": "date"}))
    assert (by_date.order_for("date"), by_date.order_for("labels")) == ("-date", "-labels")
    assert (by_date.direction("date"), by_date.direction("title")) == ("ascending", "none")
    assert Choice().order_for("labels") == "labels"


def test_outlets_are_in_the_order_of_their_names() -> None:
    assert outlets_of(ROWS) == ["А", "Б"]
