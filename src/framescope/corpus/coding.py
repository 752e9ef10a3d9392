"""What a row says of its labels, in a cell, a list of 0 and 1, or a column for each; and if it was judged.

A row that nobody has judged is *uncoded*; a row that was judged and has no label has *none*. A list without
labels is none, null is uncoded, and of an empty cell only the user knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from framescope.corpus.conventions import Conventions, Empty
from framescope.corpus.labels import labels_of
from framescope.errors import shown

YES = frozenset({"1", "1.0", "yes", "y", "true", "x", "✓", "да"})
NO = frozenset({"0", "0.0", "no", "n", "false", "-", "не", "нет"})
"""What the cells of a column for one label hold, in small letters."""


class Missing(StrEnum):
    """Why a row has no list of labels."""

    UNCODED = "uncoded"
    EMPTY = "empty"


def labels_in(values: Mapping[str, object], column: str, conventions: Conventions) -> list[str] | Missing:
    """Return the labels of a row, or why there are none.

    Raises:
        ValueError: a cell is not understood; the message says what it holds.
    """
    if conventions.label_columns:
        return _of_columns(values, conventions)
    value = values.get(column)
    if value is None:
        return Missing.UNCODED
    if isinstance(value, str) and not value.strip():
        return _by(conventions)
    if isinstance(value, list) and value and all(isinstance(item, bool | int | float) for item in value):
        return _of_numbers(value, conventions.label_names)
    return labels_of(value, conventions.label_separator)


def yes_no_columns(rows: Sequence[Mapping[str, object]], names: Iterable[str]) -> list[str]:
    """Return the columns that may be of one label each: all cells say yes or no, and both are said."""
    answers = {name: [_is_yes(row.get(name)) for row in rows] for name in names}
    return [name for name, found in answers.items() if {True, False} == set(found)]


def _of_columns(values: Mapping[str, object], conventions: Conventions) -> list[str] | Missing:
    answers = {name: _answer(name, values.get(name)) for name in conventions.label_columns}
    if all(answer is None for answer in answers.values()):
        return _by(conventions)
    return [name for name, answer in answers.items() if answer]


def _answer(name: str, value: object) -> bool | None:
    """Return whether a cell says yes; None for an empty one.

    Raises:
        ValueError: it says neither.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    answer = _is_yes(value)
    if answer is None:
        raise ValueError(f"{name}: expected 0 or 1, yes or no, or x, found {shown(value)}")
    return answer


def _is_yes(value: object) -> bool | None:
    word = str(value).strip().casefold() if isinstance(value, str | int | float) else ""
    return True if word in YES else False if word in NO else None


def _of_numbers(values: Sequence[object], names: Sequence[str]) -> list[str]:
    answers = [_is_yes(value) for value in values]
    if not names:
        raise ValueError(f"expected names of labels, found {shown(values)}: name the places by --label-names")
    if len(values) != len(names) or None in answers:
        raise ValueError(f"expected 0 or 1 for each of {len(names)} --label-names, found {shown(values)}")
    return [name for name, answer in zip(names, answers, strict=True) if answer]


def _by(conventions: Conventions) -> list[str] | Missing:
    """Return what an empty cell is."""
    if conventions.empty is None:
        return Missing.EMPTY
    return [] if conventions.empty == Empty.NONE else Missing.UNCODED
