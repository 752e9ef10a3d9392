"""Reader of what Label Studio exports: JSON, JSON-MIN, CSV and TSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from framescope.codebook import Codebook
from framescope.corpus.coders import ANNOTATIONS
from framescope.corpus.controls import Choice, Controls, choose_control
from framescope.corpus.labelstudio_tables import FLAT_SUFFIXES, is_flat, tasks_of_rows
from framescope.corpus.raw import RawRows, Row, Source, file_stem
from framescope.corpus.table import read_table_rows
from framescope.errors import CorpusError, Problem
from framescope.formats.files import parse_json, read_text, suffix_of

KINDS = ("choices", "taxonomy", "labels", "hypertextlabels", "paragraphlabels")
"""Types of results that carry labels; the labels are in the value, under the name of the type."""

WITHOUT_LABELS = frozenset({"textarea", "relation", "number", "datetime"})
"""Types of results that are beside the labels: remarks, and what connects spans."""

REASONS = {
    "rating": "a number is no label",
    "ranker": "an order is no label",
    "pairwise": "a comparison is no label",
}

N_LEVELS = 2


@dataclass(frozen=True, slots=True)
class _Mark:
    """What one result says: labels of the text, or of a span of it; of a taxonomy they are paths."""

    control: str
    paths: Sequence[tuple[str, ...]]
    span: Mapping[str, Any] | None

    @property
    def labels(self) -> list[str]:
        """The names of labels; one of the second level begins with its parent, as in ``URW: Fear``."""
        return [": ".join(path) for path in self.paths]


@dataclass(frozen=True, slots=True)
class _Annotation:
    """What one annotator gave; ``is_truth`` where it was made the ground truth."""

    coder: str | None
    marks: Sequence[_Mark]
    is_truth: bool


@dataclass(frozen=True, slots=True)
class _Task:
    values: Mapping[str, object]
    annotations: Sequence[_Annotation]
    part: str
    number: int


def read_labelstudio(source: Source) -> RawRows:
    """Read an export of Label Studio; JSON unless the suffix is that of a table.

    The fields of a unit are the task's ``data``; the task's own id serves where the data have none. Cancelled
    annotations do not count; where one is the ground truth, its labels are the task's. Several annotations are
    those of coders, whose names are in ``completed_by``. The column ``n_annotations`` says how many made the
    labels. A task that nobody finished is uncoded.

    Labels of texts are those of one control of the project, see :mod:`framescope.corpus.controls`. Those of a
    taxonomy have two levels: ``URW: Fear`` is a child of ``URW``.

    Raises:
        CorpusError: no export, results of a type that is not understood, or no control that holds the labels.
    """
    problems: list[Problem] = []
    named = source.conventions.label_control
    results = list(_checked_tasks(source, problems))
    _refuse_unread(results, named, source)
    tasks = list(_tasks_of(results, source, problems))
    marks = [mark for task in tasks for annotation in task.annotations for mark in annotation.marks]
    choice = choose_control(_controls_of(marks), named, source.path)
    rows = [Row(_row_values(task, choice), source.path, task.number, part=task.part) for task in tasks]
    fields = replace(source.fields, labels="labels", spans="spans")
    return RawRows(rows, problems, _codebook_of(marks, choice, source), fields)


def _checked_tasks(
    source: Source, problems: list[Problem]
) -> Iterator[tuple[str, int, Mapping[str, Any], list[Mapping[str, Any]]]]:
    """Yield part, number, fields and the finished annotations of every task."""
    for position, task in enumerate(_read_tasks(source, problems)):
        part = f"tasks[{position}]"
        try:
            if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
                raise ValueError("expected a task with an object 'data'")
            annotations = _finished(task.get("annotations"))
        except ValueError as error:
            problems.append(Problem(str(error), source.path, field=part))
            continue
        yield part, position + 1, {source.fields.id: task.get("id"), **task["data"]}, annotations


def _read_tasks(source: Source, problems: list[Problem]) -> Sequence[object]:
    kind = FLAT_SUFFIXES.get(suffix_of(source.path))
    if kind is not None:
        plain = replace(source, fields=replace(source.fields, labels=source.fields.text))
        rows = [dict(row.values) for row in read_table_rows(plain, kind, problems)]
        return tasks_of_rows(rows, source, (*KINDS, *REASONS))
    try:
        tasks = parse_json(read_text(source.path))
    except ValueError as error:
        raise CorpusError.at(source.path, str(error)) from error
    if not isinstance(tasks, list):
        raise CorpusError.at(source.path, f"expected a list of tasks, found a {type(tasks).__name__}")
    return tasks_of_rows(tasks, source, (*KINDS, *REASONS)) if is_flat(tasks) else tasks


def _finished(annotations: object) -> list[Mapping[str, Any]]:
    """Return the annotations that were not cancelled, each with a list of results."""
    if annotations is None:
        return []
    if not isinstance(annotations, list) or not all(isinstance(item, dict) for item in annotations):
        raise ValueError("annotations: expected a list of objects")
    finished = [item for item in annotations if not item.get("was_cancelled")]
    for item in finished:
        results = item.get("result")
        if not isinstance(results, list) or not all(isinstance(result, dict) for result in results):
            raise ValueError("annotations: expected 'result', a list of objects")
    return finished


def _refuse_unread(tasks: Sequence[Any], named: str | None, source: Source) -> None:
    """Raise for types of results that are not understood, unless one control is asked for by name."""
    found = {
        (str(result.get("type")), _control_of(result))
        for _, _, _, finished in tasks
        for annotation in finished
        for result in annotation["result"]
    }
    unread = sorted(found - {(kind, control) for kind, control in found if kind in (*KINDS, *WITHOUT_LABELS)})
    if unread and named is None:
        reasons = "; ".join(
            f"{control!r} is a {kind}: {REASONS.get(kind, 'it is not known how it labels a text')}"
            for kind, control in unread
        )
        raise CorpusError.at(
            source.path, f"{reasons}: --label-control NAME reads the labels of one control alone"
        )
    if found and not any(kind in KINDS for kind, _ in found):
        listed = ", ".join(f"{control!r} ({kind})" for kind, control in sorted(found))
        raise CorpusError.at(source.path, f"no control holds labels, found {listed}")


def _tasks_of(tasks: Sequence[Any], source: Source, problems: list[Problem]) -> Iterator[_Task]:
    for part, number, values, finished in tasks:
        try:
            read = [_annotation(annotation) for annotation in finished]
        except ValueError as error:
            problems.append(Problem(f"annotations: {error}", source.path, field=part))
        else:
            yield _Task(values, read, part, number)


def _annotation(annotation: Mapping[str, Any]) -> _Annotation:
    marks = [_mark(result) for result in annotation["result"] if result.get("type") in KINDS]
    return _Annotation(_coder(annotation.get("completed_by")), marks, bool(annotation.get("ground_truth")))


def _coder(user: object) -> str | None:
    """Return the name of an annotator, who is a number or an object with one and an address."""
    if isinstance(user, dict):
        user = user.get("email") or user.get("username") or user.get("id")
    return None if user is None or user == "" else str(user)


def _control_of(result: Mapping[str, Any]) -> str:
    return str(result.get("from_name") or result.get("type"))


def _mark(result: Mapping[str, Any]) -> _Mark:
    kind, value = result["type"], result.get("value")
    if not isinstance(value, dict):
        raise ValueError(f"expected value.{kind}, a list of labels")
    names = value.get(kind)
    if kind == "taxonomy":
        return _Mark(_control_of(result), _paths(names), _span_of(kind, value))
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        raise ValueError(f"expected value.{kind}, a list of labels")
    return _Mark(_control_of(result), [(name.strip(),) for name in names], _span_of(kind, value))


def _paths(value: object) -> list[tuple[str, ...]]:
    """Return the paths that a taxonomy's result names, from the first level down."""
    paths: list[Any] = value if isinstance(value, list) else [None]
    for path in paths:
        if not isinstance(path, list) or not all(isinstance(name, str) and name.strip() for name in path):
            raise ValueError("expected value.taxonomy, a list of paths of labels")
        if not 0 < len(path) <= N_LEVELS:
            raise ValueError(
                f"taxonomy: {' > '.join(path)!r:.80} has {len(path)} levels, expected 1 or {N_LEVELS}"
            )
    return [tuple(name.strip() for name in path) for path in paths]


