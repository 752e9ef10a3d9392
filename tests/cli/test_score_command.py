"""The command ``score``: what it says of rows that cannot be scored, and the options for spreadsheets."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from commands import articles, run, succeed, write_rows
from framescope.cli.score import remedy


def test_a_run_whose_rows_are_all_rejected_fails(model: Path, here: Path) -> None:
    """The commonest reason is on the screen, with what to do about it."""
    write_rows(here / "a.jsonl", [{"id": n, "body": "Нов блок", "lang": "bg"} for n in range(3)] + [[1]])
    result = run("score", model, "a.jsonl", "--output", "out")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "error: every row is rejected, 3 of 4 as 'text: is missing': name the column that holds the texts with "
        "--text-field",
        "The columns of the input are 'id', 'body', 'lang'.",
        "All reasons are in out/_rejected.jsonl.",
    ]
    succeed("score", model, "a.jsonl", "--output", "again", "--text-field", "body")


def test_some_rejected_rows_are_a_warning_with_the_commonest_reason(model: Path, here: Path) -> None:
    rows = [{"text": "Нов блок"}, {"text": 1}, {"text": 2}, {"title": "a"}]
    write_rows(here / "a.jsonl", rows)
    result = succeed("score", model, "a.jsonl", "--output", "out")
    assert result.stderr == (
        "warning: 3 rows are rejected, 2 as 'text: expected a string, found int': see out/_rejected.jsonl\n"
    )


def test_texts_with_look_alike_letters_are_counted(model: Path, here: Path) -> None:
    """They are a known evasion: score and predict tell of them, in how many texts they are."""
    write_rows(here / "a.jsonl", [{"text": text} for text in ("Рoсия", "Русия", "Нов блoк, нов съюз")])
    for arguments in (("score", model, "a.jsonl", "--output", "out"), ("predict", model, "a.jsonl")):
        told = succeed(*arguments).stderr
        assert "warning: 2 of 3 texts have words of Latin and Cyrillic letters side by side" in told
    manifest = json.loads((here / "out" / "_manifest.json").read_text(encoding="utf-8"))
    assert manifest["counts"]["n_in_two_scripts"] == 2


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("text: is missing", "--text-field"),
        ("text: is not valid UTF-8", "save the file as UTF-8"),
        ("is not valid UTF-8: byte 0xff", "save the file as UTF-8"),
        ("is not JSON: Extra data at position 26", "one JSON object a line"),
        ("expected a JSON object, found a list", "one JSON object a line"),
        ("is not usable JSON: nested deeper than 64 levels", "one JSON object a line"),
        ("text: expected a string, found int", "write the field as a string"),
        ("text: has 10000001 bytes, title included, more than 10000000", "cut such articles"),
        ("the line has 5 bytes, more than 4", "cut such articles"),
        ("has 3 fields, expected 2", "quotes around cells"),
        ("is not valid CSV: ',' expected after '\"': quote fields; --quoting none", "do what it says"),
        ("byte 0xd1 is not UTF-8: save the file again as UTF-8", "do what it says"),
        ("repeats the header, as joined files do: remove the line", "do what it says"),
        ("anything else", "mend the rows"),
    ],
)
def test_every_reason_has_a_remedy(reason: str, expected: str) -> None:
    assert expected in remedy(reason)


def test_columns_are_kept_beside_the_labels_in_csv(model: Path, here: Path) -> None:
    write_rows(here / "a.jsonl", articles())
    succeed("score", model, "a.jsonl", "--output", "out", "--format", "csv", "--keep", "source, title")
    (part,) = (here / "out").glob("part-*.csv")
    rows = list(csv.DictReader(part.read_text("utf-8-sig").splitlines()))
    assert list(rows[0])[:6] == ["id", "source", "title", "labels", "given", "to_review"]
    assert [(row["id"], row["source"]) for row in rows] == [(row["id"], row["source"]) for row in articles()]
    succeed("verify", "out")
