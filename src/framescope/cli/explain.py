"""The command ``explain``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framescope.articles import Article, read_articles
from framescope.cli.options import AllowPrivate, Jobs, JsonOutput, PageInterface, check_source
from framescope.cli.reading import ArticleOptions, with_article_options
from framescope.cli.tables import explained_labels, explained_sentences
from framescope.cli.terminal import check_outputs, load_predictor, progress, show, tell, write_json, write_line
from framescope.errors import InputError
from framescope.pages.catalogues import Interface

if TYPE_CHECKING:
    from framescope.pages.views import ArticleView


@with_article_options
def explain(  # noqa: PLR0913 - a command
    *,
    models_and_file: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL... FILE",
            help="Models, by folder or name in models/; then a text, or a table as for predict, or -.",
        ),
    ],
    html: Annotated[Path | None, typer.Option(metavar="OUT", help="Draw one self-contained page.")] = None,
    json_output: JsonOutput = None,
    article_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Id of the article, where FILE has several.")
    ] = None,
    interface: PageInterface = Interface.EN,
    names_in: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            help="Language of the labels' names, where the codebook has it; default: that of the interface.",
        ),
    ] = None,
    allow_private: AllowPrivate = False,
    jobs: Jobs = 1,
    reading: ArticleOptions,
) -> None:
    """Show what models say of an article, where and why.

    A model of sentences judges each sentence of the article. Without --html and --json a summary is printed.
    """
    from framescope.pages.article import MAX_MODELS, explain_article

    *models, file = models_and_file
    if not 1 <= len(models) <= MAX_MODELS:
        expected = f"expected 1 to {MAX_MODELS} models, then a file"
        raise typer.BadParameter(expected, param_hint="MODEL... FILE")
    check_outputs(html, json_output)
    article = _read(file, article_id, reading, allow_private=allow_private)
    predictors = [load_predictor(model) for model in models]
    with progress("Explaining"):
        view = explain_article(article, predictors, names_in=names_in, interface=interface, jobs=jobs)
    for model in view.models:
        if model.is_strange:
            known = ", ".join(model.languages)
            tell(f"warning: {model.name} was trained on {known}; do not rely on it for {view.lang!r}")
        if model.unlike_in_words:
            tell(f"warning: {model.unlike_in_words}")
    if json_output is not None:
        write_json(view.to_json(), json_output)
    if html is not None:
        view.save(html)
        tell(f"Saved to {html}.")
    if html is None and json_output is None:
        _show(view)


def _read(file: str, article_id: str | None, reading: ArticleOptions, *, allow_private: bool) -> Article:
    """Return the article of a file, the one with this id where it has several.

    Raises:
        InputError: there is no such article, or more than one.
    """
    check_source(file, "FILE")
    articles = read_articles([file], sys.stdin.buffer, reading.fields, allow_private=allow_private)
    found = [article for article in articles if article_id in {None, article.id}]
    if not found:
        raise InputError.at(file, f"has no article {article_id!r}", field="id")
    if len(found) > 1:
        remedy = "expected one" if article_id else "choose one with --id"
        raise InputError.at(file, f"has {len(found):,} such articles: {remedy}", field="id")
    if not found[0].text.strip():
        raise InputError.at(file, "is empty, expected an article", field="text")
    return found[0]


def _show(view: ArticleView) -> None:
    write_line(view.title)
    for model in view.models:
        write_line(f"\n{model.name}, by {model.unit}: {model.rule_in_words}")
        if model.review_in_words:
            write_line(model.review_in_words)
        show(explained_labels(model))
        if model.scope_in_words:
            write_line(model.scope_in_words)
        if model.given:
            show(explained_sentences(model))
