"""F1 at the levels of a codebook, and the false-alarm rate, as functions of sums over units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from framescope._types import BoolArray, Float64, Int32
from framescope.codebook import Codebook

Levels = Mapping[str, Int32]


def codebook_levels(codebook: Codebook) -> Levels:
    """Return the columns of each level to report: "fine" and, unless the codebook is flat, "coarse"."""
    fine = {"fine": codebook.fine}
    return fine if codebook.is_flat else {**fine, "coarse": codebook.coarse}


def tally_units(truth: BoolArray, decided: BoolArray, levels: Levels) -> Float64:
    """Return what every unit adds to the sums that :class:`Tally` reads: (n_units, k), k as laid out there."""
    is_unlabelled = ~truth.any(axis=1)
    per_level = [_level_terms(truth[:, columns], decided[:, columns]) for columns in levels.values()]
    alarms = np.column_stack([is_unlabelled & decided.any(axis=1), is_unlabelled])
    return np.hstack([label_terms(truth, decided), *per_level, alarms])


def label_terms(truth: BoolArray, decided: BoolArray) -> Float64:
    """Return what every unit adds to each label's hits, decisions and gold: (n_units, 3 n_labels)."""
    return np.hstack([truth & decided, decided, truth]).astype(np.float64)


def label_ratios(sums: Float64) -> dict[str, Float64]:
    """Return precision, recall and F1 of each label, (..., n_labels), from summed :func:`label_terms`.

    NaN stands for a ratio over nothing.
    """
    hits, n_decided, support = np.split(sums, 3, axis=-1)
    return {
        "precision": ratio(hits, n_decided),
        "recall": ratio(hits, support),
        "f1": ratio(2 * hits, n_decided + support),
    }


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Sums over units, with any leading axes (of resamples, say), and the scores that follow from them.

    ``sums`` is (..., k): hits, decisions and gold of each label; for each level the sum of the units' F1 and
    the number of units with gold there; the false alarms and the number of units without gold. Scores have
    the leading axes; NaN stands for a mean over nothing.
    """

    sums: Float64
    levels: Levels

    @property
    def n_labels(self) -> int:
        """Number of labels in the codebook."""
        return int(self.sums.shape[-1] - 2 * len(self.levels) - 2) // 3

    @property
    def hits(self) -> Float64:
        """How often each label was both gold and decided: (..., n_labels)."""
        return self.sums[..., : self.n_labels]

    @property
    def decisions(self) -> Float64:
        """How often each label was decided: (..., n_labels)."""
        return self.sums[..., self.n_labels : 2 * self.n_labels]

    @property
    def support(self) -> Float64:
        """How often each label was gold: (..., n_labels)."""
        return self.sums[..., 2 * self.n_labels : 3 * self.n_labels]

    @property
    def label_f1(self) -> Float64:
        """F1 of each label, 0 where it is neither gold nor decided: (..., n_labels)."""
        return ratio(2 * self.hits, self.decisions + self.support, undefined=0.0)

    @property
    def false_alarm_rate(self) -> Float64:
        """Share of the units without any gold label that were given one: (...,)."""
        return ratio(self.sums[..., -2], self.sums[..., -1])

    def f1_scores(self, level: str) -> dict[str, Float64]:
        """Return samples, micro and macro F1 at a level, each (...,).

        Samples-F1 is the mean over units with gold at the level (the official measure of SemEval-2025
        Task 10), macro-F1 the mean over labels with support.
        """
        columns = self.levels[level]
        position = 3 * self.n_labels + 2 * list(self.levels).index(level)
        n_hits = self.hits[..., columns].sum(axis=-1)
        n_marked = (self.decisions + self.support)[..., columns].sum(axis=-1)
        has_support = self.support[..., columns] > 0
        summed_f1 = (self.label_f1[..., columns] * has_support).sum(axis=-1)
        return {
            "samples_f1": ratio(self.sums[..., position], self.sums[..., position + 1]),
            "micro_f1": ratio(2 * n_hits, n_marked, undefined=0.0),
            "macro_f1": ratio(summed_f1, has_support.sum(axis=-1).astype(np.float64)),
        }


def ratio(numerator: Float64, denominator: Float64, *, undefined: float = np.nan) -> Float64:
    """Divide, with ``undefined`` wherever the denominator is 0."""
    quotient = np.full(np.shape(numerator), undefined)
    np.divide(numerator, denominator, out=quotient, where=np.asarray(denominator) > 0)
    return quotient


def defined(value: float) -> float | None:
    """Return a number, None where it is NaN."""
    return None if np.isnan(value) else float(value)


def f1_rows(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Flatten metrics of :func:`framescope.measure.metrics.evaluate`: a row for each level of each section.

    A row holds ``section`` ("overall", a language, or a baseline's name), ``level``, the F1 scores with what
    intervals there are, and ``false_alarm_rate``.
    """
    sections = {"overall": metrics["overall"], **metrics["by_language"], **metrics["baselines"]}
    return [
        {
            "section": name,
            "level": level,
            **section[level],
            "false_alarm_rate": section["false_alarm_rate"],
        }
        for name, section in sections.items()
        if section is not None
        for level in ("fine", "coarse")
        if level in section
    ]


def _level_terms(truth: BoolArray, decided: BoolArray) -> Float64:
    """Return, per unit, its F1 if it has gold, else 0, and whether it has gold: (n_units, 2)."""
    n_gold = truth.sum(axis=1)
    n_hits = (truth & decided).sum(axis=1).astype(np.float64)
    n_marked = (n_gold + decided.sum(axis=1)).astype(np.float64)
    # No gold means no hits, hence 0 without a mask.
    return np.column_stack([ratio(2 * n_hits, n_marked, undefined=0.0), n_gold > 0])
