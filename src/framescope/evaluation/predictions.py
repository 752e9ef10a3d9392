"""A model on an annotated corpus: its metrics, and its decisions as files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from framescope._types import Array, BoolArray, Float32, Float64
from framescope.codebook import Codebook
from framescope.corpus.schema import Corpus
from framescope.corpus.scope import units_in_scope
from framescope.corpus.stories import groups_of
from framescope.corpus.submission import SUBMISSION_FORMAT, submission_lines
from framescope.errors import CorpusError, Problem
from framescope.files import write_whole
from framescope.measure.ceiling import beside_coders
from framescope.measure.f1 import f1_rows
from framescope.measure.metrics import Outcomes, UnitInfo, evaluate
from framescope.measure.shown import SCORES, number, score_row
from framescope.model.fitted import Model
from framescope.model.output import Output
from framescope.notebook import html_table
from framescope.prediction_line import prediction_line
from framescope.predictor import Predictor
from framescope.progress import Progress, no_progress
from framescope.text.utf8 import Utf8Texts


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a model makes of a corpus.

    ``metrics`` has the layout of :func:`framescope.measure.metrics.evaluate`. ``decided`` (n_units, n_labels)
    bool, ``probabilities`` float32 and ``in_scope`` bool, which is None where no label has a scope, have the
    columns of ``codebook``, the model's. So have the decided labels that are ``to_review``, None where the
    model gives all. ``typicality`` tells of each unit how typical it is of the training, and whether it is
    unlike training. ``coders`` are the F1 of the corpus's coders beside the model's, in the layout of
    :func:`framescope.measure.ceiling.human_ceiling`; None where no two can be compared. ``new_language`` tells
    of each unit whether it is in a language that training did not have, None where the model has no second
    stage for those.
    """

    metrics: Mapping[str, Any]
    decided: BoolArray
    probabilities: Float32
    codebook: Codebook
    in_scope: BoolArray | None = None
    typicality: Sequence[tuple[float, bool]] | None = None
    to_review: BoolArray | None = None
    coders: Mapping[str, Any] | None = None
    new_language: BoolArray | None = None

    def __repr__(self) -> str:
        f1 = number(self.metrics["overall"]["fine"]["samples_f1"])
        return (
            f"Evaluation({self.metrics['n_units']:,} units, {len(self.codebook.ids)} labels, samples-F1 {f1})"
        )

    def _repr_html_(self) -> str:
        caption = f"{self.metrics['n_units']:,} units"
        header = ("", "level", *SCORES.values(), "false alarms")
        return html_table(caption, header, map(score_row, f1_rows(self.metrics)))


def evaluate_model(
    model: Model | Predictor,
    corpus: Corpus,
    *,
    group_by: str | None = None,
    jobs: int = 1,
    progress: Progress = no_progress,
) -> Evaluation:
    """Compare a model's decisions with the labels of a corpus.

    A label that the model does not know counts as missed wherever the corpus has it, as in the official scorer
    of SemEval-2025. Intervals draw whole articles, or whole values of the column ``group_by``.

    Raises:
        CorpusError: the corpus has no column ``group_by``.
    """
    model = model.bundle.model if isinstance(model, Predictor) else model
    clusters = groups_of(corpus, group_by or "article_id")
    with progress("Predicting"):
        in_scope = units_in_scope(corpus, model.codebook, jobs=jobs)
        texts, languages = Utf8Texts.encode(corpus.full_texts()), corpus.languages()
        output = model.run(texts, in_scope=in_scope, languages=languages, jobs=jobs)
    with progress("Measuring"):
        outcomes, codebook, prior = compare(
            model, corpus, decided=output.decided, probabilities=output.probabilities, in_scope=in_scope
        )
        units = UnitInfo.of(corpus, clusters)
        metrics = evaluate(outcomes, units, codebook=codebook, prior=prior)
        coders = beside_coders(corpus, codebook, outcomes.decided, model=model)
    to_review = output.decided & ~output.given if model.has_review else None
    return Evaluation(
        metrics,
        output.decided,
        output.probabilities,
        model.codebook,
        in_scope,
        _typicality(output),
        to_review,
        coders,
        None if model.abroad is None else output.is_foreign,
    )


