"""What each stretch of a text adds to the margins of labels. A text is read once, for all labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from framescope._types import BoolArray, Float64, Integers
from framescope.errors import TextError
from framescope.features.locating import add_up
from framescope.limits import MAX_EXPLAINED_BYTES
from framescope.model.fitted import Model
from framescope.notebook import N_ROWS, html_table, short
from framescope.text.utf8 import Utf8Texts


@dataclass(frozen=True, slots=True)
class Contribution:
    """The share of a margin that the features of one span have: ``text`` is ``full_text[start:end]``.

    ``is_meaning`` marks what a sentence means to an encoder, or what sentences mean only together, whose span
    is the whole text; all else is n-grams.
    """

    start: int
    end: int
    text: str
    value: float
    is_meaning: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a label has its margin: ``intercept`` and the contributions, in text order, sum up to ``margin``.

    ``likeness`` tells how far the text resembles the label's description, in standard deviations from the mean
    of the training articles, where the model asks; it counts beside the margin.
    """

    label: str
    margin: float
    intercept: float
    contributions: tuple[Contribution, ...]
    likeness: float | None = None

    def __repr__(self) -> str:
        n_parts, ends = len(self.contributions), f"margin={self.margin:.4f}, intercept={self.intercept:.4f}"
        return short(f"Explanation(label={self.label!r}, {ends}, contributions=<{n_parts:,} spans>)")

    def _repr_html_(self) -> str:
        order = sorted(self.contributions, key=lambda part: -abs(part.value))
        rows = [(part.text, f"{part.start}", f"{part.value:+.4f}") for part in order[:N_ROWS]]
        caption = f"{self.label}: margin {self.margin:.4f}, of which {self.intercept:.4f} is the intercept"
        more = f"and {len(order) - N_ROWS:,} spans that add less" if len(order) > N_ROWS else ""
        return html_table(caption, ("span", "at", "adds"), rows, more=more)

    @property
    def shares(self) -> tuple[Integers, Float64]:
        """The contributions as arrays: spans (n, 2) and values (n,)."""
        spans = np.array([(part.start, part.end) for part in self.contributions], np.intp).reshape(-1, 2)
        return spans, np.array([part.value for part in self.contributions], np.float64)


@dataclass(frozen=True, eq=False)
class Contributions:
    """What the features of a text add to the margins of some of a model's labels.

    ``spans`` (n, 2) are in text order, each at most once for n-grams and once for meaning, which ``is_meaning``
    marks, (n,); ``values`` (n, n_columns) has a column for each of ``columns``.
    """

    text: str
    columns: tuple[int, ...]
    spans: Integers
    values: Float64
    is_meaning: BoolArray

    def of(self, column: int) -> tuple[Integers, Float64]:
        """Return the spans and what each adds to one label's margin: (n, 2) and (n,)."""
        return self.spans, self.values[:, self.columns.index(column)]


def contributions_of(model: Model, text: str, columns: Sequence[int]) -> Contributions:
    """Share the margins of some labels, by their columns, out to the characters of a text.

    A feature's value times its weight is divided equally over its occurrences; what falls on the same span is
    added up. With the intercept, a label's values sum up to its margin within 1e-4.

    Raises:
        TextError: the text is not valid Unicode, or too long to tell of each n-gram in it.
    """
    n_bytes = len(Utf8Texts.encode([text]).data)
    if n_bytes > MAX_EXPLAINED_BYTES:
        raise TextError(
            f"the text has {n_bytes:,} bytes, of which no more than {MAX_EXPLAINED_BYTES:,} can be explained: "
            "explain a part of it, or ask score --evidence or find_spans for its passages"
        )
    words, meaning = model.contributions(text, columns)
    if len(model.blocks) > 1:
        words, meaning = add_up(*words), add_up(*meaning)
    spans, values = (np.concatenate(both) for both in zip(words, meaning, strict=True))
    is_meaning = np.arange(len(spans)) >= len(words[0])
    order = np.lexsort((spans[:, 1], spans[:, 0])) if is_meaning.any() else np.arange(len(spans))
    return Contributions(text, tuple(columns), spans[order], values[order], is_meaning[order])


def explanation_of(model: Model, contributions: Contributions, column: int, *, margin: float) -> Explanation:
    """Return why a label has its margin, for a reader."""
    text, (spans, values) = contributions.text, contributions.of(column)
    likeness = model.likeness(Utf8Texts.encode([text]))
    return Explanation(
        label=model.codebook.ids[column],
        margin=margin,
        intercept=float(model.intercept[column]),
        contributions=tuple(
            Contribution(start, end, text[start:end], value, is_meaning)
            for (start, end), value, is_meaning in zip(
                spans.tolist(), values.tolist(), contributions.is_meaning.tolist(), strict=True
            )
        ),
        likeness=None if likeness is None else float(likeness[0, column]),
    )
