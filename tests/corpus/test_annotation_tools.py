"""Readers of Label Studio and doccano exports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from framescope.corpus.read import read_corpus
from framescope.corpus.schema import FieldNames
from framescope.errors import CorpusError

Write = Callable[[str, str | bytes], Path]


def test_labelstudio_annotators_vote_and_a_tie_keeps_the_label(samples: Path) -> None:
    corpus = read_corpus(samples / "labelstudio.json", format="labelstudio")
    assert corpus.column("id") == ["11", "12", "13", "14"]
    assert corpus.column("labels") == [["fear"], ["doubt"], ["doubt"], []]
    assert corpus.column("n_annotations") == [3, 2, 1, 1]
    assert corpus.column("lang") == ["bg", "en", "ru", "hi"]
    assert corpus.column("outlet") == ["Канал 3", None, None, None]


def test_labelstudio_spans_of_all_annotators_are_kept_once(samples: Path) -> None:
    corpus = read_corpus(samples / "labelstudio.json", format="labelstudio")
    text, spans = corpus.row(0)["text"], corpus.row(0)["spans"]
    assert spans == [{"start": 0, "end": 9, "label": "fear"}, {"start": 16, "end": 36, "label": "fear"}]
    assert [text[span["start"] : span["end"]] for span in spans] == ["Пазете се", "искат да ни разделят"]
    assert corpus.column("spans")[1:] == [[], [{"start": 0, "end": 10, "label": "doubt"}], []]


def test_labelstudio_fields_are_those_of_the_data(write: Write) -> None:
    task = {
        "id": 5,
        "data": {"body": "Текст", "headline": "Заглавие", "key": "a7"},
        "annotations": [{"result": [{"type": "choices", "value": {"choices": ["x"]}}]}],
    }
    path = write("export.json", json.dumps([task]))
    names = FieldNames(id="key", text="body", title="headline")
    row = read_corpus(path, format="labelstudio", fields=names).row(0)
    assert (row["id"], row["title"], row["text"], row["labels"]) == ("a7", "Заглавие", "Текст", ["x"])


def choice(*labels: str) -> dict[str, Any]:
    return {"type": "choices", "value": {"choices": list(labels)}}


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (7, r"tasks\[0\]: expected a task with an object 'data'"),
        ({"data": {"text": "т"}}, r"tasks\[0\]: annotations: expected a list of objects"),
        (
            {"data": {"text": "т"}, "annotations": [{"result": [], "was_cancelled": True}]},
            r"tasks\[0\]: annotations: nobody finished this task",
        ),
        ({"data": {"text": "т"}, "annotations": [{"result": 1}]}, "expected 'result', a list of objects"),
        (
            {"data": {"text": "т"}, "annotations": [{"result": [{"type": "choices", "value": {}}]}]},
            r"expected value\.choices, a list of labels",
        ),
        (
            {"data": {"text": 3}, "annotations": [{"result": [choice("x")]}]},
            r"tasks\[0\]: text: expected a string",
        ),
        ({"data": {}, "annotations": [{"result": [choice("x")]}]}, r"text: no such column; columns are: 'id'"),
    ],
)
def test_labelstudio_names_the_task_at_fault(write: Write, task: object, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        read_corpus(write("export.json", json.dumps([task])), format="labelstudio")


def test_labelstudio_notices_offsets_that_miss_the_marked_text(write: Write) -> None:
    """Older versions count UTF-16 units: an emoji before the span shifts it by one."""
    text = "😀 Кой плаща?"
    span = {"start": 3, "end": 6, "text": "Кой", "labels": ["doubt"]}
    task = {"data": {"text": text}, "annotations": [{"result": [{"type": "labels", "value": span}]}]}
    with pytest.raises(CorpusError, match=r"3-6 is 'ой ' in the text, the tool marked 'Кой'"):
        read_corpus(write("export.json", json.dumps([task])), format="labelstudio")


@pytest.mark.parametrize(
    ("content", "message"), [("{}", "expected a list of tasks, found a dict"), ("[", "is not JSON")]
)
def test_labelstudio_refuses_other_files(write: Write, content: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        read_corpus(write("export.json", content), format="labelstudio")


def test_doccano_labels_documents_or_spans(samples: Path) -> None:
    corpus = read_corpus(samples / "doccano.jsonl", format="doccano")
    assert corpus.column("id") == ["1", "2", "3", "4"]
    assert corpus.column("labels") == [["fear"], ["doubt"], [], ["blame"]]
    assert corpus.column("spans") == [
        [],
        [{"start": 0, "end": 24, "label": "doubt"}],
        [],
        [{"start": 3, "end": 5, "label": "fear"}],
    ]
    assert corpus.column("text")[3][3:5] == "डर"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": "т"}, "label: is missing, expected 'label' or 'labels'"),
        (
            {"text": "т", "label": "x"},
            r"label: expected a list of labels or of \[start, end, label\], found 'x'",
        ),
        ({"text": "т", "label": [[0, 1]]}, r"expected a label or \[start, end, label\], found \[0, 1\]"),
        ({"text": "т", "label": [[0, 2, "x"]]}, "0-2 is out of range, the text has 1 characters"),
    ],
)
def test_doccano_names_the_line_at_fault(write: Write, row: object, message: str) -> None:
    path = write("export.jsonl", '{"text": "а", "label": ["x"]}\n' + json.dumps(row))
    with pytest.raises(CorpusError, match=r"export\.jsonl:2: .*" + message):
        read_corpus(path, format="doccano")
