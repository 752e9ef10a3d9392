"""Several coders of one article: the labels and spans of each, and one label set out of theirs.

A file gives them in one of two ways: an article has ``annotations``, a list of ``{"coder", "labels",
"spans"}``, or a table has a row for each coder and article. In a corpus they are in the column :data:`CODERS`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from framescope.codebook import Codebook
from framescope.corpus.conventions import Resolve
from framescope.corpus.schema import SPAN, Corpus
from framescope.errors import shown

CODERS = "coders"
"""The column of a corpus with what each coder gave; a coder whose name is not known is ""."""

ANNOTATIONS = "annotations"
FIELDS_OF_CODERS = (ANNOTATIONS, CODERS)
"""The fields of a file that may hold what each coder gave."""

CODERS_TYPE = pa.list_(
    pa.struct([("coder", pa.string()), ("labels", pa.list_(pa.string())), ("spans", pa.list_(SPAN))])
)

Unit = dict[str, Any]
"""A unit on its way into a corpus, by column."""


def annotations_of(values: Mapping[str, object]) -> Sequence[Mapping[str, Any]]:
    """Return what each coder gave by a row; nothing where the fields of that name hold something else."""
    for name in FIELDS_OF_CODERS:
        found = values.get(name)
        if isinstance(found, list) and all(isinstance(one, dict) and "labels" in one for one in found):
            return found
    return ()


def coder_name(value: object) -> str:
    """Return the name of a coder; "" where it is not known.

    Raises:
        ValueError: it is neither a name nor a number.
    """
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"expected the name of a coder, found {shown(value)}")
    return str(value).strip()


def unite(unit: Unit, other: Unit) -> None:
    """Add what other coders gave to a unit; its labels and spans become those of any coder."""
    unit[CODERS] = [*unit[CODERS], *other[CODERS]]
    if unit[CODERS]:
        unit["labels"], unit["spans"] = given_by_any(unit[CODERS])


def given_by_any(coders: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the labels that any coder gave, and the distinct spans of all."""
    labels = dict.fromkeys(label for coder in coders for label in coder["labels"])
    spans = {(span["start"], span["end"], span["label"]): span for coder in coders for span in coder["spans"]}
    return list(labels), [spans[place] for place in sorted(spans)]


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
    closed = [labels if codebook is None else codebook.close(labels) for labels in label_lists]
    votes = Counter(label for labels in closed for label in dict.fromkeys(labels))
    n_coders = len(label_lists)
    n_needed = {Resolve.UNION: 1, Resolve.INTERSECTION: n_coders, Resolve.MAJORITY: n_coders // 2 + 1}[how]
    kept = [label for label, n_votes in votes.items() if n_votes >= n_needed]
    tied = [label for label, n_votes in votes.items() if how == Resolve.MAJORITY and 2 * n_votes == n_coders]
    implied = set() if codebook is None else {codebook.labels[codebook.columns[label]].parent for label in kept}
    return [label for label in kept if label not in implied], tied


def resolve_unit(unit: Unit, how: Resolve, codebook: Codebook | None) -> None:
    """Replace the labels and the spans of a unit by what its coders agree on; labels are None after a tie.

    Spans are those of every coder, without the spans of labels that were given but are not kept.
    """
    if not unit[CODERS]:
        return
    given, spans = given_by_any(unit[CODERS])
    labels, tied = resolved([coder["labels"] for coder in unit[CODERS]], how, codebook)
    kept = set(labels if codebook is None else codebook.close(labels))
    unit["labels"] = None if tied else labels
    unit["spans"] = [span for span in spans if tied or span["label"] in kept or span["label"] not in given]


def ties(corpus: Corpus) -> list[str]:
    """Return what is said of each article that a tie of its coders leaves uncoded."""
    if corpus.uncoded is None or CODERS not in corpus.uncoded.column_names:
        return []
    codebook = None if corpus.has_found_labels else corpus.codebook
    found = []
    for row in corpus.uncoded.select(["id", CODERS]).to_pylist():
        label_lists = [coder["labels"] for coder in row[CODERS] or ()]
        _, tied = resolved(label_lists, Resolve.MAJORITY, codebook)
        if tied:
            n_coders = len(label_lists)
            named = ", ".join(map(repr, tied))
            found.append(f"{row['id']}: {n_coders // 2} of {n_coders} coders gave {named}")
    return found
