"""Two models on one corpus: how much better one is, how certain that is, and the articles that show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from framescope.codebook import Codebook
from framescope.corpus.schema import Corpus
from framescope.evaluation.judged import Judged, judge
from framescope.evaluation.predictions import moved
from framescope.measure.metrics import Outcomes
from framescope.measure.paired import ScoreDifference, paired_differences
from framescope.measure.reliability import log_losses
from framescope.measure.shown import SCORE_NAMES, SCORES, interval, number
from framescope.messages import Say, english, msg
from framescope.notebook import MAX_REPR, html_table, short
from framescope.predictor import Predictor
from framescope.progress import Progress, no_progress

N_ARTICLES = 20
TRAINED_BY = msg("%(model)s was trained on this corpus: it is judged by fits without each article's %(group)s")
NEITHER = msg("Neither %(one)s nor %(other)s is clearly better by the %(score)s of the finest labels.")


@dataclass(frozen=True, slots=True)
class ApartArticle:
    """A unit on which two models differ: its labels, those that both gave, and what the second gains.

    ``gain`` is by how much likelier its finest labels are to the second model, in nats.
    """

    id: str
    language: str
    title: str
    labels: Sequence[str]
    first: Sequence[str]
    second: Sequence[str]
    gain: float


@dataclass(frozen=True, slots=True)
class Caution:
    """Why a comparison is unfair to the model ``name``, or to the other one.

    It was trained on these units, and is judged by fits without the group ``trained_by`` of each; or it has
    learned from ``n_known`` of them.
    """

    name: str
    trained_by: str = ""
    n_known: int = 0

    def told(self, say: Say = english) -> str:
        """Return it in words."""
        if self.trained_by:
            told = say(TRAINED_BY)
            return told % {"model": self.name, "group": self.trained_by}
        told = say(msg("%(model)s has learned from %(n)s of these articles: it looks better than it is"))
        return told % {"model": self.name, "n": f"{self.n_known:,}"}


@dataclass(frozen=True, repr=False)
class Comparison:
    """What two models make of a corpus; differences are the second less the first.

    ``cautions`` say what makes the comparison unfair, such as a model that has learned from these articles.
    """

    first: str
    second: str
    corpus: str
    n_units: int
    n_clusters: int
    group_by: str
    differences: Sequence[ScoreDifference]
    articles: Sequence[ApartArticle]
    cautions: Sequence[Caution]

    def __repr__(self) -> str:
        return short(f"Comparison({self.n_units:,} units of {self.corpus!r}: {self.verdict})")

    def _repr_html_(self) -> str:
        header = ("", "level", "score", self.first, self.second, "difference", "95 %")
        rows = [
            (
                row.section,
                row.level,
                SCORE_NAMES.get(row.score, row.score),
                *(number(value, 3) for value in (row.first, row.second, row.difference)),
                interval(row.ci95, 3),
            )
            for row in self.differences
            if not row.label
        ]
        cautions = "; ".join(one.told() for one in self.cautions)
        return html_table(f"{self.corpus}: {self.verdict}", header, rows, more=cautions[:MAX_REPR])

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        return {**asdict(self), "cautions": [one.told() for one in self.cautions]}

    @property
    def verdict(self) -> str:
        """Which model is better by the micro-F1 of the finest labels, in a sentence."""
        return self.verdict_in(english)

    def verdict_in(self, say: Say) -> str:
        """Return the verdict in the language of a reader."""
        wanted = ("overall", "fine", "micro_f1")
        row = next(row for row in self.differences if (row.section, row.level, row.score) == wanted)
        score = SCORES["micro_f1"]
        if row.difference is None or not row.is_clear:
            told = say(NEITHER)
            return told % {"one": self.first, "other": self.second, "score": score}
        told = say(msg("%(model)s is better by %(difference)s %(score)s of the finest labels."))
        better = self.second if row.difference > 0 else self.first
        return told % {"model": better, "difference": f"{abs(row.difference):.3f}", "score": score}


def compare_models(
    first: Predictor,
    second: Predictor,
    corpus: Corpus,
    *,
    group_by: str | None = None,
    jobs: int = 1,
    progress: Progress = no_progress,
) -> Comparison:
    """Judge two models on the same units.

    On its corpus of training a model is judged by what it decided without each article's group. A label that
    one of them does not know counts as missed by it wherever the corpus has it.

    Raises:
        BundleError: the corpus is that of training, but what training kept is missing, damaged or stale.
        CorpusError: the corpus has no column ``group_by``.
    """
    judged = [
        judge(predictor.bundle, corpus, group_by=group_by, jobs=jobs, progress=progress)
        for predictor in (first, second)
    ]
    judged[1] = replace(judged[1], units=judged[0].units)  # both by the same groups
    codebook = _joint(judged[0].codebook, judged[1].codebook)
    outcomes = [_spread(one, codebook) for one in judged]
    names = _names(first, second)
    with progress("Comparing"):
        differences = paired_differences(outcomes[0], outcomes[1], judged[0].units, codebook)
    return Comparison(
        *names,
        corpus=str(corpus.path),
        n_units=corpus.n_units,
        n_clusters=len(set(judged[0].units.clusters)),
        group_by=judged[0].group_by,
        differences=differences,
        articles=_apart(corpus, outcomes[0], outcomes[1], codebook),
        cautions=[found for name, one in zip(names, judged, strict=True) for found in _cautions(name, one)],
    )


def _names(first: Predictor, second: Predictor) -> tuple[str, str]:
    """Return what the models are called: their folders, or A and B where these have one name."""
    one, other = (predictor.bundle.path.resolve().name for predictor in (first, second))
    return (one, other) if one != other else (f"A ({one})", f"B ({other})")


def _cautions(name: str, judged: Judged) -> list[Caution]:
    if judged.is_training:
        return [Caution(name, trained_by=judged.trained_by)]
    return [Caution(name, n_known=judged.n_known)] if judged.n_known else []


def _joint(first: Codebook, second: Codebook) -> Codebook:
    """Return the labels of both."""
    parents = {label.id: label.parent for label in first.labels}
    further = {label.id: label.parent for label in second.labels if label.id not in parents}
    if not further:
        return first
    for label, parent in further.items():
        parents[label] = parent if parent is None or parents.get(parent, "") in {None, ""} else None
    return Codebook.from_parents(parents, name=first.name)


def _spread(judged: Judged, codebook: Codebook) -> Outcomes:
    """Return the outcomes with the columns of a codebook that has further labels."""
    columns = [codebook.columns[label] for label in judged.codebook.ids]
    n_labels = len(codebook.ids)
    return Outcomes(
        codebook.indicator(judged.corpus.column("labels")),
        moved(judged.outcomes.decided, columns, n_labels),
        moved(judged.outcomes.probabilities, columns, n_labels),
    )


def _apart(corpus: Corpus, first: Outcomes, second: Outcomes, codebook: Codebook) -> list[ApartArticle]:
    """Return the units whose labels are much likelier to one model, where the decisions differ, too."""
    fine = codebook.fine
    losses = [log_losses(one.truth[:, fine], one.probabilities[:, fine]).sum(axis=1) for one in (first, second)]
    gain = np.where((first.decided != second.decided).any(axis=1), losses[0] - losses[1], 0)
    found = []
    for row in np.argsort(-np.abs(gain), kind="stable")[:N_ARTICLES].tolist():
        if gain[row]:
            unit: Mapping[str, Any] = corpus.row(row)
            found.append(
                ApartArticle(
                    id=unit["id"],
                    language=unit["lang"] or "",
                    title=unit["title"] or "",
                    labels=codebook.finest(first.truth[row]),
                    first=codebook.finest(first.decided[row]),
                    second=codebook.finest(second.decided[row]),
                    gain=float(gain[row]),
                )
            )
    return found
