"""Units of a text: paragraphs and sentences, as character offsets, by rules that need no language code.

A line that is not blank is a paragraph. Within it, a sentence ends at ``. ! ? …`` and the quotes and brackets
that close there, before white space and whatever is no lower-case letter; dashes and opening quotes are looked
through. So a quotation ends where its sentences do, and ``— Да! — отвърна той.`` is one sentence. What is left
are full stops of abbreviations, which the tables below tell from ends, as Bulgarian, Russian and English news
write them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

Offsets = tuple[int, int]


class Unit(StrEnum):
    """What a label is given to."""

    ARTICLE = "article"
    PARAGRAPH = "paragraph"
    SENTENCE = "sentence"


LINE = re.compile(r"\S(?:[^\r\n\u2028\u2029]*\S)?")
OPENING = "\"'«»„“”‘’([–—―-"
END = re.compile(r"(?P<mark>[.!?…؟۔।]+)(?P<closed>[\"'»«”“’)\]]*)(?=\s)|[。！？]+[」』”）]*")
NEXT = re.compile(rf"\s*(?P<start>)[\s{re.escape(OPENING)}]*(?P<character>.?)", re.DOTALL)
NUMBER = re.compile(r"\W*(?:.*\d|[IVXLC]+)")
DOTTED = re.compile(r"\w{1,2}(?:\.\w{1,2})+")

N_BEFORE = 64  # characters that are looked back, so that time grows linearly in a text of abbreviations
N_WORDS = 4  # an abbreviation ends no shorter sentence: "През 2021 г. България" goes on


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BEFORE_NAME = _words(
    "mr mrs ms dr prof st gen col lt sgt capt maj adm rev hon sen rep gov messrs mt vs cf v e.g i.e viz проф "
    "доц акад ак инж арх адв ген полк кап лейт зам ул бул кв жк пл обл гр вж напр просп пер наб св дж т.е "
    "т.нар вул див ім ul św inż płk ks np tzw tj"
)
BEFORE_NUMBER = _words(
    "no nos art fig vol ch sec para p pp approx ca чл ал табл фиг ст рис гл стр вып кн д п т см ок пкт nr ust "
    "pkt str jan feb mar apr jun jul aug sept sep oct nov dec янв фев февр мар апр авг сент окт нояб дек"
)
CAN_END = _words(
    "etc inc ltd co corp jr sr al км м кг куб лв хил млн млрд трлн руб тыс коп долл щ чел мес сек мин ч пр др "
    "проц гг вв тис грн р r tys mln mld proc godz itd itp zł"
)
AFTER_NUMBER = _words("г в с")  # a year, a century, a second; else a town, a newspaper, a village


def unit_ids(article_id: str, n_units: int) -> list[str]:
    """Return what the units of an article are called: ``ID#1``, ``ID#2`` and so on; a single one keeps its id.

    >>> unit_ids("a", 2), unit_ids("a", 1)
    (['a#1', 'a#2'], ['a'])
    """
    return [article_id] if n_units == 1 else [f"{article_id}#{number}" for number in range(1, n_units + 1)]


def segments(text: str, unit: str) -> list[Offsets]:
    """Return the units of a text in order, each as its first character and the one after its last.

    ``unit`` is one of :class:`Unit`. White space around a unit is no part of it; blank text has no units.
    """
    if unit == Unit.ARTICLE:
        return [(len(text) - len(text.lstrip()), len(text.rstrip()))] if text.strip() else []
    paragraphs = [match.span() for match in LINE.finditer(text)]
    if unit == Unit.PARAGRAPH:
        return paragraphs
    return [sentence for start, end in paragraphs for sentence in _sentences(text, start, end)]


def _sentences(text: str, start: int, end: int) -> Iterator[Offsets]:
    for found in END.finditer(text, start, end):
        after = NEXT.match(text, found.end(), end)
        before = text[max(start, found.start() - N_BEFORE) : found.start()]
        if after and (found["mark"] is None or _is_end(before, found, after["character"])):
            yield start, found.end()
            start = after.start("start")
    if start < end:
        yield start, end


def _is_end(before: str, found: re.Match[str], following: str) -> bool:
    """Tell whether a mark ends a sentence, from the words before it and the next letter or digit."""
    if following.islower():
        return False
    words = before.split()
    return bool(found["mark"] != "." or found["closed"] or not words or _is_last(words, following))


def _is_last(words: list[str], following: str) -> bool:
    """Tell whether the last of some words with a full stop ends their sentence; else it is an abbreviation."""
    *earlier, last = words
    last = last.lstrip(OPENING)
    lower = last.lower()
    is_counted = lower in AFTER_NUMBER and earlier and NUMBER.fullmatch(earlier[-1])
    is_initial = len(last) == 1 and last.isupper()
    if lower in BEFORE_NAME or is_initial or (lower in AFTER_NUMBER and not is_counted):
        return False
    if last.isdigit():
        return bool(earlier)
    is_dotted = DOTTED.fullmatch(lower) or (len(last) == 1 and earlier and earlier[-1].endswith("."))
    if is_counted or is_dotted or lower in CAN_END:
        return not following.isdigit() and len(words) >= N_WORDS
    return not (lower in BEFORE_NUMBER and following.isdigit())
