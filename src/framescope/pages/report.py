"""All that a report says, computed and put into the words and charts that the template lays out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framescope.bundle.read import Bundle
from framescope.codebook import Label
from framescope.corpus.style import TOO_TELLING, style_auc
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
    OUTLOOK_HEADER,
    SCORES,
    alpha_line,
    calibration_rows,
    ceiling_rows,
    kind_rows,
    number,
    outlook_lines,
    outlook_rows,
    score_row,
)
from framescope.messages import Say, msg
from framescope.notebook import html_table
from framescope.pages import figures
from framescope.pages.base import render
from framescope.pages.catalogues import Interface, say_in
from framescope.pages.charts import Chart, ScoreLine
from framescope.pages.ngrams import NgramRow, ngrams_by_language
from framescope.pages.wording import review_in_words
from framescope.predictor import Predictor
from framescope.progress import Progress, no_progress
from framescope.text.segments import Unit

UNITS = {Unit.ARTICLE: msg("articles"), Unit.PARAGRAPH: msg("paragraphs"), Unit.SENTENCE: msg("sentences")}
N_DOUBTFUL = 30
N_PAIRS = 15
"""Confused pairs of labels that are listed."""
N_WEAKEST = 3
N_RARE = 10
"""Units of a label below which its figures say little."""
NOT_ASKED = msg("it was not asked for")
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
    """A model on a corpus, ready to lay out.

    ``style`` is how well function words alone tell which units have a label, an AUC by language, best first.
    """

    bundle: Bundle
    judged: Judged
    metrics: Mapping[str, Any]
    labels: Sequence[LabelSection]
    confusions: Sequence[Confusion]
    doubtful: Sequence[Doubtful]
    style: Sequence[tuple[str, float]]
    reliability: Chart
    risk_coverage: Chart
    learning: Chart | None
    no_learning: str
    coders: Mapping[str, Any] | None = None
    interface: str = Interface.EN

    @property
    def say(self) -> Say:
        """What says messages in the language of the page's own words."""
        return say_in(self.interface)

    @property
    def units(self) -> str:
        """What was judged, in words."""
        return self.say(UNITS[self.bundle.model.unit])

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
        parts = ((msg("given"), given), (msg("to review"), outcomes.decided & ~given))
        return [
            (self.say(name), int(marked.sum()), float(outcomes.truth[marked].mean()) if marked.any() else None)
            for name, marked in parts
        ]

    @property
    def review_in_words(self) -> str:
        """Which labels are given and which are to review."""
        return review_in_words(self.bundle.model.review, self.say)

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
        """Return what a reader must not miss, a line each, in English."""
        counted = [
            (self.judged.n_known, "units bear ids of training units: the figures may flatter the model"),
            (len(self.shortcuts), "n-grams behind labels look like shortcuts: see the page"),
        ]
        return [*(f"{n} {what}" for n, what in counted if n), *calibration_warnings(self.metrics)]

    @property
    def calibration(self) -> list[tuple[str, str]]:
        """How far the probabilities can be trusted, in words."""
        return calibration_rows(self.metrics, self.say)

    @property
    def calibration_warnings(self) -> list[str]:
        """The languages whose probabilities are too extreme or too timid, or seem to be."""
        return calibration_warnings(self.metrics, self.say)

    @property
    def outlook_header(self) -> list[str]:
        """The columns of :attr:`outlooks`."""
        return [self.say(name) for name in OUTLOOK_HEADER]

    @property
    def outlooks(self) -> list[tuple[str, ...]]:
        """How the recipe fared in training in other ways of leaving out; nothing on another corpus."""
        return outlook_rows(self.bundle.training.outlooks, self.say) if self.judged.is_training else []

    @property
    def outlook_lines(self) -> list[str]:
        """What to expect of new articles, in words."""
        training = self.bundle.training
        return outlook_lines(training.outlooks, training.new_articles, self.say)

    @property
    def coders_in_words(self) -> str:
        """How well the coders of the corpus agree; "" where no two can be compared."""
        return "" if self.coders is None else alpha_line(self.coders, self.say)

    @property
    def ceiling_rows(self) -> list[tuple[str, ...]]:
        """The F1 of coders, and that of the model on the same articles."""
        return [] if self.coders is None else ceiling_rows(self.coders["human_ceiling"], self.say)

    @property
    def kinds(self) -> list[tuple[str, str, str]]:
        """The false alarms by kind of units without a label."""
        return kind_rows(self.metrics)

    def name_of(self, section: str) -> str:
        """Return a section of the scores in words."""
        known = {"overall": msg("all"), **BASELINES}
        return self.say(known[section]) if section in known else section

    def html(self) -> str:
        """Return the page."""
        return render(
            "report.html.j2",
            interface=self.interface,
            report=self,
            corpus=self.judged.corpus,
            n_rare=N_RARE,
            n_pairs=N_PAIRS,
            ceiling_header=[self.say(name) if name else "" for name in CEILING_HEADER],
            too_telling=TOO_TELLING,
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
    interface: str = Interface.EN,
    progress: Progress = no_progress,
) -> Report:
    """Compute a report from what :func:`framescope.evaluation.judged.judge` returns.

    ``no_learning`` says why there is no learning curve, where there is none; ``interface`` is the language of
    the page's own words.
    """
    bundle, codebook, say = predictor.bundle, judged.codebook, say_in(interface)
    with progress("Measuring"):
        metrics = evaluate(judged.outcomes, judged.units, codebook=codebook, prior=judged.prior)
        pairs = confusions(judged.outcomes, codebook)
        labels = _labels(bundle, judged, pairs, interface=interface, progress=progress)
    with progress("Looking for what style tells"):
        style = style_auc(judged.corpus)
    with progress("Looking for doubtful labels"):
        doubtful = doubtful_units(predictor, judged, n_units=N_DOUBTFUL)
    return Report(
        bundle=bundle,
        judged=judged,
        metrics=metrics,
        labels=labels,
        confusions=pairs,
        doubtful=doubtful,
        coders=coder_figures(judged.corpus, codebook, judged.outcomes.decided, bundle.model),
        style=sorted(style.items(), key=lambda pair: -pair[1]),
        reliability=figures.reliability_chart(judged, say),
        risk_coverage=figures.risk_coverage_chart(judged, metrics["calibration"]["augrc"], say),
        learning=figures.learning_chart(learning, say) if learning else None,
        no_learning=say(no_learning),
        interface=interface,
    )


def _labels(
    bundle: Bundle, judged: Judged, pairs: Sequence[Confusion], *, interface: str, progress: Progress
) -> list[LabelSection]:
    codebook, say = judged.codebook, say_in(interface)
    scores = label_scores(judged.outcomes, judged.units.clusters, codebook=codebook)
    by_language = {
        code: label_scores(*judged.subset(rows), codebook=codebook) for code, rows in judged.languages.items()
    }
    with progress("Ranking n-grams"):
        ngrams = ngrams_by_language(bundle.model, judged, say)
    return [
        LabelSection(
            id=label.id,
            name=_name(label, interface),
            parent=label.parent,
            score=scores[k],
            by_language={code: rows[k] for code, rows in by_language.items()},
            confusions=[pair for pair in pairs if pair.given == label.id],
            ngrams=ngrams.get(label.id, {}),
            chart=figures.precision_recall_chart(judged, k, say),
        )
        for k, label in enumerate(codebook.labels)
    ]


def _name(label: Label, interface: str) -> str:
    """Return a label's name in the language of the page, in English, or in the first language that it has."""
    name = label.names.get(interface, label.names.get("en", next(iter(label.names.values()), "")))
    return "" if name.casefold() == label.id.replace("_", " ").casefold() else name
