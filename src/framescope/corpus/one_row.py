"""From a row as it stands in a file to the fields of a unit, with what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from framescope.codebook import Codebook
from framescope.corpus.coders import CODERS, Unit, annotations_of, coder_name, given_by_any
from framescope.corpus.coding import Missing, labels_in
from framescope.corpus.conventions import Conventions
from framescope.corpus.labels import joined_labels
from framescope.corpus.raw import RawRows, Row, file_stem
from framescope.corpus.schema import COLUMNS
from framescope.corpus.spans import spans_of
from framescope.errors import Problem
from framescope.formats.layout import REPEATED_HEADER, repeats_header
from framescope.text.lookalikes import near_hint

STRING_FIELDS = ("id", "text", "title", "lang", "source", "date", "url", "article_id")


@dataclass(frozen=True, slots=True)
class Expected:
    """What rows are checked against: the column of each field, the labels if they are known, conventions.

    ``coder`` is the column of coders, where a row is what one coder gave. ``paths`` are labels as a taxonomy
    names them, ``parent: child``, with their ids; ``names`` are those that they have for people.
    """

    columns: Mapping[str, str]
    known: frozenset[str] | None
    conventions: Conventions
    coder: str = ""
    paths: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, raw: RawRows, codebook: Codebook | None) -> Expected:
        """Return what the rows of a file are checked against; without a codebook, any label will do."""
        columns = {name: getattr(raw.fields, name) for name in COLUMNS}
        known = None if codebook is None else frozenset(codebook.ids)
        return cls(columns, known, raw.conventions, raw.fields.coder, _paths(codebook), _names(codebook))


def _paths(codebook: Codebook | None) -> dict[str, str]:
    """Return the ids of labels by their paths, unless these are labels, too."""
    labels = () if codebook is None else codebook.labels
    named = {f"{label.parent}: {label.id}": label.id for label in labels if label.parent is not None}
    return {path: label for path, label in named.items() if codebook and path not in codebook.columns}


def _names(codebook: Codebook | None) -> dict[str, str]:
    """Return the ids of labels by their names in all languages, without regard to capitals."""
    labels = () if codebook is None else codebook.labels
    return {name.strip().casefold(): label.id for label in labels for name in label.names.values()}


def read_row(row: Row, expected: Expected) -> tuple[Unit, list[Problem]]:
    """Return the row's fields under their own names, and the row's problems."""
    columns = expected.columns
    problems: list[Problem] = []
    if repeats_header(row.values.items()):
        problems.append(row.problem("", REPEATED_HEADER))
    unit: dict[str, Any] = {name: row.string(columns[name], name, problems) for name in STRING_FIELDS}
    if not unit["text"].strip() and isinstance(row.values.get(columns["text"]), str | None):
        problems.append(row.problem(columns["text"], "is empty, expected the text of the unit"))
    unit["id"] = unit["id"] or file_stem(row.path) + row.place
    unit["article_id"] = unit["article_id"] or unit["id"]
    unit["labels"] = _labels(row, expected, problems)
    unit["spans"] = _spans(row, unit["text"], expected, problems)
    unit[CODERS] = _coders(row, unit, expected, problems)
    if unit["labels"] is None and unit[CODERS]:
        unit["labels"], unit["spans"] = given_by_any(unit[CODERS])
    return unit, problems


def _spans(row: Row, text: str, expected: Expected, problems: list[Problem]) -> list[dict[str, Any]]:
    column = expected.columns["spans"]
    value = row.values.get(column)
    if expected.paths and isinstance(value, list):
        value = [_with_id(span, expected.paths) for span in value]
    spans, faults = spans_of(value, text, expected.known, expected.conventions.offsets)
    for position, message in faults:
        problems.append(row.problem(column if position is None else f"{column}[{position}]", message))
    return spans


def _with_id(span: object, paths: Mapping[str, str]) -> object:
    """Return a span whose label is named by its id."""
    if not isinstance(span, dict):
        return span
    label = span.get("label")
    return {**span, "label": paths.get(label, label)} if isinstance(label, str) else span


def _coders(row: Row, unit: Unit, expected: Expected, problems: list[Problem]) -> list[dict[str, Any]]:
    """Return what each coder gave: the one of this row, or those of its annotations."""
    if expected.coder:
        name = _coder(row, expected.coder, problems)
        if not name:
            problems.append(row.problem(expected.coder, "is empty, expected the name of who coded this row"))
        if row.values.get(expected.columns["id"]) in (None, ""):  # a list may be there, too
            problems.append(row.problem(expected.columns["id"], "is empty: it tells which article is coded"))
        is_coded = isinstance(unit["labels"], list)
        return [{"coder": name, "labels": unit["labels"], "spans": unit["spans"]}] if is_coded else []
    coders: list[dict[str, Any]] = []
    for position, values in enumerate(annotations_of(row.values)):
        part = ": ".join(filter(None, [row.part, f"annotations[{position}]"]))
        own = {expected.columns["labels"]: values["labels"], expected.columns["spans"]: values.get("spans")}
        entry = replace(row, values=own, part=part)
        name = _coder(replace(row, values=values, part=part), "coder", problems)
        if name and name in [coder["coder"] for coder in coders]:
            problems.append(entry.problem("coder", f"{name!r} coded this article twice: keep one"))
        labels = _labels(entry, replace(expected, conventions=_in_lists(expected)), problems)
        spans = _spans(entry, unit["text"], expected, problems)
        if isinstance(labels, list):
            coders.append({"coder": name, "labels": labels, "spans": spans})
    return coders


def _in_lists(expected: Expected) -> Conventions:
    """Return the conventions of labels within annotations, which have no columns of their own."""
    return replace(expected.conventions, label_columns=())


def _coder(row: Row, column: str, problems: list[Problem]) -> str:
    try:
        return coder_name(row.values.get(column))
    except ValueError as error:
        problems.append(row.problem(column, str(error)))
        return ""


def _labels(row: Row, expected: Expected, problems: list[Problem]) -> list[str] | Missing | None:
    """Return the labels of a row, None if it is uncoded; a row with evidence is coded."""
    column, known = expected.columns["labels"], expected.known
    try:
        labels = labels_in(row.values, column, expected.conventions)
    except ValueError as error:
        problems.append(row.problem("" if expected.conventions.label_columns else column, str(error)))
        return []
    if isinstance(labels, Missing):
        if labels is Missing.EMPTY:
            return labels
        return [] if row.values.get(expected.columns["spans"]) else None
    labels = [expected.paths.get(label, label) for label in labels]
    for label in labels:
        if known is not None and label not in known:
            message = f"label {label!r} is not in the codebook{_remedy(label, known, expected)}"
            problems.append(row.problem(column, message))
    return labels


def _remedy(label: str, known: frozenset[str], expected: Expected) -> str:
    """Return what an unknown label may be, as the end of a message."""
    if named := expected.names.get(label.strip().casefold()):
        return f": it is the name of {named!r}, and labels are named by their ids"
    joined = joined_labels([label], known) if expected.conventions.label_separator is None else {}
    return f": --label-separator {joined[label]!r} splits it" if joined else near_hint(label, known)
