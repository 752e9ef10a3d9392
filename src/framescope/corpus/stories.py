"""Which articles tell one story, by the words that they share, and what units are grouped by.

Articles on one event share names and phrases that no other article has. A model that has seen one of them
knows more of the others than it will know of tomorrow's news.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from framescope._types import BoolArray, Float32, Indices, Integers
from framescope.corpus.duplicates import likeness, normalize
from framescope.corpus.schema import Corpus

STORY = "story"
"""The name to group by, of a column or else of what is found here."""

SAME_STORY = 0.35
"""Cosine above which two articles tell one story."""

STEP = 0.1
MAX_SHARE = 0.1
MIN_STORY = 20
"""Articles of which a story may always have as many, however small the corpus."""


def groups_of(corpus: Corpus, group_by: str) -> list[str]:
    """Return the name of each unit's group: by a column of the corpus, or by the stories that are found.

    Raises:
        CorpusError: there is no such column, or it holds no names.
    """
    if group_by != STORY or STORY in corpus.table.column_names:
        return corpus.groups(group_by)
    articles: defaultdict[str, list[str]] = defaultdict(list)
    for article, text in zip(corpus.column("article_id"), corpus.full_texts(), strict=True):
        articles[article].append(text)
    stories = find_stories(["\n".join(texts) for texts in articles.values()])
    ids = list(articles)
    first = np.unique(stories, return_index=True)[1]
    names = {article: f"story of {ids[first[story]]}" for article, story in zip(ids, stories, strict=True)}
    return [names[article] for article in corpus.column("article_id")]


def find_stories(texts: Sequence[str]) -> Indices:
    """Return the number of each text's story, counted in the order of the texts: (n_texts,).

    Texts are joined by a chain of pairs whose TF-IDF vectors of words have a cosine above 0.35. Where a
    chain joins more than :func:`largest_story`, it is cut at weaker links.
    """
    pairs, cosines = likeness([normalize(text) for text in texts], threshold=SAME_STORY)
    return joined(len(texts), pairs, cosines, least=SAME_STORY, largest=largest_story(len(texts)))


def largest_story(n_texts: int) -> float:
    """Return of how many texts a story may be: a tenth or 20, but no more than half."""
    return min(max(MIN_STORY, MAX_SHARE * n_texts), n_texts / 2)


def joined(n_texts: int, pairs: Integers, cosines: Float32, *, least: float, largest: float) -> Indices:
    """Return the number of each text's story, counted in the order of the texts: (n_texts,).

    Pairs with a cosine of ``least`` join texts. Where a chain of them joins more than ``largest``, more is
    asked of its pairs, step by step.
    """
    stories = np.arange(n_texts)
    waiting = [(stories.copy(), np.arange(len(pairs)), least)]
    while waiting:
        rows, links, threshold = waiting.pop()
        links = links[cosines[links] >= threshold]
        part = _parts(rows, pairs[links])
        _, first, sizes = np.unique(part, return_index=True, return_counts=True)
        stories[rows] = rows[first[part]]
        is_long = (sizes > largest) & (threshold < 1)
        of_link = part[np.searchsorted(rows, pairs[links, 0])]
        inside = _by_part(rows, part, is_long), _by_part(links, of_link, is_long)
        waiting += [(*both, threshold + STEP) for both in zip(*inside, strict=True)]
    return np.unique(stories, return_inverse=True)[1].astype(np.intp)


def _by_part(members: Indices, part: Indices, is_wanted: BoolArray) -> list[Indices]:
    """Return the members of each part that is wanted, in their order."""
    chosen = np.flatnonzero(is_wanted[part])
    order = chosen[np.argsort(part[chosen], kind="stable")]
    ends = np.searchsorted(part[order], np.flatnonzero(is_wanted), side="right")
    return [members[places] for places in np.split(order, ends)[:-1]]


def _parts(rows: Indices, pairs: Integers) -> Indices:
    """Return the number of each row's part, of those that pairs of rows join; rows ascend."""
    ends = np.searchsorted(rows, pairs)
    links = sp.csr_matrix((np.ones(len(ends)), ends.T), shape=(len(rows), len(rows)))
    return connected_components(links, directed=False)[1].astype(np.intp)
