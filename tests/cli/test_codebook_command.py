"""The command ``codebook``."""

from __future__ import annotations

from pathlib import Path

from commands import message_of, run, succeed, write_rows
from framescope.codebook_reading import read_codebook

ROWS = [
    {"text": "Нов блок", "labels": ["fear", "Fear"]},
    {"text": "Друг блок", "labels": ["doubt"]},
    {"text": "Без", "labels": []},
]


def test_a_codebook_is_made_of_a_corpus_and_checked(here: Path) -> None:
    write_rows(here / "a.jsonl", ROWS)
    result = succeed("codebook", "a.jsonl", "--output", "codebook.csv")
    assert result.stderr == "Saved 3 labels, on 3 occasions, to codebook.csv.\n"
    checked = succeed("codebook", "check", "codebook.csv").stdout.splitlines()
    assert checked == [
        "codebook.csv: 3 labels; no faults.",
        "no word on when it applies: 'Fear', 'doubt', 'fear'",
        "labels that look alike: 'Fear' and 'fear' (other capitals or spaces)",
    ]
    succeed("codebook", "a.jsonl", "--output", "codebook.json")
    assert read_codebook(here / "codebook.json").ids == ("Fear", "doubt", "fear")
    assert succeed("codebook", "a.jsonl").stdout.splitlines()[0] == "id,parent,name_en,applies,excludes"


def test_what_a_table_has_no_place_for_is_told(here: Path) -> None:
    write_rows(here / "a.jsonl", [{"text": "Нов блок", "labels": ["fear"]}])
    (here / "b.json").write_text('{"rule": "When said.", "labels": [{"id": "fear"}]}', encoding="utf-8")
    told = succeed("codebook", "a.jsonl", "--codebook", "b.json", "--output", "b.csv").stderr
    assert "warning: a table has no place for rule; --output FILE.json keeps all" in told
    assert "warning" not in succeed("codebook", "a.jsonl", "--codebook", "b.json", "--output", "c.json").stderr


def test_a_codebook_is_compared_with_a_corpus(here: Path) -> None:
    write_rows(here / "a.jsonl", ROWS)
    (here / "b.csv").write_text(
        "id;parent;name_en;applies\nfear;;Fear;When\nloyalty;;;When\n", encoding="utf-8"
    )
    assert succeed("codebook", "check", "b.csv", "a.jsonl").stdout.splitlines() == [
        "b.csv: 2 labels; no faults.",
        "no name in 'en': 'loyalty'",
        "in a.jsonl, but not in the codebook: 'Fear', 'doubt'",
        "on no article of a.jsonl: 'loyalty'",
    ]
    (here / "b.csv").write_text("id,parent\nfear,feer\n", encoding="utf-8")
    assert "b.csv:2: parent: 'feer' is not the id of a label: near 'fear'" in message_of(
        run("codebook", "check", "b.csv")
    )
    assert run("codebook", "check").exit_code == 2


def test_training_takes_a_table_for_a_codebook(here: Path) -> None:
    write_rows(here / "a.jsonl", [{"text": "Нов блок", "labels": ["fear"]}])
    (here / "b.csv").write_text("id\nloyalty\n", encoding="utf-8")
    message = message_of(run("audit", "a.jsonl", "--codebook", "b.csv"))
    assert message == "a.jsonl:1: labels: label 'fear' is not in the codebook\n"
