"""How each label fares: precision, recall and F1 with intervals, and with which labels it is confused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from framescope._types import Float64
from framescope.codebook import Codebook
from framescope.measure.bootstrap import Bootstrap, percentile_interval, resample_sums, sum_by_cluster
from framescope.measure.f1 import defined, ratio
from framescope.measure.metrics import DEFAULT_BOOTSTRAP, Outcomes, average_precision


@dataclass(frozen=True, slots=True)
class LabelScore:
    """A label's scores on some units; a ratio over nothing is None.

    ``f1_ci95`` comes from resamples of whole clusters; those without the label, gold or decided, say nothing
    of it and do not count. It is None for a single cluster.
    """

    label: str
    support: int
    n_decided: int
    precision: float | None
    recall: float | None
    f1: float | None
    f1_ci95: tuple[float, float] | None
    average_precision: float | None


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often units of ``given`` without ``decided`` were given ``decided``, and of these not ``given``."""

    given: str
    decided: str
    n_units: int
    n_instead: int
    support: int


def label_scores(
    outcomes: Outcomes,
    clusters: Sequence[str],
    *,
    codebook: Codebook,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
) -> list[LabelScore]:
    """Return the scores of every label, in column order."""
    truth, decided = outcomes.truth, outcomes.decided
    sums = sum_by_cluster(np.hstack([truth & decided, decided, truth]).astype(np.float64), np.asarray(clusters))
    n_resamples = bootstrap.n_resamples if len(sums) > 1 else 0
    resampled = _f1(resample_sums(sums, Bootstrap(n_resamples, bootstrap.seed)))
    hits, n_decided, support = np.split(sums.sum(axis=0), 3)
    scores = np.stack([ratio(hits, n_decided), ratio(hits, support), _f1(sums.sum(axis=0))])
    return [
        LabelScore(
            label=label,
            support=int(support[k]),
            n_decided=int(n_decided[k]),
            precision=defined(scores[0, k]),
            recall=defined(scores[1, k]),
            f1=defined(scores[2, k]),
            f1_ci95=percentile_interval(resampled[:, k]),
            average_precision=average_precision(truth[:, k], outcomes.probabilities[:, k]),
        )
        for k, label in enumerate(codebook.ids)
    ]


def confusions(outcomes: Outcomes, codebook: Codebook) -> list[Confusion]:
    """Return the pairs of sibling labels that were confused, the most frequent first.

    Siblings are labels of one parent, or of the first level.
    """
    truth, wrong = outcomes.truth, outcomes.decided & ~outcomes.truth
    missed = truth & ~outcomes.decided
    added = truth.T.astype(np.int32) @ wrong
    instead = missed.T.astype(np.int32) @ wrong
    support = truth.sum(axis=0)
    pairs = [
        Confusion(
            codebook.ids[one],
            codebook.ids[other],
            int(added[one, other]),
            int(instead[one, other]),
            int(support[one]),
        )
        for one, other in _siblings(codebook)
        if added[one, other]
    ]
    return sorted(pairs, key=lambda pair: (-pair.n_units, -pair.n_instead, pair.given, pair.decided))


def _siblings(codebook: Codebook) -> Iterator[tuple[int, int]]:
    for one, parent in enumerate(codebook.parents):
        for other in np.flatnonzero(codebook.parents == parent):
            if other != one:
                yield one, int(other)


def _f1(sums: Float64) -> Float64:
    """Return F1 from hits, decisions and support, side by side: (..., 3 n_labels) -> (..., n_labels)."""
    hits, n_decided, support = np.split(sums, 3, axis=-1)
    return ratio(2 * hits, n_decided + support)
