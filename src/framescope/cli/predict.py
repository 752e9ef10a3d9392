"""The command ``predict``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from framescope.articles import STDIN, Article, batches, read_articles
from framescope.cli.options import AllowPrivate, Inputs, Jobs, ModelName, check_source
from framescope.cli.reading import ArticleOptions, with_article_options
from framescope.cli.tables import predicted
from framescope.cli.terminal import (
    bar,
    is_terminal,
    load_predictor,
    show,
    tell_two_scripts,
    tell_unlike,
    warnings_told,
    write_line,
)
from framescope.formats.cells import harmless
from framescope.prediction_line import PLACE, prediction_line
from framescope.text.segments import Unit
from framescope.wide import WideTable

if TYPE_CHECKING:
    from framescope.predictor import Predictor


class Format(StrEnum):
    """What predictions are printed as."""

    TABLE = "table"
    CSV = "csv"
    JSONL = "jsonl"


@with_article_options
def predict(
    *,
    model: ModelName,
    inputs: Inputs = None,
    jobs: Jobs = 1,
    output_format: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="What to print: a table for people, CSV for spreadsheets, or lines of JSON; by default a "
            "table on a terminal, and lines of JSON into a file or another program.",
        ),
    ] = None,
    allow_private: AllowPrivate = False,
    reading: ArticleOptions,
) -> None:
    """Print labels and probabilities of articles.

    A model of sentences or paragraphs prints a row for each of them, with the article's id and where in its
    text, without the title, the unit begins and ends. Nothing is printed unless all files can be read.
    """
    from framescope.predictor import UnknownLanguageWarning
    from framescope.text.plain import mixed_words

    sources = inputs or [STDIN]
    for source in sources:
        check_source(source, "INPUT")
    predictor = load_predictor(model)
    articles = read_articles(sources, sys.stdin.buffer, reading.fields, allow_private=allow_private)
    chosen = output_format or (Format.TABLE if is_terminal() else Format.JSONL)
    # On a terminal, lines that are printed show the progress themselves.
    is_bar_shown = chosen == Format.TABLE or not is_terminal()
    unlike = _Unlike()
    with (
        bar("Predicting", total=len(articles), is_shown=is_bar_shown) as advance,
        warnings_told(UnknownLanguageWarning),
    ):
        PRINTERS[chosen](predictor, unlike.counted(_rows(predictor, articles, jobs, advance)))
    tell_unlike(unlike.n_texts, unlike.n_unlike, unlike.languages, predictor.languages)
    tell_two_scripts(len(articles), sum(bool(mixed_words(article.text)) for article in articles))


@dataclass
class _Unlike:
    """How many texts there were, how many unlike training, and the languages that these seem to be in."""

    n_texts: int = 0
    n_unlike: int = 0
    languages: Counter[str] = field(default_factory=Counter)

    def counted(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield the rows, and count them."""
        for row in rows:
            self.n_texts += 1
            self.n_unlike += row["unlike_training"]
            if row["language"]:
                self.languages[row["language"]] += 1
            yield row


def _rows(
    predictor: Predictor, articles: Sequence[Article], jobs: int, advance: Callable[[int], None]
) -> Iterator[dict[str, Any]]:
    """Yield a row for each article or, of a model of sentences or paragraphs, for each unit of each."""
    from framescope.prediction_rows import prediction_rows

    for batch in batches(articles):
        yield from prediction_rows(predictor, batch, jobs=jobs)
        advance(len(batch))


def _print_table(predictor: Predictor, rows: Iterable[dict[str, Any]]) -> None:
    del predictor
    show(predicted(list(rows)))


def _print_csv(predictor: Predictor, rows: Iterable[dict[str, Any]]) -> None:
    """Print a header and rows, as ``framescope score --format csv`` writes them."""
    place = () if predictor.unit == Unit.ARTICLE else PLACE
    scope = ("out_of_scope",) if predictor.codebook.has_scopes else ()
    language = ("new_language",) if predictor.tells_new_languages else ()
    table = WideTable(
        ("id", *place, "labels", "probabilities", *scope, "typicality", "unlike_training", *language),
        predictor.labels,
    )
    _print_cells(table.header)
    for row in rows:
        _print_cells(table.cells(row))


def _print_cells(cells: Iterable[Any]) -> None:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(
        [harmless(cell) if isinstance(cell, str) else cell for cell in cells]
    )
    write_line(line.getvalue())


def _print_lines(predictor: Predictor, rows: Iterable[dict[str, Any]]) -> None:
    del predictor
    for row in rows:
        place = {name: row[name] for name in PLACE if name in row}
        typicality = None if row["typicality"] is None else (row["typicality"], row["unlike_training"])
        write_line(
            prediction_line(
                row["id"],
                row["labels"],
                row["probabilities"],
                place=place,
                to_review=row.get("to_review"),
                out_of_scope=row.get("out_of_scope"),
                typicality=typicality,
                new_language=row.get("new_language"),
            )
        )


PRINTERS: dict[Format, Callable[[Predictor, Iterable[dict[str, Any]]], None]] = {
    Format.TABLE: _print_table,
    Format.CSV: _print_csv,
    Format.JSONL: _print_lines,
}
