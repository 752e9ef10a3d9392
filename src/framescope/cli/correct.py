"""The commands ``correct`` and ``journal``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framescope.articles import read_articles
from framescope.cli.coding_tables import change_table
from framescope.cli.corpora import read_corpora, tell_problems
from framescope.cli.options import CorpusPath, JsonOutput
from framescope.cli.reading import CorpusOptions, with_corpus_options
from framescope.cli.terminal import STDOUT, check_outputs, progress, show, tell, write_json, write_line
from framescope.files import write_whole
from framescope.formats.files import suffix_of

if TYPE_CHECKING:
    from framescope.corpus.schema import Corpus


@with_corpus_options
def correct(
    *,
    corpus: CorpusPath,
    corrections: Annotated[
        Path,
        typer.Argument(
            metavar="CORRECTIONS",
            help="What coders say of labels: lines of JSON or a table with id, label, verdict (right, wrong or "
            "missed), coder, note, time and passage. Rows without a verdict are left out.",
        ),
    ],
    output: Annotated[
        Path, typer.Option(metavar="FILE", help="Where the corrected copy goes, as lines of JSON (.jsonl).")
    ],
    articles: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="Articles that corrections are on, too, such as those that a service keeps: added with the "
            "labels that coders call right or missed, and no others. Repeatable.",
        ),
    ] = None,
    reading: CorpusOptions,
) -> None:
    """Merge corrections into a copy of a corpus, and note in its journal who changed which labels.

    What cannot be done, such as a label that is not in the codebook, is listed and stops the command; with
    --skip-invalid it is left out.
    """
    from framescope.coding.correct import correct as merge
    from framescope.coding.corrections import read_corrections
    from framescope.errors import CorpusError

    if suffix_of(output) != ".jsonl" or output.suffix == ".gz":
        raise typer.BadParameter(f"{output}: expected a .jsonl file", param_hint="--output")
    check_outputs(output)
    before = read_corpora(reading, corpus)
    found, problems, n_open = read_corrections(corrections)
    further = read_articles(articles or [], sys.stdin.buffer)
    made = merge(before, found, corrections, further=further)
    problems = sorted([*problems, *made.problems], key=lambda one: one.line or 0)
    if problems and not reading.skip_invalid:
        raise CorpusError(problems)
    if not made.changes:
        raise CorpusError.at(corrections, f"holds no correction of an article of {before.path}")
    with progress("Saving"):
        made.save(output, before)
        _save_codebook(before, output)
    tell_problems(problems, "corrections", str(corrections))
    if n_open:
        tell(f"{n_open:,} rows of {corrections} have no verdict yet")
    n_changed = sum(change.before != change.after for change in made.changes)
    n_confirmed = len(made.changes) - n_changed
    write_line(f"Saved to {output}: {n_changed:,} articles changed, {n_confirmed:,} confirmed.")


def _save_codebook(corpus: Corpus, output: Path) -> None:
    """Write the codebook beside a copy of the corpus, unless it has none but the labels found."""
    if corpus.has_found_labels:
        return
    path = output.with_suffix(".codebook.json")
    write_whole(path, [json.dumps(corpus.codebook.to_json(), ensure_ascii=False, indent=1), "\n"])
    tell(f"its codebook is {path}: name it with --codebook")


def journal(
    *,
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help="A file that the command correct wrote.")],
    json_output: JsonOutput = None,
) -> None:
    """Show what was done to the labels of a corpus: when, by whom, and the labels before and after."""
    from framescope.corpus.journal import is_current, journal_path, read_journal
    from framescope.errors import CorpusError

    check_outputs(json_output)
    entries = read_journal(corpus)
    if not entries:
        raise CorpusError.at(journal_path(corpus), "no such file: the command correct writes journals")
    if not is_current(corpus, entries):
        tell(f"warning: {corpus} was changed since by something that its journal does not tell")
    if json_output is not None:
        write_json({"entries": [asdict(entry) for entry in entries]}, json_output)
    if json_output != STDOUT:
        show(*map(change_table, entries))
