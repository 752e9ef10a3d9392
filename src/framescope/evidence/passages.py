"""From what single words add to a margin to the passages that carry a label."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from framescope.text.segments import Unit, segments

Float64 = npt.NDArray[np.float64]
Offsets = npt.NDArray[np.signedinteger]

WORD = re.compile(r"\w+")
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
    text: str, label: str, contributions: tuple[Offsets, Float64], smoothing: Smoothing = DEFAULT_SMOOTHING
) -> tuple[Span, ...]:
    """Return the passages that speak for a label, in text order; none where no sentence does.

    ``contributions`` are the spans (n, 2) of a text's features and what each adds to the margin, (n,). They are
    shared out to their characters, so that the weights of passages and of what is between them sum up alike.
    """
    sums = np.concatenate([[0.0], np.cumsum(_shares(len(text), *contributions))])
    sentences = segments(text, Unit.SENTENCE)
    totals = [sums[end] - sums[start] for start, end in sentences]
    best = max(totals, default=0.0)
    chosen = [
        sentence
        for sentence, total in zip(sentences, totals, strict=True)
        if best > 0 and total >= (smoothing.cut - ROUNDING) * best
    ]
    return tuple(
        Span(start, end, label, float(sums[end] - sums[start]))
        for sentence in chosen
        for start, end in _positive_runs(text, sentence, sums, smoothing.width)
    )


def _positive_runs(
    text: str, sentence: tuple[int, int], sums: Float64, width: float
) -> Iterator[tuple[int, int]]:
    """Yield the bounds of a sentence's runs of words with a positive smoothed share."""
    words = np.array([match.span() for match in WORD.finditer(text, *sentence)], dtype=np.intp).reshape(-1, 2)
    if not len(words):
        return
    shares = _smooth(sums[words[:, 1]] - sums[words[:, 0]], width)
    is_part = shares > ROUNDING * np.abs(shares).max()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_part, [False]])))
    for first, end in edges.reshape(-1, 2):
        yield int(words[first, 0]), int(words[end - 1, 1])


def _shares(n_characters: int, offsets: Offsets, values: Float64) -> Float64:
    """Return each character's share, (n_characters,): a contribution is divided equally over its span."""
    steps = np.zeros(n_characters + 1)
    of_character = values / (offsets[:, 1] - offsets[:, 0])
    np.add.at(steps, offsets[:, 0], of_character)
    np.add.at(steps, offsets[:, 1], -of_character)
    return np.asarray(np.cumsum(steps)[:-1])


def _smooth(shares: Float64, width: float) -> Float64:
    """Return the mean of each word's neighbourhood under a normal kernel, of nothing but words at the edges."""
    reach = int(np.ceil(3 * width))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    total = np.convolve(shares, kernel)[reach : reach + len(shares)]
    return np.asarray(total / np.convolve(np.ones(len(shares)), kernel)[reach : reach + len(shares)])
