"""The command ``report``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framescope.cli.corpora import read_to_judge
from framescope.cli.options import CorpusPath, GroupBy, Jobs, ModelName, PageInterface
from framescope.cli.reading import CorpusOptions, with_corpus_options
from framescope.cli.terminal import load_predictor, progress, tell, write_line
from framescope.files import check_file
from framescope.pages.catalogues import Interface

if TYPE_CHECKING:
    from framescope.evaluation.judged import Judged
    from framescope.evaluation.learning_curve import LearningPoint
    from framescope.predictor import Predictor


@with_corpus_options
def report(  # noqa: PLR0913 - a command
    *,
    model: ModelName,
    corpus: CorpusPath,
    html: Annotated[Path, typer.Option("--html", metavar="FILE", help="Where to write the page.")],
    interface: PageInterface = Interface.EN,
    learning: Annotated[
        bool,
        typer.Option("--learning-curve/--no-learning-curve", help="Fit on growing shares, too: 16 more fits."),
    ] = True,
    also: Annotated[
        list[str] | None,
        typer.Option(metavar="CORPUS", help="Join this corpus, as training did. Repeatable."),
    ] = None,
    group_by: GroupBy = None,
    jobs: Jobs = -1,
    reading: CorpusOptions,
) -> None:
    """Write a page on how good a model is, label by label, and which articles to look at again.

    On the corpus of training, with --also where training had it, it takes the decisions that training made
    without each article's group; on any other corpus the model decides. Labels that the model does not know
    count as missed; with --skip-invalid, units that bear one are left out.
    """
    from framescope.evaluation.judged import judge
    from framescope.pages.report import NOT_ASKED, make_report

    check_file(html)
    predictor = load_predictor(model)
    articles = read_to_judge(predictor, reading, corpus, also or [])
    judged = judge(predictor.bundle, articles, group_by=group_by, jobs=jobs, progress=progress)
    points, reason = _learn(predictor, judged, jobs) if learning else ([], NOT_ASKED)
    made = make_report(
        predictor, judged, learning=points, no_learning=reason, interface=interface, progress=progress
    )
    made.save(html)
    for line in made.warnings:
        tell(f"warning: {line}")
    write_line(f"Saved to {html}.")


def _learn(predictor: Predictor, judged: Judged, jobs: int) -> tuple[list[LearningPoint], str]:
    """Return the learning curve, or why there is none."""
    from framescope.errors import TrainingError
    from framescope.evaluation.learning_curve import learning_curve, recipe_of

    if not judged.is_training:
        return [], "it takes the corpus of training"
    try:
        with progress("Fitting on growing shares"):
            corpus = replace(judged.corpus, codebook=judged.codebook)
            return learning_curve(corpus, recipe_of(predictor.bundle.training), jobs=jobs), ""
    except TrainingError as error:
        return [], f"a share of the articles is too small to learn from: {error}"
