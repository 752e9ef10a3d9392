"""What has changed between two samples of texts: how typical they are, how much of them is known, each label.

A model does not tell when it goes stale. Texts that are less typical than those of last year, more unknown
words, a label that is given twice as often: each may be news, or a model that needs new articles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from framescope._types import BoolArray, Float32, Float64
from framescope.features.known import new_counts
from framescope.model.fitted import Model
from framescope.model.typicality import shares_of
from framescope.text.utf8 import Utf8Texts

CONFIDENCE = 0.95
UNKNOWN = ("unknown words", "unknown n-grams", "unknown pairs of words")


@dataclass(frozen=True, eq=False)
class TextSample:
    """What a model makes of some texts.

    ``probabilities`` is (n_texts, n_labels); ``typicality`` is (n_texts,), None where the model does not tell.
    ``unknown``, (n_texts, 3), are shares of words, n-grams and pairs, NaN where a text has none; it is None
    where the texts are not at hand.
    """

    probabilities: Float32
    typicality: Float32 | None
    is_unlike: BoolArray
    unknown: Float64 | None = None


@dataclass(frozen=True, slots=True)
class MeanChange:
    """A mean of old and of new texts, and the new less the old with a 95 % interval; None where not defined.

    ``label`` is "" of what is not of one label. ``is_clear`` tells whether the interval would leave 0 out, were
    it so wide that all intervals together are right 19 times in 20.
    """

    measure: str
    label: str
    old: float | None
    new: float | None
    difference: float | None
    ci95: tuple[float, float] | None
    is_clear: bool


@dataclass(frozen=True)
class Drift:
    """The changes from old to new texts."""

    n_old: int
    n_new: int
    changes: Sequence[MeanChange]

    @property
    def touched(self) -> list[str]:
        """The labels whose mean probability has clearly changed, the greatest change first."""
        clear = [change for change in self.changes if change.label and change.is_clear]
        return [change.label for change in sorted(clear, key=lambda change: -abs(change.difference or 0))]

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        return {**asdict(self), "touched": self.touched}


def sample_of(model: Model, texts: Utf8Texts, *, jobs: int = 1) -> TextSample:
    """Run a model over texts, and count what it knows of them."""
    output = model.run(texts, jobs=jobs)
    counts = new_counts(len(texts))
    model.ngrams.add_margins(texts, np.zeros_like(output.margins), counts=counts, jobs=jobs)
    return TextSample(output.probabilities, output.typicality, output.is_unlike, 1 - shares_of(counts))


def joined(samples: Sequence[TextSample]) -> TextSample:
    """Return several samples, one or more, as one."""
    typicalities = [one.typicality for one in samples if one.typicality is not None]
    unknown = [one.unknown for one in samples if one.unknown is not None]
    return TextSample(
        np.concatenate([one.probabilities for one in samples]),
        np.concatenate(typicalities) if len(typicalities) == len(samples) else None,
        np.concatenate([one.is_unlike for one in samples]),
        np.concatenate(unknown) if len(unknown) == len(samples) else None,
    )


def drift(old: TextSample, new: TextSample, labels: Sequence[str]) -> Drift:
    """Compare two samples of texts; ``labels`` name the columns of their probabilities.

    Intervals take every text for itself; where many texts tell one story, they are too narrow.
    """
    measures = [*_measures(old, new, labels)]
    level = 1 - (1 - CONFIDENCE) / len(measures)
    return Drift(
        len(old.probabilities),
        len(new.probabilities),
        [_change(measure, label, *values, level=level) for measure, label, *values in measures],
    )


def _measures(
    old: TextSample, new: TextSample, labels: Sequence[str]
) -> Iterator[tuple[str, str, Float64, Float64]]:
    if old.typicality is not None and new.typicality is not None:
        yield "typicality", "", old.typicality.astype(float), new.typicality.astype(float)
        yield "unlike training", "", old.is_unlike.astype(float), new.is_unlike.astype(float)
    if old.unknown is not None and new.unknown is not None:
        for column, measure in enumerate(UNKNOWN):
            yield measure, "", old.unknown[:, column], new.unknown[:, column]
    for column, label in enumerate(labels):
        before, after = (one.probabilities[:, column].astype(float) for one in (old, new))
        yield "mean probability", label, before, after


def _change(measure: str, label: str, old: Float64, new: Float64, *, level: float) -> MeanChange:
    old, new = old[~np.isnan(old)], new[~np.isnan(new)]
    if not len(old) or not len(new):
        return MeanChange(measure, label, None, None, None, None, is_clear=False)
    before, after = float(old.mean()), float(new.mean())
    difference = after - before
    if min(len(old), len(new)) < 2:
        return MeanChange(measure, label, before, after, difference, None, is_clear=False)
    error = float(np.sqrt(old.var(ddof=1) / len(old) + new.var(ddof=1) / len(new)))
    half, wide = (error * NormalDist().inv_cdf((1 + share) / 2) for share in (CONFIDENCE, level))
    ends = (difference - half, difference + half)
    return MeanChange(measure, label, before, after, difference, ends, is_clear=abs(difference) > wide)
