"""What people see: text whose control characters are spelled out.

So no title, label or name of a file moves a cursor, colours a terminal, renames its window, or reverses the
order of letters.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters but for tab and line feed
    "\u202a-\u202e\u2066-\u2069"  # what overrides the direction of letters
    "\ud800-\udfff]"  # halves of surrogate pairs, as which Python keeps bytes that are not UTF-8
    "|\r(?!\n)"
)


def visible(text: str) -> str:
    r"""Return text in which each control character stands as the escape that Python and JSON have for it.

    So it can be printed as it is, and JSON stays the same JSON. Line ends and tabs are kept.

    >>> print(visible("a\x1b]0;title\x07"))
    a\u001b]0;title\u0007
    """
    return HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def has_hidden(text: str) -> bool:
    r"""Tell whether a text has a control character: it is no name of a label, whatever wrote it.

    >>> has_hidden("fear\x00"), has_hidden("страх и ужас")
    (True, False)
    """
    return HIDDEN.search(text) is not None


def name_of(path: Path | str) -> str:
    r"""Return the name of a file as text that any file can hold: bytes that are not UTF-8 become ``\xcf``."""
    return os.fsencode(path).decode(errors="backslashreplace")
