"""Cells of labels: lists, list literals and joined names become labels; joined labels are found.

A cell is a list of names, or a string: names joined by a separator, a list as JSON, Python or NumPy print it
(``["fear"]``, ``['fear' 'doubt']``), or ``{"choices": [...]}`` of Label Studio. Nothing is evaluated.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator

from framescope.errors import shown
from framescope.formats.files import parse_json
from framescope.visible import has_hidden

EXPECTED = "expected a list of labels, or labels joined by ; or |"
JOINERS = re.compile(r"[;|]")

LITERAL = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
LITERALS = re.compile(rf"\s*(?:{LITERAL}(?:\s*,\s*|\s+|(?=$)))*", re.DOTALL)
WRAPPED = re.compile(r"(?:(?:np\.)?array|frozenset|set|list|tuple)\((.*?)(?:,\s*dtype=[\w.']+)?\)", re.DOTALL)
ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\n": ""}
BRACKETS = {"[": "]", "{": "}", "(": ")"}

SEPARATORS = (";", "|", "#", ",", "\n", "\t", "，", "、", "；", "،", "؛")
"""What joins names: a label with one of them is refused where one of its pieces is a label, too."""

WEAK_SEPARATORS = ("/", "+", "&", " ")
"""What joins names, but is also part of names: all of the pieces must be labels, too."""

N_NAMED = 3


def labels_of(value: object, separator: str | None = None) -> list[str]:
    """Return the distinct labels of a cell, without white space around them; none for None or a blank.

    Without a ``separator``, strings are split at ``;`` and ``|`` and the names of a list are taken whole; with
    one, both are split there and nowhere else.

    Raises:
        ValueError: it is no cell of labels.

    >>> labels_of("fear; doubt"), labels_of("['fear', 'doubt']"), labels_of("[]")
    (['fear', 'doubt'], ['fear', 'doubt'], [])
    """
    names = _names(value, separator)
    for name in names:
        if _is_spelt_as_list(name.strip()):
            raise ValueError(f"label {name!r:.60} is spelt like a list: write each label by itself")
        if has_hidden(name):
            raise ValueError(f"label {name!r:.60} has a control character: remove it")
    return list(dict.fromkeys(name.strip() for name in names if name.strip()))


def joined_labels(found: Collection[str], known: Collection[str] = ()) -> dict[str, str]:
    """Return the labels that are others joined, each with the separator that splits it.

    ``known`` are labels that a codebook names: they count as labels, and none of them is joined.

    >>> joined_labels(["fear", "fear, loyalty"]), joined_labels(["Crime, law", "Economy"])
    ({'fear, loyalty': ','}, {})
    """
    alone = {*found, *known}
    splits = [(label, *split) for label in found if label not in known for split in _splits(label)]
    n_labels = Counter(
        piece for _, piece in {(label, piece) for label, _, pieces in splits for piece in pieces}
    )
    joined: dict[str, str] = {}
    for label, separator, pieces in splits:
        n_alone = sum(piece in alone for piece in pieces)
        is_repeated = min(n_labels[piece] for piece in pieces) > 1
        if n_alone == len(pieces) or (separator in SEPARATORS and (n_alone or is_repeated)):
            joined.setdefault(label, separator)
    return joined


def joined_message(label: str, separator: str) -> str:
    """Return what to do about a label that is others joined."""
    pieces = " and ".join(f"{piece!r:.40}" for piece in _pieces(label, separator)[:N_NAMED])
    return (
        f"label {label!r:.60} seems to be {pieces} in one: --label-separator {separator!r} splits it; "
        "if it is one label, name it in a --codebook"
    )


def _names(value: object, separator: str | None) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return _names_in(value.strip(), separator)
    if isinstance(value, dict) and value.keys() == {"choices"}:
        return _names(value["choices"], separator)
    if isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value):
        return value if separator is None else [piece for item in value for piece in item.split(separator)]
    raise ValueError(f"{EXPECTED}, found {shown(value)}")


def _names_in(cell: str, separator: str | None) -> list[str]:
    """Return the names in a string, split where it is no list."""
    wrapped = WRAPPED.fullmatch(cell)
    inner = cell if wrapped is None else wrapped[1].strip() or "[]"
    if BRACKETS.get(inner[:1]) == inner[-1:] and len(inner) > 1:
        listed = _listed(inner)
        if listed is not None:
            return _names(listed, separator)
    if wrapped is None and _is_spelt_as_list(cell):
        raise ValueError(f'{cell!r:.60} looks like a list, but is none: write ["a", "b"] or a; b')
    pieces = JOINERS.split(cell) if separator is None else cell.split(separator)
    return [_unquoted(piece.strip()) for piece in pieces]


def _listed(cell: str) -> object:
    """Return what a cell in brackets holds, by JSON or as a list of literals; None if it is neither."""
    try:
        return parse_json(cell)
    except ValueError:
        inner = cell[1:-1].strip()
        if not LITERALS.fullmatch(inner):
            return None
        return [_unescaped(literal[1:-1]) for literal in re.findall(LITERAL, inner, re.DOTALL)]


def _unescaped(literal: str) -> str:
    """Return the characters of a Python literal."""
    text = ESCAPE.sub(_escaped, literal)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{literal!r:.60} has half of a surrogate pair, which is not a character") from error
    return text


def _escaped(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits is None:
        return ESCAPED.get(found[4], found[4] if found[4] in "\\'\"" else found[0])
    return chr(int(digits, 16)) if int(digits, 16) < 0x110000 else found[0]


def _unquoted(piece: str) -> str:
    """Return a name without the double quotes that JSON writes around it."""
    if len(piece) < 2 or piece[0] != '"' or piece[-1] != '"':
        return piece
    try:
        value = parse_json(piece)
    except ValueError:
        return piece
    return value if isinstance(value, str) else piece


def _is_spelt_as_list(name: str) -> bool:
    return len(name) > 1 and name[0] in "[{" and name[-1] == BRACKETS[name[0]]


def _splits(label: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the separators that split a label, with its pieces."""
    for separator in (*SEPARATORS, *WEAK_SEPARATORS):
        if separator in label:
            pieces = _pieces(label, separator)
            if len(pieces) > 1:
                yield separator, pieces


def _pieces(label: str, separator: str) -> list[str]:
    return list(dict.fromkeys(piece.strip() for piece in label.split(separator) if piece.strip()))
