"""Readers of what annotation tools export: Label Studio and doccano."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from framescope.corpus.files import parse_json, read_text
from framescope.corpus.rows import RawRows, Row, Source
from framescope.corpus.schema import FieldNames
from framescope.corpus.table import read_json_rows
from framescope.errors import CorpusError, Problem


def read_labelstudio(source: Source) -> RawRows:
    """Read the JSON export of Label Studio (not JSON-MIN).

    The fields of a unit are the task's ``data``; the task's own id serves where the data have none. Cancelled
    annotations do not count; where an annotation is the ground truth, others do not count either. What
    at least half of the annotators chose is a label, so that a tie keeps it. Spans of all annotators are
    kept, and where nobody chose anything for a task, the labels of the spans are voted on as its labels. The
    column ``n_annotations`` says how many annotations counted. A task that nobody finished is a problem.
    """
    try:
        tasks = parse_json(read_text(source.path))
    except ValueError as error:
        raise CorpusError.at(source.path, str(error)) from error
    if not isinstance(tasks, list):
        raise CorpusError.at(source.path, f"expected a list of tasks, found a {type(tasks).__name__}")
    fields = _own_label_fields(source.fields)
    problems: list[Problem] = []
    rows = []
    for position, task in enumerate(tasks):
        part = f"tasks[{position}]"
        try:
            values = _task_values(task, fields)
        except ValueError as error:
            problems.append(Problem(str(error), source.path, field=part))
        else:
            rows.append(Row(values, source.path, position + 1, part=part))
    return RawRows(rows, problems, fields=fields)


def read_doccano(source: Source) -> RawRows:
    """Read doccano's JSON lines; ``label`` or ``labels`` holds labels of the text, or spans, or both.

    Where a text has spans only, their labels are its labels. Offsets are taken as code points; doccano does
    so where graphemes count as one character, otherwise an emoji counts two and shifts what follows.
    """
    fields = _own_label_fields(source.fields)
    problems: list[Problem] = []
    rows = []
    for row in read_json_rows(source.path, problems):
        try:
            values = _doccano_values(row.values)
        except ValueError as error:
            problems.append(row.problem("label", str(error)))
        else:
            rows.append(replace(row, values=values))
    return RawRows(rows, problems, fields=fields)


def _own_label_fields(fields: FieldNames) -> FieldNames:
    """Return the names with those that the readers here fill in."""
    return replace(fields, labels="labels", spans="spans")


def _task_values(task: object, fields: FieldNames) -> dict[str, object]:
    """Return a task's fields.

    Raises:
        ValueError: the task is not laid out as an export is.
    """
    if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
        raise ValueError("expected a task with an object 'data'")
    annotations = _counted(task.get("annotations"))
    chosen = [list(_chosen(annotation)) for annotation in annotations]
    spans = [list(_marked(annotation, task["data"].get(fields.text))) for annotation in annotations]
    if not any(chosen):
        chosen = [[span["label"] for span in marked] for marked in spans]
    values = {fields.id: task.get("id"), **task["data"], "n_annotations": len(annotations)}
    return values | {"labels": _vote(chosen), "spans": _distinct_spans(spans)}


def _counted(annotations: object) -> list[Mapping[str, Any]]:
    """Return the annotations that count, each with a list of results."""
    if not isinstance(annotations, list) or not all(isinstance(item, dict) for item in annotations):
        raise ValueError("annotations: expected a list of objects")
    finished = [item for item in annotations if not item.get("was_cancelled")]
    if not finished:
        raise ValueError("annotations: nobody finished this task, expected an annotation that is not cancelled")
    for item in finished:
        results = item.get("result")
        if not isinstance(results, list) or not all(isinstance(result, dict) for result in results):
            raise ValueError("annotations: expected 'result', a list of objects")
    return [item for item in finished if item.get("ground_truth")] or finished


def _results(annotation: Mapping[str, Any], kind: str) -> Iterator[tuple[Mapping[str, Any], list[str]]]:
    """Yield the values of one type of result, with the labels they name."""
    for result in annotation["result"]:
        if result.get("type") != kind:
            continue
        value = result.get("value")
        labels = value.get(kind) if isinstance(value, dict) else None
        if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
            raise ValueError(f"annotations: expected value.{kind}, a list of labels")
        yield value, labels


def _chosen(annotation: Mapping[str, Any]) -> Iterator[str]:
    for _, labels in _results(annotation, "choices"):
        yield from labels


def _marked(annotation: Mapping[str, Any], text: object) -> Iterator[dict[str, Any]]:
    for value, labels in _results(annotation, "labels"):
        start, end = value.get("start"), value.get("end")
        if type(start) is not int or type(end) is not int:
            raise ValueError(f"annotations: start and end must be integers, found {start!r} and {end!r}")
        marked = value.get("text")
        if isinstance(text, str) and isinstance(marked, str) and _letters(text[start:end]) != _letters(marked):
            raise ValueError(
                f"annotations: {start}-{end} is {text[start:end]!r} in the text, the tool marked {marked!r}: "
                "older versions of Label Studio count an emoji as two"
            )
        yield from ({"start": start, "end": end, "label": label} for label in labels)


def _letters(text: str) -> str:
    """Return a text without its white space, which exports render in several ways."""
    return "".join(text.replace("\\n", " ").split())


def _vote(label_lists: Sequence[Sequence[str]]) -> list[str]:
    """Return the labels that at least half of the annotators gave, in order of first appearance."""
    votes = Counter(label for labels in label_lists for label in dict.fromkeys(labels))
    return [label for label, n_votes in votes.items() if 2 * n_votes >= len(label_lists)]


def _distinct_spans(span_lists: Sequence[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    keys = {(span["start"], span["end"], span["label"]) for spans in span_lists for span in spans}
    return [{"start": start, "end": end, "label": label} for start, end, label in sorted(keys)]


def _doccano_values(row: Mapping[str, object]) -> dict[str, object]:
    """Return a row's fields.

    Raises:
        ValueError: the labels are neither names nor spans.
    """
    if "label" not in row and "labels" not in row:
        raise ValueError("is missing, expected 'label' or 'labels'")
    entries = [*_listed(row.get("label")), *_listed(row.get("labels"))]
    labels = [entry for entry in entries if isinstance(entry, str)]
    spans = [_doccano_span(entry) for entry in entries if not isinstance(entry, str)]
    others = {key: value for key, value in row.items() if key not in {"label", "labels"}}
    return others | {"labels": labels or [span["label"] for span in spans], "spans": spans}


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"expected a list of labels or of [start, end, label], found {value!r:.60}")
    return value


def _doccano_span(entry: object) -> dict[str, Any]:
    if not isinstance(entry, list) or len(entry) != 3:
        raise ValueError(f"expected a label or [start, end, label], found {entry!r:.60}")
    return dict(zip(("start", "end", "label"), entry, strict=True))
