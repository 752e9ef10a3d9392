"""Rows on their way to the model: what a reader found, checked, and what had to be rejected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from framescope._types import Indices, Int32, Int64
from framescope.errors import TextError
from framescope.formats.dialect import KEEP, Fields
from framescope.formats.layout import REPEATED_HEADER, repeats_header
from framescope.limits import MAX_TEXT_BYTES
from framescope.text.arrow import as_strings, as_text, invalid_rows, join, numbers, present, strings, text_sizes
from framescope.text.segments import Unit, segments, unit_ids
from framescope.text.utf8 import Utf8Texts

BATCH_BYTES = 4 << 20
BATCH_ROWS = 2048
N_AROUND_NAME = 8
ANY_FIELDS = Fields()


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that cannot be scored: the number of its line or row, from 1, and the reason."""

    file: str
    number: int
    reason: str
    unit: str = "line"

    def to_json(self, *, n_before: int = 0) -> dict[str, Any]:
        """Return the record of ``_rejected.jsonl``; ``n_before`` lines stand before the shard's first."""
        place = {self.unit: self.number + n_before} if self.unit else {}
        return {"file": self.file, **place, "reason": self.reason}


@dataclass(frozen=True)
class Found:
    """Rows as a reader found them: by role, columns of one length.

    ``places`` are the numbers of their lines or rows, ``default_ids`` what a row without id is called.
    ``files`` has one path, or one for each row.
    """

    columns: Mapping[str, pa.Array | pa.ChunkedArray]
    places: Int64
    files: Sequence[str]
    default_ids: Sequence[str] | _Numbered
    unit: str = "line"
    rejections: Sequence[Rejection] = ()
    n_lines: int = 0


@dataclass(frozen=True, slots=True)
class _Numbered:
    """Default ids that are made when they are needed: a stem, a sign and a number."""

    stem: str
    values: Int64

    def __getitem__(self, row: int) -> str:
        return f"{self.stem}{self.values[row]}"


def numbered(stem: str, values: Int64) -> _Numbered:
    """Return the ids that a stem, which ends in a sign, and numbers make."""
    return _Numbered(stem, values)


@dataclass(frozen=True)
class ScorableRows:
    """Rows that can be scored: ``ids`` without nulls, ``texts`` title included, and those that cannot.

    ``kept`` are the columns, by name, that are carried through; a file may lack some. ``has_ids`` tells
    whether a row has an id of its own.
    """

    ids: pa.Array
    texts: Utf8Texts
    languages: pa.Array | None
    rejections: Sequence[Rejection] = field(default=())
    n_lines: int = 0
    kept: Mapping[str, pa.Array] = field(default_factory=dict)
    has_ids: bool = False

    def cut(self, unit: Unit) -> CutRows:
        """Return the units of all texts, in order."""
        offsets = [segments(text, unit) for text in self.texts]
        counts = np.array([len(each) for each in offsets], np.int64)
        ids = [unit_ids(row, n) for row, n in zip(self.ids.to_pylist(), counts.tolist(), strict=True)]
        article_of = np.repeat(np.arange(len(counts)), counts)
        bounds = np.array([bound for each in offsets for bound in each], np.int32).reshape(-1, 2)
        return CutRows(
            ids=strings([unit_id for each in ids for unit_id in each]),
            article_ids=self.ids.take(numbers(article_of)),
            article_of=article_of,
            kept={name: column.take(numbers(article_of)) for name, column in self.kept.items()},
            offsets=bounds,
            texts=Utf8Texts.encode(
                text[start:end] for text, each in zip(self.texts, offsets, strict=True) for start, end in each
            ),
        )


@dataclass(frozen=True)
class CutRows:
    """Parts of articles: where each begins and ends in its article, in characters, (n_units, 2) int32.

    ``article_of`` has the row of each one's article.
    """

    ids: pa.Array
    article_ids: pa.Array
    article_of: Indices
    offsets: Int32
    texts: Utf8Texts
    kept: Mapping[str, pa.Array]


def check(found: Found, fields: Fields = ANY_FIELDS, *, with_titles: bool = True) -> ScorableRows:
    """Separate the rows that can be scored from those that cannot; titles are joined to texts, or left out.

    Raises:
        TextError: a column is not of strings.
    """
    columns: dict[str, pa.Array] = {}
    for role, column in found.columns.items():
        try:
            columns[role] = as_text(column) if role.startswith(KEEP) else as_strings(column)
        except TextError as error:
            raise TextError(f"{role}: {error}") from error
    names = {role: name for role, (name, _) in fields.wanted().items()}
    reasons = dict(_faults(columns)) | dict.fromkeys(_repeated_headers(columns, names), REPEATED_HEADER)
    if reasons:
        kept = np.delete(np.arange(len(found.places)), list(reasons))
        columns = {role: column.take(numbers(kept)) for role, column in columns.items()}
    else:
        kept = np.arange(len(found.places))
    rejections = [*found.rejections, *(_rejection(found, row, reason) for row, reason in reasons.items())]
    return ScorableRows(
        _ids(columns.get("id"), found.default_ids, kept),
        join(columns.get("title") if with_titles else None, columns["text"]),
        columns.get("lang"),
        sorted(rejections, key=lambda rejection: rejection.number),
        found.n_lines,
        {role.removeprefix(KEEP): column for role, column in columns.items() if role.startswith(KEEP)},
        has_ids="id" in columns and bool(present(columns["id"]).any()),
    )


def _faults(columns: Mapping[str, pa.Array]) -> Iterator[tuple[int, str]]:
    """Yield row and reason; of several reasons the last one holds."""
    for role, column in columns.items():
        for row in invalid_rows(column):
            yield row, f"{role.removeprefix(KEEP)}: is not valid UTF-8"
    text = columns["text"]
    for row in np.flatnonzero(~present(text)).tolist():
        yield row, "text: is missing"
    sizes = text_sizes(text)
    if "title" in columns:
        sizes = sizes + text_sizes(columns["title"])
    for row in np.flatnonzero(sizes > MAX_TEXT_BYTES).tolist():
        yield row, f"text: has {sizes[row]} bytes, title included, more than {MAX_TEXT_BYTES}"


def _repeated_headers(columns: Mapping[str, pa.Array], names: Mapping[str, str]) -> list[int]:
    """Return the rows whose values are the names of their columns."""
    near = np.flatnonzero(text_sizes(columns["text"]) <= len(names["text"].encode()) + N_AROUND_NAME)
    if len(near) == 0 or len(columns) == 1:
        return []
    taken = {
        role: column.take(numbers(near)).cast(pa.large_binary()).to_pylist() for role, column in columns.items()
    }
    return [
        row
        for k, row in enumerate(near.tolist())
        if repeats_header(
            (names[role], values[k].decode(errors="replace"))
            for role, values in taken.items()
            if values[k] is not None
        )
    ]


def _rejection(found: Found, row: int, reason: str) -> Rejection:
    file = found.files[row] if len(found.files) > 1 else found.files[0]
    return Rejection(file, int(found.places[row]), reason, found.unit)


def _ids(ids: pa.Array | None, default_ids: Sequence[str] | _Numbered, kept: Int64) -> pa.Array:
    """Return the ids of the rows kept; null and empty ones are replaced by their default."""
    if ids is None:
        return strings([default_ids[row] for row in kept.tolist()])
    missing = ~present(ids) | (text_sizes(ids) == 0)
    if not missing.any():
        return ids
    pairs = zip(ids.to_pylist(), kept.tolist(), missing.tolist(), strict=True)
    return strings([default_ids[row] if is_missing else value for value, row, is_missing in pairs])
