"""Stories: articles that tell one thing, who told it first, and with which label."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from framescope._types import Int32, Int64, Integers, UInt64
from framescope.corpus.duplicates import find_near_duplicates, normalize
from framescope.corpus.stories import find_stories
from framescope.overview.contents import Remark, Story, StoryLabel
from framescope.overview.dates import UNREADABLE, days_of, shown
from framescope.overview.feed import Feed
from framescope.overview.gathered import Gathered
from framescope.text.arrow import strings

MAX_ARTICLES = 6_000
"""Articles among which stories are looked for, the newest: comparing all with all takes time."""
MAX_STORIES = 300
MAX_SILENCE = 14
"""Days without an article after which the same words are another story."""

_TIME = re.compile(r"\d[T ](\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?$")


@dataclass(frozen=True, eq=False)
class _Articles:
    """Articles with a label, in the order of the feed."""

    rows: Integers
    ids: Sequence[str]
    titles: Sequence[str]
    sources: Sequence[str]
    dates: Sequence[str]
    days: Int32
    hashes: UInt64
    labels: Mapping[int, Sequence[int]]


def find(
    feed: Feed, found: Gathered, columns: Mapping[str, str]
) -> tuple[tuple[Story, ...], tuple[Remark, ...]]:
    """Return the stories of two articles or more, those of most outlets first, and how they were found.

    Only articles with a label are compared: by title and text where these are at hand, else by titles, else
    only equal texts are one story. ``columns`` say where fields are.
    """
    articles, notes = _read(feed, found, columns)
    texts, told = _texts(feed, articles)
    notes.append(told)
    stories = _split(_clusters(texts, articles.hashes), articles.days)
    copies = _copies(texts, articles.hashes)
    order = np.argsort(stories, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(stories[order])) + 1) if len(order) else []
    made = [_story(articles, group, copies, feed.codebook.ids) for group in groups if len(group) > 1]
    made.sort(key=lambda story: (-len(story.sources), -story.n_articles, story.first_date, story.ids))
    if len(made) > MAX_STORIES:
        values = {"n": MAX_STORIES, "all": len(made)}
        notes.append(Remark("the %(n)s largest of %(all)s stories are kept", values))
    return tuple(made[:MAX_STORIES]), tuple(notes)


def _read(feed: Feed, found: Gathered, columns: Mapping[str, str]) -> tuple[_Articles, list[Remark]]:
    rows, first = np.unique(found.entries.row, return_index=True)
    hashes, notes = found.entries.hash[first], []
    dates = _column(feed, rows, columns.get("date", "date"))
    days = days_of(strings(dates)) if len(rows) else np.zeros(0, np.int32)
    if len(rows) > MAX_ARTICLES:
        values = {"n": MAX_ARTICLES, "all": len(rows)}
        notes.append(Remark("stories are those of the newest %(n)s of %(all)s articles with a label", values))
        newest = np.sort(np.argsort(days, kind="stable")[-MAX_ARTICLES:])
        rows, hashes, days = rows[newest], hashes[newest], days[newest]
        dates = [dates[k] for k in newest.tolist()]
    place = {row: number for number, row in enumerate(rows.tolist())}
    labels: dict[int, list[int]] = {number: [] for number in range(len(rows))}
    for row, label in zip(found.entries.row.tolist(), found.entries.label.tolist(), strict=True):
        if row in place:
            labels[place[row]].append(label)
    ids, titles, sources = (_column(feed, rows, columns.get(name, name)) for name in ("id", "title", "source"))
    return _Articles(rows, ids, titles, sources, dates, days, hashes, labels), notes


def _column(feed: Feed, rows: Integers, name: str) -> list[str]:
    if name not in feed.column_names:
        return [""] * len(rows)
    return [value or "" for value in feed.look_up(rows, [name])[name].to_pylist()]


def _texts(feed: Feed, articles: _Articles) -> tuple[Sequence[str], Remark]:
    """Return what articles are compared by, empty where nothing is known, and a note that says what."""
    texts = feed.texts(articles.rows)
    if texts is not None:
        return texts, Remark("stories are articles with a label that share many words")
    if any(articles.titles):
        return articles.titles, Remark(
            "stories are articles with a label whose titles share many words: the scores have no texts; "
            "score with %(option)s for better ones",
            {"option": "--keep text"},
        )
    return [""] * len(articles.rows), Remark(
        "stories are articles of equal texts only: the scores have neither texts nor titles; "
        "score with %(option)s for better ones",
        {"option": "--keep title,text"},
    )


def _clusters(texts: Sequence[str], hashes: UInt64) -> Int64:
    """Return the number of each article's cluster: what shares many words, and what is equal."""
    clusters = find_stories(texts).astype(np.int64) if any(texts) else np.arange(len(texts))
    _, first, of = np.unique(hashes, return_index=True, return_inverse=True)
    return clusters[first[of]] if len(clusters) else clusters


