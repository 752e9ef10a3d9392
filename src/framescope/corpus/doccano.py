"""Reader of what doccano exports: JSON lines, JSON and CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from framescope.corpus.controls import Controls, choose_control
from framescope.corpus.labels import labels_of
from framescope.corpus.raw import RawRows, Row, Source
from framescope.corpus.table import read_json_objects, read_json_rows, read_table_rows
from framescope.errors import CorpusError, Problem
from framescope.formats.files import suffix_of

KEYS = ("label", "labels", "cats", "entities")
"""Where exports of the several kinds of projects keep names of labels, or spans."""

CSV_SEPARATOR = "#"

ANNOTATOR = "annotator"
"""The field with the name of the file that a row is from, where there is one for each annotator."""


@dataclass(frozen=True, slots=True)
class _Annotated:
    """A row with the names of labels and the spans under each of its keys."""

    row: Row
    names: Mapping[str, Sequence[str]]
    spans: Mapping[str, Sequence[Mapping[str, Any]]]


def read_doccano(source: Source) -> RawRows:
    """Read an export of doccano; JSON lines unless the suffix is ``.json`` or ``.csv``.

    A folder holds a ``.jsonl`` file of each annotator, as a project exports them whose annotators do not share
    what they give: the name of the file is that of the coder.

    ``label``, ``labels`` and ``cats`` hold names of labels or spans ``[start, end, label]``, ``entities`` of a
    project of relations hold spans as objects. Which key holds the labels of the texts is decided once for the
    file, see :mod:`framescope.corpus.controls`; relations between spans are not read. In a CSV export the text
    is in the column ``data`` or that of ``fields``, and ``#`` joins labels.

    Offsets are taken as code points; doccano does so where graphemes count as one character, otherwise an emoji
    counts two and shifts what follows.
    """
    problems: list[Problem] = []
    rows = [entry for row in _rows(source, problems) for entry in _annotated(row, problems)]
    controls = Controls(_labels_by_key(rows, "names"), _labels_by_key(rows, "spans"))
    choice = choose_control(controls, source.conventions.label_control, source.path)
    read = []
    for entry in rows:
        spans = [span for key, found in entry.spans.items() if key in choice.of_spans for span in found]
        names = (
            [span["label"] for span in spans]
            if choice.is_of_spans
            else entry.names.get(choice.control or "", [])
        )
        others = {key: value for key, value in entry.row.values.items() if key not in KEYS}
        read.append(replace(entry.row, values=others | {"labels": list(names), "spans": spans}))
    coder = ANNOTATOR if source.path.is_dir() else source.fields.coder
    fields = replace(source.fields, labels="labels", spans="spans", coder=coder)
    return RawRows(read, problems, fields=fields)


def _rows(source: Source, problems: list[Problem]) -> list[Row]:
    if source.path.is_dir():
        return list(_rows_of_annotators(source.path, problems))
    suffix = suffix_of(source.path)
    if suffix == ".csv":
        return _csv_rows(source, problems)
    if suffix != ".json":
        return read_json_rows(source.path, problems)
    values = read_json_objects(source.path)
    return [
        Row(value, source.path, number, part=f"[{number - 1}]") for number, value in enumerate(values, start=1)
    ]


def _rows_of_annotators(folder: Path, problems: list[Problem]) -> Iterator[Row]:
    """Yield the rows of each annotator's file, with the annotator.

    Raises:
        CorpusError: the folder has no such file.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise CorpusError.at(folder, "holds no .jsonl file, expected one for each annotator")
    for path in paths:
        for row in read_json_rows(path, problems):
            yield replace(row, values={**row.values, ANNOTATOR: path.stem})


def _csv_rows(source: Source, problems: list[Problem]) -> list[Row]:
    plain = replace(source, fields=replace(source.fields, text="label", labels="label"))
    separator = source.conventions.label_separator or CSV_SEPARATOR
    rows = []
    for row in read_table_rows(plain, "csv", problems):
        values = dict(row.values)
        if source.fields.text not in values and "data" in values:
            values[source.fields.text] = values.pop("data")
        try:
            values |= {key: labels_of(values[key], separator) for key in KEYS if key in values}
        except ValueError as error:
            problems.append(row.problem("label", str(error)))
        else:
            rows.append(replace(row, values=values))
    return rows


def _annotated(row: Row, problems: list[Problem]) -> list[_Annotated]:
    """Return a list of the row with its annotations; an empty one, with a problem, if they are neither."""
    present = [key for key in KEYS if key in row.values]
    try:
        if not present:
            raise ValueError(
                "is missing, expected 'label' or 'labels', or 'entities' of a project of relations"
            )
        entries = {key: _listed(row.values[key]) for key in present}
        spans = {
            key: [_span(entry) for entry in found if not isinstance(entry, str)]
            for key, found in entries.items()
        }
    except ValueError as error:
        problems.append(row.problem("label", str(error)))
        return []
    names = {key: [entry for entry in found if isinstance(entry, str)] for key, found in entries.items()}
    return [_Annotated(row, names, spans)]


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"expected a list of labels or of [start, end, label], found {value!r:.60}")
    return value


def _span(entry: object) -> dict[str, Any]:
    if isinstance(entry, dict) and {"label", "start_offset", "end_offset"} <= entry.keys():
        return {"start": entry["start_offset"], "end": entry["end_offset"], "label": entry["label"]}
    if not isinstance(entry, list) or len(entry) != 3:
        raise ValueError(f"expected a label or [start, end, label], found {entry!r:.60}")
    return dict(zip(("start", "end", "label"), entry, strict=True))


def _labels_by_key(rows: Sequence[_Annotated], what: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        for key in KEYS:
            labels = (
                row.names.get(key, ())
                if what == "names"
                else [span["label"] for span in row.spans.get(key, ())]
            )
            if labels:
                found.setdefault(key, set()).update(label for label in labels if isinstance(label, str))
    return found
