"""The command ``export``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from framescope.cli.corpora import read_corpora
from framescope.cli.options import CorpusPath
from framescope.cli.reading import CorpusOptions, with_corpus_options
from framescope.cli.terminal import check_outputs, load_predictor, progress, warnings_told, write_line
from framescope.coding.formats import Tool
from framescope.files import write_whole


@with_corpus_options
def export(
    *,
    corpus: CorpusPath,
    to: Annotated[
        Tool,
        typer.Option(
            help="The annotation tool: Label Studio, doccano with labels of texts or of spans, or Prodigy."
        ),
    ],
    output: Annotated[Path, typer.Option(metavar="FILE", help="Where to write what the tool imports.")],
    model: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL", help="Propose what this model gives: its folder, or its name in models/."
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write how the tool is set up for the codebook, too."),
    ] = None,
    reading: CorpusOptions,
) -> None:
    """Write a corpus for an annotation tool.

    Coders begin with the labels of a model, with those of the corpus, and with those of each other.
    """
    from framescope.coding.exported import CONFIGS, tasks_of, write_tasks
    from framescope.predictor import UnknownLanguageWarning

    check_outputs(output, config)
    predictor = None if model is None else load_predictor(model)
    if predictor is not None:
        reading = replace(reading, unit=reading.unit or predictor.unit)
    articles = read_corpora(reading, corpus)
    codebook = articles.codebook if predictor is None else predictor.codebook
    with progress("Exporting"), warnings_told(UnknownLanguageWarning):
        tasks = tasks_of(articles, predictor)
        write_tasks(output, tasks, codebook, to)
    if config is not None:
        write_whole(config, [CONFIGS[to](codebook)])
    write_line(f"Saved {len(tasks):,} tasks to {output}.")
