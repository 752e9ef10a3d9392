"""The words of the pages in the languages of their readers: gettext catalogues, read as they are written.

``locale/CODE.po`` holds them. A message is English, and is itself its translation into English.
:func:`framescope.messages.msg` marks messages in Python, for those who collect them; templates mark theirs
with ``_``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import pairwise

from framescope.messages import Say, english


class Interface(StrEnum):
    """A language that the pages speak."""

    EN = "en"
    BG = "bg"
    RU = "ru"


@cache
def say_in(interface: Interface | str, *packages: str) -> Say:
    """Return what translates messages; one that a catalogue lacks stays English.

    ``packages`` have catalogues of their own in ``locale/``, beside that of the pages.
    """
    if interface == Interface.EN:
        return english
    catalogue: dict[str, str] = {}
    for package in ("framescope.pages", *packages):
        path = files(package) / "locale" / f"{interface}.po"
        catalogue.update(read_po(path.read_text(encoding="utf-8")))
    return lambda message: catalogue.get(message) or message


def read_po(text: str) -> Iterator[tuple[str, str]]:
    r"""Yield each message of a catalogue with its translation; of plurals and contexts it has none.

    >>> list(read_po('msgid "one\\n"\nmsgstr ""\n"ein"\n"s"\n'))
    [('one\n', 'eins')]
    """
    entries: list[tuple[str, str]] = []
    for line in text.splitlines():
        keyword, _, rest = line.partition(" ")
        if keyword in {"msgid", "msgstr"}:
            entries.append((keyword, str(ast.literal_eval(rest))))
        elif line.startswith('"') and entries:
            entries[-1] = (entries[-1][0], entries[-1][1] + str(ast.literal_eval(line)))
    for (first, message), (second, translation) in pairwise(entries):
        if (first, second) == ("msgid", "msgstr") and message:
            yield message, translation
