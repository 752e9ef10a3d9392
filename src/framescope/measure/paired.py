"""How two models differ on the same units: every score of both, and an interval for the difference.

Both are resampled together, whole clusters at a time, so that what makes the articles hard falls out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from framescope._types import Float64, Indices
from framescope.codebook import Codebook
from framescope.measure.bootstrap import Bootstrap, percentile_interval, resampled_of_several, sum_by_cluster
from framescope.measure.f1 import (
    Levels,
    Tally,
    codebook_levels,
    defined,
    label_ratios,
    label_terms,
    ratio,
    tally_units,
)
from framescope.measure.metrics import DEFAULT_BOOTSTRAP, Outcomes, UnitInfo
from framescope.measure.reliability import calibration_terms, log_losses

ALL = "overall"
LOWER_IS_BETTER = frozenset({"false_alarm_rate", "brier", "log_loss", "ece"})


@dataclass(frozen=True, slots=True)
class ScoreDifference:
    """A score of two models, and the second less the first with a 95 % interval; None where not defined.

    ``section`` is "overall" or a language, ``level`` "fine" or "coarse", or "" of what has none; ``label`` is
    "" of what is not of one label.
    """

    section: str
    level: str
    label: str
    score: str
    first: float | None
    second: float | None
    difference: float | None
    ci95: tuple[float, float] | None

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.ci95 is not None and (self.ci95[0] > 0 or self.ci95[1] < 0)


def paired_differences(
    first: Outcomes,
    second: Outcomes,
    units: UnitInfo,
    codebook: Codebook,
    *,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
) -> list[ScoreDifference]:
    """Return the scores of all units and of each language, then those of each label.

    Both outcomes have the same truth and the columns of the codebook. ECE takes the bins of all units of a
    section in every resample.
    """
    clusters = np.unique(np.asarray(units.clusters), return_inverse=True)[1]
    levels = codebook_levels(codebook)
    found: list[ScoreDifference] = []
    sections = {ALL: np.arange(len(units.languages)), **units.rows_by_language}
    for section, rows in sections.items():
        pair = _Pair(first.select(rows), second.select(rows), clusters[rows], bootstrap)
        found.extend(_of_section(section, pair, levels))
    found.extend(_of_labels(_Pair(first, second, clusters, bootstrap), codebook))
    return found


@dataclass(frozen=True)
class _Pair:
    """What two models gave the same units, and the cluster of each."""

    first: Outcomes
    second: Outcomes
    clusters: Indices
    bootstrap: Bootstrap

    def sums(self, terms: list[Float64]) -> tuple[list[Float64], list[Float64]]:
        """Return the totals of both models' terms, (1, k), and those of equal resamples, (n_resamples, k)."""
        width = terms[0].shape[1]
        sums = sum_by_cluster(np.hstack(terms), self.clusters)
        resampled = resampled_of_several(sums, self.bootstrap)
        total = sums.sum(axis=0, keepdims=True)
        return [total[:, :width], total[:, width:]], [resampled[:, :width], resampled[:, width:]]


def _of_section(section: str, pair: _Pair, levels: Levels) -> Iterator[ScoreDifference]:
    terms = [_terms(outcomes, levels) for outcomes in (pair.first, pair.second)]
    n_of_tally = terms[0].n_of_tally
    totals, resampled = pair.sums([one.values for one in terms])
    found = [[_scores(one, n_of_tally, levels) for one in each] for each in (totals, resampled)]
    for level, score in found[0][0]:
        key = (level, score)
        yield _difference(
            section, level, "", score, *(one[key] for one in found[0]), *(one[key] for one in found[1])
        )


def _of_labels(pair: _Pair, codebook: Codebook) -> Iterator[ScoreDifference]:
    totals, resampled = pair.sums([label_terms(one.truth, one.decided) for one in (pair.first, pair.second)])
    found = [label_ratios(one) for one in totals], [label_ratios(one) for one in resampled]
    for column, label in enumerate(codebook.ids):
        for score in found[0][0]:
            yield _difference(
                ALL,
                "",
                label,
                score,
                *(one[score][:, column] for one in found[0]),
                *(one[score][:, column] for one in found[1]),
            )


@dataclass(frozen=True)
class _Terms:
    """What each unit adds: a tally's terms, its loss and squared error, its cells, and those of ECE's bins."""

    values: Float64
    n_of_tally: int


def _terms(outcomes: Outcomes, levels: Levels) -> _Terms:
    tallies = tally_units(outcomes.truth, outcomes.decided, levels)
    losses = log_losses(outcomes.truth, outcomes.probabilities).sum(axis=1)
    errors = np.square(outcomes.probabilities.astype(np.float64) - outcomes.truth).sum(axis=1)
    n_cells = np.full(len(losses), outcomes.truth.shape[1])
    bins = calibration_terms(outcomes.truth, outcomes.probabilities)
    return _Terms(np.column_stack([tallies, losses, errors, n_cells, bins]), tallies.shape[1])


def _scores(sums: Float64, n_of_tally: int, levels: Levels) -> dict[tuple[str, str], Float64]:
    """Return each score of sums over units, (n, k), by level and name: (n,)."""
    tally = Tally(sums[:, :n_of_tally], levels)
    losses, errors, n_cells = sums[:, n_of_tally : n_of_tally + 3].T
    bins = sums[:, n_of_tally + 3 :]
    of_levels = {(level, name): values for level in levels for name, values in tally.f1_scores(level).items()}
    return {
        **of_levels,
        ("", "false_alarm_rate"): tally.false_alarm_rate,
        ("", "brier"): ratio(errors, n_cells),
        ("", "log_loss"): ratio(losses, n_cells),
        ("", "ece"): ratio(np.abs(bins[:, :-1]).sum(axis=1), bins[:, -1]),
    }


def _difference(  # noqa: PLR0913, PLR0917 - a row of a table
    section: str,
    level: str,
    label: str,
    score: str,
    first: Float64,
    second: Float64,
    first_resampled: Float64,
    second_resampled: Float64,
) -> ScoreDifference:
    one, other = defined(first[0]), defined(second[0])
    return ScoreDifference(
        section,
        level,
        label,
        score,
        one,
        other,
        None if one is None or other is None else other - one,
        percentile_interval(second_resampled - first_resampled),
    )
