"""The command ``agreement``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framescope.cli.coding_tables import agreement_tables
from framescope.cli.corpora import read_corpora
from framescope.cli.options import CorpusPath, JsonOutput, PageInterface, Seed
from framescope.cli.reading import CorpusOptions, with_corpus_options
from framescope.cli.terminal import STDOUT, check_outputs, progress, show, tell, write_json
from framescope.corpus.conventions import Resolve
from framescope.files import write_whole
from framescope.pages.catalogues import Interface

if TYPE_CHECKING:
    from framescope.corpus.schema import Corpus
    from framescope.measure.agreement import Agreement

Disagreements = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write the articles and labels on which coders differ as CSV, with what each of them marked.",
    ),
]

Tasks = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write the articles on which coders differ as tasks of Label Studio, what each coder gave and "
        "marked as predictions.",
    ),
]
Html = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write a self-contained page, with what coders marked in the articles."),
]


@with_corpus_options
def agreement(  # noqa: PLR0913 - a command
    *,
    corpus: CorpusPath,
    disagreements: Disagreements = None,
    tasks: Tasks = None,
    html: Html = None,
    interface: PageInterface = Interface.EN,
    json_output: JsonOutput = None,
    seed: Seed = 0,
    reading: CorpusOptions,
) -> None:
    """Measure how well the coders of a corpus agree, and list where they do not."""
    from framescope.measure.agreement import agreement as measure

    check_outputs(disagreements, tasks, html, json_output)
    # Agreement is on what each coder gave: one label set out of theirs is not needed, and no tie is lost.
    articles = read_corpora(replace(reading, resolve=Resolve.UNION, adjudicator=None), corpus)
    with progress("Measuring agreement"):
        found = measure(articles, seed=seed)
    if disagreements is not None:
        found.write_disagreements(disagreements)
    if tasks is not None:
        _write_tasks(tasks, articles, found)
    if html is not None:
        from framescope.pages.disputes import disputes_page

        write_whole(html, [disputes_page(found, articles, interface)])
        tell(f"Saved to {html}.")
    if json_output is not None:
        write_json(found.to_json(), json_output)
    if json_output != STDOUT:
        show(*agreement_tables(found))


def _write_tasks(path: Path, corpus: Corpus, found: Agreement) -> None:
    from framescope.coding.exported import disputed_tasks, write_tasks
    from framescope.coding.formats import Tool

    disputed = disputed_tasks(corpus, found)
    write_tasks(path, disputed, corpus.codebook, Tool.LABELSTUDIO)
    tell(f"Saved {len(disputed):,} tasks to {path}.")
