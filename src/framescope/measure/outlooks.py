"""How a recipe fares in several ways of leaving out, side by side, and what to expect of new articles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from framescope._types import Array, BoolArray, Float64
from framescope.codebook import Codebook
from framescope.measure.bootstrap import Bootstrap, percentile_interval, resample_sums, sum_by_cluster
from framescope.measure.f1 import Levels, Tally, codebook_levels, tally_units
from framescope.measure.metrics import DEFAULT_BOOTSTRAP, Outcomes, reliability_of, section_of
from framescope.measure.shown import SCORES

MIN_GROUPS = 10
"""Groups from which on their spread tells anything."""
N_NEW = 200
"""New articles that intervals are for, unless a user says how many."""


@dataclass(frozen=True)
class Outlook:
    """Outcomes of articles that were left out in one way, and the group of each."""

    outcomes: Outcomes
    groups: Sequence[str]


def outlook_figures(
    outlook: Outlook, codebook: Codebook, *, bootstrap: Bootstrap = DEFAULT_BOOTSTRAP
) -> dict[str, Any]:
    """Return an outlook's scores with intervals, its reliability, and its scores without the catch-all.

    Keys: ``n_units``, ``n_groups``; the levels and ``false_alarm_rate`` as in
    :func:`framescope.measure.metrics.evaluate`; ``calibration``; and ``without_catch_all``: the levels on units
    that have another label than the codebook's catch-alls, of these other labels. It is None where that sets
    nothing aside.
    """
    outcomes, clusters = outlook.outcomes, np.asarray(outlook.groups)
    levels = codebook_levels(codebook)
    tallies = tally_units(outcomes.truth, outcomes.decided, levels)
    return {
        "n_units": len(tallies),
        "n_groups": len(set(outlook.groups)),
        **section_of(tallies, clusters, levels, bootstrap),
        "calibration": reliability_of(outcomes.truth, outcomes.probabilities, outlook.groups),
        "without_catch_all": _without_catch_all(outcomes, clusters, codebook, bootstrap),
    }


def new_articles(
    outlooks: Sequence[Outlook], codebook: Codebook, *, n_known: int, n_new: int = N_NEW
) -> dict[str, Any]:
    """Return between which scores ``n_new`` new articles will be, in 19 of 20 cases.

    Known are ``n_known`` articles. New ones differ from them by chance, and come in stories, in batches and
    from sources that differ from each other: an interval spans what the spread between the groups of any
    outlook makes likely; those of fewer than ten groups tell nothing. It counts the chance in the left-out
    figures, too. Keys: ``n_articles``, and for each level its scores, each a pair or None.
    """
    levels = codebook_levels(codebook)
    outlooks = [one for one in outlooks if len(set(one.groups)) >= MIN_GROUPS]
    n_drawn = [max(1, round(n_new * len(set(one.groups)) / n_known)) for one in outlooks]
    spread = [_spread(one, n, levels) for one, n in zip(outlooks, n_drawn, strict=True)]
    return {
        "n_articles": n_new,
        **{
            level: {score: _span([one[level][score] for one in spread]) for score in SCORES} for level in levels
        },
    }


def _without_catch_all(
    outcomes: Outcomes, clusters: Array, codebook: Codebook, bootstrap: Bootstrap
) -> dict[str, Any] | None:
    is_kept = np.ones(len(codebook.ids), bool)
    is_kept[codebook.catch_all] = False
    truth, decided = outcomes.truth & is_kept, outcomes.decided & is_kept
    has_label: BoolArray = np.asarray(truth.any(axis=1))
    if (is_kept.all() and has_label.all()) or not has_label.any():
        return None
    levels = {name: columns[is_kept[columns]] for name, columns in codebook_levels(codebook).items()}
    tallies = tally_units(truth[has_label], decided[has_label], levels)
    section = section_of(tallies, clusters[has_label], levels, bootstrap)
    return {"n_units": int(has_label.sum()), **{level: section[level] for level in levels}}


def _spread(outlook: Outlook, n_new: int, levels: Levels) -> Mapping[str, Mapping[str, Float64]]:
    """Return what scores new groups may have: the scores, and what chance adds to new and to known groups."""
    outcomes = outlook.outcomes
    tallies = tally_units(outcomes.truth, outcomes.decided, levels)
    sums = sum_by_cluster(tallies, np.asarray(outlook.groups))
    known = Tally(sums.sum(axis=0), levels)
    again = Tally(resample_sums(sums, Bootstrap(seed=0)), levels)
    new = Tally(resample_sums(sums, Bootstrap(seed=1), n_drawn=n_new), levels)
    found = {}
    for level in levels:
        point, at_known, at_new = (tally.f1_scores(level) for tally in (known, again, new))
        found[level] = {score: point[score] + at_new[score] - at_known[score] for score in point}
    return found


def _span(values: Sequence[Float64]) -> list[float] | None:
    """Return the least and the greatest end of the intervals of several resamples."""
    intervals = [percentile_interval(one) for one in values]
    ends = [end for interval in intervals if interval is not None for end in interval]
    return [max(0.0, min(ends)), min(1.0, max(ends))] if ends else None
