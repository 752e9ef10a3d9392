"""Ids that occur more than once in a run: told once, with counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scored import SMALL, articles, write_csv, write_jsonl, write_parquet

import framescope
from framescope import Predictor
from framescope.batch.ids import RepeatedIds
from framescope.batch.verify import verify


def test_ids_that_occur_twice_are_counted_across_files(predictor: Predictor, tmp_path: Path) -> None:
    """Whatever the formats and shards; of a row without id, its place is the id."""
    rows = articles(40)
    write_jsonl(rows, tmp_path / "a.jsonl")
    write_csv([*rows[7:9], {**rows[7], "text": "другаде"}], tmp_path / "b.csv")
    write_parquet([rows[30] | {"id": "new"}, rows[31]], tmp_path / "c.parquet")
    write_jsonl([{"text": "без"}, {"text": "без"}], tmp_path / "d.jsonl")
    output = tmp_path.parent / f"{tmp_path.name}-out"
    for jobs in (1, 2):  # the second time nothing is left to do
        summary = framescope.score(predictor, tmp_path, output, jobs=jobs, options=SMALL)
        assert summary.repeated_ids == RepeatedIds(3, 7, "a0007")
    assert verify(output) == []


def test_no_id_occurs_twice(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    assert framescope.score(predictor, jsonl, tmp_path / "out", options=SMALL).repeated_ids is None
    (tmp_path / "bare.jsonl").write_text('{"text": "a"}\n' * 3, encoding="utf-8")
    summary = framescope.score(predictor, tmp_path / "bare.jsonl", tmp_path / "bare")
    assert summary.repeated_ids is None
    assert not list((tmp_path / "bare" / "_shards").glob("*.ids"))


def test_of_too_many_rows_nobody_is_told(
    predictor: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jsonl").write_text(f"{json.dumps({'id': 'a', 'text': 't'})}\n" * 3, encoding="utf-8")
    monkeypatch.setattr("framescope.batch.ids.MAX_IDS", 2)
    assert framescope.score(predictor, tmp_path / "a.jsonl", tmp_path / "out").repeated_ids is None
