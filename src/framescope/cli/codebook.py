"""The command ``codebook``: makes a codebook from a corpus, and checks one."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framescope.cli.corpora import read_corpora
from framescope.cli.reading import CorpusOptions, with_corpus_options
from framescope.cli.terminal import check_outputs, tell, write_line
from framescope.codebook_tables import is_table, left_out, table_lines
from framescope.files import write_whole

if TYPE_CHECKING:
    from framescope.codebook import Codebook
    from framescope.corpus.schema import Corpus

CHECK = "check"
N_SHOWN = 20
USAGE = "expected CORPUS, or check CODEBOOK, or check CODEBOOK CORPUS"


@with_corpus_options
def codebook(
    *,
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="CORPUS | check CODEBOOK [CORPUS]",
            help="A corpus with the labels; or the word check, a codebook, and perhaps a corpus to compare.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where the codebook goes: .csv for a spreadsheet, or .json."),
    ] = None,
    reading: CorpusOptions,
) -> None:
    """Make a codebook of a corpus's labels to be filled in, or check one.

    A table has a row a label: id, parent, name_en, name_bg and so on, applies, excludes. A check names faults,
    gaps, and labels that no article has.
    """
    is_check = arguments[0] == CHECK
    if len(arguments) not in ((2, 3) if is_check else (1,)):
        raise typer.BadParameter(USAGE, param_hint="CORPUS")
    if is_check:
        _check(Path(arguments[1]), arguments[2:], reading)
    else:
        _make(arguments[0], output, reading)


def _make(source: str, output: Path | None, reading: CorpusOptions) -> None:
    check_outputs(output)
    corpus = read_corpora(reading, source)
    content = corpus.codebook.to_json()
    lines = table_lines(content)
    if output is not None and not is_table(output):
        lines = iter([f"{json.dumps(content, ensure_ascii=False, indent=1)}\n"])
    if output is None:
        write_line("".join(lines).removeprefix("\ufeff").rstrip("\r\n"))
        return
    write_whole(output, list(lines))
    counts = Counter(label for labels in corpus.column("labels") for label in labels)
    if is_table(output) and (missing := left_out(content)):
        tell(f"warning: a table has no place for {', '.join(missing)}; --output FILE.json keeps all")
    tell(f"Saved {len(corpus.codebook.ids)} labels, on {sum(counts.values()):,} occasions, to {output}.")


def _check(path: Path, sources: Sequence[str], reading: CorpusOptions) -> None:
    from framescope.codebook_reading import read_codebook

    found = read_codebook(path)
    n_top = len(found.coarse)
    levels = f"{n_top} labels" if found.is_flat else f"{n_top} labels, {len(found.ids) - n_top} below them"
    write_line(f"{path}: {levels}; no faults.")
    for line in _gaps(found):
        write_line(line)
    for source in sources:
        corpus = read_corpora(reading, source)
        for line in _differences(found, corpus):
            write_line(line)


def _gaps(found: Codebook) -> Iterator[str]:
    """Yield what a codebook leaves open, and which of its labels look alike."""
    from framescope.text.lookalikes import alike_shown, names_alike

    languages = sorted({*found.languages, *(code for label in found.labels for code in label.names)})
    for language in languages:
        yield from _listed(
            f"no name in {language!r}", [x.id for x in found.labels if not x.names.get(language)]
        )
    yield from _listed("no word on when it applies", [label.id for label in found.labels if not label.applies])
    for names in names_alike(found.ids):
        yield f"labels that look alike: {alike_shown(names)}"


def _differences(found: Codebook, corpus: Corpus) -> Iterator[str]:
    counts = Counter(label for labels in corpus.column("labels") for label in labels)
    yield from _listed(
        f"in {corpus.path}, but not in the codebook", [x for x in counts if x not in found.columns]
    )
    borne = set(found.close([label for label in counts if label in found.columns]))
    yield from _listed(f"on no article of {corpus.path}", [x for x in found.ids if x not in borne])


def _listed(what: str, labels: Sequence[str]) -> Iterator[str]:
    if labels:
        more = f" and {len(labels) - N_SHOWN} more" if len(labels) > N_SHOWN else ""
        yield f"{what}: {', '.join(map(repr, labels[:N_SHOWN]))}{more}"
