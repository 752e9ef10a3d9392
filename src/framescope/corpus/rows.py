"""From rows as they stand in a file to a checked corpus: every field, every label, every span.

A reader of a format turns a :class:`Source` into :class:`RawRows`; :func:`build_corpus` does the rest, the
same for every format. Problems in ``RawRows`` are of one row each, which ``skip_invalid`` may leave out; what
makes a whole file useless is raised by the reader.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from framescope.codebook import Codebook
from framescope.corpus.files import parse_json
from framescope.corpus.schema import COLUMNS, DEFAULT_FIELDS, SCHEMA, Corpus, FieldNames
from framescope.errors import CorpusError, Problem

STRING_FIELDS = ("id", "text", "title", "lang", "source", "date", "url", "article_id")
NUMBERS_ALLOWED = frozenset({"id", "article_id", "source", "date"})
LABEL_SEPARATOR = re.compile(r"[;|]")


@dataclass(frozen=True, slots=True)
class Source:
    """What a reader is asked for: a path, the column names, and the parts after ``:`` in the format."""

    path: Path
    fields: FieldNames = DEFAULT_FIELDS
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One unit as a file has it. ``number`` counts rows from 1; ``part`` leads to it where lines do not."""

    values: Mapping[str, object]
    path: Path | str
    number: int
    line: int | None = None
    part: str = ""

    def problem(self, field_name: str, message: str) -> Problem:
        """Return a problem of one field of this row."""
        place = ": ".join(filter(None, [self.part, field_name]))
        return Problem(message, self.path, self.line, place or None)


@dataclass(frozen=True, slots=True)
class RawRows:
    """What a reader found; ``codebook`` where the format itself tells the label tree."""

    rows: Sequence[Row]
    problems: Sequence[Problem] = ()
    codebook: Codebook | None = None
    fields: FieldNames = DEFAULT_FIELDS


def build_corpus(
    raw: RawRows, source: Path | str, *, format_name: str, codebook: Codebook | None, skip_invalid: bool
) -> Corpus:
    """Check every row and return the corpus.

    Labels are checked against ``codebook``, or else the reader's; without either, the labels found make a flat
    codebook, and spans may bear other labels.

    Raises:
        CorpusError: with all problems, unless ``skip_invalid``; or no row is left; or there is no label at all.
    """
    codebook = codebook or raw.codebook
    _check_columns(raw, source)
    units, problems = _check_rows(raw, codebook)
    unread = {(str(problem.path), problem.line or problem.field) for problem in raw.problems}
    n_left_out = len(raw.rows) - len(units) + len(unread)
    problems = sorted([*raw.problems, *problems], key=lambda p: (str(p.path), p.line or 0))
    if problems and not skip_invalid:
        raise CorpusError(problems)
    if not units:
        raise CorpusError(problems or [Problem("holds no rows", source)])
    codebook = codebook or _flat_codebook(units, source)
    table = _build_table(units, _other_columns(raw))
    return Corpus(table, codebook, source, format_name, tuple(problems), n_left_out)


def _check_columns(raw: RawRows, source: Path | str) -> None:
    """Raise for columns that no row has; one problem says more than the same one on every row."""
    columns = dict.fromkeys(name for row in raw.rows for name in row.values)
    missing = [getattr(raw.fields, name) for name in raw.fields.required]
    problems = [
        Problem(f"no such column; columns are: {', '.join(map(repr, columns))}", source, field=name)
        for name in missing
        if raw.rows and name not in columns
    ]
    if problems:
        raise CorpusError(problems)


def _check_rows(raw: RawRows, codebook: Codebook | None) -> tuple[list[dict[str, Any]], list[Problem]]:
    known = None if codebook is None else frozenset(codebook.ids)
    columns = {name: getattr(raw.fields, name) for name in COLUMNS}
    mapped = frozenset(columns.values())
    units: list[dict[str, Any]] = []
    problems: list[Problem] = []
    first_rows: dict[str, Row] = {}
    for row in raw.rows:
        unit, row_problems = _check_row(row, columns, known)
        first = first_rows.setdefault(unit["id"], row)
        if first is not row:
            place = first.part or f"line {first.line}" if first.path == row.path else str(first.path)
            row_problems.append(row.problem(columns["id"], f"duplicate id {unit['id']!r}, first at {place}"))
        problems += row_problems
        if not row_problems:
            unit |= {_other_name(key): value for key, value in row.values.items() if key not in mapped}
            units.append(unit)
    return units, problems


