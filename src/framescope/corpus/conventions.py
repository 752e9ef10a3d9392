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


@dataclass(frozen=True, slots=True)
class Conventions:
    """What a user says of a file; None leaves it to the reader, which refuses what looks wrong.

    ``dialect`` is how a table is separated, quoted and encoded.
    ``label_separator`` splits every label cell, and the names of a list, there and nowhere else.
    ``label_control`` is the control of an annotation project, or the key of an export, that holds the labels.
    """

    label_separator: str | None = None
    offsets: Offsets | None = None
    label_control: str | None = None
    dialect: Dialect = PLAIN


DEFAULT_CONVENTIONS = Conventions()
