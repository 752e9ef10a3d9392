"""The command ``evaluate``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import articles, message_of, run, succeed, write_rows
from framescope import Predictor


def test_evaluate_shows_tables(home: Path, model: Path) -> None:
    result = succeed("evaluate", model, home / "articles.jsonl")
    for word in (
        "overall",
        "bg",
        "ru",
        "Brier skill",
        "ECE",
        "if all were exactly true",
        "bg: slope",
        "False alarms",
        "neutral",
        "baseline: random with the prior",
        "avg. precision",
    ):
        assert word in result.stdout
    assert "\x1b" not in result.stdout
    assert result.stderr == ""


def test_evaluate_writes_the_documented_json(home: Path, model: Path, here: Path) -> None:
    succeed("evaluate", model, home / "articles.jsonl", "--json", "dev.json", "--group-by", "source")
    metrics = json.loads(Path("dev.json").read_text(encoding="utf-8"))
    assert list(metrics) == [
        "n_units",
        "overall",
        "by_language",
        "false_alarms_by_kind",
        "per_label",
        "calibration",
        "baselines",
        "scope",
        "coders",
        "promised",
    ]
    assert metrics["coders"] is None
    training = Predictor.load(model).bundle.training
    assert metrics["promised"] == {"outlooks": training.outlooks, "new_articles": training.new_articles}
    assert metrics["n_units"] == 72
    kinds = metrics["false_alarms_by_kind"]
    shares = [kind["n_units"] * kind["rate"] for kind in kinds.values()]
    n_unlabelled = sum(kind["n_units"] for kind in kinds.values())
    assert "neutral" in kinds
    assert sum(shares) == pytest.approx(metrics["overall"]["false_alarm_rate"] * n_unlabelled)
    assert set(metrics["overall"]) == {"fine", "coarse", "false_alarm_rate"}
    for level in ("fine", "coarse"):
        section = metrics["overall"][level]
        for score in ("samples_f1", "micro_f1", "macro_f1"):
            low, high = section[f"{score}_ci95"]
            assert 0 <= low <= section[score] <= high <= 1
    assert set(metrics["by_language"]) == {"bg", "en", "ru"}
    assert set(metrics["by_language"]["bg"]) == {*metrics["overall"], "calibration"}
    assert [row["label"] for row in metrics["per_label"]] == list(Predictor.load(model).labels)
    keys = {"label", "support", "precision", "recall", "f1", "average_precision"}
    assert set(metrics["per_label"][0]) == keys
    assert {"brier", "brier_skill", "log_loss", "ece", "ece_noise", "slope"} <= set(metrics["calibration"])
    assert set(metrics["baselines"]) == {"no_label", "most_frequent", "random_prior"}


def test_json_to_standard_output_is_all_there_is(home: Path, model: Path) -> None:
    result = succeed("evaluate", model, home / "articles.jsonl", "--json", "-")
    assert json.loads(result.stdout)["n_units"] == 72


def test_evaluate_and_predict_agree(home: Path, model: Path, here: Path) -> None:
    succeed("evaluate", model, home / "articles.jsonl", "--predictions", "out.jsonl")
    assert (here / "out.jsonl").read_text(encoding="utf-8") == succeed(
        "predict", model, home / "articles.jsonl"
    ).stdout


def test_labels_that_the_model_does_not_know(model: Path, here: Path) -> None:
    """Missed, with a warning; left out with their units if asked."""
    further = [{"id": f"n{k}", "text": f"Нова тема {k}", "labels": ["нов разказ"]} for k in range(2)]
    write_rows(here / "dev.jsonl", [*articles(1), *further])
    result = succeed("evaluate", model, "dev.jsonl", "--json", "dev.json")
    assert "the model does not know 1 labels, they count as missed: 'нов разказ' (2 units)" in result.stderr
    write_rows(here / "case.jsonl", [*articles(1), {"text": "Блок.", "labels": ["Anti-CSTO"]}])
    result = succeed("evaluate", model, "case.jsonl", "--json", "case.json")
    assert "'Anti-CSTO' (1 units: near 'anti-csto' (other capitals or spaces))" in result.stderr
    metrics = json.loads(Path("dev.json").read_text(encoding="utf-8"))
    assert metrics["n_units"] == 14
    assert {"нов разказ": 2}.items() <= {r["label"]: r["support"] for r in metrics["per_label"]}.items()

    result = succeed("evaluate", model, "dev.jsonl", "--json", "dev.json", "--skip-invalid")
    assert json.loads(Path("dev.json").read_text(encoding="utf-8"))["n_units"] == 12
    assert "left out 2 rows of dev.jsonl" in result.stderr


def test_a_semeval_corpus_gets_a_submission(here: Path) -> None:
    """Trained and evaluated on the same folder layout; one line a file, in the order of the annotations."""
    folder = here / "RU"
    (folder / "raw-documents").mkdir(parents=True)
    lines = []
    for number, row in enumerate(articles(3)):
        name = f"RU_{number}.txt"
        (folder / "raw-documents" / name).write_text(f"{row['title']}\n\n{row['text']}", encoding="utf-8")
        narrative = f"URW: {row['labels'][0]}" if row["labels"] else "Other"  # type: ignore[index]
        lines.append(f"{name}\t{narrative}\t{narrative if narrative == 'Other' else narrative + ': Other'}\n")
    (folder / "subtask-2-annotations.txt").write_text("".join(lines), encoding="utf-8")
    options = ["--format", "semeval2025"]
    succeed("train", "RU", *options)
    succeed("evaluate", "models/RU", "RU", *options, "--predictions", "submission.txt")
    submitted = (here / "submission.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    assert [line.split("\t")[0] for line in submitted] == [line.split("\t")[0] for line in lines]
    assert sum(given == gold for given, gold in zip(submitted, lines, strict=True)) > len(lines) / 2


def test_a_place_that_cannot_be_written_is_refused_before_the_work(model: Path, here: Path) -> None:
    for option in ("--json", "--predictions"):
        message = message_of(run("evaluate", model, "missing.jsonl", option, "no/where.json"))
        assert message == f"{Path('no/where.json')}: cannot be written: there is no folder no\n"
