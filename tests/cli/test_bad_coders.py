"""What is wrong with coders, and what commands say of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from commands import message_of, run, succeed, write_rows

TEXT = "😀 Западът дели. Кой плаща?"


def article(*annotations: dict[str, Any], article_id: str = "a1") -> dict[str, Any]:
    return {"id": article_id, "text": TEXT, "annotations": list(annotations)}


def by(coder: object, *labels: str, **more: object) -> dict[str, Any]:
    return {"coder": coder, "labels": list(labels), **more}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([article(by(None, "fear"), by("anna", "fear"))], "1 of 2 codings do not name their coder"),
        ([article(by("anna", "fear"))], "has one coder only, 'anna': agreement needs two"),
        (
            [article(by("anna", "fear"), by("anna"))],
            "1: annotations[1]: coder: 'anna' coded this article twice",
        ),
        (
            [article(by("anna", "fear")), article(by("Боян", "fear"), article_id="a2")],
            "no article is coded by two of the 2 coders: 'anna', 'Боян'",
        ),
        ([{"id": "a1", "text": TEXT, "labels": ["fear"]}], "does not say who coded: expected 'annotations'"),
    ],
)
def test_agreement_says_what_is_wrong(tmp_path: Path, rows: list[dict[str, Any]], message: str) -> None:
    path = write_rows(tmp_path / "coded.jsonl", rows)
    assert message in message_of(run("agreement", path))


def test_labels_outside_the_codebook_are_named_with_their_coding(tmp_path: Path) -> None:
    book = tmp_path / "book.json"
    book.write_text('{"name": "book", "labels": [{"id": "fear"}]}', encoding="utf-8")
    path = write_rows(tmp_path / "coded.jsonl", [article(by("anna", "fear"), by("Боян", "faer"))])
    message = message_of(run("audit", path, "--codebook", book))
    assert "coded.jsonl:1: annotations[1]: labels: label 'faer' is not in the codebook" in message
    assert "'fear'" in message


def test_spans_of_one_label_from_two_coders_are_both_kept(tmp_path: Path) -> None:
    first = {"start": 2, "end": 9, "label": "fear"}
    second = {"start": 16, "end": 19, "label": "fear"}
    rows = [
        article(by("anna", "fear", spans=[first]), by("Боян", "fear", spans=[second, first])),
        article(by("anna"), by("Боян"), article_id="a2"),
    ]
    path = write_rows(tmp_path / "coded.jsonl", rows)
    shown = " ".join(succeed("audit", path).stdout.split())
    assert "spans 2" in shown
