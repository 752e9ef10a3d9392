"""All that a report says, computed and put into the words and charts that the template lays out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framescope.bundle.read import Bundle
from framescope.codebook import Label
from framescope.evaluation.doubts import Doubtful, doubtful_units
from framescope.evaluation.judged import Judged
from framescope.evaluation.learning_curve import LearningPoint
from framescope.files import write_whole
from framescope.measure.agreement import coder_figures
from framescope.measure.f1 import f1_rows
from framescope.measure.label_scores import Confusion, LabelScore, confusions, label_scores
from framescope.measure.metrics import calibration_warnings, evaluate
from framescope.measure.shown import (
    BASELINES,
    CEILING_HEADER,
    SCORES,
    alpha_line,
    calibration_rows,
    ceiling_rows,
    kind_rows,
    number,
    score_row,
)
from framescope.notebook import html_table
from framescope.pages import figures
from framescope.pages.base import render
from framescope.pages.charts import Chart, ScoreLine
from framescope.pages.ngrams import NgramRow, ngrams_by_language
from framescope.pages.wording import review_in_words
from framescope.predictor import Predictor
from framescope.progress import Progress, no_progress

N_DOUBTFUL = 30
N_PAIRS = 15
"""Confused pairs of labels that are listed."""
N_WEAKEST = 3
N_RARE = 10
"""Units of a label below which its figures say little."""
NOT_ASKED = "it was not asked for"
"""Why there is no learning curve."""


@dataclass(frozen=True)
class LabelSection:
    """One label: its scores, in all and by language, what it is confused with, and its n-grams by language.

    ``name`` is "" where the id says it already.
    """

    id: str
    name: str
    parent: str | None
    score: LabelScore
    by_language: Mapping[str, LabelScore]
    confusions: Sequence[Confusion]
    ngrams: Mapping[str, Sequence[NgramRow]]
    chart: Chart | None

    @property
    def is_rare(self) -> bool:
        """Whether there are too few units for figures to rely on."""
        return self.score.support < N_RARE

    @property
    def score_line(self) -> ScoreLine | None:
        """The F1 and its interval, to draw; None where there is no F1."""
        return None if self.score.f1 is None else ScoreLine(self.score.f1, self.score.f1_ci95)

    @property
    def n_shortcuts(self) -> int:
        """How many of the n-grams look like shortcuts."""
        return sum(bool(row.reasons) for rows in self.ngrams.values() for row in rows)


@dataclass(frozen=True)
class Report:
    """A model on a corpus, ready to lay out."""

    bundle: Bundle
    judged: Judged
    metrics: Mapping[str, Any]
    labels: Sequence[LabelSection]
    confusions: Sequence[Confusion]
    doubtful: Sequence[Doubtful]
    reliability: Chart
    risk_coverage: Chart
    learning: Chart | None
    no_learning: str
    coders: Mapping[str, Any] | None = None

    @property
    def units(self) -> str:
        """What was judged, in words."""
        return f"{self.bundle.model.unit}s"

    @property
    def languages(self) -> list[str]:
        """Languages that the corpus names."""
        return list(self.judged.languages)

    @property
    def f1_rows(self) -> list[dict[str, Any]]:
        """The rows of the table of scores."""
        return f1_rows(self.metrics)

    @property
    def rare(self) -> list[str]:
        """Labels with too few units for figures to rely on."""
        return [label.id for label in self.labels if label.is_rare]

    @property
    def weakest(self) -> list[LabelSection]:
        """The labels with the least F1, of those with enough units."""
        judged = [label for label in self.labels if label.score.f1 is not None and not label.is_rare]
        return sorted(judged, key=lambda label: label.score.f1 or 0.0)[:N_WEAKEST]

    @property
    def never_given(self) -> list[str]:
        """Labels that the rule never gives."""
        return list(self.bundle.training.never_given)

    @property
    def review(self) -> list[tuple[str, int, float | None]]:
        """How many labels are given and to review, and the share that is right; empty if all are given."""
        review, outcomes = self.bundle.model.review, self.judged.outcomes
        if review is None:
            return []
        given = review.given(outcomes.decided, outcomes.probabilities)
        return [
            (name, int(marked.sum()), float(outcomes.truth[marked].mean()) if marked.any() else None)
            for name, marked in (("given", given), ("to review", outcomes.decided & ~given))
        ]

    @property
    def review_in_words(self) -> str:
        """Which labels are given and which are to review."""
        return review_in_words(self.bundle.model.review)

    @property
    def scope(self) -> Mapping[str, Any] | None:
        """How many units were out of scope, and of what they bear there, by label; None without scopes."""
        found: Mapping[str, Any] | None = self.metrics["scope"]
        return found

    @property
    def missed_out_of_scope(self) -> list[tuple[str, int]]:
        """The labels that units bear out of scope, most often first."""
        rows = self.scope["per_label"] if self.scope is not None else []
        missed = [(row["label"], row["n_missed"]) for row in rows if row["n_missed"]]
        return sorted(missed, key=lambda pair: -pair[1])

    @property
    def shortcuts(self) -> list[tuple[str, str, NgramRow]]:
        """The n-grams that look like shortcuts, with their label and language."""
        return [
            (label.id, language, row)
            for label in self.labels
            for language, rows in label.ngrams.items()
            for row in rows
            if row.reasons
        ]

    @property
    def warnings(self) -> list[str]:
        """Return what a reader must not miss, a line each."""
        counted = [
            (self.judged.n_known, "units bear ids of training units: the figures may flatter the model"),
            (len(self.shortcuts), "n-grams behind labels look like shortcuts: see the page"),
        ]
        return [*(f"{n} {what}" for n, what in counted if n), *calibration_warnings(self.metrics)]

    @property
    def calibration(self) -> list[tuple[str, str]]:
        """How far the probabilities can be trusted, in words."""
        return calibration_rows(self.metrics)

    @property
    def coders_in_words(self) -> str:
        """How well the coders of the corpus agree; "" where no two can be compared."""
        return "" if self.coders is None else alpha_line(self.coders)

    @property
    def ceiling_rows(self) -> list[tuple[str, ...]]:
        """The F1 of coders, and that of the model on the same articles."""
        return [] if self.coders is None else ceiling_rows(self.coders["human_ceiling"])

    @property
    def kinds(self) -> list[tuple[str, str, str]]:
        """The false alarms by kind of units without a label."""
        return kind_rows(self.metrics)

    def name_of(self, section: str) -> str:
        """Return a section of the scores in words."""
        return {"overall": "all", **BASELINES}.get(section, section)

    def html(self) -> str:
        """Return the page."""
        return render(
            "report.html.j2",
            report=self,
            corpus=self.judged.corpus,
            n_rare=N_RARE,
            n_pairs=N_PAIRS,
            ceiling_header=CEILING_HEADER,
        )

    def save(self, path: Path | str) -> None:
        """Write the page to a file.

        Raises:
            FramescopeError: it cannot be written.
        """
        write_whole(Path(path), [self.html()])

    def __repr__(self) -> str:
        f1 = number(self.metrics["overall"]["fine"]["samples_f1"])
        return f"Report({self.bundle.path.name!r}, {self.metrics['n_units']:,} units, samples-F1 {f1})"

    def _repr_html_(self) -> str:
        caption = f"{self.bundle.path.name}: {self.metrics['n_units']:,} {self.units}"
        header = ("", "level", *SCORES.values(), "false alarms")
        return html_table(caption, header, map(score_row, self.f1_rows))


def make_report(
    predictor: Predictor,
    judged: Judged,
    *,
    learning: Sequence[LearningPoint] = (),
    no_learning: str = NOT_ASKED,
    progress: Progress = no_progress,
) -> Report:
    """Compute a report from what :func:`framescope.evaluation.judged.judge` returns.

    ``no_learning`` says why there is no learning curve, where there is none.
    """
    bundle, codebook = predictor.bundle, judged.codebook
    with progress("Measuring"):
        metrics = evaluate(judged.outcomes, judged.units, codebook=codebook, prior=judged.prior)
        pairs = confusions(judged.outcomes, codebook)
        labels = _labels(bundle, judged, pairs, progress=progress)
    with progress("Looking for doubtful labels"):
        doubtful = doubtful_units(predictor, judged, n_units=N_DOUBTFUL)
    return Report(
        bundle=bundle,
        judged=judged,
        metrics=metrics,
        labels=labels,
        confusions=pairs,
        doubtful=doubtful,
        reliability=figures.reliability_chart(judged),
        risk_coverage=figures.risk_coverage_chart(judged, metrics["calibration"]["augrc"]),
        learning=figures.learning_chart(learning) if learning else None,
        no_learning=no_learning,
        coders=coder_figures(judged.corpus, codebook, judged.outcomes.decided),
    )


def _labels(
    bundle: Bundle, judged: Judged, pairs: Sequence[Confusion], *, progress: Progress
) -> list[LabelSection]:
    codebook = judged.codebook
    scores = label_scores(judged.outcomes, judged.units.clusters, codebook=codebook)
    by_language = {
        code: label_scores(*judged.subset(rows), codebook=codebook) for code, rows in judged.languages.items()
    }
    with progress("Ranking n-grams"):
        ngrams = ngrams_by_language(bundle.model, judged)
    return [
        LabelSection(
            id=label.id,
            name=_name(label),
            parent=label.parent,
            score=scores[k],
            by_language={code: rows[k] for code, rows in by_language.items()},
            confusions=[pair for pair in pairs if pair.given == label.id],
            ngrams=ngrams.get(label.id, {}),
            chart=figures.precision_recall_chart(judged, k),
        )
        for k, label in enumerate(codebook.labels)
    ]


def _name(label: Label) -> str:
    """Return a label's name in English, or in the first language that it has."""
    name = label.names.get("en", next(iter(label.names.values()), ""))
    return "" if name.casefold() == label.id.replace("_", " ").casefold() else name
