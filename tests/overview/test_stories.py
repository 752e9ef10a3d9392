"""Stories: what shares many words in few days, who was first, and what is a copy."""

from __future__ import annotations

from typing import Any

import pytest

from framescope.overview.build import Grouping, make_overview
from framescope.overview.contents import Story

EVENT = "The minister of transport opened the bridge over the Danube at Vidin in heavy rain on Tuesday morning"
OTHER = "A court in Varna fined four fishermen who had caught sturgeon without any licence last winter"


def story(id_: str, source: str, date: str, text: str, labels: list[str] | None = None) -> dict[str, Any]:
    return {
        "id": id_,
        "source": source,
        "date": date,
        "title": text[:20],
        "text": text,
        "labels": labels or ["union"],
    }


ROWS = (
    story("a", "Ехо", "2026-02-04", f"{EVENT}, wrote the paper"),
    story("b", "Herald", "2026-02-03", EVENT),
    story("c", "Ledger", "2026-02-05", EVENT, ["union", "divides"]),
    story("d", "Ledger", "2026-02-05", OTHER),
    story("e", "Herald", "2026-05-03", f"{EVENT} again"),
)


WORDS = ["harvest", "grapes", "parliament", "budget", "theatre", "festival", "railway", "strike"]
OTHERS = tuple(story(f"o{k}", "Post", "2026-01-05", " ".join(f"{word}{k}" for word in WORDS)) for k in range(8))
"""So that no story has half of all articles."""


def stories(feed_of: Any, rows: Any = ROWS, **fields: Any) -> tuple[tuple[Story, ...], str]:
    found = make_overview(feed_of([*OTHERS, *rows], **fields), Grouping(("source",)))
    return found.stories, " ".join(map(str, found.notes))


def test_close_articles_of_few_days_are_a_story(feed_of: Any) -> None:
    (found,), notes = stories(feed_of)
    assert found.ids == ("b", "a", "c")
    assert found.sources == ("Herald", "Ехо", "Ledger")
    assert (found.n_articles, found.n_copies) == (3, 2)
    assert (found.first_date, found.last_date) == ("2026-02-03", "2026-02-05")
    assert "share many words" in notes


def test_a_story_tells_who_was_first_with_each_label(feed_of: Any) -> None:
    (found,), _ = stories(feed_of)
    labels = {one.label: one for one in found.labels}
    assert (labels["union"].first_source, labels["union"].n_articles, labels["union"].n_sources) == (
        "Herald",
        3,
        3,
    )
    assert (labels["divides"].first_source, labels["divides"].first_date) == ("Ledger", "2026-02-05")
    assert labels["west"].n_articles == 1, "a label brings its parent"


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (("2026-02-03", "2026-02-03"), ""),
        (("2026-02-03T09:00:00Z", "2026-02-03T08:59:00Z"), "Herald"),
        (("2026-02-03T09:00:00Z", "2026-02-03T08:59:00+02:00"), ""),
        (("2026-02-03T09:00", "2026-02-03"), ""),
        (("", ""), ""),
    ],
)
def test_nobody_is_first_where_times_do_not_tell(feed_of: Any, dates: tuple[str, str], first: str) -> None:
    rows = [story("a", "Ехо", dates[0], f"{EVENT}."), story("b", "Herald", dates[1], EVENT)]
    found, _ = stories(feed_of, rows)
    assert found[0].labels[0].first_source == first


def test_an_article_without_a_date_is_of_no_story_with_one(feed_of: Any) -> None:
    rows = [story("a", "Ехо", "", EVENT), story("b", "Herald", "2026-02-03", EVENT)]
    assert stories(feed_of, rows)[0] == ()


def test_articles_without_a_label_are_of_no_story(feed_of: Any) -> None:
    rows = [ROWS[0], {**ROWS[1], "labels": []}, {**ROWS[2], "labels": []}]
    assert stories(feed_of, rows)[0] == ()


def test_without_texts_titles_are_compared(feed_of: Any) -> None:
    found, notes = stories(feed_of, has_texts=False)
    assert [one.ids for one in found] == [("b", "a", "c")]
    assert "whose titles share many words" in notes


def test_without_titles_equal_texts_are_one_story(feed_of: Any) -> None:
    found, notes = stories(feed_of, has_texts=False, column_names=("id", "source", "date"))
    assert [one.ids for one in found] == [("b", "c")]
    assert "equal texts only" in notes


def test_the_order_of_articles_does_not_matter(feed_of: Any) -> None:
    assert stories(feed_of, ROWS[::-1])[0] == stories(feed_of)[0]


def test_equal_texts_in_many_outlets_are_one_story(feed_of: Any) -> None:
    rows = [story(f"a{k:02d}", f"Outlet {k}", f"2026-02-{k + 1:02d}", EVENT) for k in range(25)]
    others = [story(f"x{k}", "Post", "2026-01-05", f"{OTHER} {k} {k * k}", ["west"]) for k in range(25)]
    found, _ = stories(feed_of, [*rows, *others])
    assert (found[0].n_articles, found[0].n_copies, found[0].labels[0].first_source) == (25, 24, "Outlet 0")


def test_the_stories_of_most_outlets_are_kept(feed_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framescope.overview.stories.MAX_STORIES", 1)
    again = [story("f", "Ledger", "2026-02-06", f"{OTHER} again"), story("g", "Ledger", "2026-02-07", OTHER)]
    found, notes = stories(feed_of, [*ROWS, *again])
    assert [one.ids for one in found] == [("b", "a", "c")]
    assert "the 1 largest of 2 stories are kept" in notes