def _span_of(kind: str, value: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return where a result marks the text, with the text that it marked; None if it is on all of it."""
    everywhere = value.get("globalOffsets")
    place: Mapping[str, Any] = everywhere if isinstance(everywhere, dict) else value
    if kind in {"choices", "taxonomy"} and "start" not in place:
        return None
    start, end = place.get("start"), place.get("end")
    if kind != "labels" and place is value and (type(start) is not int or type(end) is not int):
        raise ValueError(
            f"{kind}: offsets within elements of a page or a dialogue, not in the text: expected globalOffsets"
        )
    if type(start) is not int or type(end) is not int:
        raise ValueError(f"start and end must be integers, found {start!r:.60} and {end!r:.60}")
    return {"start": start, "end": end, "text": value.get("text")}


def _controls_of(marks: Sequence[_Mark]) -> Controls:
    of_texts: dict[str, set[str]] = {}
    of_spans: dict[str, set[str]] = {}
    for mark in marks:
        (of_texts if mark.span is None else of_spans).setdefault(mark.control, set()).update(mark.labels)
    return Controls(of_texts, of_spans)


def _codebook_of(marks: Sequence[_Mark], choice: Choice, source: Source) -> Codebook | None:
    """Return the tree of a taxonomy; None where labels have one level."""
    paths = {path for mark in marks if _holds_labels(mark, choice) for path in mark.paths}
    if not any(len(path) > 1 for path in paths):
        return None
    parents: dict[str, str | None] = {}
    for path in sorted(paths):
        parents.setdefault(path[0], None)
        if len(path) > 1:
            parents.setdefault(": ".join(path), path[0])
    return Codebook.from_parents(parents, name=file_stem(source.path))


def _holds_labels(mark: _Mark, choice: Choice) -> bool:
    if choice.is_of_spans:
        return mark.span is not None and mark.control in choice.of_spans
    return mark.span is None and mark.control == choice.control


def _row_values(task: _Task, choice: Choice) -> dict[str, object]:
    """Return a task's fields, with the labels of its ground truth or of its only annotator, and the coders."""
    truths = [annotation for annotation in task.annotations if annotation.is_truth]
    counted = truths or task.annotations
    coders = _without_truths_of_others(task.annotations)
    values = {**task.values, "n_annotations": len(counted)}
    if any(coder.coder for coder in coders) or len(coders) > 1:
        values[ANNOTATIONS] = [
            {"coder": coder.coder, "labels": _labels_of([coder], choice), "spans": _spans_of([coder], choice)}
            for coder in coders
        ]
    if len(counted) == 1:
        return {**values, "labels": _labels_of(counted, choice), "spans": _spans_of(counted, choice)}
    return values


def _without_truths_of_others(annotations: Sequence[_Annotation]) -> list[_Annotation]:
    """Return the annotations of coders: not the ground truth of who has coded the task, too."""
    coders = {annotation.coder for annotation in annotations if not annotation.is_truth}
    return [one for one in annotations if not (one.is_truth and one.coder in coders)]


def _labels_of(annotations: Sequence[_Annotation], choice: Choice) -> list[str]:
    return [
        label
        for annotation in annotations
        for mark in annotation.marks
        if _holds_labels(mark, choice)
        for label in mark.labels
    ]


def _spans_of(annotations: Sequence[_Annotation], choice: Choice) -> list[dict[str, Any]]:
    spans = {
        (mark.span["start"], mark.span["end"], label): mark.span["text"]
        for annotation in annotations
        for mark in annotation.marks
        if mark.span is not None and mark.control in choice.of_spans
        for label in mark.labels
    }
    return [
        {"start": start, "end": end, "label": label, "text": spans[start, end, label]}
        for start, end, label in sorted(spans)
    ]
