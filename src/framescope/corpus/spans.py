"""Spans as files write them: three ways to count characters become one, and a span's own text is compared.

Offsets of the result are code points. A file may count UTF-16 units, as JavaScript does, where an emoji is two,
or bytes of UTF-8. Where a span brings the text it marks, a reading of the offsets that gives another text is
refused; where it does not, offsets that cut words are refused if they would not in UTF-16.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from framescope.corpus.conventions import Offsets
from framescope.errors import shown
from framescope.formats.files import parse_json
from framescope.text.lookalikes import near_hint
from framescope.text.words import are_inside, word_offsets

LAYOUT = '{"start": int, "end": int, "label": str}'

Fault = tuple[int | None, str]
"""The position of a span in its list, None for the list itself, and what is wrong with it."""


def spans_of(
    value: object, text: str, known: frozenset[str] | None, offsets: Offsets | None
) -> tuple[list[dict[str, Any]], list[Fault]]:
    """Return the spans of a cell, in code points of the text, and its faults.

    ``value`` is a list of spans, or JSON text of one. Labels must be ``known`` unless that is None; without
    ``offsets`` they count code points.
    """
    if isinstance(value, str):
        try:
            value = parse_json(value) if value.strip() else []
        except ValueError as error:
            return [], [(None, str(error))]
    if not isinstance(value, list | None):
        return [], [(None, f"expected a list of spans, found {shown(value)}")]
    spans: list[dict[str, Any]] = []
    faults: list[Fault] = []
    place = _Places(text)
    for position, span in enumerate(value or []):
        fault = _layout_fault(span, known) or place.fault(span, offsets)
        if fault:
            faults.append((position, fault))
        else:
            start, end = place.at(span["start"], span["end"], offsets or Offsets.CODE_POINTS) or (0, 0)
            spans.append({"start": start, "end": end, "label": span["label"]})
    return spans, faults


def fits_utf16_only(text: str, spans: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Count spans that are whole words in UTF-16 units only, and those that are so in code points only."""
    if not spans or text.isascii() or max(map(ord, text)) < 0x10000:
        return 0, 0
    words, place = word_offsets(text), _Places(text)
    n_utf16 = n_points = 0
    for span in spans:
        other = place.at(span["start"], span["end"], Offsets.UTF16)
        is_whole = not are_inside(words, [span["start"], span["end"]]).any()
        is_whole_else = other is not None and not are_inside(words, other).any()
        n_utf16 += is_whole_else and not is_whole
        n_points += is_whole and not is_whole_else
    return n_utf16, n_points


def bring_text(value: object) -> bool:
    """Tell whether the spans of a cell bring the text they mark, so that it has been compared."""
    if isinstance(value, str):
        return '"text"' in value
    return isinstance(value, list) and any(isinstance(span, dict) and span.get("text") for span in value)


def letters(text: str) -> str:
    """Return a text without its white space, which exports render in several ways."""
    return "".join(text.replace("\\n", " ").split())


def _layout_fault(span: object, known: frozenset[str] | None) -> str | None:
    if not isinstance(span, dict) or not isinstance(span.get("label"), str) or not span["label"].strip():
        return f"expected {LAYOUT}, found {shown(span)}"
    start, end = span.get("start"), span.get("end")
    if type(start) is not int or type(end) is not int:
        return f"start and end must be integers, found {shown(start)} and {shown(end)}"
    if known is not None and span["label"] not in known:
        return f"label {span['label']!r} is not in the codebook{near_hint(span['label'], known)}"
    return None


class _Places:
    """Where the offsets of one text lead, in each way of counting; tables are made when they are needed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends: dict[Offsets, dict[int, int]] = {}

    def at(self, start: int, end: int, offsets: Offsets) -> tuple[int, int] | None:
        """Return a span in code points; None if it is outside of the text, empty, or cuts a character."""
        if offsets != Offsets.CODE_POINTS:
            table = self._table(offsets)
            start, end = table.get(start, -1), table.get(end, -1)
        return (start, end) if 0 <= start < end <= len(self._text) else None

    def fault(self, span: Mapping[str, Any], offsets: Offsets | None) -> str | None:
        """Tell what is wrong with a span's offsets, and which way of counting fits instead."""
        start, end, own = span["start"], span["end"], span.get("text")
        found = self.at(start, end, offsets or Offsets.CODE_POINTS)
        own = own if isinstance(own, str) and letters(own) else None
        if found is None:
            length = "" if offsets else f", the text has {len(self._text)} characters"
            counted = f" in {offsets}" if offsets else ""
            return f"{start}-{end} is out of range{counted}{length}{self._remedy(start, end, own, offsets)}"
        if own is None or letters(self._text[slice(*found)]) == letters(own):
            return None
        there = self._text[slice(*found)]
        remedy = self._remedy(start, end, own, offsets)
        return f"{start}-{end} is {there!r:.60} in the text, but the span's own text is {own!r:.60}{remedy}"

    def _remedy(self, start: int, end: int, own: str | None, offsets: Offsets | None) -> str:
        """Return what would make a span fit, as the end of a message; nothing if nothing is known to."""
        for other in Offsets:
            place = self.at(start, end, other)
            if other == (offsets or Offsets.CODE_POINTS) or place is None:
                continue
            if own is None or letters(self._text[slice(*place)]) == letters(own):
                return f": it fits with --offsets {other}"
        if own is None:
            return ""
        if "\r\n" in self._text and letters(self._text.replace("\r\n", "\n")[start:end]) == letters(own):
            return r": its tool counted a line end \r\n as one character: write \n in the texts"
        at = self._text.find(own)
        return f", which is at {at}-{at + len(own)}" if at >= 0 else ""

    def _table(self, offsets: Offsets) -> dict[int, int]:
        """Return the code point that each offset of a character leads to."""
        if offsets not in self._ends:
            encoding, size = ("utf-16-le", 2) if offsets == Offsets.UTF16 else ("utf-8", 1)
            sizes = (len(c.encode(encoding, "surrogatepass")) // size for c in self._text)
            self._ends[offsets] = {end: n for n, end in enumerate(accumulate(sizes, initial=0))}
        return self._ends[offsets]
