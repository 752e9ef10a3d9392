"""Rows as they stand in a file, before anything is checked: what a reader is asked for, and what it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from framescope.article_ids import AT_ROW, stem_of
from framescope.codebook import Codebook
from framescope.corpus.conventions import DEFAULT_CONVENTIONS, Conventions
from framescope.corpus.schema import DEFAULT_FIELDS, FieldNames
from framescope.errors import Problem, shown
from framescope.formats.dialect import Fields

NUMBERS_ALLOWED = frozenset({"id", "article_id", "source", "date"})


@dataclass(frozen=True, slots=True)
class Source:
    """What a reader is asked for: a path, the column names, and the parts after ``:`` in the format."""

    path: Path
    fields: FieldNames = DEFAULT_FIELDS
    options: tuple[str, ...] = ()
    conventions: Conventions = DEFAULT_CONVENTIONS
    needs_labels: bool = True

    @classmethod
    def of_articles(cls, path: Path, fields: Fields) -> Source:
        """Return the source of articles without labels."""
        names = {role: name for role, (name, _) in fields.wanted().items()}
        conventions = Conventions(dialect=fields.dialect)
        return cls(path, FieldNames(**names), conventions=conventions, needs_labels=False)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that must be there."""
        if self.needs_labels:
            return required_columns(self.fields, self.conventions)
        return tuple(getattr(self.fields, name) for name in self.fields.required if name != "labels")


def required_columns(fields: FieldNames, conventions: Conventions) -> tuple[str, ...]:
    """Return the columns that annotated rows must have."""
    named = conventions.label_columns
    return (*(getattr(fields, name) for name in fields.required if name != "labels" or not named), *named)


@dataclass(frozen=True, slots=True)
class Row:
    """One unit as a file has it. ``number`` counts rows from 1; ``part`` leads to it where lines do not.

    ``mark`` is the place of a row whose number is none.
    """

    values: Mapping[str, object]
    path: Path | str
    number: int
    line: int | None = None
    part: str = ""
    mark: str = ""

    @property
    def place(self) -> str:
        """What stands after the stem of the file in the id of a row that has none."""
        return self.mark or f"{AT_ROW}{self.number}"

    def string(self, column: str, role: str, problems: list[Problem]) -> str:
        """Return the value of a column, empty where there is none; what is no string goes to ``problems``."""
        value = self.values.get(column)
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        if role in NUMBERS_ALLOWED and isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if role == "date" and isinstance(value, date):
            return value.isoformat()
        problems.append(self.problem(column, f"expected a string, found {shown(value)}"))
        return ""

    def problem(self, field_name: str, message: str) -> Problem:
        """Return a problem of one field of this row."""
        place = ": ".join(filter(None, [self.part, field_name]))
        return Problem(message, self.path, self.line, place or None)


@dataclass(frozen=True, slots=True)
class RawRows:
    """What a reader found; ``codebook`` where the format itself tells the label tree."""

    rows: Sequence[Row]
    problems: Sequence[Problem] = ()
    codebook: Codebook | None = None
    fields: FieldNames = DEFAULT_FIELDS
    conventions: Conventions = DEFAULT_CONVENTIONS


def file_stem(path: Path | str) -> str:
    """Return a file's name without ``.gz`` and its suffix; an ``hf:`` name as it stands."""
    return path if isinstance(path, str) else stem_of(path.name)
