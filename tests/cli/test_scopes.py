"""What the commands say of scopes."""

from __future__ import annotations

import json
from pathlib import Path

from commands import CODEBOOK, message_of, run, succeed


def test_scopes_are_said_by_every_command(home: Path, here: Path) -> None:
    """A codebook with terms: train, audit, evaluate, predict and inspect tell what is out of scope."""
    codebook = json.loads(json.dumps(CODEBOOK))
    codebook["labels"][0]["mentions"] = {"bg": ["одкб", "тюркск*"], "en": ["csto", "turkic"]}
    codebook["labels"][1]["mentions"] = {"bg": ["запад*"], "en": ["west"]}
    Path("codebook.json").write_text(json.dumps(codebook), encoding="utf-8")
    arguments = ["--codebook", "codebook.json", "--group-by", "source"]
    shown = succeed("train", home / "articles.jsonl", *arguments, "--output", "scoped").stdout
    line = "18 of 72 units name nothing of any label's scope, and are given none."
    assert line in shown
    assert "missed out of scope" in shown
    audited = succeed("audit", home / "articles.jsonl", *arguments).stdout
    assert "labelled out of scope" in audited
    assert "out of scope" in audited.split("Labels")[1]
    assert line in succeed("evaluate", "scoped", home / "articles.jsonl").stdout
    assert "5 of 5 labels ask for one of up to 4 terms; 54 of 72 units" in succeed("inspect", "scoped").stdout
    (row,) = map(
        json.loads, succeed("predict", "scoped", "-", stdin="Нов блок подкопава ОДКБ").stdout.splitlines()
    )
    assert row["out_of_scope"] == ["west", "west-divides"]
    assert row["probabilities"]["west"] == 0
    (row,) = map(json.loads, succeed("predict", home / "model", "-", stdin="Нов блок").stdout.splitlines())
    assert "out_of_scope" not in row


def test_a_term_at_fault_is_refused_with_its_place(home: Path, here: Path) -> None:
    codebook = {"labels": [{"id": "bloc", "mentions": {"bg": ["ру*"]}}]}
    Path("codebook.json").write_text(json.dumps(codebook), encoding="utf-8")
    result = run("train", home / "articles.jsonl", "--codebook", "codebook.json")
    assert message_of(result) == (
        "codebook.json: labels[0]: label 'bloc': mentions.bg: term 'ру*': "
        "expected 3 letters or more before '*', found 2\n"
    )