def _split(clusters: Int64, days: Int32) -> Int64:
    """Return clusters that are cut where no article came for two weeks."""
    order = np.lexsort((days, clusters))
    is_new = np.ones(len(order), bool)
    is_new[1:] = (np.diff(clusters[order]) != 0) | (np.diff(days[order]) > MAX_SILENCE)
    stories = np.empty(len(order), np.int64)
    stories[order] = np.cumsum(is_new)
    return stories


def _copies(texts: Sequence[str], hashes: UInt64) -> set[int]:
    """Return the articles whose text, nearly, another one before them has."""
    _, first, of = np.unique(hashes, return_index=True, return_inverse=True)
    copies = set(np.flatnonzero(first[of] != np.arange(len(hashes))).tolist())
    near = find_near_duplicates([normalize(text) for text in texts])
    return copies | set(near.pairs[:, 1].tolist())


def _story(articles: _Articles, group: Integers, copies: set[int], labels: Sequence[str]) -> Story:
    members = sorted(group.tolist(), key=lambda k: (articles.days[k], _time(articles.dates[k])[0], k))
    dated = [k for k in members if articles.days[k] > UNREADABLE]
    counts = Counter(label for k in members for label in articles.labels[k])
    return Story(
        title=next((articles.titles[k] for k in members if articles.titles[k]), ""),
        n_articles=len(members),
        n_copies=sum(k in copies for k in members),
        first_date=_day(articles, dated[0]) if dated else "",
        last_date=_day(articles, dated[-1]) if dated else "",
        sources=tuple(dict.fromkeys(articles.sources[k] for k in members if articles.sources[k])),
        labels=tuple(_label(articles, members, label, labels[label]) for label, _ in counts.most_common()),
        ids=tuple(articles.ids[k] for k in members),
    )


def _label(articles: _Articles, members: Sequence[int], label: int, name: str) -> StoryLabel:
    carriers = [k for k in members if label in articles.labels[k]]
    dated = [k for k in carriers if articles.days[k] > UNREADABLE]
    return StoryLabel(
        label=name,
        n_articles=len(carriers),
        n_sources=len({articles.sources[k] for k in carriers}),
        first_source=_first(articles, dated),
        first_date=_day(articles, dated[0]) if dated else "",
    )


def _first(articles: _Articles, dated: Sequence[int]) -> str:
    """Return the outlet of the first article, "" if others may have been as early."""
    if not dated:
        return ""
    rivals = [k for k in dated if articles.days[k] == articles.days[dated[0]]]
    times = [_time(articles.dates[k]) for k in rivals]
    if all(time for time, _ in times) and len({zone for _, zone in times}) == 1:
        earliest = min(time for time, _ in times)
        rivals = [k for k, (time, _) in zip(rivals, times, strict=True) if time == earliest]
    sources = {articles.sources[k] for k in rivals}
    return sources.pop() if len(sources) == 1 else ""


def _time(date: str) -> tuple[str, str]:
    """Return the time of a date in ISO 8601 and its zone, "" where it has none."""
    found = _TIME.search(date.strip())
    return (found[1], found[2] or "") if found else ("", "")


def _day(articles: _Articles, k: int) -> str:
    return shown(int(articles.days[k]))
