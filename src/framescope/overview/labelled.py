"""Articles with a label: which are close or equal, and which tell one story."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from framescope._types import Indices, Int32, Integers, UInt64
from framescope.corpus.stories import joined, largest_story
from framescope.overview.contents import Remark
from framescope.overview.dates import MISSING, days_of
from framescope.overview.feed import Feed
from framescope.overview.gathered import Entries
from framescope.overview.links import Links, links_of
from framescope.overview.sketches import sketches_of
from framescope.text.utf8 import Utf8Texts

SAME_STORY, COPY = 0.33, 0.6
"""Cosines of sketches from which on articles tell one story, or are copies: about 0.35 and 0.7 of all words."""
MAX_STORY = 1_000
"""Articles of a story, at most; a chain of more is cut at weaker links."""
MAX_SILENCE = 14
"""Days without an article after which the same words are another story."""

Batches = Callable[[], Iterable[Utf8Texts]]


@dataclass(frozen=True, eq=False)
class Labelled:
    """What is known of articles with a label: rows ascend; sources are numbers, -1 for none."""

    rows: Integers
    hashes: UInt64
    days: Int32
    sources: Int32


def read_labelled(feed: Feed, entries: Entries, columns: Mapping[str, str]) -> Labelled:
    """Return the articles with a label; ``columns`` say where fields are."""
    rows, first = np.unique(entries.row, return_index=True)
    dates, sources = (column_of(feed, rows, columns.get(name, name)) for name in ("date", "source"))
    days = np.full(len(rows), MISSING, np.int32) if dates is None else days_of(dates)
    numbers = np.full(len(rows), -1, np.int32)
    if sources is not None:
        coded = pc.dictionary_encode(sources)
        is_named = pc.not_equal(sources, "").to_numpy(zero_copy_only=False)
        numbers = np.where(is_named, coded.indices.to_numpy(zero_copy_only=False), -1).astype(np.int32)
    return Labelled(rows, entries.hash[first], days, numbers)


def column_of(feed: Feed, rows: Integers, name: str) -> pa.Array | None:
    """Return a column of some articles, "" where it has nothing; None if it is not there."""
    if name not in feed.column_names:
        return None
    return pc.fill_null(feed.look_up(rows, [name])[name], "").combine_chunks()


def batches_of(feed: Feed, rows: Integers, columns: Mapping[str, str]) -> tuple[Batches, Remark]:
    """Return what articles are compared by, nothing where nothing is known, and a note that says what."""
    if feed.has_texts:
        return lambda: feed.text_batches(rows), Remark(
            "stories are articles with a label that share many words"
        )
    titles = column_of(feed, rows, columns.get("title", "title"))
    if titles is not None and pc.any(pc.not_equal(titles, "")).as_py():
        return lambda: [Utf8Texts.from_arrow(titles)], Remark(
            "stories are articles with a label whose titles share many words: the scores have no texts; "
            "score with %(option)s for better ones",
            {"option": "--keep text"},
        )
    return lambda: [], Remark(
        "stories are articles of equal texts only: the scores have neither texts nor titles; "
        "score with %(option)s for better ones",
        {"option": "--keep title,text"},
    )


def links_between(known: Labelled, batches: Batches) -> Links:
    """Return the pairs of close articles of few days, the earlier first."""
    order = np.lexsort((known.hashes, known.days))
    sketches = sketches_of(batches, len(known.rows))
    return links_of(sketches, known.days, order, silence=MAX_SILENCE, least=SAME_STORY)


def equal_pairs(known: Labelled) -> Int32:
    """Return the pairs of equal articles of few days, the earlier first: (n_pairs, 2)."""
    order = np.lexsort((known.days, known.hashes))
    is_equal = np.diff(known.hashes[order]) == 0
    is_near = np.diff(known.days[order]) <= MAX_SILENCE
    pairs: Int32 = np.column_stack([order[:-1], order[1:]])[is_equal & is_near].astype(np.int32)
    return pairs


def stories_of(known: Labelled, links: Links, equal: Int32) -> Indices:
    """Return the number of each article's story; equal articles are of one, whatever is cut."""
    n_articles = len(known.rows)
    largest = min(largest_story(n_articles), MAX_STORY)
    close = joined(n_articles, links.pairs, links.cosines, least=SAME_STORY, largest=largest)
    certain = np.ones(len(equal), np.float32)
    return joined(int(close.max(initial=-1)) + 1, close[equal], certain, least=1, largest=np.inf)[close]


def largest_stories(known: Labelled, story_of: Indices) -> Indices:
    """Return the stories of two articles or more: those of most outlets first, then those of most articles."""
    _, n_articles = np.unique(story_of, return_counts=True)
    named = np.unique(np.column_stack([story_of, known.sources])[known.sources >= 0], axis=0)
    n_sources = np.bincount(named[:, 0], minlength=len(n_articles))
    first_day = np.full(len(n_articles), np.iinfo(np.int32).max)
    np.minimum.at(first_day, story_of, known.days)
    least_hash = np.full(len(n_articles), np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(least_hash, story_of, known.hashes)
    order = np.lexsort((least_hash, first_day, -n_articles, -n_sources))
    return order[n_articles[order] > 1]
