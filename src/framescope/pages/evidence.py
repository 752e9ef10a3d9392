"""Why a label has its score: sentences, words and n-grams with what each adds to it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from framescope.predictor import Contribution, Explanation

N_SENTENCES = 3
N_TERMS = 8

_RUN = re.compile(r"\S+")
Bounds = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the text, and what it adds to a score."""

    start: int
    end: int
    text: str
    value: float


@dataclass(frozen=True, slots=True)
class Term:
    """A word or an n-gram, and what it adds to a score at all its places together."""

    text: str
    value: float
    count: int


@dataclass(frozen=True, slots=True)
class Balance:
    """What speaks most for a label and against it, strongest first."""

    speak_for: tuple[Part | Term, ...]
    against: tuple[Part | Term, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A score, where it starts without any text, and what makes up the difference."""

    score: float
    intercept: float
    sentences: Balance
    words: Balance
    ngrams: Balance


def evidence_of(text: str, explanation: Explanation, sentences: Sequence[Bounds]) -> Evidence:
    """Sum up an explanation of ``text`` by sentence, by word and by n-gram."""
    sums = running_sums(len(text), explanation.contributions)
    parts = [Part(start, end, text[start:end], value_of(sums, start, end)) for start, end in sentences]
    words = [(text[start:end].casefold(), value_of(sums, start, end)) for start, end in words_of(text)]
    ngrams = [(_shown(text, part), part.value) for part in explanation.contributions]
    return Evidence(
        explanation.margin,
        explanation.intercept,
        _balance(parts, N_SENTENCES),
        _balance(_terms(words), N_TERMS),
        _balance(_terms(ngrams), N_TERMS),
    )


def running_sums(n_characters: int, contributions: Sequence[Contribution]) -> npt.NDArray[np.float64]:
    """Share contributions out equally to their characters; return the sums before each: (n_characters + 1,)."""
    starts = np.array([part.start for part in contributions], np.int64)
    ends = np.array([part.end for part in contributions], np.int64)
    shares = np.array([part.value for part in contributions]) / np.maximum(ends - starts, 1)
    slopes = np.bincount(starts, shares, n_characters + 1) - np.bincount(ends, shares, n_characters + 1)
    return np.concatenate([np.zeros(1), np.cumsum(np.cumsum(slopes)[:-1])])


def value_of(sums: npt.NDArray[np.float64], start: int, end: int) -> float:
    """Return what the characters from ``start`` to ``end`` add to the score."""
    return float(sums[end] - sums[start])


def words_of(text: str) -> Iterator[Bounds]:
    """Yield the words: runs between spaces, without the punctuation around them.

    Marks count as letters, so that a word of Devanagari stays whole.

    >>> [text[a:b] for text in ["«анти-ОДКС», संघ।"] for a, b in words_of(text)]
    ['анти-ОДКС', 'संघ']
    """
    for match in _RUN.finditer(text):
        start, end = match.span()
        while start < end and not is_letter(text[start]):
            start += 1
        while start < end and not is_letter(text[end - 1]):
            end -= 1
        if start < end:
            yield start, end


def is_letter(character: str) -> bool:
    """Tell whether a character is a part of a word: a letter, a mark on one, or a digit."""
    return unicodedata.category(character)[0] in "LMN"


def _shown(text: str, part: Contribution) -> str:
    """Return an n-gram as a dictionary prints it, with hyphens where the word goes on."""
    goes_on, comes_from = (_is_within_word(text, at) for at in (part.end, part.start))
    return f"{'-' * comes_from}{' '.join(part.text.casefold().split())}{'-' * goes_on}"


def _is_within_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and is_letter(text[at - 1]) and is_letter(text[at])


def _terms(values: Iterable[tuple[str, float]]) -> list[Term]:
    counts: Counter[str] = Counter()
    totals: dict[str, float] = {}
    for text, value in values:
        counts[text] += 1
        totals[text] = totals.get(text, 0.0) + value
    return [Term(text, value, counts[text]) for text, value in totals.items()]


def _balance(parts: Sequence[Part | Term], n_shown: int) -> Balance:
    ranked = sorted(parts, key=lambda part: -part.value)
    return Balance(
        tuple(part for part in ranked[:n_shown] if part.value > 0),
        tuple(part for part in ranked[: -n_shown - 1 : -1] if part.value < 0),
    )
