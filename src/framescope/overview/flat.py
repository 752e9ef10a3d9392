"""An overview as flat tables, for CSV and spreadsheets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np

from framescope.overview.contents import WORDS, Cells, Changes, Overview, Piece
from framescope.wide import Cell

N_DECIMALS = 5
SHARES = (
    "label", "articles", "unlike_training", "copies", "share", "low", "high", "counted", "decided", "given",
    "small", "beyond", "shown_by",
)  # fmt: skip
CHANGES = ("against", "label", "change", "difference", "low", "high", "p_value")

STORIES = (
    "story", "title", "articles", "copies", "first_date", "last_date", "sources", "label",
    "articles_with_label", "sources_with_label", "first_source", "first_date_of_label",
)  # fmt: skip
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("/\\[]:*?", "-"))


@dataclass(frozen=True)
class FlatTable:
    """A table by its name; ``rows`` can be read once."""

    name: str
    header: tuple[str, ...]
    rows: Iterable[list[Cell]]


def flat_tables(overview: Overview) -> Iterator[FlatTable]:
    """Yield the tables: a row for each cell and label, for each change, pair, label of a story and article."""
    for cells in overview.tables:
        name = f"shares-by-{_joined(cells.by)}" if cells.by else "shares-overall"
        yield FlatTable(name, (*cells.by, *SHARES), _shares(overview, cells))
    for changes in overview.changes:
        table = overview.table(*changes.by)
        if table is not None:
            name = f"changes-by-{_joined(changes.by)}-against-{changes.against}"
            yield FlatTable(name, (*table.by, *CHANGES), _changes(overview, table, changes))
    if overview.alike:
        pairs = ([one.one, one.other, _number(one.likeness)] for one in overview.alike)
        yield FlatTable("outlets-alike", ("one", "other", "likeness"), pairs)
    if overview.together:
        both = ([one.one, one.other, one.n, _number(one.expected)] for one in overview.together)
        yield FlatTable("labels-together", ("one", "other", "articles", "by_chance"), both)
    if overview.stories:
        yield FlatTable("stories", STORIES, _stories(overview))
    names = tuple(field.name for field in fields(Piece))
    yield FlatTable("articles", names, (_piece(piece, names) for piece in overview.pieces))


def _shares(overview: Overview, cells: Cells) -> Iterator[list[Cell]]:
    for cell, key in enumerate(cells.keys):
        for column, label in enumerate(overview.labels):
            yield [
                *key,
                label.id,
                int(cells.n[cell]),
                int(cells.n_unlike[cell]),
                int(cells.n_copies[cell]),
                _number(cells.share[cell, column]),
                _number(cells.low[cell, column]),
                _number(cells.high[cell, column]),
                _number(cells.counted[cell, column]),
                int(cells.n_decided[cell, column]),
                int(cells.n_given[cell, column]),
                int(cells.is_small[cell]),
                int(cells.is_beyond[cell, column]),
                " ".join(piece.id for piece in overview.pieces_of(cells, cell, column)),
            ]


def _changes(overview: Overview, cells: Cells, changes: Changes) -> Iterator[list[Cell]]:
    """Yield what could be compared."""
    for cell, column in zip(*(axis.tolist() for axis in np.nonzero(changes.word)), strict=True):
        measured = (changes.difference, changes.low, changes.high, changes.p_value)
        yield [
            *cells.keys[cell],
            changes.against,
            overview.labels[column].id,
            WORDS[int(changes.word[cell, column])],
            *(_number(values[cell, column]) for values in measured),
        ]


def _stories(overview: Overview) -> Iterator[list[Cell]]:
    for number, story in enumerate(overview.stories, start=1):
        for label in story.labels:
            yield [
                number,
                story.title,
                story.n_articles,
                story.n_copies,
                story.first_date,
                story.last_date,
                " > ".join(story.sources),
                label.label,
                label.n_articles,
                label.n_sources,
                label.first_source,
                label.first_date,
            ]


def _piece(piece: Piece, names: tuple[str, ...]) -> list[Cell]:
    cells: Iterator[Cell] = (getattr(piece, name) for name in names)
    return [_number(cell) if isinstance(cell, float) else cell for cell in cells]


def _joined(names: Sequence[str]) -> str:
    """Return names of columns as part of the name of a file or sheet."""
    return "-".join(names).translate(_NOT_IN_NAMES)


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), N_DECIMALS)
