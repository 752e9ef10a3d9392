"""The command ``methods``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framescope.cli.corpora import read_corpora
from framescope.cli.options import ModelName
from framescope.cli.reading import CorpusOptions, with_corpus_options
from framescope.cli.terminal import check_outputs, progress, write_line
from framescope.coding.formats import Markup
from framescope.files import write_whole

if TYPE_CHECKING:
    from framescope.measure.agreement import Agreement
    from framescope.predictor import Predictor


@with_corpus_options
def methods(
    *,
    model: ModelName,
    coded: Annotated[
        str | None,
        typer.Option(
            metavar="CORPUS", help="The corpus of training, by coders: how well they agree is told, too."
        ),
    ] = None,
    markup: Annotated[Markup, typer.Option("--markup", help="What to write.")] = Markup.MARKDOWN,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write; by default it is printed.")
    ] = None,
    reading: CorpusOptions,
) -> None:
    """Write the methods section of a paper on a model: what was done, the figures in tables, how to cite."""
    from framescope.coding.methods import methods as write
    from framescope.predictor import Predictor

    check_outputs(output)
    predictor = Predictor.load(model)
    agreement = None if coded is None else _agreement(coded, predictor, reading)
    text = write(predictor, agreement=agreement, markup=markup)
    if output is None:
        write_line(text.rstrip("\n"))
    else:
        write_whole(output, [text])
        write_line(f"Saved to {output}.")


def _agreement(coded: str, predictor: Predictor, reading: CorpusOptions) -> Agreement:
    """Return the agreement of the coders of the corpus of training.

    Raises:
        CorpusError: it is another corpus, or it does not say who coded.
    """
    from framescope.coding.methods import check_corpus
    from framescope.measure.agreement import agreement

    corpus = read_corpora(reading, coded)
    check_corpus(predictor, corpus)
    with progress("Measuring agreement"):
        return agreement(corpus)
