"""Why a label has its score: sentences, words and n-grams with what each adds to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from framescope.evidence.contributions import Explanation
from framescope.evidence.shares import running_sums, value_of, values_of
from framescope.text.words import are_inside, word_offsets

N_SENTENCES = 3
N_TERMS = 8

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
    """A score, where it starts without any text, and what makes up the difference.

    ``meaning`` is what sentences add as an encoder sees them, a part of what the sentences add; ``likeness`` is
    how far the text resembles the label's description. None where the model has no encoder for it.
    """

    score: float
    intercept: float
    sentences: Balance
    words: Balance
    ngrams: Balance
    meaning: float | None = None
    likeness: float | None = None


def evidence_of(text: str, explanation: Explanation, sentences: Sequence[Bounds]) -> Evidence:
    """Sum up an explanation of ``text`` by sentence, by word and by n-gram."""
    spans, values = explanation.shares
    sums = running_sums(len(text), spans, values)
    offsets = word_offsets(text)
    parts = [Part(start, end, text[start:end], value_of(sums, start, end)) for start, end in sentences]
    words = [text[start:end].casefold() for start, end in offsets.tolist()]
    is_cut = are_inside(offsets, spans.ravel()).reshape(-1, 2).tolist()
    ngrams = [
        (_shown(part.text, *ends), part.value)
        for part, ends in zip(explanation.contributions, is_cut, strict=True)
        if not part.is_meaning
    ]
    meaning = [part.value for part in explanation.contributions if part.is_meaning]
    return Evidence(
        explanation.margin,
        explanation.intercept,
        _balance(parts, N_SENTENCES),
        _balance(_terms(zip(words, values_of(sums, offsets).tolist(), strict=True)), N_TERMS),
        _balance(_terms(ngrams), N_TERMS),
        sum(meaning) if meaning else None,
        explanation.likeness,
    )


def _shown(ngram: str, comes_from: bool, goes_on: bool) -> str:
    """Return an n-gram as a dictionary prints it, with hyphens where the word goes on."""
    return f"{'-' * comes_from}{' '.join(ngram.casefold().split())}{'-' * goes_on}"


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
