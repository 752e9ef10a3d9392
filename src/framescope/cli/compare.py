"""The command ``compare``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from framescope.cli.corpora import read_to_judge
from framescope.cli.options import CorpusPath, GroupBy, Jobs, JsonOutput, PageInterface
from framescope.cli.reading import CorpusOptions, with_corpus_options
from framescope.cli.tables import apart_table, difference_tables
from framescope.cli.terminal import (
    STDOUT,
    check_outputs,
    load_predictor,
    progress,
    show,
    tell,
    write_json,
    write_line,
)
from framescope.files import write_whole
from framescope.pages.catalogues import Interface


@with_corpus_options
def compare(  # noqa: PLR0913 - a command
    *,
    model_a: Annotated[
        str, typer.Argument(metavar="MODEL_A", help="A model's folder, or its name in models/.")
    ],
    model_b: Annotated[str, typer.Argument(metavar="MODEL_B", help="Another one.")],
    corpus: CorpusPath,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a self-contained page.")] = None,
    interface: PageInterface = Interface.EN,
    json_output: JsonOutput = None,
    group_by: GroupBy = None,
    jobs: Jobs = -1,
    reading: CorpusOptions,
) -> None:
    """Compare two models on the same annotated articles.

    Every score of both, and what B has more than A with a 95 % interval that draws whole groups of articles,
    for both models the same ones; then the articles that tell them apart. On its corpus of training a model is
    judged by fits without each article's group.
    """
    from framescope.evaluation.comparison import compare_models

    check_outputs(json_output, html)
    first, second = load_predictor(model_a), load_predictor(model_b)
    if first.unit != second.unit:
        problem = f"judge units of {first.unit} and of {second.unit}: expected models of one unit"
        raise typer.BadParameter(problem, param_hint="MODEL_A MODEL_B")
    articles = read_to_judge(first, reading, corpus)
    found = compare_models(first, second, articles, group_by=group_by, jobs=jobs, progress=progress)
    for line in found.cautions:
        tell(f"warning: {line.told()}")
    if json_output is not None:
        write_json(found.to_json(), json_output)
    if html is not None:
        from framescope.pages.compare import compare_page

        write_whole(html, [compare_page(found, interface)])
        tell(f"Saved to {html}.")
    if json_output != STDOUT:
        show(*difference_tables(found), apart_table(found))
        write_line(found.verdict)
