"""What marks the words of pages that are to be translated; the catalogues are in :mod:`framescope.pages`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Say: TypeAlias = Callable[[str], str]
"""Returns a message in the language of the reader."""


def msg(message: str) -> str:
    """Return a message as it is; the call marks it as one that is to be translated."""
    return message


def english(message: str) -> str:
    """Return a message in English, as which it is written."""
    return message
