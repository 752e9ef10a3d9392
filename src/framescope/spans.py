"""From what single words add to a margin to the passages that carry a label."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Offsets = npt.NDArray[np.signedinteger]

WORD = re.compile(r"\w+")


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

    ``width`` is the standard deviation, in words, of the normal kernel over the words' shares; a word is part
    of a passage where its smoothed share reaches ``cut`` times the text's greatest one.
    """

    width: float = 3.0
    cut: float = 0.4


DEFAULT_SMOOTHING = Smoothing()


def passages(
    text: str, label: str, contributions: tuple[Offsets, Float64], smoothing: Smoothing = DEFAULT_SMOOTHING
) -> tuple[Span, ...]:
    """Return the passages that speak for a label, in text order; none where no word does.

    ``contributions`` are the spans (n, 2) of a text's features and what each adds to the margin, (n,). They are
    shared out to their characters, so that the weights of passages and of what is between them sum up alike.
    """
    words = np.array([match.span() for match in WORD.finditer(text)], dtype=np.intp).reshape(-1, 2)
    if not len(words):
        return ()
    sums = np.concatenate([[0.0], np.cumsum(_shares(len(text), *contributions))])
    smoothed = _smooth(sums[words[:, 1]] - sums[words[:, 0]], smoothing.width)
    if smoothed.max() <= 0:
        return ()
    is_part = smoothed >= smoothing.cut * smoothed.max()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_part, [False]])))
    bounds = [(int(words[first, 0]), int(words[end - 1, 1])) for first, end in edges.reshape(-1, 2)]
    return tuple(Span(start, end, label, float(sums[end] - sums[start])) for start, end in bounds)


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
