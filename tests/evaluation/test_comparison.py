"""Two models on a corpus: training's own decisions, labels that one lacks, articles that tell them apart."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from commands import run, succeed
from framescope.bundle.write import save_bundle
from framescope.corpus.read import read_corpus
from framescope.evaluation.comparison import compare_models
from framescope.predictor import Predictor
from framescope.text.segments import Unit
from framescope.training.recipe import Recipe
from framescope.training.train import train
from reported import HOSTILE, Trained, rows, write


@pytest.fixture(scope="module")
def weak(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    """A model that has learned from the Bulgarian half of the articles, and does not know one label."""
    home = tmp_path_factory.mktemp("weak")
    kept = [row for row in rows() if row["lang"] == "bg" and row["labels"] != ["west-divides"]]
    corpus = read_corpus(write(home / "a.jsonl", [{**row, "id": f"weak-{row['id']}"} for row in kept]))
    train(corpus, Recipe(group_by="source")).save(home / "weak")
    return Predictor.load(home / "weak")


def test_the_better_model_is_named(weak: Predictor, trained: Trained) -> None:
    found = compare_models(weak, trained.predictor, trained.corpus, group_by="source")
    assert (found.first, found.second, found.n_units, found.n_clusters) == ("weak", "model", 64, 4)
    assert found.verdict.startswith("model is better by 0.")
    caution = "model was trained on this corpus: it is judged by fits without each article's source"
    assert [one.told() for one in found.cautions] == [caution]
    missed = next(row for row in found.differences if (row.label, row.score) == ("west-divides", "recall"))
    assert missed.first == 0, "a label that a model does not know counts as missed"


def test_a_model_equals_itself(trained: Trained) -> None:
    found = compare_models(trained.predictor, trained.predictor, trained.corpus)
    assert {row.difference for row in found.differences} <= {0.0, None}
    assert found.articles == []
    assert (found.first, found.second) == ("A (model)", "B (model)")
    assert found.verdict == (
        "Neither A (model) nor B (model) is clearly better by the micro-F1 of the finest labels."
    )


def test_articles_apart_are_those_whose_labels_are_likelier_to_one(weak: Predictor, trained: Trained) -> None:
    found = compare_models(weak, trained.predictor, trained.corpus).articles
    assert [abs(one.gain) for one in found] == sorted((abs(one.gain) for one in found), reverse=True)
    assert all(one.first != one.second for one in found)
    most = max(found, key=lambda one: one.gain)
    assert most.second == most.labels != most.first


def test_who_has_learned_from_the_articles_is_told(weak: Predictor, trained: Trained) -> None:
    found = compare_models(weak, trained.predictor, trained.corpus.select(range(10)))
    assert [one.told() for one in found.cautions] == [
        "model has learned from 10 of these articles: it looks better than it is"
    ]


def test_the_command_prints_tables_and_writes_json_and_a_page(
    weak: Predictor, trained: Trained, tmp_path: Path
) -> None:
    """Titles are text, never markup."""
    models = (weak.bundle.path, trained.path)
    codebook = ("--codebook", trained.path.parent / "codebook.json")
    outputs = ("--json", tmp_path / "a.json", "--html", tmp_path / "a.html")
    result = succeed("compare", *models, trained.corpus_path, *codebook, *outputs, "--jobs", "1")
    assert "model is better by 0." in result.stdout
    assert "Articles apart" in result.stdout
    assert "warning: model was trained on this corpus" in result.stderr
    found = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert found["differences"][0]["score"] == "samples_f1"
    assert 0 < len(found["articles"]) <= 20
    page = (tmp_path / "a.html").read_text("utf-8")
    assert "weak" in page
    assert HOSTILE not in page
    assert "<script" not in page


def test_models_of_different_units_are_not_compared(trained: Trained, tmp_path: Path) -> None:
    bundle = trained.predictor.bundle
    save_bundle(replace(bundle.model, unit=Unit.SENTENCE), tmp_path / "s", card="", training=bundle.training)
    result = run("compare", trained.path, tmp_path / "s", trained.corpus_path)
    assert result.exit_code == 2
    assert "expected models of one unit" in " ".join(result.stderr.split())


def test_the_page_speaks_the_language_of_its_reader(weak: Predictor, trained: Trained, tmp_path: Path) -> None:
    """What the command prints stays English."""
    codebook = ("--codebook", trained.path.parent / "codebook.json")
    page = tmp_path / "a.html"
    models = (weak.bundle.path, trained.path)
    result = succeed("compare", *models, trained.corpus_path, *codebook, "--html", page, "--interface", "bg")
    assert "model is better by 0." in result.stdout
    shown = page.read_text("utf-8")
    assert '<html lang="bg">' in shown
    assert "model е по-добър с 0." in shown
    assert "model е обучен с този корпус" in shown
    assert "фалшиви тревоги" in shown
    assert "false alarm" not in shown
    assert "Articles that tell them apart" not in shown
