"""Columns of the input that are carried through."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scored import rows_of, write_csv, write_jsonl, write_parquet

import framescope
from framescope import Predictor, ScoreOptions, ScoringError
from framescope.batch.verify import verify
from framescope.bundle.write import save_bundle
from framescope.model.fitted import Model
from framescope.text.segments import Unit
from tiny import FACTS

ROWS: list[dict[str, Any]] = [
    {"id": "1", "text": "Нов блок", "outlet": "Газета", "date": "2024-01-02", "labels": "x"},
    {"id": "2", "text": "Съюз", "outlet": "", "date": "", "labels": "y"},
]


def kept(output: Path, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows_of(output)]


@pytest.mark.parametrize("name", ["in.jsonl", "in.csv", "in.tsv", "in.parquet"])
def test_columns_are_carried_through(predictor: Predictor, tmp_path: Path, name: str) -> None:
    """In the order in which they were named; the results are the same."""
    write = {"jsonl": write_jsonl, "parquet": write_parquet}.get(name.partition(".")[2], write_csv)
    source, output = write(ROWS, tmp_path / name), tmp_path / "out"
    framescope.score(predictor, source, output, options=ScoreOptions(keep=["date", "outlet"]))
    assert list(rows_of(output)[0])[:4] == ["id", "date", "outlet", "labels"]
    assert kept(output, "id", "date", "outlet") == [("1", "2024-01-02", "Газета"), ("2", "", "")]
    framescope.score(predictor, source, tmp_path / "plain")
    assert kept(output, "probabilities") == kept(tmp_path / "plain", "probabilities")
    assert verify(output) == []


def test_all_columns_but_the_id_and_no_name_twice(predictor: Predictor, tmp_path: Path) -> None:
    """What the output has itself is called input_..."""
    source, output = write_csv(ROWS, tmp_path / "in.csv"), tmp_path / "out"
    options = ScoreOptions(keep=["all"])
    framescope.score(predictor, source, output, options=options)
    names = list(rows_of(output)[0])
    assert names[:6] == ["id", "text", "outlet", "date", "input_labels", "labels"]
    assert kept(output, "text", "input_labels") == [("Нов блок", "x"), ("Съюз", "y")]
    assert verify(output) == []
    framescope.score(predictor, source, output, options=options)  # resumed


def test_values_of_any_type_become_text(predictor: Predictor, tmp_path: Path) -> None:
    """Alike from JSON and Parquet; a line with a number in a text is still rejected."""
    row = {"text": "Нов блок", "n": 7, "share": 0.5, "is_new": True, "tags": ["a", "б"], "none": None}
    names = ("n", "share", "is_new", "tags", "none")
    expected = [("7", "0.5", "true", '["a", "б"]', None)]
    lines = write_jsonl([row, {"text": 3}], tmp_path / "in.jsonl")
    summary = framescope.score(predictor, lines, tmp_path / "lines", options=ScoreOptions(keep=names))
    assert kept(tmp_path / "lines", *names) == expected
    assert (summary.n_rejected, dict(summary.reasons)) == (1, {"text: expected a string, found int": 1})
    table = pa.Table.from_pylist([{**row, "day": date(2024, 1, 2)}])
    pq.write_table(table, tmp_path / "in.parquet")
    options = ScoreOptions(keep=[*names, "day"])
    framescope.score(predictor, tmp_path / "in.parquet", tmp_path / "out", options=options)
    assert kept(tmp_path / "out", *names, "day") == [(*expected[0], "2024-01-02")]


def test_files_that_lack_a_column_leave_it_empty(predictor: Predictor, tmp_path: Path) -> None:
    first = write_csv(ROWS, tmp_path / "a.csv")
    second = write_csv([{"text": "b", "url": "http://x"}], tmp_path / "b.csv")
    (tmp_path / "c.txt").write_text("Съюз", encoding="utf-8")
    options = ScoreOptions(keep=["url", "outlet"])
    inputs = [first, second, tmp_path / "c.txt"]
    framescope.score(predictor, inputs, tmp_path / "out", options=options)
    assert sorted(kept(tmp_path / "out", "id", "url", "outlet")) == [
        *(("1", None, "Газета"), ("2", None, ""), ("b:1", "http://x", None)),
        ("c", None, None),
    ]


def test_a_column_that_no_input_has_is_named(predictor: Predictor, tmp_path: Path) -> None:
    source = write_csv(ROWS, tmp_path / "in.csv")
    message = "keep: no input has a column 'dat': they have 'id', 'text', 'outlet', 'date', 'labels'"
    with pytest.raises(ScoringError, match=message):
        framescope.score(predictor, source, tmp_path / "out", options=ScoreOptions(keep=["dat"]))
    assert not (tmp_path / "out").exists()


def test_a_file_that_cannot_be_read_is_not_said_to_lack_a_column(predictor: Predictor, tmp_path: Path) -> None:
    """What is wrong with a table in another encoding is its encoding."""
    source = tmp_path / "in.csv"
    source.write_bytes("Текст;Медия\nСъюз;Газета\n".encode("windows-1251"))
    options = ScoreOptions(text_field="Текст", keep=["Медия"])
    with pytest.raises(ScoringError, match=r"in\.csv:1: byte 0xd2 is not UTF-8, .*--encoding windows-1251"):
        framescope.score(predictor, source, tmp_path / "out", options=options)


def test_units_have_what_their_articles_have(model: Model, tmp_path: Path) -> None:
    save_bundle(replace(model, unit=Unit.SENTENCE), tmp_path / "sentences", card="# S\n", training=FACTS)
    rows = [{"id": "1", "text": "Нов блок. Съюз!", "outlet": "A"}, {"id": "2", "text": "Блок.", "outlet": "B"}]
    source = write_jsonl(rows, tmp_path / "in.jsonl")
    options = ScoreOptions(keep=["outlet"], format="jsonl")
    framescope.score(Predictor.load(tmp_path / "sentences"), source, tmp_path / "out", options=options)
    (part,) = (tmp_path / "out").glob("part-*.jsonl")
    found = [json.loads(line) for line in part.read_text("utf-8").splitlines()]
    assert [(row["article_id"], row["outlet"]) for row in found] == [("1", "A"), ("1", "A"), ("2", "B")]
