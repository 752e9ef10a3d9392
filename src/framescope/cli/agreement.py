"""The command ``agreement``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from framescope.cli.corpora import read_corpora
from framescope.cli.options import CorpusOptions, CorpusPath, JsonOutput, Seed, with_corpus_options
from framescope.cli.tables import agreement_tables
from framescope.cli.terminal import STDOUT, check_outputs, progress, show, write_json
from framescope.corpus.conventions import Resolve

Disagreements = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write the articles and labels on which coders differ as CSV, with what each of them marked.",
    ),
]


@with_corpus_options
def agreement(
    *,
    corpus: CorpusPath,
    disagreements: Disagreements = None,
    json_output: JsonOutput = None,
    seed: Seed = 0,
    reading: CorpusOptions,
) -> None:
    """Measure how well the coders of a corpus agree, and list where they do not."""
    from framescope.measure.agreement import agreement as measure

    check_outputs(disagreements, json_output)
    # Agreement is on what each coder gave: one label set out of theirs is not needed, and no tie is lost.
    articles = read_corpora(replace(reading, resolve=Resolve.UNION, adjudicator=None), corpus)
    with progress("Measuring agreement"):
        found = measure(articles, seed=seed)
    if disagreements is not None:
        found.write_disagreements(disagreements)
    if json_output is not None:
        write_json(found.to_json(), json_output)
    if json_output != STDOUT:
        show(*agreement_tables(found))
