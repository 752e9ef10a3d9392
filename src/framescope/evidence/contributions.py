"""What each stretch of a text adds to the margins of labels. A text is read once, for all labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from framescope._types import Float64, Integers
from framescope.features.locating import add_up
from framescope.model.fitted import Model
from framescope.notebook import N_ROWS, html_table, short


@dataclass(frozen=True, slots=True)
class Contribution:
    """The share of a margin that the features of one span have: ``text`` is ``full_text[start:end]``."""

    start: int
    end: int
    text: str
    value: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a label has its margin: ``intercept`` and the contributions, in text order, sum up to ``margin``."""

    label: str
    margin: float
    intercept: float
    contributions: tuple[Contribution, ...]

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

    ``spans`` (n, 2) are distinct and in text order; ``values`` (n, n_columns) has a column for each of
    ``columns``.
    """

    text: str
    columns: tuple[int, ...]
    spans: Integers
    values: Float64

    def of(self, column: int) -> tuple[Integers, Float64]:
        """Return the spans and what each adds to one label's margin: (n, 2) and (n,)."""
        return self.spans, self.values[:, self.columns.index(column)]


def contributions_of(model: Model, text: str, columns: Sequence[int]) -> Contributions:
    """Share the margins of some labels, by their columns, out to the characters of a text.

    A feature's value times its weight is divided equally over its occurrences; what falls on the same span is
    added up. With the intercept, a label's values sum up to its margin within 1e-4.

    Raises:
        TextError: the text is not valid Unicode.
    """
    spans, values = model.contributions(text, columns)
    if len(model.blocks) > 1:
        spans, values = add_up(spans, values)
    return Contributions(text, tuple(columns), spans, values)


def explanation_of(model: Model, contributions: Contributions, column: int, *, margin: float) -> Explanation:
    """Return why a label has its margin, for a reader."""
    text, (spans, values) = contributions.text, contributions.of(column)
    return Explanation(
        label=model.codebook.ids[column],
        margin=margin,
        intercept=float(model.intercept[column]),
        contributions=tuple(
            Contribution(start, end, text[start:end], value)
            for (start, end), value in zip(spans.tolist(), values.tolist(), strict=True)
        ),
    )
