"""The reader of doccano's exports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from framescope.corpus.conventions import Conventions
from framescope.corpus.read import read_corpus
from framescope.errors import CorpusError

Write = Callable[[str, str | bytes], Path]


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


def test_spans_hold_the_labels_where_no_text_has_names(write: Write) -> None:
    rows = [{"text": "Кой плаща?", "label": [[0, 3, "doubt"]]}, {"text": "Никой.", "label": []}]
    corpus = read_corpus(write("export.jsonl", "\n".join(map(json.dumps, rows))), format="doccano")
    assert corpus.column("labels") == [["doubt"], []]


def test_a_project_of_relations_is_read(write: Write) -> None:
    entity = {"id": 1, "label": "doubt", "start_offset": 0, "end_offset": 3}
    row = {"id": 1, "text": "Кой плаща?", "entities": [entity], "relations": [], "Comments": []}
    corpus = read_corpus(write("export.jsonl", json.dumps(row)), format="doccano")
    assert corpus.column("labels") == [["doubt"]]
    assert corpus.column("spans") == [[{"start": 0, "end": 3, "label": "doubt"}]]


def test_which_key_holds_the_labels_is_asked(write: Write) -> None:
    rows = [{"text": "Кой плаща?", "cats": ["hot"], "entities": [[0, 3, "doubt"]]}, {"text": "Да.", "cats": []}]
    path = write("export.jsonl", "\n".join(map(json.dumps, rows)))
    with pytest.raises(CorpusError, match="name one by --label-control: 'cats', 'entities'"):
        read_corpus(path, format="doccano")
    entities = read_corpus(path, format="doccano", conventions=Conventions(label_control="entities"))
    assert entities.column("labels") == [["doubt"], []]
    cats = read_corpus(path, format="doccano", conventions=Conventions(label_control="cats"))
    assert (cats.column("labels"), cats.column("spans")) == ([["hot"], []], [[], []])


@pytest.mark.parametrize("column", ["data", "text"])
def test_a_csv_export_joins_labels_by_a_hash(write: Write, column: str) -> None:
    path = write("export.csv", f"id,{column},label\n1,Първи,fear#doubt\n2,Втори,fear\n3,Трети,\n")
    corpus = read_corpus(path, format="doccano")
    assert corpus.column("text") == ["Първи", "Втори", "Трети"]
    assert corpus.column("labels") == [["fear", "doubt"], ["fear"], []]


def test_a_json_export_is_a_list(write: Write) -> None:
    path = write("export.json", '[{"text": "Да.", "label": ["x"]}, {"text": "Не.", "label": []}]')
    assert read_corpus(path, format="doccano").column("labels") == [["x"], []]
    with pytest.raises(CorpusError, match=r"export\.json: expected a list of objects"):
        read_corpus(write("export.json", "{}"), format="doccano")


def test_a_folder_holds_a_file_of_each_annotator(write: Write, tmp_path: Path) -> None:
    """As doccano exports a project whose annotators do not share what they give."""
    given = {"anna": ["fear"], "Боян": ["fear", "cc"], "в": ["fear"]}
    for name, labels in given.items():
        row = {"id": 1, "text": "Кой плаща?", "article_id": "x", "label": labels}
        write(f"{name}.jsonl", json.dumps(row) + "\n" + json.dumps({"id": 2, "text": "Никой.", "label": []}))
    write("progress.csv", "beside")
    corpus = read_corpus(tmp_path, format="doccano")
    assert (corpus.column("id"), corpus.column("labels")) == (["1", "2"], [["fear"], []])
    assert [(one["coder"], one["labels"]) for one in corpus.column("coders")[0]] == sorted(given.items())
    assert "annotator" not in corpus.table.column_names
    write("anna.jsonl", json.dumps({"id": 1, "text": "Друго", "label": []}))
    with pytest.raises(CorpusError, match="text: another text of '1' than at"):
        read_corpus(tmp_path, format="doccano")


def test_a_folder_without_such_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"holds no \.jsonl file, expected one for each annotator"):
        read_corpus(tmp_path, format="doccano")
