"""Canonical composition in linear time: Python's own takes the square of the length of a run of marks."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from typing import Literal

MAX_UNSORTED = 1000
"""Characters of a text that is not worth looking through."""

_MANY_MARKS = re.compile(r"[^\w\s\x00-\x7f]{64,}")


def composed(text: str, form: Literal["NFC", "NFKC"] = "NFC") -> str:
    """Return a text in a normal form of Unicode.

    >>> composed("и\u0306") == "й"
    True
    """
    if len(text) > MAX_UNSORTED:
        text = _MANY_MARKS.sub(lambda found: _ordered(found[0]), text)
    return unicodedata.normalize(form, text)


def _ordered(marks: str) -> str:
    """Return a run of marks in canonical order, which leaves nothing to sort."""
    parts = (unicodedata.normalize("NFD", mark) for mark in marks)
    runs = groupby("".join(parts), key=lambda mark: unicodedata.combining(mark) > 0)
    return "".join("".join(sorted(run, key=unicodedata.combining) if is_mark else run) for is_mark, run in runs)
