"""Whether an n-gram tells how an outlet writes, and not what an article says: places, sources, boilerplate.

A model that leans on such n-grams looks good on articles of the outlets that it has seen and fails on others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from framescope._types import Float64, UInt64
from framescope.features.ngrams import locate
from framescope.measure.top_ngrams import Ngram
from framescope.text.characters import character_tables
from framescope.text.segments import Unit, segments
from framescope.text.words import words_of

N_ENOUGH = 5
"""Texts with an n-gram from which on its sources and places are judged."""
MOSTLY = 0.8
EDGE = 100
"""Characters at either end of a text where bylines stand, if the text is long enough to have a middle."""
MIDDLE = 3 * EDGE
N_REPEATS = 3
MIN_REPEATED = 20
"""Characters from which on a sentence in so many texts counts as boilerplate."""


@dataclass(frozen=True, slots=True)
class Articles:
    """What shortcuts are looked for in: the texts without their titles, and what their outlets are called."""

    texts: Sequence[str]
    sources: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Places:
    """Where n-grams stand: the rows of each one's texts; how often in all, near edges, in repeated sentences.

    ``counts`` is (3, n_ngrams).
    """

    rows: list[list[int]]
    counts: Float64


def find_shortcuts(ngrams: Iterable[Ngram], hashes: UInt64, articles: Articles) -> dict[int, tuple[str, ...]]:
    """Return, by feature, why n-grams look like shortcuts; those that do not are left out.

    ``hashes`` are those of the model's vocabulary.
    """
    named = {ngram.feature: ngram for ngram in ngrams}
    features = sorted(named, key=lambda feature: hashes[feature])
    places = _find_places(hashes[features], articles)
    found = {}
    for number, feature in enumerate(features):
        sources = [articles.sources[row] for row in places.rows[number]]
        reasons = (*_of_sources(named[feature], sources), *_of_places(*places.counts[:, number]))
        if any(map(str.isdigit, named[feature].text)):
            reasons = (*reasons, "a date or a number")
        if reasons:
            found[feature] = reasons
    return found


def _of_sources(ngram: Ngram, sources: Sequence[str]) -> list[str]:
    """Judge an n-gram by the sources of its texts."""
    if len(sources) < N_ENOUGH:
        return []
    reasons = []
    source, n_texts = Counter(sources).most_common(1)[0]
    if source and n_texts >= MOSTLY * len(sources):
        reasons.append(f"{n_texts} of its {len(sources)} texts are of {source}")
    words = _words(ngram.text)
    n_named = sum(words <= _words(source) for source in sources) if words and not ngram.is_part else 0
    if 2 * n_named > len(sources):
        reasons.append(f"in the name of the source of {n_named} of its {len(sources)} texts")
    return reasons


def _of_places(n_total: float, n_edge: float, n_repeated: float) -> list[str]:
    """Judge an n-gram by where it stands."""
    if n_total < N_ENOUGH:
        return []
    reasons = []
    if n_edge >= MOSTLY * n_total:
        reasons.append(f"mostly in the first or last {EDGE} characters, as bylines are")
    if n_repeated >= MOSTLY * n_total:
        reasons.append(f"mostly in sentences that {N_REPEATS} texts or more share")
    return reasons


def _find_places(wanted: UInt64, articles: Articles) -> _Places:
    """Look for the n-grams of these hashes, ascending."""
    places = _Places([[] for _ in wanted], np.zeros((3, len(wanted))))
    repeated = _repeated_sentences(articles.texts)
    for row, text in enumerate(articles.texts):
        hashes, spans = locate(text, character_tables())
        is_wanted = np.isin(hashes, wanted)
        numbers, (starts, ends) = np.searchsorted(wanted, hashes[is_wanted]), spans[is_wanted].T
        is_edge = (len(text) >= MIDDLE + 2 * EDGE) & ((ends <= EDGE) | (starts >= len(text) - EDGE))
        is_repeated = np.zeros(len(numbers), dtype=bool)
        for start, end in segments(text, Unit.SENTENCE):
            if _key(text[start:end]) in repeated:
                is_repeated |= (starts >= start) & (ends <= end)
        counted = (None, is_edge, is_repeated)
        places.counts[:] += [np.bincount(numbers, one, len(wanted)) for one in counted]
        for number in set(numbers.tolist()):
            places.rows[number].append(row)
    return places


def _repeated_sentences(texts: Sequence[str]) -> set[str]:
    """Return the sentences that several texts share, case and spacing aside."""
    counts = Counter(
        sentence
        for text in texts
        for sentence in {_key(text[start:end]) for start, end in segments(text, Unit.SENTENCE)}
    )
    return {sentence for sentence, n in counts.items() if n >= N_REPEATS and len(sentence) >= MIN_REPEATED}


def _key(sentence: str) -> str:
    return " ".join(sentence.casefold().split())


def _words(text: str) -> set[str]:
    return set(words_of(text.casefold()))
