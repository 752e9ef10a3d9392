"""One label set out of those of several coders, and the ties that leave articles uncoded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from framescope.codebook import Codebook
from framescope.corpus.coders import CODERS, Unit, given_by_any
from framescope.corpus.conventions import Conventions, Resolve
from framescope.corpus.reliability import weigh
from framescope.corpus.schema import Corpus, Tie
from framescope.errors import CorpusError

SURE = 0.6
"""From this probability on a label counts as given, up to 1 - this one as not given; between, it is tied."""

N_CODERS = 20
"""Names that a message lists at most."""


def check_adjudicator(units: Iterable[Unit], conventions: Conventions, source: Path | str) -> None:
    """Refuse an adjudicator who has coded nothing, if one is asked for and anybody has coded.

    Raises:
        CorpusError: with the names of those who have.
    """
    if conventions.resolve != Resolve.ADJUDICATED:
        return
    coders = {coder["coder"] for unit in units for coder in unit[CODERS]}
    if coders and conventions.adjudicator not in coders:
        named = ", ".join(map(repr, sorted(coders - {""})[:N_CODERS])) or "none of them has a name"
        message = f"the adjudicator {conventions.adjudicator!r} has coded nothing: coders are: {named}"
        raise CorpusError.at(source, message)


def resolve_units(units: Sequence[Unit], conventions: Conventions, codebook: Codebook | None) -> dict[str, Tie]:
    """Replace the labels and spans of units by what their coders agree on, and return the ties by id.

    Labels are None after a tie. Spans are those of every coder, without the spans of labels that were given but
    are not kept; an adjudicator who marked spans has the word on them, too.
    """
    units = [unit for unit in units if unit[CODERS]]
    how = conventions.resolve or Resolve.MAJORITY
    weighted = _weighted(units, codebook) if how == Resolve.WEIGHTED else {}
    ties = {}
    for unit in units:
        coders = _who_counts(unit, conventions)
        label_lists = [coder["labels"] for coder in coders]
        labels, tied = weighted.get(unit["id"]) or resolved(label_lists, how, codebook)
        given, spans = given_by_any(unit[CODERS])
        if any(coder["spans"] for coder in coders):
            _, spans = given_by_any(coders)
        kept = set(labels if codebook is None else codebook.close(labels))
        unit["spans"] = [span for span in spans if tied or span["label"] in kept or span["label"] not in given]
        unit["labels"] = None if tied else labels
        if tied:
            ties[unit["id"]] = Tie(tuple(labels), tuple(tied))
    return ties


def resolved(
    label_lists: Sequence[Sequence[str]], how: Resolve, codebook: Codebook | None = None
) -> tuple[list[str], list[str]]:
    """Return one label set out of those of several coders, and the labels in a tie.

    With a codebook, who gives a label gives its parent, too; the parent of a label that is kept is not named.
    Only the majority knows ties: labels that exactly half of the coders gave.

    >>> resolved([["fear", "doubt"], ["fear"], ["blame"]], Resolve.MAJORITY)
    (['fear'], [])
    >>> resolved([["fear", "doubt"], ["fear"]], Resolve.MAJORITY)
    (['fear'], ['doubt'])
    """
    votes = _votes(label_lists, codebook)
    n_coders = len(label_lists)
    n_needed = {Resolve.UNION: 1, Resolve.INTERSECTION: n_coders}.get(how, n_coders // 2 + 1)
    kept = [label for label, n_votes in votes.items() if n_votes >= n_needed]
    tied = [label for label, n_votes in votes.items() if n_votes < n_needed and 2 * n_votes == n_coders]
    by_half = how not in {Resolve.UNION, Resolve.INTERSECTION}
    return _without_parents(kept, codebook), tied if by_half else []


def ties(corpus: Corpus) -> list[str]:
    """Return what is said of each article that a tie of its coders leaves uncoded."""
    if corpus.uncoded is None or not corpus.ties:
        return []
    codebook = None if corpus.has_found_labels else corpus.codebook
    found = []
    for row in corpus.uncoded.select(["id", CODERS]).to_pylist():
        if row["id"] in corpus.ties:
            votes = _votes([coder["labels"] for coder in row[CODERS]], codebook)
            found.append(f"{row['id']}: {_told(corpus.ties[row['id']].tied, votes, len(row[CODERS]))}")
    return found


def _told(tied: Iterable[str], votes: Mapping[str, int], n_coders: int) -> str:
    by_votes: dict[int, list[str]] = defaultdict(list)
    for label in tied:
        by_votes[votes[label]].append(repr(label))
    return "; ".join(
        f"{n_votes} of {n_coders} coders gave {', '.join(labels)}" for n_votes, labels in by_votes.items()
    )


def _who_counts(unit: Unit, conventions: Conventions) -> list[dict[str, Any]]:
    """Return the coder whose word wins, if there is one who coded the unit, or else all."""
    coders: list[dict[str, Any]] = unit[CODERS]
    if conventions.resolve != Resolve.ADJUDICATED:
        return coders
    return [coder for coder in coders if coder["coder"] == conventions.adjudicator] or coders


def _votes(label_lists: Sequence[Sequence[str]], codebook: Codebook | None) -> Counter[str]:
    """Return by how many each label was given, a parent with its child."""
    closed = [labels if codebook is None else codebook.close(labels) for labels in label_lists]
    return Counter(label for labels in closed for label in dict.fromkeys(labels))


def _without_parents(labels: Sequence[str], codebook: Codebook | None) -> list[str]:
    """Return labels without the parents of others."""
    if codebook is None:
        return [*labels]
    implied = {codebook.labels[codebook.columns[label]].parent for label in labels}
    return [label for label in labels if label not in implied]


def _weighted(units: Sequence[Unit], codebook: Codebook | None) -> dict[str, tuple[list[str], list[str]]]:
    """Return the labels that are probable by how reliable each coder is, and those in a tie, by unit.

    What one coder alone has judged, and what all say, is as they say: there is nothing to weigh it against.
    Coders without a name count as one. Units without any label that is given or in a tie are there, too.
    """
    units = [unit for unit in units if len(unit[CODERS]) > 1]
    if not units:
        return {}
    codings = [(row, coder) for row, unit in enumerate(units) for coder in unit[CODERS]]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(one["coder"] for _, one in codings))}
    article = np.array([row for row, _ in codings], dtype=np.intp)
    coder = np.array([numbers[one["coder"]] for _, one in codings], dtype=np.intp)
    votes = [_votes([one["labels"]], codebook) for _, one in codings]
    kept: list[list[str]] = [[] for _ in units]
    tied: list[list[str]] = [[] for _ in units]
    for label in dict.fromkeys(label for given in votes for label in given):
        given = np.array([label in one for one in votes])
        share = np.bincount(article, given) / np.bincount(article)
        probabilities = np.where((share > 0) & (share < 1), weigh(article, coder, given).probabilities, share)
        for row in np.flatnonzero(probabilities > 1 - SURE):
            (kept if probabilities[row] >= SURE else tied)[row].append(label)
    return {
        unit["id"]: (_without_parents(labels, codebook), unsure)
        for unit, labels, unsure in zip(units, kept, tied, strict=True)
    }
