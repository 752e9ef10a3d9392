"""The command ``next``."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from commands import CODEBOOK, articles, message_of, run, succeed, write_rows
from framescope.corpus.read import read_corpus


def test_what_to_code_is_shown_and_written(home: Path, model: Path, here: Path) -> None:
    pool = home / "articles.jsonl"
    shown = succeed("next", model, pool, "-n", "20", "--output", "next.csv").stdout
    assert "in doubt" in shown
    assert "random" in shown
    with Path("next.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["why"] for row in rows] == ["in doubt"] * 18 + ["random"] * 2
    by_id = {str(row["id"]): row for row in articles()}
    assert all(
        (row["text"], row["title"]) == (by_id[row["id"]]["text"], by_id[row["id"]]["title"]) for row in rows
    )
    assert {row["labels"] for row in rows} == {""}


def test_lines_of_json_come_back_as_a_corpus_when_labels_are_filled_in(
    home: Path, model: Path, here: Path
) -> None:
    succeed("next", model, home / "articles.jsonl", "-n", "3", "--output", "next.jsonl", "--format", "jsonl")
    rows = [json.loads(line) for line in Path("next.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["labels"] for row in rows] == [None] * 3
    assert (
        message_of(run("audit", "next.jsonl"))
        .rstrip()
        .endswith("no row is coded: all labels are null or missing")
    )
    write_rows(here / "coded.jsonl", [{**rows[0], "labels": ["anti-csto"]}, *rows[1:]])
    corpus = read_corpus("coded.jsonl")
    assert (corpus.column("id"), corpus.n_uncoded) == ([rows[0]["id"]], 2)
    again = succeed(
        "next", model, "coded.jsonl", "--labelled", "coded.jsonl", "--output", "more.jsonl", "--format", "jsonl"
    )
    assert "2 articles are left to choose from, fewer than 50" in again.stderr
    more = [json.loads(line)["id"] for line in Path("more.jsonl").read_text(encoding="utf-8").splitlines()]
    assert sorted(more) == sorted(row["id"] for row in rows[1:])


def test_tasks_have_the_labels_and_passages_of_the_model(home: Path, model: Path, here: Path) -> None:
    """Offsets are in the text, without the title before it."""
    succeed("next", model, home / "articles.jsonl", "-n", "70", "--output", "t.json", "--format", "labelstudio")
    tasks = json.loads(Path("t.json").read_text(encoding="utf-8"))
    parents = {child["id"]: label["id"] for label in CODEBOOK["labels"] for child in label["children"]}
    n_spans = 0
    for task in tasks:
        for result in task["predictions"][0]["result"]:
            if result["type"] == "taxonomy":
                assert all(
                    path == [parents[path[-1]], path[-1]]
                    for path in result["value"]["taxonomy"]
                    if len(path) > 1
                )
            else:
                value = result["value"]
                assert task["data"]["text"][value["start"] : value["end"]] == value["text"]
                n_spans += 1
    assert n_spans > 20


def test_bad_requests_are_refused(home: Path, model: Path, here: Path) -> None:
    pool = home / "articles.jsonl"
    assert message_of(run("next", model, pool, "--label", "anti-cto")).startswith("label 'anti-cto' is not in")
    assert "a.mp3: expected a" in " ".join(run("next", model, "a.mp3").stderr.split())
    assert message_of(run("next", model, pool, "--labelled", pool)).startswith(
        "nothing to code: all of 72 articles"
    )
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("tool", "key"), [("doccano", "label"), ("doccano-spans", "label"), ("prodigy", "accept")]
)
def test_tools_get_what_is_chosen(home: Path, model: Path, here: Path, tool: str, key: str) -> None:
    succeed(
        "next", model, home / "articles.jsonl", "-n", "4", "--rare", "--output", "t.jsonl", "--format", tool
    )
    lines = [json.loads(line) for line in Path("t.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 4
    assert all(key in line and line["text"] for line in lines)