def compare(
    model: Model,
    corpus: Corpus,
    *,
    decided: BoolArray,
    probabilities: Float32,
    in_scope: BoolArray | None,
) -> tuple[Outcomes, Codebook, Float64]:
    """Put what a model gave beside the labels of a corpus.

    The columns are those of the codebook returned: the model's, and after them or their parents what labels
    only the corpus has, which the model never gave though no scope kept it from them. The prior is 0 for these.
    """
    codebook = model.codebook.joined(corpus.codebook, unknown_labels(model.codebook, corpus))
    columns = [codebook.columns[label] for label in model.codebook.ids]
    n_labels = len(codebook.ids)
    outcomes = Outcomes(
        codebook.indicator(corpus.column("labels")),
        moved(decided, columns, n_labels),
        moved(probabilities, columns, n_labels),
        None if in_scope is None else ~moved(~in_scope, columns, n_labels),
    )
    return outcomes, codebook, moved(model.calibration.prior, columns, n_labels)


def moved(values: Array, columns: Sequence[int], n_labels: int) -> Array:
    """Return values whose last axis is moved to some of ``n_labels`` columns, zero elsewhere."""
    wide = np.zeros((*values.shape[:-1], n_labels), values.dtype)
    wide[..., columns] = values
    return wide


def unknown_labels(codebook: Codebook, corpus: Corpus) -> dict[str, list[str]]:
    """Return the labels that units bear but the codebook lacks, each with the ids of its units."""
    found: dict[str, list[str]] = {}
    for unit_id, labels in zip(corpus.column("id"), corpus.column("labels"), strict=True):
        for label in labels:
            if label not in codebook.columns:
                found.setdefault(label, []).append(unit_id)
    return dict(sorted(found.items()))


def leave_out_unknown(codebook: Codebook, corpus: Corpus) -> Corpus:
    """Return the units all of whose labels the codebook has; the others are listed as left out.

    Raises:
        CorpusError: no unit is left.
    """
    kept: list[int] = []
    problems: list[Problem] = []
    for row, (unit_id, labels) in enumerate(zip(corpus.column("id"), corpus.column("labels"), strict=True)):
        unknown = [label for label in labels if label not in codebook.columns]
        if unknown:
            problems.append(Problem(f"unit {unit_id}: the model does not know {unknown[0]!r}", corpus.path))
        else:
            kept.append(row)
    if not kept:
        raise CorpusError(problems)
    return replace(
        corpus.select(kept),
        left_out=(*corpus.left_out, *problems),
        n_left_out=corpus.n_left_out + len(problems),
    )


def write_predictions(path: Path, corpus: Corpus, evaluation: Evaluation) -> None:
    """Write labels and probabilities of every unit, in the order of the corpus.

    The file holds lines of JSON as ``framescope predict`` prints them; for a SemEval-2025 corpus it is an
    official submission to subtask 2.

    Raises:
        FramescopeError: the file cannot be written.
    """
    if corpus.format == SUBMISSION_FORMAT:
        lines = submission_lines(corpus, evaluation.decided, evaluation.codebook)
    else:
        lines = _json_lines(corpus, evaluation)
    write_whole(path, lines)


def _typicality(output: Output) -> Sequence[tuple[float, bool]] | None:
    if output.typicality is None:
        return None
    return [*zip(output.typicality.tolist(), output.is_unlike.tolist(), strict=True)]


def _json_lines(corpus: Corpus, evaluation: Evaluation) -> Iterator[str]:
    codebook, in_scope, to_review = evaluation.codebook, evaluation.in_scope, evaluation.to_review
    for row, unit_id in enumerate(corpus.column("id")):
        probabilities = dict(zip(codebook.ids, evaluation.probabilities[row].tolist(), strict=True))
        outside = None if in_scope is None else codebook.named(~in_scope[row])
        labels = codebook.named(evaluation.decided[row])
        unsure = None if to_review is None else codebook.named(to_review[row])
        line = prediction_line(
            unit_id,
            labels,
            probabilities,
            to_review=unsure,
            out_of_scope=outside,
            typicality=None if evaluation.typicality is None else evaluation.typicality[row],
            new_language=None if evaluation.new_language is None else bool(evaluation.new_language[row]),
        )
        yield f"{line}\n"
