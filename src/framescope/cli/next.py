"""The command ``next``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framescope.articles import Article, read_articles
from framescope.cli.coding_tables import suggestion_table
from framescope.cli.corpora import read_corpora
from framescope.cli.options import ModelName, Seed, check_source
from framescope.cli.reading import ArticleOptions, CorpusOptions, with_article_options
from framescope.cli.terminal import check_outputs, load_predictor, progress, show, tell, warnings_told
from framescope.coding.formats import Format
from framescope.corpus.conventions import Resolve

if TYPE_CHECKING:
    from framescope.corpus.schema import Corpus


Pool = Annotated[
    list[str],
    typer.Argument(
        metavar="POOL",
        help="Articles to choose from: texts, tables, pages, PDF, Word, feeds and archives as for predict; - "
        "for standard input.",
    ),
]
Labelled = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CORPUS",
        help="What is coded already: left out of the pool, and what is chosen is to differ from it. Rows that "
        "are uncoded stay in the pool. Repeatable.",
    ),
]


@with_article_options
def next(  # noqa: A001, PLR0913 - the name of the command, and its options
    *,
    model: ModelName,
    pool: Pool,
    n: Annotated[int, typer.Option("-n", metavar="N", min=1, help="Articles to choose.")] = 50,
    label: Annotated[
        str | None, typer.Option(metavar="LABEL", help="Look for examples of this label only.")
    ] = None,
    rare: Annotated[
        bool, typer.Option("--rare", help="Let doubt about a label count the more the rarer it is in training.")
    ] = False,
    labelled: Labelled = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what is chosen, for coders to label.")
    ] = None,
    output_format: Annotated[
        Format,
        typer.Option(
            "--format",
            help="What to write: CSV for spreadsheets, lines of JSON, or tasks of an annotation tool with the "
            "model's labels and passages to begin with.",
        ),
    ] = Format.CSV,
    seed: Seed = 0,
    reading: ArticleOptions,
) -> None:
    """Choose what to code next: what the model is least sure of and is not alike, and a random tenth."""
    from framescope.coding.choosing import next_to_code
    from framescope.coding.suggested import write_suggestions
    from framescope.predictor import UnknownLanguageWarning

    for source in pool:
        check_source(source, "POOL")
    check_outputs(output)
    predictor = load_predictor(model)
    articles = read_articles(pool, sys.stdin.buffer, reading.fields)
    coded = [article for path in labelled or () for article in _coded(path, reading)]
    with progress("Choosing"), warnings_told(UnknownLanguageWarning):
        found = next_to_code(predictor, articles, n, labelled=coded, label=label, rare=rare, seed=seed)
    if output is not None:
        write_suggestions(output, found, predictor, output_format)
    show(suggestion_table(found))
    if len(found) < n:
        tell(f"{len(found):,} articles are left to choose from, fewer than {n:,}")


def _coded(path: str, reading: ArticleOptions) -> list[Article]:
    """Return the articles of a corpus that somebody has coded."""
    names = ("text_field", "id_field", "title_field", "lang_field", "delimiter", "quoting", "encoding")
    options = CorpusOptions(**{name: getattr(reading, name) for name in names})
    corpus: Corpus = read_corpora(replace(options, resolve=Resolve.UNION), path)
    return [
        Article(unit_id, text) for unit_id, text in zip(corpus.column("id"), corpus.full_texts(), strict=True)
    ]
