"""The reader of Prodigy's datasets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from framescope.corpus.read import read_corpus
from framescope.errors import CorpusError

Write = Callable[[str, str | bytes], Path]

TEXT = "😀 Западът дели. Кой плаща?"


def lines(write: Write, *rows: object) -> Path:
    return write("out.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def task(coder: str | None = None, **more: Any) -> dict[str, Any]:
    named = {} if coder is None else {"_annotator_id": coder}
    return {"text": TEXT, "_input_hash": 7, "options": [], "answer": "accept", **named, **more}


def test_annotators_are_coders_and_meta_is_the_articles(write: Write) -> None:
    span = {"start": 2, "end": 9, "label": "fear", "token_start": 1}
    meta = {"id": "a1", "lang": "bg", "title": "Заглавие"}
    path = lines(
        write,
        task("ds-anna", accept=["fear"], spans=[span], meta=meta),
        task("ds-Боян", accept=["fear", "cc"], meta=meta),
        task("ds-в", accept=["fear"], meta=meta),
        task("ds-г", accept=[], meta=meta, answer="ignore"),
        task("ds-anna", accept=[], meta={"id": "a2"}, answer="reject"),
    )
    corpus = read_corpus(path, format="prodigy")
    assert [corpus.column(name) for name in ("id", "lang", "title", "labels")] == [
        ["a1"],
        ["bg"],
        ["Заглавие"],
        [["fear"]],
    ]
    assert [(one["coder"], one["labels"]) for one in corpus.column("coders")[0]] == [
        ("ds-anna", ["fear"]),
        ("ds-Боян", ["fear", "cc"]),
        ("ds-в", ["fear"]),
    ]
    assert corpus.column("spans") == [[{"start": 2, "end": 9, "label": "fear"}]]
    assert corpus.n_uncoded == 1


def test_spans_hold_the_labels_where_there_is_nothing_to_choose(write: Write) -> None:
    spans = [{"start": 2, "end": 9, "label": "fear"}, {"start": 16, "end": 19, "label": "fear"}]
    corpus = read_corpus(lines(write, task(spans=spans), task(_input_hash=8, spans=[])), format="prodigy")
    assert corpus.column("id") == ["7", "8"]
    assert corpus.column("labels") == [["fear"], []]
    assert "coders" not in corpus.table.column_names


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (task(label="fear"), "accept: is missing: a task for each label is not read, use the view 'choice'"),
        (task(accept="fear"), r"accept: expected a list of labels, found 'fear' \(str\)"),
        (task("anna", accept=[], meta={"id": [1]}), r"id: expected a string, found \[1\] \(list\)"),
        (task(accept=[], spans=[{"start": 0, "end": 99, "label": "x"}]), r"spans\[0\]: 0-99 is out of range"),
        (task("anna", accept=["fear"]), "'anna' coded '7' twice: keep one, first at line 1"),
    ],
)
def test_tasks_at_fault_are_named(write: Write, row: object, message: str) -> None:
    path = lines(write, task("anna", accept=["fear"]), row)
    with pytest.raises(CorpusError, match=r"out\.jsonl:2: .*" + message):
        read_corpus(path, format="prodigy")
