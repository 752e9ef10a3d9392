"""Unicode tables: the class and the case folding of every code point.

The tables ship with the package: features must not change with the Unicode version of the running Python.
An entry packs, from the low bits up, the distance to the first folded code point (21 bits, modulo 2^21), the
class (2 bits) and the row of the expansions, 0 for none (9 bits).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import NamedTuple

import numpy as np

from framescope._types import Array, UInt8, UInt32

SEPARATOR, WORD, SYMBOL, IGNORED = 0, 1, 2, 3
CLASS_SHIFT = 21
EXPANSION_SHIFT = 23
MAX_EXPANSION = 2  # code points beyond the first of a folding


class CharacterTables(NamedTuple):
    """Two-stage table: ``entries[pages[code >> 8] << 8 | code & 255]``."""

    pages: UInt8
    entries: UInt32
    expansions: UInt32


@cache
def character_tables() -> CharacterTables:
    """Return the shipped tables."""
    return CharacterTables(_load("pages"), _load("entries"), _load("expansions"))


def class_of(character: str) -> int:
    """Return the class of a character: ``SEPARATOR``, ``WORD``, ``SYMBOL`` or ``IGNORED``."""
    tables, code = character_tables(), ord(character)
    return int(tables.entries[int(tables.pages[code >> 8]) << 8 | code & 255]) >> CLASS_SHIFT & 3


def _load(name: str) -> Array:
    with as_file(files("framescope.text") / f"unicode_{name}.npy") as path:
        table: Array = np.load(path, allow_pickle=False)
    return table
