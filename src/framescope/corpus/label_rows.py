"""Tables in long format: a row for each label of an article, or for each coder, article and label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from framescope.corpus.coders import CODERS, Unit
from framescope.corpus.coding import Missing
from framescope.corpus.raw import Row
from framescope.errors import Problem

Read = tuple[Row, Unit, list[Problem]]
"""A row as it was read, its fields, and what is wrong with it."""


def joined_rows(read: Sequence[Read], coder_column: str) -> list[Read]:
    """Return rows of which those of one article, text and coder are one, with the labels of all."""
    joined: dict[tuple[str, str, str], Read] = {}
    for row, unit, problems in read:
        place = (unit["id"], coder_of(row, coder_column), unit["text"])
        first = joined.setdefault(place, (row, unit, problems))
        if first[0] is not row:
            _add(first[1], unit)
            first[2].extend(problems)
    return list(joined.values())


def coder_of(row: Row, column: str) -> str:
    """Return who coded a row, also one whose labels are missing; "" where no column says it."""
    value = row.values.get(column) if column else None
    return "" if value is None else str(value).strip()


def _add(unit: Unit, other: Unit) -> None:
    """Add the labels and spans of a further row to a unit, and to what its coder gave."""
    unit["labels"] = _both(unit["labels"], other["labels"])
    unit["spans"] = [*unit["spans"], *(span for span in other["spans"] if span not in unit["spans"])]
    if unit[CODERS] or other[CODERS]:
        (coder,) = (unit[CODERS] or other[CODERS])[:1]
        unit[CODERS] = [{**coder, "labels": unit["labels"], "spans": unit["spans"]}]


def _both(labels: Any, others: Any) -> list[str] | Missing | None:
    """Return the labels of two rows; where one is not coded, or nobody has said so, those of the other."""
    if not isinstance(labels, list):
        return others if isinstance(others, list) else labels
    return [*dict.fromkeys([*labels, *(others if isinstance(others, list) else [])])]
