"""How each label fares: precision, recall and F1 with intervals, and with which labels it is confused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from framescope.codebook import Codebook
from framescope.measure.bootstrap import Bootstrap, percentile_interval, resampled_of_several, sum_by_cluster
from framescope.measure.f1 import defined, label_ratios, label_terms
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
    """Return the scores of every label, in column order; each unit names its cluster."""
    truth, decided = outcomes.truth, outcomes.decided
    sums = sum_by_cluster(label_terms(truth, decided), np.asarray(clusters))
    resampled_f1 = label_ratios(resampled_of_several(sums, bootstrap))["f1"]
    _, n_decided, support = np.split(sums.sum(axis=0), 3)
    scores = label_ratios(sums.sum(axis=0))
    return [
        LabelScore(
            label=label,
            support=int(support[k]),
            n_decided=int(n_decided[k]),
            precision=defined(scores["precision"][k]),
            recall=defined(scores["recall"][k]),
            f1=defined(scores["f1"][k]),
            f1_ci95=percentile_interval(resampled_f1[:, k]),
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
