"""What a user may say of a file: its separator, quotes, encoding, and the columns of an article."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from framescope.errors import InputError, columns_shown


class Quoting(StrEnum):
    """What a double quote means in CSV and TSV: nothing, or the ends of a cell as in RFC 4180."""

    NONE = "none"
    STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How tables and texts are written; None leaves it to the file.

    ``encoding`` is the name of a codec, or ``auto`` for the one that the first bytes look like.
    ``sheet`` is one of a spreadsheet's.
    """

    delimiter: str | None = None
    quoting: Quoting | None = None
    encoding: str | None = None
    sheet: str | None = None


PLAIN = Dialect()

KEEP = "keep:"
"""With the name of a column: the role of one that is carried through."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Names of an article's columns; None where the usual name, and no column, will do.

    ``options`` is how the command line's options for them begin. ``keep`` are columns that are carried through.
    """

    text: str | None = None
    id: str | None = None
    title: str | None = None
    lang: str | None = None
    options: str = "--"
    dialect: Dialect = PLAIN
    keep: tuple[str, ...] = ()

    def wanted(self) -> dict[str, tuple[str, bool]]:
        """Return, for each role, the name of its column and whether the column must be there."""
        kept = {f"{KEEP}{name}": (name, False) for name in self.keep}
        return kept | {
            role: (given or role, role == "text" or given is not None)
            for role, given in (
                ("text", self.text),
                ("id", self.id),
                ("title", self.title),
                ("lang", self.lang),
            )
        }

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that must be there."""
        return tuple(name for name, is_required in self.wanted().values() if is_required)

    def columns(self, names: Sequence[str], path: str) -> dict[str, str]:
        """Return the columns of a file that are read, by role.

        Raises:
            InputError: a column is missing, or there twice.
        """
        found, counts = {}, Counter(names)
        for role, (name, is_required) in self.wanted().items():
            if name in counts:
                found[role] = name
            elif is_required:
                alike = [other for other in names if other.strip().casefold() == name.casefold()]
                column = f" {shlex.quote(alike[0])}" if len(alike) == 1 else ""
                remedy = f"name it with {self.options}{role}-field{column}"
                raise InputError.at(path, f"has no column {name!r}, but {columns_shown(names)}: {remedy}")
            if counts[name] > 1:
                raise InputError.at(path, f"has several columns {name!r}")
        return found
