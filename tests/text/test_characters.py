"""The shipped Unicode tables against the Unicode data of the running Python."""

from __future__ import annotations

import sys
import unicodedata

import numpy as np
import pytest

from framescope.text.characters import (
    CLASS_SHIFT,
    EXPANSION_SHIFT,
    IGNORED,
    MAX_EXPANSION,
    NOT_DIRECT,
    SEPARATOR,
    SYMBOL,
    WORD,
    character_tables,
)
from oracle import character_class

CLASSES = {SEPARATOR: "separator", WORD: "word", SYMBOL: "symbols", IGNORED: "ignored"}
ASSIGNED = [code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) != "Cn"]


def entries_of(codes: list[int]) -> list[int]:
    """Return the entries of code points, by the formula of the tables' docstring."""
    tables = character_tables()
    entries: list[int] = tables.entries[
        tables.pages[np.array(codes) >> 8].astype(int) << 8 | np.array(codes) & 255
    ].tolist()
    return entries


def folding_of(code: int, entry: int) -> str:
    """Return the case folding that an entry holds."""
    first = (code + entry) % (1 << CLASS_SHIFT)
    rest = character_tables().expansions[entry >> EXPANSION_SHIFT]
    return "".join(map(chr, [first, *rest[rest > 0]]))


def test_every_assigned_code_point_has_the_class_of_the_running_python() -> None:
    """Tables are of Unicode 15.1; what the running Python does not know yet is left out."""
    classes = [CLASSES[entry >> CLASS_SHIFT & 3] for entry in entries_of(ASSIGNED)]
    expected = [character_class(chr(code)) for code in ASSIGNED]
    assert [hex(code) for code, a, b in zip(ASSIGNED, classes, expected, strict=True) if a != b] == []


def test_every_assigned_code_point_folds_as_in_the_running_python() -> None:
    entries = zip(ASSIGNED, entries_of(ASSIGNED), strict=True)
    assert [hex(code) for code, entry in entries if folding_of(code, entry) != chr(code).casefold()] == []


@pytest.mark.parametrize(
    ("character", "kind", "folding"),
    [
        ("Ж", "word", "ж"),
        ("ß", "word", "ss"),
        ("ΐ", "word", "ι\u0308\u0301"),
        ("ﬃ", "word", "ffi"),
        ("İ", "word", "i\u0307"),
        ("ŉ", "word", "ʼn"),
        ("Ა", "word", "ა"),  # Georgian Mtavruli
        ("Ꭰ", "word", "Ꭰ"),  # Cherokee folds to capitals
        ("ꭰ", "word", "Ꭰ"),
        ("𐐀", "word", "𐐨"),
        ("\N{DEVANAGARI SIGN VIRAMA}", "word", "\N{DEVANAGARI SIGN VIRAMA}"),
        ("٣", "word", "٣"),
        ("_", "symbols", "_"),
        ("€", "symbols", "€"),
        ("🪖", "symbols", "🪖"),
        ("Ⓐ", "symbols", "ⓐ"),
        ("\N{SOFT HYPHEN}", "ignored", "\N{SOFT HYPHEN}"),
        ("\N{ZERO WIDTH JOINER}", "ignored", "\N{ZERO WIDTH JOINER}"),
        ("\N{VARIATION SELECTOR-16}", "ignored", "\N{VARIATION SELECTOR-16}"),
        ("\N{VARIATION SELECTOR-14}", "word", "\N{VARIATION SELECTOR-14}"),
        ("\N{NO-BREAK SPACE}", "separator", "\N{NO-BREAK SPACE}"),
        ("\0", "separator", "\0"),
        ("\U000323b0", "separator", "\U000323b0"),  # first after the last ideograph of Unicode 15.1
        ("\U000323af", "word", "\U000323af"),  # assigned in Unicode 15.0, after Python 3.11's
    ],
)
def test_class_and_folding_of_chosen_characters(character: str, kind: str, folding: str) -> None:
    """Exact values, among them two that a table built by an older Python would not have."""
    [entry] = entries_of([ord(character)])
    assert (CLASSES[entry >> CLASS_SHIFT & 3], folding_of(ord(character), entry)) == (kind, folding)


def test_tables_are_loaded_once_and_small() -> None:
    """The kernels get the same narrow arrays at every call."""
    tables = character_tables()
    assert character_tables() is tables
    assert [table.dtype for table in tables] == [np.uint8, np.uint32, np.uint32, np.int32]
    assert tables.pages.shape == ((sys.maxunicode + 1) // 256,)
    assert tables.expansions.shape[1] == MAX_EXPANSION
    assert sum(table.nbytes for table in tables) < 200_000


def test_code_points_of_one_or_two_bytes_stand_by_themselves() -> None:
    """Folded, symbols negated, separators 0; those that are dropped or expand are left to the other tables."""
    direct = character_tables().direct.tolist()
    assert len(direct) == 2048
    for code, found in enumerate(direct):
        kind, folded = character_class(chr(code)), chr(code).casefold()
        if kind == "ignored" or len(folded) > 1:
            assert found == NOT_DIRECT
        elif unicodedata.category(chr(code)) != "Cn":
            assert found == {"word": 1, "symbols": -1, "separator": 0}[kind] * ord(folded)
