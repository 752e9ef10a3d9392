"""How a file is written where neither its format nor its columns tell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Quoting(StrEnum):
    """What a double quote means in CSV and TSV: nothing, or the ends of a cell as in RFC 4180."""

    NONE = "none"
    STANDARD = "standard"


class Offsets(StrEnum):
    """What the offsets of spans count."""

    CODE_POINTS = "code-points"
    UTF16 = "utf16"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Conventions:
    """What a user says of a file; None leaves it to the reader, which refuses what looks wrong.

    ``label_separator`` splits every label cell, and the names of a list, there and nowhere else.
    ``label_control`` is the control of an annotation project, or the key of an export, that holds the labels.
    """

    label_separator: str | None = None
    quoting: Quoting | None = None
    offsets: Offsets | None = None
    label_control: str | None = None


DEFAULT_CONVENTIONS = Conventions()
