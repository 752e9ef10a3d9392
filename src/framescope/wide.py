"""Predictions as rows of a table for people: a column for each label."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from framescope.prediction_line import N_DECIMALS

JOIN = "; "
PREFIX = "p_"
GIVEN, TO_REVIEW = "given", "to_review"

Cell: TypeAlias = str | float | int | None


def with_review(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with the labels that are given and those to review; without a word on it, all are given."""
    return {**row, GIVEN: row.get(GIVEN, row["labels"]), TO_REVIEW: row.get(TO_REVIEW, ())}


class WideTable:
    """How rows with the fields ``names`` become cells; ``labels`` are those of the codebook.

    In place of ``labels`` and ``probabilities`` the table has ``labels``, ``given`` and ``to_review``, each
    joined, and a column of probabilities for each label.
    """

    def __init__(self, names: Sequence[str], labels: Sequence[str]) -> None:
        self._names = [name for name in names if name not in {GIVEN, TO_REVIEW}]
        self._labels = labels

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        return list(self._header())

    def cells(self, row: Mapping[str, Any]) -> list[Cell]:
        """Return a row's cells, probabilities to six decimals; those that were not written are None."""
        return list(self._cells(with_review(row)))

    def _header(self) -> Iterator[str]:
        for name in self._names:
            if name == "labels":
                yield from (name, GIVEN, TO_REVIEW)
            elif name == "probabilities":
                yield from (f"{PREFIX}{label}" for label in self._labels)
            else:
                yield name

    def _cells(self, row: Mapping[str, Any]) -> Iterator[Cell]:
        for name in self._names:
            if name == "labels":
                yield from (JOIN.join(row[which]) for which in (name, GIVEN, TO_REVIEW))
            elif name == "probabilities":
                found = probabilities_of(row)
                yield from (_rounded(found.get(label)) for label in self._labels)
            elif name == "evidence":
                yield json.dumps(row[name], ensure_ascii=False)
            elif isinstance(row[name], list | tuple):
                yield JOIN.join(row[name])
            else:
                yield row[name]


def probabilities_of(row: Mapping[str, Any]) -> Mapping[str, float]:
    """Return a row's probabilities by label: they may be a list of the most probable ones."""
    found = row["probabilities"]
    return found if isinstance(found, Mapping) else {one["label"]: one["probability"] for one in found}


def _rounded(probability: float | None) -> float | None:
    return None if probability is None else round(probability, N_DECIMALS)