def _check_row(
    row: Row, columns: Mapping[str, str], known: frozenset[str] | None
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the row's fields under their own names, and the row's problems."""
    problems: list[Problem] = []
    unit: dict[str, Any] = {name: _string(row, name, columns[name], problems) for name in STRING_FIELDS}
    if not unit["text"].strip() and isinstance(row.values.get(columns["text"]), str | None):
        problems.append(row.problem(columns["text"], "is empty, expected the text of the unit"))
    unit["id"] = unit["id"] or f"{file_stem(row.path)}:{row.number}"
    unit["article_id"] = unit["article_id"] or unit["id"]
    unit["labels"] = _labels(row, columns["labels"], known, problems)
    unit["spans"] = _spans(row, columns["spans"], known, problems, len_text=len(unit["text"]))
    return unit, problems


def file_stem(path: Path | str) -> str:
    """Return a file's name without ``.gz`` and its suffix; an ``hf:`` name as it stands."""
    return path if isinstance(path, str) else Path(path.name.removesuffix(".gz")).stem


def _string(row: Row, name: str, column: str, problems: list[Problem]) -> str:
    value = row.values.get(column)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if name in NUMBERS_ALLOWED and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if name == "date" and isinstance(value, date):
        return value.isoformat()
    problems.append(row.problem(column, f"expected a string, found {_shown(value)}"))
    return ""


def _labels(row: Row, column: str, known: frozenset[str] | None, problems: list[Problem]) -> list[str]:
    value = row.values.get(column, ...)
    if value is ...:
        problems.append(row.problem(column, "is missing, expected labels: [] or an empty string for none"))
        return []
    if value is None:
        return []
    if isinstance(value, str):
        value = [piece for piece in LABEL_SEPARATOR.split(value) if piece.strip()]
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        expected = "expected a list of labels, or labels joined by ; or |"
        problems.append(row.problem(column, f"{expected}, found {_shown(value)}"))
        return []
    labels = list(dict.fromkeys(item.strip() for item in value))
    for label in labels:
        if known is not None and label not in known:
            problems.append(row.problem(column, f"label {label!r} is not in the codebook"))
    return labels


def _spans(
    row: Row, column: str, known: frozenset[str] | None, problems: list[Problem], *, len_text: int
) -> list[dict[str, Any]]:
    value = row.values.get(column)
    if isinstance(value, str):
        try:
            value = parse_json(value) if value.strip() else []
        except ValueError as error:
            problems.append(row.problem(column, str(error)))
            return []
    if not isinstance(value, list | None):
        problems.append(row.problem(column, f"expected a list of spans, found {_shown(value)}"))
        return []
    spans = []
    for position, span in enumerate(value or []):
        fault = _span_fault(span, known, len_text)
        if fault:
            problems.append(row.problem(f"{column}[{position}]", fault))
        else:
            spans.append({key: span[key] for key in ("start", "end", "label")})
    return spans


def _span_fault(span: object, known: frozenset[str] | None, len_text: int) -> str | None:
    if not isinstance(span, dict) or not isinstance(span.get("label"), str) or not span["label"].strip():
        return f'expected {{"start": int, "end": int, "label": str}}, found {_shown(span)}'
    start, end, label = span.get("start"), span.get("end"), span["label"]
    if type(start) is not int or type(end) is not int:
        return f"start and end must be integers, found {_shown(start)} and {_shown(end)}"
    if not 0 <= start < end <= len_text:
        return f"{start}-{end} is out of range, the text has {len_text} characters"
    if known is not None and label not in known:
        return f"label {label!r} is not in the codebook"
    return None


def _shown(value: object) -> str:
    shown = repr(value)
    return f"{shown if len(shown) <= 60 else shown[:57] + '...'} ({type(value).__name__})"


def _flat_codebook(units: Iterable[Mapping[str, Any]], source: Path | str) -> Codebook:
    labels = {label for unit in units for label in unit["labels"]}
    if not labels:
        raise CorpusError.at(source, "no row has a label, expected some labels or a codebook")
    return Codebook.flat(labels, name=file_stem(source))


def _other_name(column: str) -> str:
    return f"{column}_other" if column in COLUMNS else column


def _other_columns(raw: RawRows) -> list[str]:
    mapped = {getattr(raw.fields, name) for name in COLUMNS}
    columns = dict.fromkeys(key for row in raw.rows for key in row.values if key not in mapped)
    return [_other_name(column) for column in columns]


def _build_table(units: Sequence[Mapping[str, Any]], other_columns: Sequence[str]) -> pa.Table:
    arrays = {name: pa.array([unit[name] for unit in units], SCHEMA.field(name).type) for name in COLUMNS}
    for name in other_columns:
        arrays[name] = _infer_array([unit.get(name) for unit in units])
    return pa.table(arrays)


def _infer_array(values: Sequence[object]) -> pa.Array:
    """Return values with the type that Arrow finds, or as JSON text where ``datasets`` has no such type."""
    try:
        array = pa.array(values)
    except (pa.ArrowException, OverflowError, ValueError):
        array = None
    if array is None or not _is_common(array.type):
        return pa.array([json.dumps(value, ensure_ascii=False, default=str) for value in values], pa.string())
    return array


def _is_common(kind: pa.DataType) -> bool:
    """Tell whether ``datasets`` has a type, too: there is no extension type and no interval in it."""
    parts = [kind.field(number).type for number in range(kind.num_fields)]
    if isinstance(kind, pa.BaseExtensionType) or pa.types.is_interval(kind):
        return False
    return all(map(_is_common, parts))
