"""What coders score is beside the model's figures: on the card, in evaluation and in a report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import CODEBOOK, articles, succeed, write_rows
from framescope.predictor import Predictor

pytestmark = pytest.mark.slow


def by_three(row: dict[str, object], number: int) -> dict[str, object]:
    """Return an article of which anna and Боян say the same, and the third misses every fourth."""
    labels = row.pop("labels")
    third = [] if number % 4 == 0 else labels
    given = {"anna": labels, "Боян": labels, "в": third}
    return {**row, "annotations": [{"coder": name, "labels": own} for name, own in given.items()]}


def test_the_coders_are_beside_the_model(tmp_path: Path) -> None:
    rows = [by_three(row, number) for number, row in enumerate(articles())]
    path, book = write_rows(tmp_path / "coded.jsonl", rows), tmp_path / "book.json"
    book.write_text(json.dumps(CODEBOOK), encoding="utf-8")
    reading = ("--codebook", book)
    succeed("train", path, *reading, "--group-by", "source", "--jobs", "1", "--output", tmp_path / "model")
    training = Predictor.load(tmp_path / "model").bundle.training
    assert training.coders is not None
    assert training.coders["coders"] == {"anna": 72, "Боян": 72, "в": 72}
    ceiling = training.coders["human_ceiling"]
    anna, _, third = ceiling["per_coder"]
    n_missed = len(range(0, 54, 4))  # the first 54 articles have a label
    assert third["fine"]["micro_f1"] == pytest.approx(2 * (54 - n_missed) / (2 * 54 - n_missed))
    assert (anna["n_articles"], anna["n_ties"]) == (72 - n_missed, n_missed)
    assert anna["fine"]["micro_f1"] == 1.0
    overall = training.metrics["overall"]["fine"]["micro_f1"]
    assert third["model"]["fine"]["micro_f1"] == pytest.approx(overall)
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert "## Beside the coders\n\n3 coders; 72 articles have two or more. Krippendorff's alpha" in card
    evaluated = succeed("evaluate", tmp_path / "model", path, *reading, "--json", tmp_path / "dev.json")
    assert "the model, there" in evaluated.stdout
    figures = json.loads((tmp_path / "dev.json").read_text(encoding="utf-8"))["coders"]
    assert figures["per_coder"][2]["fine"] == json.loads(json.dumps(third["fine"]))
    succeed("report", tmp_path / "model", path, *reading, "--html", tmp_path / "r.html", "--no-learning-curve")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.count('<th scope="row">the model, there</th>') == 8
    assert "Beside the coders" in page
