"""Corpora as commands read them: with progress, joined, and with a word on what was left out."""
# What takes a second to load is imported when a command runs.
# ruff: noqa: PLC0415

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from framescope.cli.reading import CorpusOptions
from framescope.cli.terminal import progress, tell
from framescope.errors import N_PROBLEMS_SHOWN, InputError, Problem
from framescope.text.languages import unfamiliar
from framescope.text.lookalikes import near_hint

if TYPE_CHECKING:
    from framescope.codebook import Codebook
    from framescope.corpus.schema import Corpus
    from framescope.predictor import Predictor


def read_corpora(reading: CorpusOptions, source: str, also: Sequence[str] = ()) -> Corpus:
    """Read a corpus and join further ones, with its codebook and its columns, to it; tell what was left out.

    Raises:
        CorpusError: one of them has problems, or an id stands in two.
    """
    from framescope.corpus.units import join_corpora

    with progress(f"Reading {source}"):
        corpus = reading.read(source)
    further = []
    for path in also:
        with progress(f"Reading {path}"):
            further.append(replace(reading, format=None).read(path, codebook=corpus.codebook))
    joined = join_corpora(corpus, further) if further else corpus
    if joined.n_uncoded:
        tell(f"{joined.n_uncoded:,} rows of {joined.path} are uncoded: they are neither fitted nor judged")
    _tell_ties(joined)
    _tell_left_out(joined)
    return joined


def read_to_judge(
    predictor: Predictor, reading: CorpusOptions, source: str, also: Sequence[str] = ()
) -> Corpus:
    """Read a corpus to judge a model on, cut into the model's units; warn of what the model does not know.

    With ``--skip-invalid``, units with a label that the model does not know are left out.

    Raises:
        CorpusError: a corpus has problems, or no unit is left.
    """
    reading = replace(reading, unit=reading.unit or predictor.unit)
    articles = read_corpora(reading, source, also)
    articles = _without_unknown_labels(predictor.codebook, articles, skip=reading.skip_invalid)
    strange = unfamiliar(articles.column("lang"), predictor.languages)
    if strange and predictor.languages:
        known = ", ".join(predictor.languages)
        tell(f"warning: the model was trained on {known}, not on {', '.join(strange)}")
    return articles


def _without_unknown_labels(codebook: Codebook, corpus: Corpus, *, skip: bool) -> Corpus:
    """Warn of labels that the model does not know, or leave out the units that bear one."""
    from framescope.evaluation.predictions import leave_out_unknown, unknown_labels

    unknown = unknown_labels(codebook, corpus)
    if unknown and skip:
        kept = leave_out_unknown(codebook, corpus)
        _tell_left_out(kept)
        return kept
    if unknown:
        known = frozenset(codebook.ids)
        named = ", ".join(
            f"{label!r} ({len(ids)} units{near_hint(label, known)})" for label, ids in unknown.items()
        )
        tell(
            f"warning: {corpus.path}: the model does not know {len(unknown)} labels, "
            f"they count as missed: {named}"
        )
    return corpus


def tell_problems(problems: Sequence[Problem], what: str, place: str) -> None:
    """Warn of what was left out of a file, if anything was."""
    if problems:
        tell(f"warning: left out {len(problems)} {what} of {place}:\n{InputError(problems)}")


def _tell_left_out(corpus: Corpus) -> None:
    if corpus.n_left_out:
        rows = "row" if corpus.n_left_out == 1 else "rows"
        tell(f"warning: left out {corpus.n_left_out} {rows} of {corpus.path}:\n{InputError(corpus.left_out)}")


def _tell_ties(corpus: Corpus) -> None:
    from framescope.corpus.resolving import ties

    if found := ties(corpus):
        listed = "\n".join(found[:N_PROBLEMS_SHOWN])
        more = f"\n... and {len(found) - N_PROBLEMS_SHOWN} more" if len(found) > N_PROBLEMS_SHOWN else ""
        tell(f"warning: ties of coders leave {len(found)} articles of {corpus.path} uncoded:\n{listed}{more}")
