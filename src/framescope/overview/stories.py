"""Stories: articles that tell one thing, who told it first, and with which label."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from framescope._types import BoolArray, Indices, Int32
from framescope.overview.contents import Remark, Story, StoryLabel
from framescope.overview.dates import UNREADABLE, shown
from framescope.overview.feed import Feed
from framescope.overview.gathered import Entries, Gathered
from framescope.overview.labelled import (
    COPY,
    Labelled,
    batches_of,
    column_of,
    equal_pairs,
    largest_stories,
    links_between,
    read_labelled,
    stories_of,
)

MAX_STORIES = 300

_TIME = re.compile(r"\d[T ](\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?$")


@dataclass(frozen=True, eq=False)
class _Articles:
    """The articles of the stories that are kept, in the order of the feed."""

    ids: Sequence[str]
    titles: Sequence[str]
    sources: Sequence[str]
    dates: Sequence[str]
    days: Int32
    is_copy: BoolArray
    labels: Mapping[int, Sequence[int]]


def find(
    feed: Feed, found: Gathered, columns: Mapping[str, str]
) -> tuple[tuple[Story, ...], tuple[Remark, ...]]:
    """Return the stories of two articles or more, those of most outlets first, and how they were found.

    Only articles with a label are compared: by title and text where these are at hand, else by titles, else
    only equal texts are one story. ``columns`` say where fields are.
    """
    known = read_labelled(feed, found.entries, columns)
    batches, told = batches_of(feed, known.rows, columns)
    links, equal = links_between(known, batches), equal_pairs(known)
    story_of = stories_of(known, links, equal)
    every = largest_stories(known, story_of)
    members = np.flatnonzero(np.isin(story_of, every[:MAX_STORIES]))
    is_copy = np.zeros(len(known.rows), bool)
    is_copy[links.pairs[links.cosines >= COPY, 1]] = True
    is_copy[equal[:, 1]] = True
    articles = _articles(feed, found.entries, known, columns, (members, is_copy[members]))
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for number, story in enumerate(story_of[members].tolist()):
        groups[story].append(number)
    made = [_story(articles, group, feed.codebook.ids) for group in groups.values()]
    made.sort(key=lambda story: (-len(story.sources), -story.n_articles, story.first_date, story.ids))
    notes = [told]
    if len(every) > len(made):
        values = {"n": len(made), "all": len(every)}
        notes.append(Remark("the %(n)s largest of %(all)s stories are kept", values))
    return tuple(made), tuple(notes)


def _articles(
    feed: Feed,
    entries: Entries,
    known: Labelled,
    columns: Mapping[str, str],
    members: tuple[Indices, BoolArray],
) -> _Articles:
    places, is_copy = members
    rows = known.rows[places]
    labels: defaultdict[int, list[int]] = defaultdict(list)
    at = np.searchsorted(rows, entries.row)
    is_member = np.isin(entries.row, rows)
    for number, label in zip(at[is_member].tolist(), entries.label[is_member].tolist(), strict=True):
        labels[number].append(label)

    def listed(name: str) -> list[str]:
        column = column_of(feed, rows, columns.get(name, name))
        return [""] * len(rows) if column is None else column.to_pylist()

    return _Articles(
        ids=listed("id"),
        titles=listed("title"),
        sources=listed("source"),
        dates=listed("date"),
        days=known.days[places],
        is_copy=is_copy,
        labels=labels,
    )


def _story(articles: _Articles, group: Sequence[int], labels: Sequence[str]) -> Story:
    members = sorted(group, key=lambda k: (articles.days[k], _time(articles.dates[k])[0], k))
    dated = [k for k in members if articles.days[k] > UNREADABLE]
    counts = Counter(label for k in members for label in articles.labels[k])
    return Story(
        title=next((articles.titles[k] for k in members if articles.titles[k]), ""),
        n_articles=len(members),
        n_copies=int(articles.is_copy[group].sum()),
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
