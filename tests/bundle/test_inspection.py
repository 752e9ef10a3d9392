"""What ``framescope inspect`` says of a model."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from framescope.bundle.facts import CorpusFacts
from framescope.bundle.inspection import inspect_bundle
from framescope.bundle.read import load_bundle
from framescope.bundle.record import TrainingRecord, save_record
from framescope.bundle.write import save_bundle
from framescope.cli.app import app
from framescope.model.fitted import Model
from tiny import FACTS

NGRAM = {"text": "нов\n\nсъюз[b]", "is_part": False, "feature": 3, "weight": 1.5, "gap": 0.25, "n_texts": 2}
PART = {"text": "ОДК", "is_part": True, "feature": 4, "weight": 0.5, "gap": 0.125, "n_texts": 1}
METRICS = {
    "overall": {"fine": {"samples_f1": 0.5, "micro_f1": 0.25, "macro_f1": 0.75}, "false_alarm_rate": None},
    "n_units": 3,
    "by_language": {},
    "false_alarms_by_kind": {},
    "calibration": {},
    "baselines": {},
    "scope": None,
    "per_label": [
        {
            "label": "bloc",
            "support": 7,
            "precision": None,
            "recall": 0.5,
            "f1": 0.625,
            "average_precision": None,
        }
    ],
}
TRAINING = replace(
    FACTS,
    corpus=CorpusFacts("новини", "c0ffee", 3, 2, 0, 0, {"bg": 2}),
    never_given=("west-divides",),
    penalty=0.5,
    metrics=METRICS,
)


@pytest.fixture
def path(model_with_cuts: Model, tmp_path: Path) -> Path:
    """A bundle with the record of its training."""
    path = tmp_path / "tiny"
    digest = save_bundle(model_with_cuts, path, card="# Tiny\n", training=TRAINING)
    n_labels = len(model_with_cuts.codebook.ids)
    rows = np.zeros((3, n_labels))
    record = TrainingRecord("c0ffee", list("abc"), rows.astype("f4"), rows > 0, {"bloc": [NGRAM, PART]})
    save_record(record, path, digest)
    return path


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, ["inspect", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_everything_is_there_for_programs(path: Path) -> None:
    found = json.loads(run(path, "--json", "-"))
    bundle = load_bundle(path)
    assert found == inspect_bundle(bundle)
    assert found["digest"] == bundle.digest
    assert found["rule"] == {"name": "macro-f1", "never_given": ["west-divides"]}
    assert found["languages"] == ["bg", "en", "hi", "ru"]
    assert found["metrics"] == METRICS
    assert found["training"]["corpus"] == asdict(TRAINING.corpus)
    assert found["size_bytes"] == sum(file.stat().st_size for file in path.iterdir())
    assert found["record"] == str(path.resolve()) + ".training.parquet"


def test_a_label_has_its_place_its_cut_its_scores_and_its_ngrams(path: Path) -> None:
    labels = {row["label"]: row for row in inspect_bundle(load_bundle(path))["labels"]}
    assert labels["bloc"]["cut"] == 0.5
    assert (labels["bloc"]["support"], labels["bloc"]["f1"]) == (7, 0.625)
    assert labels["bloc"]["top_ngrams"] == [NGRAM, PART]
    assert labels["west-divides"]["parent"] == "west"
    assert labels["west-divides"]["cut"] is None, "it is never given"
    assert labels["west-divides"]["f1"] is None


def test_tables_are_for_people(path: Path) -> None:
    """Texts are shown as they are, not as markup."""
    shown = run(path)
    for part in ("macro-f1; never given: west-divides", "c0ffee", "новини 3 units of 2 articles (bg 2)"):
        assert part in shown
    assert "нов съюз[b], …ОДК…" in shown
    assert "…ОДК…" not in run(path, "--top", "1")


def test_a_model_without_a_record_is_shown_all_the_same(bundle_path: Path) -> None:
    found = inspect_bundle(load_bundle(bundle_path))
    assert (found["record"], found["labels"][0]["top_ngrams"]) == (None, [])
    assert "top n-grams are not known" in run(bundle_path)


def test_json_goes_to_a_file(path: Path, tmp_path: Path) -> None:
    assert "codebook" in run(path, "--json", tmp_path / "model.json")
    assert json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))["name"] == "tiny"


def test_the_scopes_are_listed(scoped_model: Model, tmp_path: Path) -> None:
    """How many terms there are, and how many training units name one."""
    per_label = [
        {"label": label, "n_outside": n_outside, "n_missed": 0}
        for label, n_outside in zip(scoped_model.codebook.ids, (1, 1, 2, 3, 3, 0), strict=True)
    ]
    metrics = {**METRICS, "scope": {"n_outside": 0, "per_label": per_label}}
    path = tmp_path / "scoped"
    save_bundle(scoped_model, path, card="", training=replace(TRAINING, metrics=metrics))
    scopes = {row["label"]: row["scope"] for row in inspect_bundle(load_bundle(path))["labels"]}
    assert scopes == {
        "bloc": {"n_terms": 3, "n_in_scope": 2},
        "anti-csto-coalition": {"n_terms": 2, "n_in_scope": 2},
        "union-expands": {"n_terms": 1, "n_in_scope": 1},
        "west": {"n_terms": 1, "n_in_scope": 0},
        "west-divides": {"n_terms": 1, "n_in_scope": 0},
        "Other": None,
    }
    assert "5 of 6 labels ask for one of up to 3 terms; 3 of 3 units are in scope of a label" in run(path)


def test_a_model_without_scopes_says_so(path: Path) -> None:
    assert all(row["scope"] is None for row in inspect_bundle(load_bundle(path))["labels"])
    assert "none: labels ask for no words" in run(path)
