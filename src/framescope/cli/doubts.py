"""The command ``doubts``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from framescope.cli.corpora import read_to_judge
from framescope.cli.options import CorpusPath, Jobs, ModelName
from framescope.cli.reading import CorpusOptions, with_corpus_options
from framescope.cli.terminal import check_outputs, load_predictor, progress, write_line


@with_corpus_options
def doubts(
    *,
    model: ModelName,
    corpus: CorpusPath,
    output: Annotated[
        Path, typer.Option(metavar="FILE", help="Where the list goes: .csv for a spreadsheet, or .jsonl.")
    ],
    n: Annotated[int, typer.Option("-n", metavar="N", min=1, help="Articles to list.")] = 50,
    jobs: Jobs = -1,
    reading: CorpusOptions,
) -> None:
    """List the labels of a corpus that a model doubts most, for a coder to say right, wrong or missed.

    What the coder fills in is read by the command correct. On the corpus of training the doubts are those of
    fits without each article's group.
    """
    from framescope.coding.doubted import write_doubts
    from framescope.evaluation.doubts import doubtful_units
    from framescope.evaluation.judged import judge

    check_outputs(output)
    predictor = load_predictor(model)
    articles = read_to_judge(predictor, reading, corpus)
    judged = judge(predictor.bundle, articles, group_by=None, jobs=jobs, progress=progress)
    with progress("Looking for doubtful labels"):
        units = doubtful_units(predictor, judged, n_units=n)
    n_rows = write_doubts(output, units)
    write_line(f"Saved {n_rows:,} doubtful labels of {len(units):,} articles to {output}.")
