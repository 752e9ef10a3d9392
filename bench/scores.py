"""Scores of a system over one or more held-out parts, with clustered bootstrap intervals and differences.

A score is the mean over the parts. For its interval, groups are drawn with replacement from all parts at once:
a group that several parts hold is drawn for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from framescope.measure import reliability
from framescope.measure.bootstrap import Bootstrap, percentile_interval, resample_sums, sum_by_cluster
from framescope.measure.f1 import Tally, tally_units
from framescope.measure.metrics import Outcomes

Float64 = npt.NDArray[np.float64]

BOOTSTRAP = Bootstrap()
F1_NAMES = ("micro_f1", "macro_f1", "samples_f1")
RELIABILITY: dict[str, Callable[..., float | None]] = {
    "brier": reliability.brier_score,
    "log_loss": reliability.log_loss,
    "ece": reliability.calibration_error,
}


@dataclass(frozen=True)
class Part:
    """What a system gave for a held-out part: fine labels only, and the group of each unit."""

    outcomes: Outcomes
    groups: Sequence[str]

    def subset(self, chosen: npt.NDArray[np.bool_]) -> Part:
        """Return some of the units, (n_units,) bool."""
        own = self.outcomes
        outcomes = Outcomes(own.truth[chosen], own.decided[chosen], own.probabilities[chosen])
        return Part(outcomes, [group for group, kept in zip(self.groups, chosen, strict=True) if kept])


def score(parts: Sequence[Part]) -> dict[str, Any]:
    """Return every score with its ``_sd`` over the parts, and F1 scores and false-alarm rate with ``_ci95``."""
    resampled, points = _resample(parts), _points(parts)
    result: dict[str, Any] = {}
    for name in (*F1_NAMES, "false_alarm_rate"):
        result |= {**_mean_and_spread(name, points[name]), f"{name}_ci95": _interval(resampled[name])}
    for name, measure in RELIABILITY.items():
        values = [measure(part.outcomes.truth, part.outcomes.probabilities) for part in parts]
        result |= _mean_and_spread(name, np.array(values, dtype=np.float64))
    return result


def difference(ours: Sequence[Part], theirs: Sequence[Part], name: str) -> dict[str, Any]:
    """Return how far ours is ahead in an F1 score, with the interval of the paired bootstrap."""
    ahead = _points(ours)[name] - _points(theirs)[name]
    resampled = _resample(ours)[name] - _resample(theirs)[name]
    return {**_mean_and_spread(name, ahead), f"{name}_ci95": _interval(resampled)}


def _points(parts: Sequence[Part]) -> dict[str, Float64]:
    """Return each score of each part: (n_parts,)."""
    tallies = [_tally(_sums(part).sum(axis=0), part) for part in parts]
    scores = [{**tally.f1_scores("fine"), "false_alarm_rate": tally.false_alarm_rate} for tally in tallies]
    return {name: np.array([values[name] for values in scores], dtype=np.float64) for name in scores[0]}


def _resample(parts: Sequence[Part]) -> dict[str, Float64]:
    """Return each score, averaged over the parts, of each resample: (n_resamples,)."""
    groups = np.unique(np.concatenate([np.asarray(part.groups) for part in parts]))
    totals: dict[str, Float64] = {}
    for part in parts:
        own = np.unique(np.asarray(part.groups))
        sums = _sums(part)
        aligned = np.zeros((len(groups), sums.shape[1]))
        aligned[np.searchsorted(groups, own)] = sum_by_cluster(sums, np.asarray(part.groups))
        tally = _tally(resample_sums(aligned, BOOTSTRAP), part)
        for name, values in {
            **tally.f1_scores("fine"),
            "false_alarm_rate": tally.false_alarm_rate,
        }.items():
            totals[name] = totals.get(name, 0.0) + values / len(parts)
    return totals


def _sums(part: Part) -> Float64:
    return tally_units(part.outcomes.truth, part.outcomes.decided, _levels(part))


def _tally(sums: Float64, part: Part) -> Tally:
    return Tally(sums, _levels(part))


def _levels(part: Part) -> dict[str, npt.NDArray[np.int32]]:
    return {"fine": np.arange(part.outcomes.truth.shape[1], dtype=np.int32)}


def _mean_and_spread(name: str, values: Float64) -> dict[str, float | None]:
    if np.isnan(values).any():
        return {name: None, f"{name}_sd": None}
    spread = float(values.std(ddof=1)) if len(values) > 1 else None
    return {name: float(values.mean()), f"{name}_sd": spread}


def _interval(values: Float64) -> list[float] | None:
    interval = percentile_interval(values)
    return None if interval is None else list(interval)
