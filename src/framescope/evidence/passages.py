"""From what single words add to a margin to the passages that carry a label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from framescope._types import Float64, Indices
from framescope.evidence.shares import value_of, values_of
from framescope.text.segments import Unit, segments
from framescope.text.words import word_offsets

ROUNDING = 1e-9  # of shares, which are differences of sums


@dataclass(frozen=True, slots=True)
class Span:
    """A passage that carries a label: ``text[start:end]``, and its share of the label's margin."""

    start: int
    end: int
    label: str
    weight: float


@dataclass(frozen=True, slots=True)
class Smoothing:
    """How words become passages.

    A sentence speaks for a label where its share reaches ``cut`` times that of the text's best one. What it
    says are its words whose shares are positive, smoothed by a normal kernel of standard deviation ``width``,
    in words.
    """

    width: float = 8.0
    cut: float = 0.5


DEFAULT_SMOOTHING = Smoothing()


def passages(
    text: str, label: str, sums: Float64, smoothing: Smoothing = DEFAULT_SMOOTHING
) -> tuple[Span, ...]:
    """Return the passages that speak for a label, in text order; none where no sentence does.

    ``sums`` are the label's :func:`~framescope.evidence.shares.running_sums`. The weights of passages, and of
    what is between them, add up to the sum of the contributions.
    """
    sentences = np.array(segments(text, Unit.SENTENCE), np.intp).reshape(-1, 2)
    totals = values_of(sums, sentences)
    best = totals.max(initial=0.0)
    if best <= 0:
        return ()
    words = word_offsets(text)
    return tuple(
        Span(start, end, label, value_of(sums, start, end))
        for first, last in sentences[totals >= (smoothing.cut - ROUNDING) * best]
        for start, end in _positive_runs(_within(words, first, last), sums, smoothing.width)
    )


def _within(words: Indices, start: int, end: int) -> Indices:
    """Return the words of a stretch."""
    first, last = np.searchsorted(words[:, 0], [start, end])
    return words[first:last]


def _positive_runs(words: Indices, sums: Float64, width: float) -> Iterator[tuple[int, int]]:
    """Yield the bounds of a sentence's runs of words with a positive smoothed share."""
    if not len(words):
        return
    shares = _smooth(values_of(sums, words), width)
    is_part = shares > ROUNDING * np.abs(shares).max()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_part, [False]])))
    for first, end in edges.reshape(-1, 2):
        yield int(words[first, 0]), int(words[end - 1, 1])


def _smooth(shares: Float64, width: float) -> Float64:
    """Return the mean of each word's neighbourhood under a normal kernel, of nothing but words at the edges."""
    reach = int(np.ceil(3 * width))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    total = np.convolve(shares, kernel)[reach : reach + len(shares)]
    return np.asarray(total / np.convolve(np.ones(len(shares)), kernel)[reach : reach + len(shares)])
