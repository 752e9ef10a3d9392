"""A model on a corpus: labels it does not know, files of decisions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from framescope.codebook import Codebook
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.errors import CorpusError, FramescopeError
from framescope.evaluation.predictions import (
    Evaluation,
    evaluate_model,
    leave_out_unknown,
    unknown_labels,
    write_predictions,
)
from framescope.model.fitted import Model
from framescope.predictor import Predictor

SEMEVAL = Path(__file__).parents[1] / "corpus" / "samples" / "semeval2025"

ROWS = (
    {"id": "1", "lang": "bg", "title": "Съюз", "text": "Нов блок подкопава ОДКБ.", "labels": ["union-expands"]},
    {"id": "2", "lang": "ru", "text": "Новый блок подрывает ОДКБ!", "labels": ["west"], "outlet": "А"},
    {"id": "3", "lang": "en", "text": "The union is not expanding.", "labels": []},
    {"id": "4", "lang": "en", "text": "The West wants to break the CSTO.", "labels": ["Other"], "outlet": "А"},
)


def corpus_of(rows: Sequence[dict[str, object]], folder: Path) -> Corpus:
    path = folder / "corpus.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return read_corpus(path)


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return corpus_of(ROWS, tmp_path)


def test_decisions_are_those_of_the_predictor(model: Model, predictor: Predictor, corpus: Corpus) -> None:
    """Title and text are joined as in serving, and children bring their parents."""
    result = evaluate_model(model, corpus)
    texts = ["Съюз\nНов блок подкопава ОДКБ.", *(str(row["text"]) for row in ROWS[1:])]
    expected = predictor.predict(texts)
    assert [tuple(model.codebook.ids[column] for column in np.flatnonzero(row)) for row in result.decided] == [
        prediction.labels for prediction in expected
    ]
    assert np.array_equal(result.probabilities, predictor.predict_proba(texts))


def test_metrics_have_the_documented_layout(model: Model, corpus: Corpus) -> None:
    metrics = evaluate_model(model, corpus).metrics
    assert list(metrics) == [
        "n_units",
        "overall",
        "by_language",
        "false_alarms_by_kind",
        "per_label",
        "calibration",
        "baselines",
        "scope",
    ]
    assert metrics["n_units"] == 4
    assert list(metrics["overall"]) == ["fine", "coarse", "false_alarm_rate"]
    assert list(metrics["by_language"]) == ["bg", "en", "ru"]
    support = {row["label"]: row["support"] for row in metrics["per_label"]}
    assert support == {
        "bloc": 1,
        "anti-csto-coalition": 0,
        "union-expands": 1,
        "west": 1,
        "west-divides": 0,
        "Other": 1,
    }


def test_the_order_of_units_changes_no_metric(model: Model, tmp_path: Path) -> None:
    forward = evaluate_model(model, corpus_of(ROWS, tmp_path)).metrics
    backward = evaluate_model(model, corpus_of(ROWS[::-1], tmp_path)).metrics
    assert backward["overall"] == forward["overall"]
    assert backward["per_label"] == forward["per_label"]


def test_intervals_draw_whole_groups(model: Model, tmp_path: Path) -> None:
    """With a single group there is nothing to draw from; units without a group stand for themselves."""
    rows = [{**row, "outlet": "А"} for row in ROWS]
    grouped = evaluate_model(model, corpus_of(rows, tmp_path), group_by="outlet").metrics
    assert grouped["overall"]["fine"]["samples_f1_ci95"] is None
    partly = evaluate_model(model, corpus_of(ROWS, tmp_path), group_by="outlet").metrics
    assert partly["overall"]["fine"]["samples_f1_ci95"] is not None


def test_a_missing_group_column_is_named(model: Model, corpus: Corpus) -> None:
    with pytest.raises(CorpusError, match=r"corpus\.jsonl: nothing: no such column; columns are: id, text"):
        evaluate_model(model, corpus, group_by="nothing")


def test_an_unknown_label_counts_as_missed(model: Model, tmp_path: Path) -> None:
    rows = [*ROWS, {"id": "5", "lang": "bg", "text": "Друга тема.", "labels": ["нов разказ", "bloc"]}]
    corpus = corpus_of(rows, tmp_path)
    known = evaluate_model(model, corpus_of(ROWS, tmp_path)).metrics
    result = evaluate_model(model, corpus)
    rows_by_label = {row["label"]: row for row in result.metrics["per_label"]}
    assert rows_by_label["нов разказ"]["support"] == 1
    assert rows_by_label["нов разказ"]["recall"] == 0
    assert rows_by_label["union-expands"]["support"] == 1
    assert result.decided.shape == (5, len(model.codebook.ids))
    assert set(rows_by_label) - {row["label"] for row in known["per_label"]} == {"нов разказ"}


def test_an_unknown_label_stands_under_its_parent(model: Model, tmp_path: Path) -> None:
    """A narrative that the corpus adds to a known parent counts for the parent at the coarse level."""
    codebook = Codebook.from_parents({"west": None, "west-pays": "west"}, name="further")
    path = corpus_of([{"id": "1", "text": "The West pays.", "labels": ["west-pays"]}], tmp_path).path
    metrics = evaluate_model(model, read_corpus(path, codebook=codebook)).metrics
    assert {row["label"]: row["support"] for row in metrics["per_label"]}["west"] == 1


def test_unknown_labels_are_listed_with_their_units(model: Model, tmp_path: Path) -> None:
    rows = [*ROWS, *({"id": f"n{k}", "text": f"Тема {k}.", "labels": ["new", "bloc"]} for k in range(2))]
    corpus = corpus_of(rows, tmp_path)
    assert unknown_labels(model.codebook, corpus) == {"new": ["n0", "n1"]}
    left = leave_out_unknown(model.codebook, corpus)
    assert left.column("id") == ["1", "2", "3", "4"]
    assert left.n_left_out == 2
    assert str(left.left_out[0]).endswith("unit n0: the model does not know 'new'")


def test_leaving_out_every_unit_is_refused(model: Model, tmp_path: Path) -> None:
    corpus = corpus_of([{"id": "1", "text": "Тема.", "labels": ["new"]}], tmp_path)
    with pytest.raises(CorpusError, match="unit 1: the model does not know 'new'"):
        leave_out_unknown(model.codebook, corpus)


def test_predictions_are_lines_in_the_order_of_the_corpus(model: Model, corpus: Corpus, tmp_path: Path) -> None:
    result = evaluate_model(model, corpus)
    write_predictions(tmp_path / "out.jsonl", corpus, result)
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["1", "2", "3", "4"]
    assert list(rows[0]) == ["id", "labels", "probabilities"]
    assert list(rows[0]["probabilities"]) == list(model.codebook.ids)
    assert rows[0]["probabilities"]["bloc"] == pytest.approx(float(result.probabilities[0, 0]), abs=1e-6)
    assert [label in row["labels"] for row in rows for label in model.codebook.ids] == list(result.decided.flat)


def test_a_submission_lists_the_files_in_order(tmp_path: Path) -> None:
    """A submission of the gold labels is the annotation file, read again as the same corpus."""
    corpus = read_corpus(SEMEVAL / "RU", format="semeval2025")
    decided = corpus.codebook.indicator(corpus.column("labels"))
    gold = Evaluation({}, decided, decided.astype(np.float32), corpus.codebook)
    write_predictions(tmp_path / "submission.txt", corpus, gold)
    lines = (tmp_path / "submission.txt").read_text(encoding="utf-8").splitlines()
    assert [line.split("\t")[0] for line in lines] == corpus.column("file")
    for line, labels in zip(lines, corpus.column("labels"), strict=True):
        _, narratives, subnarratives = line.split("\t")
        assert len(narratives.split(";")) == len(subnarratives.split(";"))
        assert set(subnarratives.split(";")) == set(labels)


def test_nothing_is_left_of_a_file_that_cannot_be_written(model: Model, corpus: Corpus, tmp_path: Path) -> None:
    target = tmp_path / "taken"
    target.mkdir()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(FramescopeError, match="taken: cannot be written: "):
        write_predictions(target, corpus, evaluate_model(model, corpus))
    assert sorted(tmp_path.iterdir()) == before


def test_an_evaluation_knows_the_scope(scoped: Predictor, corpus: Corpus, tmp_path: Path) -> None:
    """Units out of scope are counted, their labels missed, and the file says why."""
    result = evaluate_model(scoped.bundle.model, corpus)
    texts = corpus.full_texts()
    expected = [one.out_of_scope for one in scoped.predict(texts)]
    assert result.in_scope is not None
    assert [scoped.codebook.named(~row) for row in result.in_scope] == expected
    missed = {row["label"]: row["n_missed"] for row in result.metrics["scope"]["per_label"]}
    assert missed == {**dict.fromkeys(scoped.labels, 0), "west": 1}, "ru: Запад is not named"
    write_predictions(tmp_path / "out.jsonl", corpus, result)
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [tuple(row["out_of_scope"]) for row in rows] == expected
    assert all(row["probabilities"][label] == 0 for row in rows for label in row["out_of_scope"])


def test_the_file_tells_labels_to_review(
    reviewed: Predictor, model: Model, corpus: Corpus, tmp_path: Path
) -> None:
    write_predictions(tmp_path / "out.jsonl", corpus, evaluate_model(reviewed.bundle.model, corpus))
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    expected = reviewed.predict(corpus.full_texts())
    assert [(tuple(row["given"]), tuple(row["to_review"])) for row in rows] == [
        (one.given, one.to_review) for one in expected
    ]
    write_predictions(tmp_path / "all.jsonl", corpus, evaluate_model(model, corpus))
    assert "to_review" not in (tmp_path / "all.jsonl").read_text(encoding="utf-8")


def test_a_label_that_the_model_does_not_know_is_not_out_of_scope(scoped: Predictor, tmp_path: Path) -> None:
    other = corpus_of([{"id": "1", "text": "Времето", "labels": ["weather"]}], tmp_path)
    scope = evaluate_model(scoped.bundle.model, other).metrics["scope"]
    found = {row["label"]: row for row in scope["per_label"]}
    assert found["weather"] == {"label": "weather", "n_outside": 0, "n_missed": 0}
    assert found["bloc"]["n_outside"] == 1


def test_without_scopes_the_file_has_no_such_field(model: Model, corpus: Corpus, tmp_path: Path) -> None:
    result = evaluate_model(model, corpus)
    assert result.in_scope is result.metrics["scope"] is None
    write_predictions(tmp_path / "out.jsonl", corpus, result)
    assert "out_of_scope" not in (tmp_path / "out.jsonl").read_text(encoding="utf-8")
