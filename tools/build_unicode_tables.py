"""Write src/framescope/text/unicode_*.npy: character classes and case folding of every code point.

Run it with the newest supported Python, whose Unicode version is the newest:

    python tools/build_unicode_tables.py
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

import numpy as np

from framescope.text.characters import (
    CLASS_SHIFT,
    EXPANSION_SHIFT,
    IGNORED,
    MAX_EXPANSION,
    SEPARATOR,
    SYMBOL,
    WORD,
)

PAGE_SIZE = 256
TARGET = Path(__file__).parent.parent / "src" / "framescope" / "text"


def character_class(character: str) -> int:
    """Return the class of a character; marks are parts of words, emoji are symbols."""
    category = unicodedata.category(character)
    if category == "Cf" or character in "\ufe0e\ufe0f":
        return IGNORED
    if category[0] in "LMN":
        return WORD
    return SYMBOL if category[0] in "PS" else SEPARATOR


def main() -> None:
    """Build the tables and write them."""
    entries = np.zeros(sys.maxunicode + 1, dtype=np.uint32)
    expansions = [[0] * MAX_EXPANSION]
    for code in range(sys.maxunicode + 1):
        folded = [ord(c) for c in chr(code).casefold()]
        entries[code] = character_class(chr(code)) << CLASS_SHIFT | (folded[0] - code) % (1 << CLASS_SHIFT)
        if len(folded) > 1:
            entries[code] |= len(expansions) << EXPANSION_SHIFT
            expansions.append(folded[1:] + [0] * (MAX_EXPANSION - len(folded) + 1))
    pages, page_of = np.unique(entries.reshape(-1, PAGE_SIZE), axis=0, return_inverse=True)
    np.save(TARGET / "unicode_pages.npy", page_of.ravel().astype(np.uint8))
    np.save(TARGET / "unicode_entries.npy", pages.ravel())
    np.save(TARGET / "unicode_expansions.npy", np.array(expansions, dtype=np.uint32))
    print(f"Unicode {unicodedata.unidata_version}: {len(pages)} pages, {len(expansions)} expansions")


if __name__ == "__main__":
    main()
