"""A model of sentences judges sentences, whichever command or call it is used by."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from scored import write_csv, write_jsonl, write_parquet
from typer.testing import CliRunner

import framescope
from framescope import Predictor
from framescope.articles import Article
from framescope.batch.verify import verify
from framescope.bundle.write import save_bundle
from framescope.cli.app import app
from framescope.codebook import Codebook
from framescope.corpus.read import read_corpus
from framescope.corpus.units import split_units
from framescope.model.fitted import Model
from framescope.pages.article import explain_article
from framescope.text.segments import Unit, segments
from tiny import FACTS

ROWS: list[dict[str, Any]] = [
    {
        "id": "a",
        "title": "Съюз",
        "text": "Нов блок подкопава ОДКБ. Съюзът се разширява!\n\nБлокът обеща сигурност.",
    },
    {"id": "b", "title": "Union", "text": "The union is not expanding."},
    {"id": "c", "title": "", "text": " \n"},
    {"id": "d", "title": "Нов блок.", "text": "Нов блок. 🙂 Запад стремится расколоть ОДКБ."},
]
EXPECTED = [("a#1", 0, 24), ("a#2", 25, 45), ("a#3", 47, 70), ("b", 0, 27), ("d#1", 0, 9), ("d#2", 10, 43)]
"""Ids and bounds in the text without the title; the title of ``d`` is part of its text."""


@pytest.fixture
def by_sentence(model_with_cuts: Model, tmp_path: Path) -> Predictor:
    path = tmp_path / "by-sentence"
    save_bundle(replace(model_with_cuts, unit=Unit.SENTENCE), path, card="", training=FACTS)
    return Predictor.load(path)


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return write_jsonl(ROWS, tmp_path / "in" / "articles.jsonl")


def predicted(model: Path, lines: Path) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, ["predict", str(model), str(lines)])
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_predict_prints_a_line_for_each_sentence(by_sentence: Predictor, lines: Path) -> None:
    found = predicted(by_sentence.bundle.path, lines)
    assert [(row["id"], row["start"], row["end"]) for row in found] == EXPECTED
    assert [row["article_id"] for row in found] == ["a", "a", "a", "b", "d", "d"]
    texts = {row["id"]: row["text"] for row in ROWS}
    alone = by_sentence.predict([texts[row["article_id"]][row["start"] : row["end"]] for row in found])
    assert [tuple(row["labels"]) for row in found] == [made.labels for made in alone]
    assert found[0]["probabilities"] == pytest.approx(dict(alone[0].probabilities), abs=1e-6)


@pytest.mark.parametrize("write", [write_jsonl, write_csv, write_parquet])
@pytest.mark.parametrize("part_format", ["parquet", "jsonl"])
def test_score_writes_what_predict_prints(
    write: Any, part_format: Any, by_sentence: Predictor, lines: Path, tmp_path: Path
) -> None:
    suffix = {write_jsonl: "jsonl", write_csv: "csv", write_parquet: "parquet"}[write]
    source = write(ROWS, tmp_path / "in" / f"again.{suffix}")
    options = framescope.ScoreOptions(format=part_format)
    summary = framescope.score(by_sentence, source, tmp_path / "out", options=options)
    assert summary.n_scored == len(ROWS)
    (part,) = (tmp_path / "out").glob(f"part-*.{part_format}")
    if part_format == "parquet":
        rows = pq.read_table(part).to_pylist()
    else:
        rows = [json.loads(line) for line in part.read_text(encoding="utf-8").splitlines()]
    expected = predicted(by_sentence.bundle.path, lines)
    same = ("id", "article_id", "start", "end", "labels")
    assert [[row[name] for name in same] for row in rows] == [[row[name] for name in same] for row in expected]
    assert rows[0]["probabilities"] == pytest.approx(expected[0]["probabilities"], abs=1e-6)
    assert verify(tmp_path / "out") == []


def test_verify_finds_a_sentence_that_is_another(by_sentence: Predictor, lines: Path, tmp_path: Path) -> None:
    """The size and the time of the input stay: only reading it again can tell."""
    framescope.score(by_sentence, lines, tmp_path / "out")
    job = tmp_path / "out" / "_job.json"
    changed = lines.read_text(encoding="utf-8").replace("разширява!", "разширява?")
    lines.write_text(changed, encoding="utf-8")
    status = lines.stat()
    content = json.loads(job.read_text(encoding="utf-8"))
    content["files"][0][3] = content["files"][0][3].__class__(status.st_mtime_ns)
    job.write_text(json.dumps(content), encoding="utf-8")
    assert any(found.kind in {"stale", "damaged"} for found in verify(tmp_path / "out"))


def test_the_api_gives_the_same(by_sentence: Predictor) -> None:
    units = by_sentence.predict_units([row["text"] for row in ROWS])
    found = [(unit.start, unit.end) for each in units for unit in each]
    assert found == [(start, end) for _, start, end in EXPECTED]
    assert [len(each) for each in units] == [3, 1, 0, 2]
    text = str(ROWS[0]["text"])
    assert units[0][1].labels == by_sentence.predict([text[25:45]])[0].labels


def test_a_model_of_articles_has_one_unit_a_text(predictor: Predictor) -> None:
    ((unit,),) = predictor.predict_units(["Нов блок. Съюз!"])
    assert (unit.start, unit.end) == (0, 15)
    assert unit.labels == predictor.predict(["Нов блок. Съюз!"])[0].labels


def test_languages_of_articles_go_to_their_units(by_sentence: Predictor) -> None:
    with pytest.warns(framescope.UnknownLanguageWarning, match="'ka'") as caught:
        by_sentence.predict_units(["Ein Satz. Noch einer.", "Нов блок."], languages=["ka", "bg"])
    assert [Path(warning.filename) for warning in caught] == [Path(__file__)]
    with pytest.raises(framescope.TextError, match="expected a list of 2 languages, one a text"):
        by_sentence.predict_units(["a", "b"], languages=["bg"])


def test_training_cuts_alike(lines: Path) -> None:
    rows = [{**row, "labels": []} for row in ROWS if str(row["text"]).strip()]
    corpus = read_corpus(write_jsonl(rows, lines), codebook=Codebook.flat(["bloc"]))
    cut = split_units(corpus, Unit.SENTENCE)
    assert list(cut.column("id")) == [unit_id for unit_id, _, _ in EXPECTED]


def test_a_page_cuts_alike(by_sentence: Predictor) -> None:
    """Its text begins with the title, which is no unit."""
    text = str(ROWS[0]["text"])
    (view,) = explain_article(Article("a", f"Съюз\n{text}", "bg", "Съюз", n_before=5), [by_sentence]).models
    assert view.n_units == len(segments(text, Unit.SENTENCE)) == 3
    bounds = {(unit.start - 5, unit.end - 5) for label in view.labels for unit in label.units}
    assert bounds <= {(start, end) for _, start, end in EXPECTED[:3]}


@pytest.mark.parametrize("part_format", ["parquet", "jsonl"])
def test_what_an_article_names_counts_for_its_sentences_everywhere(
    part_format: Any, scoped_model: Model, lines: Path, tmp_path: Path
) -> None:
    """Predict, score, explain and the API agree; a sentence by itself would name less."""
    path = tmp_path / "scoped-sentences"
    save_bundle(replace(scoped_model, unit=Unit.SENTENCE), path, card="", training=FACTS)
    model = Predictor.load(path)
    expected = [["west", "west-divides"]] * 3  # a
    expected += [["bloc", "anti-csto-coalition", "union-expands", "west", "west-divides"]]  # b
    expected += [["union-expands"]] * 2  # d
    printed = predicted(path, lines)
    assert [row["out_of_scope"] for row in printed] == expected
    framescope.score(path, lines, tmp_path / "out", options=framescope.ScoreOptions(format=part_format))
    (part,) = (tmp_path / "out").glob(f"part-*.{part_format}")
    if part_format == "parquet":
        rows = pq.read_table(part).to_pylist()
    else:
        rows = [json.loads(line) for line in part.read_text(encoding="utf-8").splitlines()]
    assert [row["out_of_scope"] for row in rows] == expected
    assert [row["labels"] for row in rows] == [row["labels"] for row in printed]
    assert verify(tmp_path / "out") == []
    units = model.predict_units([row["text"] for row in ROWS])
    assert [list(unit.out_of_scope) for each in units for unit in each] == expected
    (view,) = explain_article(Article("a", f"Съюз\n{ROWS[0]['text']}", title="Съюз"), [model]).models
    assert [label.id for label in view.labels if not label.is_in_scope] == expected[0]
