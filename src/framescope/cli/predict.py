"""The command ``predict``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
from pathlib import Path

import typer

from framescope.articles import STDIN, SUFFIXES, batches, read_articles, suffix_of
from framescope.cli.options import Inputs, Jobs, ModelName
from framescope.cli.terminal import bar, load_predictor, warnings_told, write_line
from framescope.prediction_line import prediction_line


def predict(
    *,
    model: ModelName,
    inputs: Inputs = None,
    jobs: Jobs = 1,
) -> None:
    """Print labels and probabilities of articles as lines of JSON.

    Nothing is printed unless all files can be read.
    """
    from framescope.predictor import UnknownLanguageWarning

    sources = inputs or [STDIN]
    for source in sources:
        if source != STDIN and suffix_of(Path(source)) not in SUFFIXES:
            expected = f"expected a {' or '.join(SUFFIXES)} file, or - for standard input"
            raise typer.BadParameter(f"{source}: {expected}", param_hint="INPUT")
    predictor = load_predictor(model)
    articles = read_articles(sources, sys.stdin.buffer)
    # On a terminal, the results themselves show the progress.
    is_piped = not sys.stdout.isatty()
    with (
        bar("Predicting", total=len(articles), is_shown=is_piped) as advance,
        warnings_told(UnknownLanguageWarning),
    ):
        for batch in batches(articles):
            texts, languages = [article.text for article in batch], [article.lang for article in batch]
            predictions = predictor.predict(texts, languages=languages, jobs=jobs)
            for article, prediction in zip(batch, predictions, strict=True):
                write_line(prediction_line(article.id, prediction.labels, prediction.probabilities))
            advance(len(batch))
