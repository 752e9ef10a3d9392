"""The charts of a report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from framescope.evaluation.judged import Judged
from framescope.evaluation.learning_curve import LearningPoint
from framescope.measure.curves import precision_recall, reliability, risk_coverage
from framescope.measure.metrics import Outcomes
from framescope.measure.reliability import decision_confidences, decision_losses
from framescope.measure.shown import SCORES, interval, number
from framescope.messages import Say, english, msg
from framescope.pages.charts import Axis, Chart, Series

ALL = msg("all")
MICRO = "micro_f1"
LEARNED = (MICRO, "macro_f1", "samples_f1")
RELIABILITY = (msg("probability"), msg("came true"), msg("95 %% interval"), msg("pairs"))
COVERAGES = (0.25, 0.5, 0.75, 1.0)


class _Part(NamedTuple):
    """Some units, by the name that their line bears."""

    name: str
    outcomes: Outcomes
    clusters: Sequence[str]


def precision_recall_chart(judged: Judged, column: int, say: Say = english) -> Chart | None:
    """Return the chart of one label, a line for each language and one for all; None without gold."""
    label = judged.codebook.ids[column]
    curves = [
        (name, precision_recall(part.truth[:, column], part.probabilities[:, column]))
        for name, part, _ in _parts(judged, say)
    ]
    drawn = [Series(name, points) for name, points in curves if points]
    if not drawn:
        return None
    return Chart(
        title=say(msg("Precision and recall of %(label)s")) % {"label": label},
        description=say(msg("Precision at each recall of %(label)s. At recall 0.5: %(values)s."))
        % {"label": label, "values": _at_half(drawn)},
        x=Axis(say(msg("recall"))),
        y=Axis(say(msg("precision"))),
        series=drawn,
    )


def reliability_chart(judged: Judged, say: Say = english) -> Chart:
    """Return what came true against the probabilities, all labels together; intervals are of all languages."""
    curves = [
        (name, reliability(part.truth, part.probabilities, clusters))
        for name, part, clusters in _parts(judged, say)
    ]
    return Chart(
        title=say(msg("Reliability")),
        description=say(
            msg(
                "The share that came true against the probability, over pairs of unit and label with a "
                "probability of at least 0.05. On the diagonal, probabilities mean what they say."
            )
        ),
        x=Axis(say(msg("probability"))),
        y=Axis(say(msg("share that came true"))),
        series=[
            Series(
                name,
                [(b.probability, b.share) for b in bins],
                [(b.probability, *b.share_ci95) for b in bins if b.share_ci95 and place == 0],
                has_marks=place == 0,
            )
            for place, (name, bins) in enumerate(curves)
        ],
        has_diagonal=True,
        table=[
            ("", *(say(name) % {} for name in RELIABILITY)),
            *(
                (name, number(b.probability, 2), number(b.share, 2), interval(b.share_ci95, 2), str(b.n_cells))
                for name, bins in curves
                for b in bins
            ),
        ],
    )


def risk_coverage_chart(judged: Judged, augrc: float | None, say: Say = english) -> Chart:
    """Return the mean loss of the units that are kept, most confident first."""
    series = [
        Series(
            name,
            risk_coverage(
                decision_losses(part.truth, part.decided),
                decision_confidences(part.decided, part.probabilities, judged.codebook),
            ),
        )
        for name, part, _ in _parts(judged, say)
    ]
    top = max(0.1, np.ceil(10 * max(risk for one in series for _, risk in one.points)) / 10)
    ticks = [(top * k / 4, f"{top * k / 4:.2g}") for k in range(5)]
    told = say(msg("The mean of 1 - F1 over what is kept, the most confident first."))
    if augrc is not None:
        area = say(msg(" Area under the generalized curve (%(name)s): %(value)s."))
        told += area % {"name": "AUGRC", "value": f"{augrc:.3f}"}
    return Chart(
        title=say(msg("Risk and coverage")),
        description=told,
        x=Axis(say(msg("share kept"))),
        y=Axis(say(msg("mean of 1 − F1")), high=top, ticks=ticks),
        series=series,
        table=[
            (say(msg("kept")), *(one.name for one in series)),
            *((f"{share:.0%}", *(_risk_at(one.points, share) for one in series)) for share in COVERAGES),
        ],
    )


def learning_chart(points: Sequence[LearningPoint], say: Say = english) -> Chart:
    """Return the F1 scores of the finest labels against units learned from, with the intervals of micro-F1."""
    places = [math.log2(point.n_units) for point in points]
    ticks = [(x, f"{point.n_units:,}") for x, point in zip(places, points, strict=True)]
    scored = [(x, point.scores["fine"]) for x, point in zip(places, points, strict=True)]
    return Chart(
        title=say(msg("Learning curve")),
        description=say(
            msg("F1 of the finest labels against the number of units learned from, on a logarithmic axis.")
        ),
        x=Axis(say(msg("units learned from")), places[0], places[-1], ticks),
        y=Axis("F1"),
        series=[
            Series(
                SCORES[key],
                [(x, fine[key] or 0.0) for x, fine in scored],
                [(x, *fine[f"{key}_ci95"]) for x, fine in scored if key == MICRO and fine[f"{key}_ci95"]],
                has_marks=True,
            )
            for key in LEARNED
        ],
        table=[
            (say(msg("units")), *(SCORES[key] for key in LEARNED)),
            *(
                (tick, *(f"{number(fine[key])} {interval(fine[f'{key}_ci95'], 2)}" for key in LEARNED))
                for (_, tick), (_, fine) in zip(ticks, scored, strict=True)
            ),
        ],
    )


def _parts(judged: Judged, say: Say) -> list[_Part]:
    """Return all units and, where there are several languages, those of each."""
    languages = [_Part(code, *judged.subset(rows)) for code, rows in judged.languages.items()]
    everything = _Part(say(ALL), judged.outcomes, judged.units.clusters)
    return [everything, *languages] if len(languages) > 1 else [everything]


def _at_half(curves: Sequence[Series]) -> str:
    """Return the best precision at a recall of a half or more, by curve."""
    best = [(one.name, max(precision for recall, precision in one.points if recall >= 0.5)) for one in curves]
    return ", ".join(f"{name} {number(precision, 2)}" for name, precision in best)


def _risk_at(points: Sequence[tuple[float, float]], share: float) -> str:
    """Return the risk at the first coverage of at least a share."""
    return next((number(risk) for coverage, risk in points if coverage >= share), "-")
