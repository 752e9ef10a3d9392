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

from framescope._types import Array, Int32, UInt8, UInt32

SEPARATOR, WORD, SYMBOL, IGNORED = 0, 1, 2, 3
CLASS_SHIFT = 21
EXPANSION_SHIFT = 23
MAX_EXPANSION = 2  # code points beyond the first of a folding
N_DIRECT = 1 << 11  # the code points of one or two bytes in UTF-8
NOT_DIRECT = np.int32(-(1 << 31))


class CharacterTables(NamedTuple):
    """Two-stage table: ``entries[pages[code >> 8] << 8 | code & 255]``.

    ``direct`` has what most code points below ``N_DIRECT`` become: word characters folded, symbols negated,
    separators 0; ``NOT_DIRECT`` for those that are dropped or expand.
    """

    pages: UInt8
    entries: UInt32
    expansions: UInt32
    direct: Int32


@cache
def character_tables() -> CharacterTables:
    """Return the shipped tables."""
    pages, entries = _load("pages"), _load("entries")
    return CharacterTables(pages, entries, _load("expansions"), _direct(pages, entries))


def _direct(pages: UInt8, entries: UInt32) -> Int32:
    codes = np.arange(N_DIRECT)
    found = entries[pages[codes >> 8].astype(np.int64) << 8 | codes & 255].astype(np.int64)
    mask = (1 << CLASS_SHIFT) - 1
    folded = codes + (found & mask) & mask
    kinds = found >> CLASS_SHIFT & 3
    is_direct = (kinds != IGNORED) & (found >> EXPANSION_SHIFT == 0)
    signed = np.select([kinds == WORD, kinds == SYMBOL], [folded, -folded], 0)
    return np.where(is_direct, signed, NOT_DIRECT).astype(np.int32)


def class_of(character: str) -> int:
    """Return the class of a character: ``SEPARATOR``, ``WORD``, ``SYMBOL`` or ``IGNORED``."""
    tables, code = character_tables(), ord(character)
    return int(tables.entries[int(tables.pages[code >> 8]) << 8 | code & 255]) >> CLASS_SHIFT & 3


def _load(name: str) -> Array:
    with as_file(files("framescope.text") / f"unicode_{name}.npy") as path:
        table: Array = np.load(path, allow_pickle=False)
    return table
