"""Label Studio's flat exports, JSON-MIN and CSV, as the tasks of its full one.

A row is one annotation; a column is a field of the task, a control's result, or about the annotation. Nothing
in the file says which is which, but a result that is more than one word is an object or a list of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from framescope.corpus.raw import Source
from framescope.errors import CorpusError, columns_shown, shown
from framescope.formats.files import parse_json

FLAT_SUFFIXES = {".csv": "csv", ".tsv": "tsv"}
ABOUT_ANNOTATIONS = ("annotator", "annotation_id", "created_at", "updated_at", "lead_time")


def is_flat(tasks: Sequence[object]) -> bool:
    """Tell whether a list of JSON is JSON-MIN: no task has ``data``, and one tells of its annotation."""
    return all(
        isinstance(task, dict) and not isinstance(task.get("data"), dict) and "annotations" not in task
        for task in tasks
    ) and any(name in task for task in tasks if isinstance(task, dict) for name in ABOUT_ANNOTATIONS)


def tasks_of_rows(
    rows: Sequence[Mapping[str, Any]], source: Source, kinds: Sequence[str]
) -> list[dict[str, object]]:
    """Return tasks with the annotations of their rows, which have one id, in the order of the first.

    Raises:
        CorpusError: no column holds results that can be told from a field of the task.
    """
    rows = [{name: _decoded(value) for name, value in row.items()} for row in rows]
    controls = _control_columns(rows, source, kinds)
    tasks: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows):
        task_id = row.get(source.fields.id)
        key = f"row {number}" if task_id is None else f"id {task_id}"
        data = {name: value for name, value in row.items() if name not in (*controls, *ABOUT_ANNOTATIONS)}
        task = tasks.setdefault(key, {"data": data, "annotations": []})
        results = [result for name in controls for result in _results(name, row.get(name), kinds)]
        task["annotations"].append({"result": results, "completed_by": row.get("annotator")})
    return list(tasks.values())


def _decoded(value: object) -> object:
    """Return a cell that holds JSON as its value."""
    if not isinstance(value, str) or not value.lstrip().startswith(("[", "{")):
        return value
    try:
        return parse_json(value)
    except ValueError:
        return value


def _control_columns(rows: Sequence[Mapping[str, Any]], source: Source, kinds: Sequence[str]) -> list[str]:
    columns = dict.fromkeys(name for row in rows for name in row)
    named = source.conventions.label_control
    of_tasks = {getattr(source.fields, f.name) for f in fields(source.fields)} - {source.fields.labels}
    controls = [
        name
        for name in columns
        if name in {named, source.fields.labels}
        or (name not in of_tasks and any(_is_result(row.get(name), kinds) for row in rows))
    ]
    if rows and not controls:
        raise CorpusError.at(
            source.path,
            "this export does not tell which column holds the labels: name it by --label-control; columns are: "
            f"{columns_shown(columns)}",
        )
    return controls


def _is_result(value: object, kinds: Sequence[str]) -> bool:
    entries = value if isinstance(value, list) else [value]
    return any(isinstance(entry, dict) and any(kind in entry for kind in kinds) for entry in entries)


def _results(control: str, value: object, kinds: Sequence[str]) -> list[dict[str, Any]]:
    """Return a cell's results as a full export has them; of an unknown layout, with a type that says so."""
    if value is None or value == "":
        return []
    if isinstance(value, str):
        return [{"type": "choices", "from_name": control, "value": {"choices": [value]}}]
    entries = value if isinstance(value, list) else [value]
    if all(isinstance(entry, str) for entry in entries):
        return [{"type": "choices", "from_name": control, "value": {"choices": entries}}] if entries else []
    if all(isinstance(entry, list) for entry in entries):
        return [{"type": "taxonomy", "from_name": control, "value": {"taxonomy": entries}}]
    return [_result(control, entry, kinds) for entry in entries]


def _result(control: str, entry: object, kinds: Sequence[str]) -> dict[str, Any]:
    kind = next((kind for kind in kinds if isinstance(entry, dict) and kind in entry), shown(entry))
    return {"type": kind, "from_name": control, "value": entry}
