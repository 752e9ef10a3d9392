"""``framescope drift``: old and new articles, or what score has made of them."""

from __future__ import annotations

import json
from pathlib import Path

from commands import articles, message_of, run, succeed, write_rows

GERMAN = "Der Minister sagte, dass die Regierung ihre Politik nicht ändern werde."


def test_articles_of_another_language_are_a_drift(model: Path, here: Path) -> None:
    write_rows(here / "old.jsonl", articles())
    write_rows(here / "new.jsonl", [{"text": f"{GERMAN} {number}"} for number in range(20)])
    result = succeed("drift", model, "old.jsonl", "new.jsonl", "--json", "drift.json")
    found = json.loads((here / "drift.json").read_text("utf-8"))
    changes = {one["measure"]: one for one in found["changes"] if not one["label"]}
    assert changes["unlike training"]["new"] == 1
    assert changes["unknown words"]["difference"] > 0.5
    assert changes["typicality"]["is_clear"]
    assert "unlike training" in result.stdout
    assert result.stdout.splitlines()[-1].startswith(("Clearly changed: ", "No label has"))


def test_the_same_articles_are_none(model: Path, here: Path) -> None:
    write_rows(here / "old.jsonl", articles())
    result = succeed("drift", model, "old.jsonl", "old.jsonl")
    assert result.stdout.splitlines()[-1] == "No label has clearly changed."


def test_outputs_of_score_say_the_same(model: Path, here: Path) -> None:
    """But for what takes the texts."""
    write_rows(here / "old.jsonl", articles())
    write_rows(here / "new.jsonl", [{"text": GERMAN}] * 5)
    for name in ("old", "new"):
        succeed("score", model, f"{name}.jsonl", "--output", name)
    of_outputs = json.loads(succeed("drift", model, "old", "new", "--json", "-").stdout)
    of_articles = json.loads(succeed("drift", model, "old.jsonl", "new.jsonl", "--json", "-").stdout)
    kept = [one for one in of_articles["changes"] if not one["measure"].startswith("unknown")]
    assert [(one["measure"], one["label"], one["old"], one["new"]) for one in of_outputs["changes"]] == [
        (one["measure"], one["label"], one["old"], one["new"]) for one in kept
    ]


def test_outputs_that_cannot_be_compared_are_refused(model: Path, here: Path) -> None:
    write_rows(here / "old.jsonl", articles())
    succeed("score", model, "old.jsonl", "--output", "some", "--top", "2")
    succeed("score", model, "old.jsonl", "--output", "lines", "--format", "jsonl")
    assert "without --top and --threshold" in message_of(run("drift", model, "some", "old.jsonl"))
    assert "expected parquet" in message_of(run("drift", model, "lines", "old.jsonl"))
    write_rows(here / "more.jsonl", articles(7))
    succeed("train", "more.jsonl", "--group-by", "source", "--output", "other", "--jobs", "1")
    assert "was scored by another model" in message_of(run("drift", "other", "some", "old.jsonl"))


def test_rows_that_cannot_be_scored_are_told(model: Path, here: Path) -> None:
    write_rows(here / "old.jsonl", [*articles(), {"text": None}])
    assert "left out 1 rows" in succeed("drift", model, "old.jsonl", "old.jsonl").stderr
    write_rows(here / "none.jsonl", [{"text": None}])
    result = run("drift", model, "old.jsonl", "none.jsonl")
    assert result.exit_code == 1
    assert "has no articles" in result.stderr
