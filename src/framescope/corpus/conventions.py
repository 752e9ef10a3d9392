"""How a file is written where neither its format nor its columns tell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from framescope.formats.dialect import PLAIN, Dialect


class Offsets(StrEnum):
    """What the offsets of spans count."""

    CODE_POINTS = "code-points"
    UTF16 = "utf16"
    BYTES = "bytes"


class Empty(StrEnum):
    """What an empty cell of labels says: judged and without a label, or not judged."""

    NONE = "none"
    UNCODED = "uncoded"


class Resolve(StrEnum):
    """How the labels of several coders become those of an article."""

    MAJORITY = "majority"
    UNION = "union"
    INTERSECTION = "intersection"
    ADJUDICATED = "adjudicated"
    WEIGHTED = "weighted"


@dataclass(frozen=True, slots=True)
class Conventions:
    """What a user says of a file; None leaves it to the reader, which refuses what looks wrong.

    ``label_columns`` are columns of one label each, ``label_names`` those of the places in lists of 0 and 1.
    ``dialect`` is how a table is separated, quoted and encoded.
    ``label_separator`` splits every label cell, and the names of a list, there and nowhere else.
    ``label_control`` is the control of an annotation project, or the key of an export, that holds the labels.
    ``resolve`` makes one label set out of those of several coders; None takes the labels that the file itself
    gives beside them, and the majority where there are none. ``adjudicator`` is the coder whose word wins.
    With ``label_rows`` a table has a row for each label: those of one article, and of one coder, are joined.
    """

    label_separator: str | None = None
    offsets: Offsets | None = None
    label_control: str | None = None
    dialect: Dialect = PLAIN
    label_columns: tuple[str, ...] = ()
    label_names: tuple[str, ...] = ()
    empty: Empty | None = None
    resolve: Resolve | None = None
    adjudicator: str | None = None
    label_rows: bool = False


DEFAULT_CONVENTIONS = Conventions()
