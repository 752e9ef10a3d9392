"""Corrections as files: which label of which article is right, wrong or missed, and who says so.

``corrections.jsonl`` has one a line; a table has the same columns::

    {"id": "a1", "label": "fear", "verdict": "missed", "passage": "they will come",
     "coder": "anna", "note": "", "time": "2026-11-27T09:30:00Z"}

All but the first three may be missing. ``passage`` is what speaks for the label, in words of the text; where
they occur more than once, ``{"start": 10, "end": 24}`` tells where, in code points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from framescope.corpus.coders import coder_name
from framescope.corpus.raw import Row, Source
from framescope.corpus.schema import FieldNames
from framescope.corpus.table import read_json_rows, read_table_rows
from framescope.errors import CorpusError, Problem, shown
from framescope.formats.cells import plain
from framescope.formats.files import TABLES, suffix_of

FIELDS = ("id", "label", "verdict", "coder", "note", "time")

Passage = str | tuple[int, int]
"""A passage by its words, or by its first character and the one after its last."""


class Said(StrEnum):
    """What a coder says of a label: the article bears it, does not, or bears it although nobody gave it."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Correction:
    """What a coder says of one label of an article, and in which line."""

    id: str
    label: str
    verdict: Said
    coder: str = ""
    note: str = ""
    time: str = ""
    passage: Passage | None = None
    line: int | None = None

    @property
    def is_given(self) -> bool:
        """Whether the article is to bear the label."""
        return self.verdict != Said.WRONG


def read_corrections(path: Path) -> tuple[list[Correction], list[Problem], int]:
    """Return the corrections of a file, the problems of its other rows, and how many have no verdict yet.

    Raises:
        InputError: the file cannot be read.
    """
    problems: list[Problem] = []
    kind = TABLES.get(suffix_of(path))
    if kind == "jsonl":
        rows = read_json_rows(path, problems)
    elif kind in {"csv", "tsv", "spreadsheet"}:
        source = Source(path, FieldNames(text="label", labels="verdict"))
        rows = [_plain(row) for row in read_table_rows(source, kind, problems)]
    else:
        raise CorpusError.at(path, "expected corrections as lines of JSON, CSV, TSV or a spreadsheet")
    read = [(row, _verdict(row, problems)) for row in rows]
    found = [_correction(row, verdict, problems) for row, verdict in read if isinstance(verdict, Said)]
    n_open = sum(verdict == "" for _, verdict in read)
    return [one for one in found if one is not None], problems, n_open


def _plain(row: Row) -> Row:
    """Return a row of a table as its cells were before they were made harmless."""
    values = {name: plain(cell) if isinstance(cell, str) else cell for name, cell in row.values.items()}
    return replace(row, values=values)


def _verdict(row: Row, problems: list[Problem]) -> Said | str | None:
    """Return the verdict of a row, "" where there is none yet, and None after a problem."""
    n_before = len(problems)
    word = row.string("verdict", "verdict", problems).strip().casefold()
    if len(problems) > n_before:
        return None
    if word and word not in [*Said]:
        message = f"expected right, wrong or missed, found {shown(row.values.get('verdict'))}"
        problems.append(row.problem("verdict", message))
        return None
    return Said(word) if word else ""


def _correction(row: Row, verdict: Said, problems: list[Problem]) -> Correction | None:
    n_before = len(problems)
    values = {name: row.string(name, name, problems).strip() for name in FIELDS if name != "coder"}
    for name in ("id", "label"):
        if not values[name] and len(problems) == n_before:
            problems.append(row.problem(name, "is empty, expected the id of an article and its label"))
    coder, passage = "", None
    try:
        coder = coder_name(row.values.get("coder"))
        passage = _passage(row.values.get("passage"))
    except ValueError as error:
        problems.append(row.problem("coder" if "coder" in str(error) else "passage", str(error)))
    if len(problems) > n_before:
        return None
    return Correction(
        values["id"],
        values["label"],
        verdict,
        coder,
        values["note"],
        values["time"],
        passage,
        row.line,
    )


def _passage(value: object) -> Passage | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        start, end = value.get("start"), value.get("end")
        if type(start) is int and type(end) is int and 0 <= start < end:
            return start, end
    raise ValueError(f'expected words of the text or {{"start": int, "end": int}}, found {shown(value)}')
