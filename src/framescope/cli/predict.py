"""The command ``predict``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from framescope.articles import EXPECTED_SUFFIX, STDIN, SUFFIXES, Article, batches, read_articles, suffix_of
from framescope.cli.options import Inputs, Jobs, ModelName
from framescope.cli.terminal import bar, load_predictor, warnings_told, write_line
from framescope.prediction_line import prediction_line
from framescope.text.segments import Unit, unit_ids

if TYPE_CHECKING:
    from framescope.predictor import Predictor


def predict(
    *,
    model: ModelName,
    inputs: Inputs = None,
    jobs: Jobs = 1,
) -> None:
    """Print labels and probabilities of articles as lines of JSON.

    A model of sentences or paragraphs prints a line for each of them, with the article's id and where in its
    text, without the title, the unit begins and ends. Nothing is printed unless all files can be read.
    """
    from framescope.predictor import UnknownLanguageWarning

    sources = inputs or [STDIN]
    for source in sources:
        if source != STDIN and suffix_of(Path(source)) not in SUFFIXES:
            expected = f"expected a {EXPECTED_SUFFIX} file, or - for standard input"
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
            for line in _lines(predictor, batch, jobs):
                write_line(line)
            advance(len(batch))


def _lines(predictor: Predictor, articles: Sequence[Article], jobs: int) -> Iterator[str]:
    """Yield a line for each article or, of a model of sentences or paragraphs, for each unit of each."""
    languages = [article.lang for article in articles]
    if predictor.unit == Unit.ARTICLE:
        texts = [article.text for article in articles]
        predictions = predictor.predict(texts, languages=languages, jobs=jobs)
        for article, made in zip(articles, predictions, strict=True):
            outside = made.out_of_scope if predictor.codebook.has_scopes else None
            yield prediction_line(article.id, made.labels, made.probabilities, out_of_scope=outside)
        return
    bodies = [article.body for article in articles]
    for article, units in zip(
        articles, predictor.predict_units(bodies, languages=languages, jobs=jobs), strict=True
    ):
        for unit_id, unit in zip(unit_ids(article.id, len(units)), units, strict=True):
            place: dict[str, str | int] = {"article_id": article.id, "start": unit.start, "end": unit.end}
            outside = unit.out_of_scope if predictor.codebook.has_scopes else None
            yield prediction_line(unit_id, unit.labels, unit.probabilities, place=place, out_of_scope=outside)
