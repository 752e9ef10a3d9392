"""The command ``audit``."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

from typing import TYPE_CHECKING

from framescope.cli.coding_tables import agreement_tables
from framescope.cli.corpora import read_corpora
from framescope.cli.options import Against, CorpusPath, GroupBy, JsonOutput
from framescope.cli.reading import CorpusOptions, with_corpus_options
from framescope.cli.tables import audit_tables
from framescope.cli.terminal import STDOUT, check_outputs, progress, show, tell, write_json

if TYPE_CHECKING:
    from framescope.corpus.schema import Corpus
    from framescope.measure.agreement import Agreement


@with_corpus_options
def audit(
    *,
    corpus: CorpusPath,
    against: Against = None,
    group_by: GroupBy = None,
    json_output: JsonOutput = None,
    reading: CorpusOptions,
) -> None:
    """Examine a corpus: counts, duplicates, contradictions, overlaps, style, spans."""
    check_outputs(json_output)
    articles = read_corpora(reading, corpus)
    other = None if against is None else read_corpora(reading, against)
    show_audit(articles, other, group_by=group_by, json_output=json_output)


def show_audit(
    corpus: Corpus, other: Corpus | None = None, *, group_by: str | None, json_output: str | None = None
) -> None:
    """Audit a corpus, show the findings, and write them as JSON where asked."""
    from framescope.corpus.audit import audit as examine
    from framescope.training.memory import Memory
    from framescope.training.recipe import Recipe

    with progress("Auditing the corpus"):
        findings = examine(corpus, other, group_by=group_by)
        memory = Memory.of(corpus, Recipe())
    found, reason = _agreement(corpus)
    if json_output is not None:
        content = {} if found is None else {"agreement": found.to_json() | {"disagreements": None}}
        write_json({**findings.to_json(), "bytes_to_train": round(memory.needed), **content}, json_output)
    if json_output != STDOUT:
        for line in findings.warnings():
            tell(f"warning: {line}")
        show(*audit_tables(findings, to_train=str(memory)), *([] if found is None else agreement_tables(found)))
    if reason:
        tell(f"coders are not compared: {reason}")


def _agreement(corpus: Corpus) -> tuple[Agreement | None, str]:
    """Return the agreement of the coders of a corpus, if it has any, or why there is none."""
    from framescope.corpus.coders import CODERS
    from framescope.errors import CorpusError
    from framescope.measure.agreement import agreement

    if CODERS not in corpus.table.column_names:
        return None, ""
    try:
        with progress("Measuring agreement"):
            return agreement(corpus), ""
    except CorpusError as error:
        return None, str(error)
