"""Corpora for annotation tools, and back from them by coders."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from coded import BOOK, coded_rows
from commands import run, succeed, write_rows
from framescope import Predictor
from framescope.codebook import Codebook, Label
from framescope.coding.exported import tasks_of, write_tasks
from framescope.coding.formats import Tool
from framescope.coding.tasks import labelstudio_config
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from tiny import SENTENCES

FLAT = Codebook.flat(["urw", "fear", "doubt", "cc"], name="flat")
EMOJI = "😀👨‍👩‍👧 Западът дели. Кой плаща? 🙈"
ROW = {
    "id": "a1",
    "title": "Заглавие",
    "lang": "bg",
    "text": EMOJI,
    "labels": ["fear", "cc"],
    "spans": [{"start": EMOJI.index("Западът"), "end": EMOJI.index(" Кой"), "label": "fear"}],
}


def annotated(tasks: list[Mapping[str, Any]], coder: str) -> list[dict[str, Any]]:
    """Return tasks as Label Studio exports them after a coder has accepted the first proposal of each."""
    return [
        {
            "id": 70 + number,
            **task,
            "annotations": [{"completed_by": {"email": coder}, "result": task["predictions"][0]["result"]}],
        }
        for number, task in enumerate(tasks)
    ]


@pytest.mark.parametrize("book", [BOOK, FLAT], ids=["two levels", "flat"])
def test_what_label_studio_gives_back_is_what_went_there(
    read: Callable[..., Corpus], tmp_path: Path, book: Codebook
) -> None:
    corpus = read([ROW, {"id": "a2", "text": "Нищо.", "labels": []}], codebook=book)
    path = tmp_path / "tasks.json"
    write_tasks(path, tasks_of(corpus), book, Tool.LABELSTUDIO)
    tasks = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(annotated(tasks, "anna@example.org")), encoding="utf-8")
    back = read_corpus(path, format="labelstudio", codebook=book)
    for name in ("id", "title", "text", "lang", "labels", "spans", "article_id"):
        assert back.column(name) == corpus.column(name), name
    assert [[one["coder"] for one in coders] for coders in back.column("coders")] == [["anna@example.org"]] * 2


def test_a_taxonomy_without_a_codebook_is_read_with_its_spans(
    read: Callable[..., Corpus], tmp_path: Path
) -> None:
    path = tmp_path / "tasks.json"
    write_tasks(path, tasks_of(read([ROW], codebook=BOOK)), BOOK, Tool.LABELSTUDIO)
    path.write_text(
        json.dumps(annotated(json.loads(path.read_text(encoding="utf-8")), "anna")), encoding="utf-8"
    )
    back = read_corpus(path, format="labelstudio")
    assert back.column("labels") == [["urw: fear", "cc"]]
    assert [span["label"] for span in back.column("spans")[0]] == ["urw: fear"]


def test_the_model_the_corpus_and_each_coder_propose(read: Callable[..., Corpus], predictor: Predictor) -> None:
    rows = coded_rows({"anna": ["west"], "Боян": ["bloc"]}, {"anna": ["west"], "Боян": ["west"]})
    tasks = tasks_of(read(rows, codebook=predictor.codebook), predictor)
    version = f"tiny {predictor.digest[:12]}"
    assert [(task.fields["id"], [one.by for one in task.proposals]) for task in tasks] == [
        ("a2", [version, "corpus", "coder anna", "coder Боян"]),
        ("a1", [version, "coder anna", "coder Боян"]),
    ]
    assert [list(one.labels) for one in tasks[1].proposals[1:]] == [["west"], ["bloc"]]


def test_passages_of_the_model_are_in_the_text_below_the_title(
    read: Callable[..., Corpus], predictor: Predictor
) -> None:
    rows = [{"id": "a", "text": f"😀 {SENTENCES[1]}", "title": SENTENCES[4], "labels": ["west"]}]
    (task,) = tasks_of(read(rows, codebook=predictor.codebook), predictor)
    labels = predictor.predict([f"{SENTENCES[4]}\n{rows[0]['text']}"])[0].labels
    assert task.proposals[0].labels == labels
    assert task.proposals[0].spans
    for span in task.proposals[0].spans:
        assert 0 <= span["start"] < span["end"] <= len(task.fields["text"])


def test_the_configuration_names_what_is_proposed() -> None:
    labels = (Label("urw", applies='when "they" & others'), Label("fear", "urw"), Label("cc"))
    root = ET.fromstring(labelstudio_config(Codebook("book", labels)))  # noqa: S314 - our own
    (taxonomy,) = root.findall("Taxonomy")
    assert taxonomy.attrib == {"name": "labels", "toName": "text"}
    assert [(one.get("value"), one.get("hint")) for one in taxonomy] == [
        ("urw", 'when "they" & others'),
        ("cc", None),
    ]
    assert [one.get("value") for one in taxonomy[0]] == ["fear"]
    assert [one.get("value") for one in root.iterfind("Labels/Label")] == ["urw", "urw: fear", "cc"]
    assert [one.attrib for one in root.iterfind("Text")] == [{"name": "text", "value": "$text"}]
    hostile = Codebook("book", (Label("a", applies="x\x1b[2J"),))
    (choice,) = ET.fromstring(labelstudio_config(hostile)).iter("Choice")  # noqa: S314 - our own
    assert choice.get("hint") == r"x\u001b[2J"
    flat = ET.fromstring(labelstudio_config(FLAT))  # noqa: S314 - our own
    assert flat.find("Choices") is not None
    assert flat.find("Choices").attrib["choice"] == "multiple"  # type: ignore[union-attr]


def test_doccano_reads_and_gives_back_labels_or_spans(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.jsonl", [ROW])
    for tool, labels in (("doccano", ["fear", "cc"]), ("doccano-spans", ["fear"])):
        out, config = tmp_path / f"{tool}.jsonl", tmp_path / f"{tool}.json"
        result = succeed("export", path, "--to", tool, "--output", out, "--config", config)
        assert result.stdout == f"Saved 1 tasks to {out}.\n"
        back = read_corpus(out, format="doccano")
        assert (back.column("labels"), back.column("text")) == ([labels], [EMOJI])
        assert json.loads(config.read_text(encoding="utf-8")) == [{"text": "cc"}, {"text": "fear"}]
    assert back.column("spans") == [ROW["spans"]]


def test_the_command_writes_tasks_with_a_model(bundle_path: Path, tmp_path: Path) -> None:
    rows = [
        {"id": "a", "text": SENTENCES[0], "labels": ["west"]},
        {"id": "b", "text": SENTENCES[1], "labels": None},
    ]
    path, out = write_rows(tmp_path / "a.jsonl", rows), tmp_path / "tasks.json"
    succeed("export", path, "--to", "labelstudio", "--model", bundle_path, "--output", out)
    tasks = json.loads(out.read_text(encoding="utf-8"))
    assert [task["data"]["id"] for task in tasks] == ["a", "b"]
    assert [len(task["predictions"]) for task in tasks] == [2, 1]
    assert run("export", path, "--to", "brat", "--output", out).exit_code == 2


def test_prodigy_gets_choices_and_spans_and_gives_them_back(tmp_path: Path) -> None:
    book = tmp_path / "book.json"
    book.write_text(json.dumps(BOOK.to_json()), encoding="utf-8")
    path, out, config = write_rows(tmp_path / "a.jsonl", [ROW]), tmp_path / "p.jsonl", tmp_path / "prodigy.json"
    succeed("export", path, "--codebook", book, "--to", "prodigy", "--output", out, "--config", config)
    (task,) = (json.loads(line) for line in out.read_text(encoding="utf-8").splitlines())
    assert task["options"] == [
        {"id": "urw", "text": "urw"},
        {"id": "fear", "text": "urw: fear"},
        {"id": "doubt", "text": "urw: doubt"},
        {"id": "cc", "text": "cc"},
    ]
    assert task["meta"]["proposed by"] == "corpus"
    assert json.loads(config.read_text(encoding="utf-8"))["choice_style"] == "multiple"
    write_rows(out, [{**task, "answer": "accept", "_annotator_id": "anna"}])
    back = read_corpus(out, format="prodigy", codebook=BOOK)
    for name in ("id", "title", "text", "lang", "labels", "spans"):
        assert back.column(name) == [ROW[name]], name
