"""Several coders of one article: the labels and spans of each.

A file gives them in one of two ways: an article has ``annotations``, a list of ``{"coder", "labels",
"spans"}``, or a table has a row for each coder and article. In a corpus they are in the column :data:`CODERS`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from framescope.corpus.schema import SPAN
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
