"""The evaluation of decisions and probabilities against gold labels, as one JSON object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score

from framescope._types import Array, BoolArray, Float32, Float64, Indices
from framescope.codebook import Codebook
from framescope.corpus.schema import KIND, Corpus
from framescope.measure import reliability
from framescope.measure.bootstrap import Bootstrap, percentile_interval, resampled_of_several, sum_by_cluster
from framescope.measure.f1 import Levels, Tally, codebook_levels, defined, ratio, tally_units
from framescope.measure.reliability import Slope
from framescope.measure.shown import interval
from framescope.messages import Say, english, msg

SURELY = msg("probabilities of %(language)s are %(fault)s (slope %(slope)s; 1 is right)")
BY_CHANCE = msg(
    "probabilities of %(language)s seem %(fault)s (slope %(slope)s; 1 is right, and may be by chance)"
)
DEFAULT_BOOTSTRAP = Bootstrap()
N_RANDOM_DRAWS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """What the annotators gave, what the model gave, and its probabilities; rows are units, columns labels.

    ``truth`` and ``decided`` are (n_units, n_labels) bool and closed upwards, ``probabilities`` is
    (n_units, n_labels) float32 in [0, 1]. ``in_scope`` tells, in the same shape, which labels were possible;
    None where no label has a scope. A label that was not counts like any other: as missed where it is true.
    """

    truth: BoolArray
    decided: BoolArray
    probabilities: Float32
    in_scope: BoolArray | None = None

    def select(self, rows: Indices) -> Outcomes:
        """Return the outcomes of some units."""
        in_scope = None if self.in_scope is None else self.in_scope[rows]
        return Outcomes(self.truth[rows], self.decided[rows], self.probabilities[rows], in_scope)


@dataclass(frozen=True, slots=True)
class UnitInfo:
    """Each unit's language ("" or None if unknown), and the cluster that the bootstrap draws it with.

    A cluster is named by the id of the unit's group, or else of its article. ``kinds`` says what kind of
    article each unit is of, such as "refuted"; it is empty where nobody says.
    """

    languages: Sequence[str | None]
    clusters: Sequence[str]
    kinds: Sequence[str | None] = ()

    @classmethod
    def of(cls, corpus: Corpus, clusters: Sequence[str]) -> UnitInfo:
        """Return what a corpus says of its units; their kinds are in its column ``kind``, if it has one."""
        kinds = corpus.column(KIND) if KIND in corpus.table.column_names else ()
        return cls(corpus.languages(), clusters, [None if kind is None else str(kind) for kind in kinds])

    @property
    def rows_by_language(self) -> dict[str, Indices]:
        """The rows of each language that is known, in sorted order."""
        named = np.array([language or "" for language in self.languages], dtype=object)
        return {language: np.flatnonzero(named == language) for language in sorted(set(named) - {""})}


def evaluate(
    outcomes: Outcomes,
    units: UnitInfo,
    *,
    codebook: Codebook,
    prior: npt.ArrayLike | None = None,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
) -> dict[str, Any]:
    """Return every metric of ``framescope evaluate --json``; what is not defined is None, never NaN.

    Keys: ``n_units``; ``overall`` and ``by_language`` (F1 per level with 95 % intervals, false-alarm rate;
    units of unknown language count in ``overall`` only); ``false_alarms_by_kind`` (of the units without a label
    of each kind, how many there are and which share was given one); ``per_label`` in column order;
    ``calibration`` over all labels of both levels (``ece_noise`` is what the ECE of exactly true probabilities
    would be; ``augrc`` is :func:`framescope.measure.reliability.risk_coverage_area` with the loss and the
    confidence defined below it), and of it the ECE and the slope in each section of ``by_language``;
    ``baselines``; ``scope``, None where no label has one: how many units were out of the scope of every label,
    and of each (``n_outside``), and of those how many have it (``n_missed``). An interval needs two
    clusters. The precision of a label that is never given is None, its F1 0.

    ``prior`` is each label's share of the training units in its scope, (n_labels,); outside it is 0. Without
    it there is no Brier skill, and the baselines ``most_frequent`` and ``random_prior`` are None. The
    evaluation's own prevalences would be no substitute: nobody knows them beforehand.
    """
    levels = codebook_levels(codebook)
    tallies = tally_units(outcomes.truth, outcomes.decided, levels)
    clusters = np.asarray(units.clusters)
    known_prior = None if prior is None else np.asarray(prior, dtype=np.float64)
    in_scope = np.ones(outcomes.truth.shape, bool) if outcomes.in_scope is None else outcomes.in_scope
    return {
        "n_units": len(tallies),
        "overall": section_of(tallies, clusters, levels, bootstrap),
        "by_language": {
            language: {
                **section_of(tallies[rows], clusters[rows], levels, bootstrap),
                "calibration": reliability_of(
                    outcomes.truth[rows], outcomes.probabilities[rows], clusters[rows].tolist()
                ),
            }
            for language, rows in units.rows_by_language.items()
        },
        "false_alarms_by_kind": _false_alarms_by_kind(outcomes, units.kinds),
        "per_label": _label_rows(Tally(tallies.sum(axis=0), levels), outcomes, codebook),
        "calibration": _calibration(
            outcomes, units, None if known_prior is None else known_prior * in_scope, codebook
        ),
        "baselines": _baselines(outcomes.truth, in_scope, known_prior, codebook, seed=bootstrap.seed),
        "scope": None if outcomes.in_scope is None else _scope(outcomes.truth, in_scope, codebook),
    }


def calibration_warnings(metrics: Mapping[str, Any], say: Say = english) -> list[str]:
    """Return a line for each language whose probabilities are too extreme or too timid, or seem to be."""
    lines = []
    for language, section in metrics["by_language"].items():
        found = section["calibration"]
        slope = None if found["slope"] is None else Slope(found["slope"], found["slope_ci95"])
        if slope is not None and slope.fault:
            told = say(SURELY if slope.is_sure else BY_CHANCE)
            shown = f"{slope.value:.2f} {interval(slope.ci95, 2)}"
            lines.append(told % {"language": language, "fault": say(slope.fault), "slope": shown})
    return lines


def section_of(tallies: Float64, clusters: Array, levels: Levels, bootstrap: Bootstrap) -> dict[str, Any]:
    """Return the scores of some units, with intervals from resamples of whole clusters.

    ``tallies`` (n_units, k) come from :func:`~framescope.measure.f1.tally_units`; ``clusters`` is (n_units,).
    """
    sums = sum_by_cluster(tallies, clusters)
    resampled = Tally(resampled_of_several(sums, bootstrap), levels)
    section = _point_scores(Tally(tallies.sum(axis=0, keepdims=True), levels))
    for level in levels:
        for name, values in resampled.f1_scores(level).items():
            ends = percentile_interval(values)
            section[level][f"{name}_ci95"] = None if ends is None else list(ends)
    return section


def _point_scores(tally: Tally) -> dict[str, Any]:
    """Return the scores of a tally, averaged over its only leading axis."""
    scores: dict[str, Any] = {
        level: {name: defined(values.mean()) for name, values in tally.f1_scores(level).items()}
        for level in tally.levels
    }
    return {**scores, "false_alarm_rate": defined(tally.false_alarm_rate.mean())}


def _label_rows(tally: Tally, outcomes: Outcomes, codebook: Codebook) -> list[dict[str, Any]]:
    precision = ratio(tally.hits, tally.decisions)
    recall = ratio(tally.hits, tally.support)
    return [
        {
            "label": label_id,
            "support": int(tally.support[column]),
            "precision": defined(precision[column]),
            "recall": defined(recall[column]),
            "f1": defined(tally.label_f1[column]),
            "average_precision": average_precision(
                outcomes.truth[:, column], outcomes.probabilities[:, column]
            ),
        }
        for column, label_id in enumerate(codebook.ids)
    ]


def average_precision(truth: BoolArray, probabilities: Float32) -> float | None:
    """Return the average precision of one label from (n_units,) arrays, None without gold."""
    return float(average_precision_score(truth, probabilities)) if truth.any() else None


def _false_alarms_by_kind(outcomes: Outcomes, kinds: Sequence[str | None]) -> dict[str, dict[str, Any]]:
    """Return how many units without gold there are of each kind, and the share that was given a label."""
    if not len(kinds):
        return {}
    named = np.array([kind or "" for kind in kinds], dtype=object)
    is_unlabelled: BoolArray = np.asarray(~outcomes.truth.any(axis=1))
    is_given: BoolArray = np.asarray(outcomes.decided.any(axis=1))
    of_kind = {kind: is_unlabelled & (named == kind) for kind in sorted(set(named[is_unlabelled]) - {""})}
    return {
        kind: {"n_units": int(rows.sum()), "rate": float(is_given[rows].mean())}
        for kind, rows in of_kind.items()
    }


def reliability_of(truth: BoolArray, probabilities: Float32, clusters: Sequence[str]) -> dict[str, Any]:
    """Return how far (n_units, n_labels) probabilities are off, how much of it is noise, and their slope."""
    slope = reliability.calibration_slope(truth, probabilities, clusters)
    return {
        "ece": reliability.calibration_error(truth, probabilities),
        "ece_noise": reliability.calibration_noise(probabilities),
        "slope": None if slope is None else slope.value,
        "slope_ci95": None if slope is None or slope.ci95 is None else list(slope.ci95),
    }


def _calibration(
    outcomes: Outcomes, units: UnitInfo, prior: Float64 | None, codebook: Codebook
) -> dict[str, Any]:
    truth, decided, probabilities = outcomes.truth, outcomes.decided, outcomes.probabilities
    return {
        "brier": reliability.brier_score(truth, probabilities),
        "brier_skill": None if prior is None else reliability.brier_skill(truth, probabilities, prior),
        "log_loss": reliability.log_loss(truth, probabilities),
        **reliability_of(truth, probabilities, units.clusters),
        "augrc": reliability.risk_coverage_area(
            reliability.decision_losses(truth, decided),
            reliability.decision_confidences(decided, probabilities, codebook),
        ),
    }


def _scope(truth: BoolArray, in_scope: BoolArray, codebook: Codebook) -> dict[str, Any]:
    """Return how many units were out of scope."""
    counts = zip(codebook.ids, (~in_scope).sum(axis=0), (truth & ~in_scope).sum(axis=0), strict=True)
    return {
        "n_outside": int((~in_scope.any(axis=1)).sum()),
        "per_label": [
            {"label": label, "n_outside": int(n_outside), "n_missed": int(n_missed)}
            for label, n_outside, n_missed in counts
        ],
    }


def _baselines(
    truth: BoolArray, in_scope: BoolArray, prior: Float64 | None, codebook: Codebook, *, seed: int
) -> dict[str, Any]:
    """Return the scores of deciding without reading more than what puts a unit in scope."""
    levels = codebook_levels(codebook)
    nothing = np.zeros(truth.shape, dtype=bool)
    decisions = {"no_label": iter([nothing])}
    if prior is not None:
        decisions["most_frequent"] = iter([codebook.closed(nothing | _is_most_frequent(prior, codebook))])
        decisions["random_prior"] = _random_decisions(prior, codebook, len(truth), seed)
    # In a fixed order of rows, random draws do not depend on the order of the corpus.
    order = np.lexsort(np.hstack([truth, in_scope]).T)
    ordered, possible = truth[order], in_scope[order]
    scores = {
        name: _point_scores(
            Tally(np.stack([tally_units(ordered, d & possible, levels).sum(axis=0) for d in draws]), levels)
        )
        for name, draws in decisions.items()
    }
    return {"no_label": None, "most_frequent": None, "random_prior": None, **scores}


def _is_most_frequent(prior: Float64, codebook: Codebook) -> BoolArray:
    """Mark the fine label with the greatest prior, of equal ones the first: (n_labels,) bool."""
    marked = np.zeros(len(prior), dtype=bool)
    marked[codebook.fine[np.argmax(prior[codebook.fine])]] = True
    return marked


def _random_decisions(prior: Float64, codebook: Codebook, n_units: int, seed: int) -> Iterator[BoolArray]:
    """Draw every label independently with its prior, and close upwards, several times."""
    rng = np.random.default_rng(seed)
    for _ in range(N_RANDOM_DRAWS):
        yield codebook.closed(rng.random((n_units, len(prior))) < prior)
