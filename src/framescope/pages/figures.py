"""The charts of a report."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from framescope.evaluation.judged import Judged
from framescope.evaluation.learning_curve import LearningPoint
from framescope.measure.curves import precision_recall, reliability, risk_coverage
from framescope.measure.metrics import Outcomes
from framescope.measure.reliability import decision_confidences, decision_losses
from framescope.pages.charts import Axis, Chart, Series

ALL = "all"
MICRO = "micro_f1"
SCORES = {"micro-F1": MICRO, "macro-F1": "macro_f1", "samples-F1": "samples_f1"}
COVERAGES = (0.25, 0.5, 0.75, 1.0)


def precision_recall_chart(judged: Judged, column: int) -> Chart | None:
    """Return the chart of one label, a line for each language and one for all; None without gold."""
    label = judged.codebook.ids[column]
    parts = {
        "all": judged.outcomes,
        **{code: judged.subset(rows)[0] for code, rows in judged.languages.items()},
    }
    if len(parts) == 2:
        parts.popitem()
    curves = {
        name: precision_recall(part.truth[:, column], part.probabilities[:, column])
        for name, part in parts.items()
    }
    if not curves[ALL]:
        return None
    return Chart(
        title=f"Precision and recall of {label}",
        description=f"Precision at each recall of {label}. At recall 0.5: {_at_half(curves)}.",
        x=Axis("recall"),
        y=Axis("precision"),
        series=[Series(name, points) for name, points in curves.items() if points],
    )


def reliability_chart(judged: Judged) -> Chart:
    """Return what came true against the probabilities, all labels together; intervals are of all languages."""
    curves = {
        name: reliability(part.truth, part.probabilities, clusters)
        for name, (part, clusters) in _parts(judged).items()
    }
    return Chart(
        title="Reliability",
        description="The share that came true against the probability, over pairs of unit and label with a "
        "probability of at least 0.05. On the diagonal, probabilities mean what they say.",
        x=Axis("probability"),
        y=Axis("share that came true"),
        series=[
            Series(
                name,
                [(b.probability, b.share) for b in bins],
                [(b.probability, *b.share_ci95) for b in bins if b.share_ci95 and name == ALL],
                has_marks=name == ALL,
            )
            for name, bins in curves.items()
        ],
        has_diagonal=True,
        table=[
            ("", "probability", "came true", "95 % interval", "pairs"),
            *(
                (name, f"{b.probability:.2f}", f"{b.share:.2f}", _interval(b.share_ci95), str(b.n_cells))
                for name, bins in curves.items()
                for b in bins
            ),
        ],
    )


def risk_coverage_chart(judged: Judged, augrc: float | None) -> Chart:
    """Return the mean loss of the units that are kept, most confident first."""
    parts = {
        "all": judged.outcomes,
        **{code: judged.subset(rows)[0] for code, rows in judged.languages.items()},
    }
    if len(parts) == 2:
        parts.popitem()
    curves = {
        name: risk_coverage(
            decision_losses(part.truth, part.decided),
            decision_confidences(part.decided, part.probabilities, judged.codebook),
        )
        for name, (part, _) in _parts(judged).items()
    }
    top = max(0.1, np.ceil(10 * max(risk for points in curves.values() for _, risk in points)) / 10)
    area = "" if augrc is None else f" Area under the generalized curve (AUGRC): {augrc:.3f}."
    return Chart(
        title="Risk and coverage",
        description=f"The mean of 1 - F1 over what is kept, the most confident first.{area}",
        x=Axis("share kept"),
        y=Axis("mean of 1 − F1", high=top, ticks=[(top * k / 4, f"{top * k / 4:.2g}") for k in range(5)]),
        series=[Series(name, points) for name, points in curves.items()],
        table=[
            ("kept", *curves),
            *(
                (f"{share:.0%}", *(_risk_at(points, share) for points in curves.values()))
                for share in COVERAGES
            ),
        ],
    )


def learning_chart(points: Sequence[LearningPoint]) -> Chart:
    """Return the F1 scores of the finest labels against units learned from, with the intervals of micro-F1."""
    places = [math.log2(point.n_units) for point in points]
    ticks = [(x, f"{point.n_units:,}") for x, point in zip(places, points, strict=True)]
    scored = [(x, point.scores["fine"]) for x, point in zip(places, points, strict=True)]
    return Chart(
        title="Learning curve",
        description="F1 of the finest labels against the number of units learned from, on a logarithmic axis.",
        x=Axis("units learned from", places[0], places[-1], ticks),
        y=Axis("F1"),
        series=[
            Series(
                name,
                [(x, fine[key] or 0.0) for x, fine in scored],
                [(x, *fine[f"{key}_ci95"]) for x, fine in scored if key == MICRO and fine[f"{key}_ci95"]],
                has_marks=True,
            )
            for name, key in SCORES.items()
        ],
        table=[
            ("units", *SCORES),
            *(
                (tick, *(f"{_score(fine[key])} {_interval(fine[f'{key}_ci95'])}" for key in SCORES.values()))
                for (_, tick), (_, fine) in zip(ticks, scored, strict=True)
            ),
        ],
    )


def _parts(judged: Judged) -> dict[str, tuple[Outcomes, Sequence[str]]]:
    """Return outcomes and clusters of all units and, where there are several languages, of each."""
    languages = {code: judged.subset(rows) for code, rows in judged.languages.items()}
    everything = {ALL: (judged.outcomes, judged.units.clusters)}
    return {**everything, **languages} if len(languages) > 1 else everything


def _at_half(curves: dict[str, list[tuple[float, float]]]) -> str:
    """Return the best precision at a recall of a half or more, by curve."""
    best = {
        name: max(precision for recall, precision in points if recall >= 0.5)
        for name, points in curves.items()
        if points
    }
    return ", ".join(f"{name} {precision:.2f}" for name, precision in best.items())


def _risk_at(points: Sequence[tuple[float, float]], share: float) -> str:
    """Return the risk at the first coverage of at least a share."""
    return next((f"{risk:.3f}" for coverage, risk in points if coverage >= share), "-")


def _score(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _interval(interval: Sequence[float] | None) -> str:
    return "" if interval is None else f"[{interval[0]:.2f}, {interval[1]:.2f}]"
