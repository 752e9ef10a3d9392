"""Whether an n-gram tells how an outlet writes, and not what an article says: places, sources, boilerplate.

A model that leans on such n-grams looks good on articles of the outlets that it has seen and fails on others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from framescope._types import Float64, UInt64
from framescope.features.ngrams import locate
from framescope.measure.top_ngrams import Ngram
from framescope.messages import Say, english, msg
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
MUCH = 0.03
"""Of what speaks for a label, the share from which on a single n-gram looks like a mark; none behind the labels
of the starter adds more than .023 in any language."""
FAR_AHEAD = 3
"""How many times as much as the next n-gram it must add, too."""
SELDOM = 0.4
"""Of all texts, the share of a month up to which it tells something that the texts of an n-gram are of it."""
MIN_REPEATED = 20
"""Characters from which on a sentence in so many texts counts as boilerplate."""
OF_ONE = msg("%(n)s of its %(all)s texts are of %(which)s")
_MONTH = re.compile(r"\d{4}-\d{2}")


@dataclass(frozen=True, slots=True)
class Articles:
    """What shortcuts are looked for in: texts without titles, their outlets, and their days, if known.

    Days are written 2024-05-31; what does not begin like that is not known.
    """

    texts: Sequence[str]
    sources: Sequence[str]
    dates: Sequence[str] = ()

    @property
    def months(self) -> list[str]:
        """The month of each text, such as 2024-05, "" where it is not known."""
        if not self.dates:
            return [""] * len(self.texts)
        return [date[:7] if _MONTH.match(date or "") else "" for date in self.dates]


@dataclass(frozen=True, slots=True)
class _Places:
    """Where n-grams stand: the rows of each one's texts; how often in all, near edges, in repeated sentences.

    ``counts`` is (3, n_ngrams).
    """

    rows: list[list[int]]
    counts: Float64


def find_shortcuts(
    ngrams: Iterable[Ngram], hashes: UInt64, articles: Articles, say: Say = english
) -> dict[int, tuple[str, ...]]:
    """Return, by feature, why n-grams look like shortcuts; those that do not are left out.

    ``hashes`` are those of the model's vocabulary; ``say`` says messages in the language of the reader.
    """
    named = {ngram.feature: ngram for ngram in ngrams}
    features = sorted(named, key=lambda feature: hashes[feature])
    places = _find_places(hashes[features], articles)
    months = articles.months
    n_of_month, found = Counter(filter(None, months)), {}
    for number, feature in enumerate(features):
        sources = [articles.sources[row] for row in places.rows[number]]
        reasons = (
            *_of_sources(named[feature], sources, say),
            *_of_places(*places.counts[:, number], say=say),
            *_of_months([months[row] for row in places.rows[number] if months[row]], n_of_month, say),
        )
        if any(map(str.isdigit, named[feature].text)):
            reasons = (*reasons, say(msg("a date or a number")))
        if reasons:
            found[feature] = reasons
    return found


def concentrated(ngrams: Sequence[Ngram], whole: float, say: Say = english) -> tuple[str, ...]:
    """Return why the first of a label's n-grams, best first, looks like a mark that all its articles bear.

    ``whole`` is the gap that the gaps of all n-grams sum up to. What an article says is carried by many
    n-grams; a template, a tag or a line that the collector has added is carried by one, whatever the outlets
    and wherever it stands.
    """
    if len(ngrams) < 2 or whole <= 0:
        return ()
    best, following = ngrams[0].gap, ngrams[1].gap
    if best < MUCH * whole or best < FAR_AHEAD * following:
        return ()
    told = say(msg("adds %(share)s of all that speaks for the label, %(times)s times the next"))
    return (told % {"share": f"{100 * best / whole:.0f} %", "times": f"{best / following:.0f}"},)


def _of_months(months: Sequence[str], n_of_month: Counter[str], say: Say) -> list[str]:
    """Judge an n-gram by when its texts were written or collected."""
    if len(months) < N_ENOUGH:
        return []
    month, n_texts = Counter(months).most_common(1)[0]
    if n_texts < MOSTLY * len(months) or n_of_month[month] > SELDOM * n_of_month.total():
        return []
    return [say(OF_ONE) % {"n": n_texts, "all": len(months), "which": month}]


def _of_sources(ngram: Ngram, sources: Sequence[str], say: Say) -> list[str]:
    """Judge an n-gram by the sources of its texts."""
    if len(sources) < N_ENOUGH:
        return []
    reasons = []
    source, n_texts = Counter(sources).most_common(1)[0]
    if source and n_texts >= MOSTLY * len(sources):
        reasons.append(say(OF_ONE) % {"n": n_texts, "all": len(sources), "which": source})
    words = _words(ngram.text)
    n_named = sum(words <= _words(source) for source in sources) if words and not ngram.is_part else 0
    if 2 * n_named > len(sources):
        told = say(msg("in the name of the source of %(n)s of its %(all)s texts"))
        reasons.append(told % {"n": n_named, "all": len(sources)})
    return reasons


def _of_places(n_total: float, n_edge: float, n_repeated: float, *, say: Say) -> list[str]:
    """Judge an n-gram by where it stands."""
    if n_total < N_ENOUGH:
        return []
    reasons = []
    if n_edge >= MOSTLY * n_total:
        reasons.append(say(msg("mostly in the first or last %(n)s characters, as bylines are")) % {"n": EDGE})
    if n_repeated >= MOSTLY * n_total:
        reasons.append(say(msg("mostly in sentences that %(n)s texts or more share")) % {"n": N_REPEATS})
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
