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

from framescope._types import BoolArray, Indices, Int32
from framescope.corpus.duplicates import likeness, normalize
from framescope.corpus.schema import Corpus

STORY = "story"
"""The name to group by, of a column or else of what is found here."""

SAME_STORY = 0.35
"""Cosine from which on two articles tell one story."""

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

    Texts are joined by a chain of pairs whose TF-IDF vectors of words have a cosine of at least 0.35. Where a
    chain joins more than a tenth of the texts and more than 20, or more than half, it is cut at weaker links.
    """
    pairs, cosines = likeness([normalize(text) for text in texts], threshold=SAME_STORY)
    stories = np.arange(len(texts))
    waiting = [(stories.copy(), SAME_STORY)]
    most = min(max(MIN_STORY, MAX_SHARE * len(texts)), len(texts) / 2)
    while waiting:
        rows, threshold = waiting.pop()
        for part in _joined(rows, pairs, cosines >= threshold):
            if len(part) > most and threshold < 1:
                waiting.append((part, threshold + STEP))
            else:
                stories[part] = part[0]
    return np.unique(stories, return_inverse=True)[1].astype(np.intp)


def _joined(rows: Indices, pairs: Int32, is_link: BoolArray) -> list[Indices]:
    """Return the rows, ascending, in the parts that links among them join."""
    linked = pairs[is_link & np.isin(pairs, rows).all(axis=1)]
    inside = np.searchsorted(rows, linked)
    links = sp.csr_matrix((np.ones(len(inside)), inside.T), shape=(len(rows), len(rows)))
    part = connected_components(links, directed=False)[1]
    order = np.argsort(part, kind="stable")
    return [rows[where] for where in np.split(order, np.flatnonzero(np.diff(part[order])) + 1) if len(where)]
