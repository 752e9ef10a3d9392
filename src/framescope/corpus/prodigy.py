"""Reader of what Prodigy gives back: lines of JSON, one for each annotator and text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from framescope.corpus.raw import RawRows, Source
from framescope.corpus.table import read_json_rows
from framescope.errors import Problem, shown

ANNOTATOR = "annotator"
"""The field with who annotated a task, the first of :data:`ANNOTATORS` that is there."""

ANNOTATORS = ("_annotator_id", "_session_id")

TASK = "_input_hash"
"""Which text a task is about; tasks of one text have the same."""


def read_prodigy(source: Source) -> RawRows:
    """Read a dataset of Prodigy, as ``prodigy db-out`` writes it.

    ``accept`` holds the labels that were chosen and ``spans`` what was marked; where there was nothing to
    choose from, the labels are those of the spans. What was ignored or rejected is uncoded. Fields of ``meta``
    are the article's. Each annotator of a text is a coder.
    """
    problems: list[Problem] = []
    rows = []
    for row in read_json_rows(source.path, problems):
        try:
            rows.append(replace(row, values=_values(row.values, source)))
        except ValueError as error:
            problems.append(row.problem("accept", str(error)))
    coder = ANNOTATOR if any(row.values[ANNOTATOR] for row in rows) else source.fields.coder
    return RawRows(rows, problems, fields=replace(source.fields, labels="labels", spans="spans", coder=coder))


def _values(task: Mapping[str, Any], source: Source) -> dict[str, object]:
    """Return what a task says, by field.

    Raises:
        ValueError: its labels are no list of names.
    """
    meta, hashed, spans = task.get("meta"), task.get(TASK), task.get("spans")
    marked = [span for span in spans if isinstance(span, dict)] if isinstance(spans, list) else []
    labels = _labels(task, marked) if task.get("answer", "accept") == "accept" else None
    return {
        **({} if hashed is None else {source.fields.id: str(hashed)}),
        **(meta if isinstance(meta, dict) else {}),
        source.fields.text: task.get("text"),
        "labels": labels,
        "spans": None if labels is None else [_span(span) for span in marked],
        ANNOTATOR: next((task[name] for name in ANNOTATORS if task.get(name)), None),
    }


def _labels(task: Mapping[str, Any], marked: Sequence[Mapping[str, Any]]) -> list[str]:
    accepted = task.get("accept")
    if accepted is None and "label" in task:
        raise ValueError("is missing: a task for each label is not read, use the view 'choice'")
    if accepted is None:
        return list(dict.fromkeys(span["label"] for span in marked if isinstance(span.get("label"), str)))
    if not isinstance(accepted, list) or not all(isinstance(name, str) for name in accepted):
        raise ValueError(f"expected a list of labels, found {shown(accepted)}")
    return accepted


def _span(span: Mapping[str, Any]) -> dict[str, object]:
    return {name: span.get(name) for name in ("start", "end", "label")}
