"""Parts that spreadsheets open."""

from __future__ import annotations

import csv
import re
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pyarrow as pa
import pytest
from scored import articles, parts, write_csv, write_jsonl

import framescope
from framescope import Predictor, ScoreOptions, ScoringError
from framescope.batch import spreadsheets
from framescope.batch.spreadsheets import MAX_CELL, XlsxWriter, cut, xlsx_ids
from framescope.batch.verify import verify
from framescope.formats.dialect import Dialect
from framescope.formats.spreadsheet import SheetTable

FORMULA = '=HYPERLINK("http://x","y")'


def csv_rows(output: Path) -> list[dict[str, str]]:
    """Return all rows; every part has a header of its own."""
    rows = []
    for part in sorted(output.glob("part-*.csv")):
        with part.open(encoding="utf-8", newline="") as opened:
            assert opened.read(1) == "\ufeff"
            rows.extend(csv.DictReader(opened))
    return rows


def sheet_of(part: Path) -> str:
    with ZipFile(part) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


def test_csv_has_a_column_for_each_label(predictor: Predictor, tmp_path: Path) -> None:
    source = write_jsonl(articles(60), tmp_path / "in.jsonl")
    options = ScoreOptions(format="csv", shard_bytes=2048)
    framescope.score(predictor, source, tmp_path / "out", options=options)
    assert len(list((tmp_path / "out").glob("part-*.csv"))) > 3
    framescope.score(predictor, source, tmp_path / "lines", options=ScoreOptions(format="parquet"))
    rows = csv_rows(tmp_path / "out")
    labels = [f"p_{label}" for label in predictor.labels]
    assert list(rows[0]) == [
        *("id", "labels", "given", "to_review", *labels),
        *("typicality", "unlike_training", "rule", "model_digest", "text_hash"),
    ]
    predicted = predictor.predict([f"{row['title']}\n{row['text']}" for row in articles(60)[5:6]])
    assert rows[5]["labels"] == rows[5]["given"] == "; ".join(predicted[0].labels) != ""
    assert rows[5]["to_review"] == ""
    assert [float(rows[5][name]) for name in labels] == pytest.approx(
        list(predicted[0].probabilities.values()), abs=1e-6
    )
    assert {(row["typicality"], row["unlike_training"]) for row in rows} == {("", "False")}
    assert verify(tmp_path / "out") == []


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_no_cell_is_a_formula(predictor: Predictor, tmp_path: Path, name: Any) -> None:
    """Ids and kept cells are anybody's; verify knows what became of them."""
    pytest.importorskip("xlsxwriter")
    given = [{"id": FORMULA, "text": "Нов блок", "url": "@SUM(A1)"}, {"id": "\r-x", "text": "b", "url": "-3"}]
    source = write_csv(given, tmp_path / "in.csv")
    options = ScoreOptions(format=name, keep=["url"])
    framescope.score(predictor, source, tmp_path / "out", options=options)
    assert verify(tmp_path / "out") == []
    (part,) = (tmp_path / "out").glob("part-*")
    if name == "csv":
        cells = [(row["id"], row["url"]) for row in csv_rows(tmp_path / "out")]
        assert cells == [(f"'{FORMULA}", "'@SUM(A1)"), ("'\r-x", "-3")]
    else:
        assert "<f>" not in sheet_of(part)
        assert sheet_of(part).count(' s="2" t="inlineStr"') == 3  # they are text, and say so
        assert [row_id for row_id, _ in xlsx_ids(part)] == [FORMULA, "\r-x"]


def test_days_are_dates_in_a_workbook(predictor: Predictor, tmp_path: Path) -> None:
    """Excel sorts and filters them; an id stays a text, and so does what is no day."""
    days = ["2026-03-02", "2026-02-30", "2026-03", "1850-01-01"]
    rows = [{"id": f"2026-01-0{n}", "text": "Нов блок", "date": day} for n, day in enumerate(days)]
    source = write_jsonl(rows, tmp_path / "in.jsonl")
    options = ScoreOptions(format="xlsx", keep=["date"])
    framescope.score(predictor, source, tmp_path / "out", options=options)
    (part,) = (tmp_path / "out").glob("part-*.xlsx")
    sheet = sheet_of(part)
    assert re.findall(r'<c r="B(\d)" s="\d+"><v>(\d+)</v>', sheet) == [("2", "46083")]
    assert 'width="11' in sheet
    with part.open("rb") as opened, SheetTable(opened, part, dialect=Dialect()) as table:
        assert [record.cells[:2] for record in table.records()] == [[row["id"], row["date"]] for row in rows]
    assert verify(tmp_path / "out") == []


def test_two_runs_write_the_same_workbook(predictor: Predictor, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    source = write_jsonl(articles(20), tmp_path / "in.jsonl")
    outputs = [tmp_path / "out", tmp_path / "again"]
    for output in outputs:
        framescope.score(predictor, source, output, options=ScoreOptions(format="xlsx", shard_bytes=2048))
        assert verify(output) == []
    first, second = ({name: made for name, made in parts(o).items() if "xlsx" in name} for o in outputs)
    assert first == second
    assert len(first) > 1


def test_another_row_in_a_workbook_is_found(predictor: Predictor, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    source = write_jsonl(articles(3), tmp_path / "in.jsonl")
    framescope.score(predictor, source, tmp_path / "out", options=ScoreOptions(format="xlsx"))
    (part,) = (tmp_path / "out").glob("part-*.xlsx")
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    assert [finding.kind for finding in verify(tmp_path / "out")] == ["damaged"]


def test_excels_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows beyond a sheet are refused; a cell is cut, and says so."""
    pytest.importorskip("xlsxwriter")
    monkeypatch.setattr(spreadsheets, "MAX_ROWS", 3)
    probabilities = pa.struct([("a", pa.float32())])
    labels = pa.list_(pa.string())
    schema = pa.schema([("id", pa.large_string()), ("labels", labels), ("probabilities", probabilities)])
    row = {"id": "x", "labels": [], "probabilities": {"a": 0.5}}
    batch = pa.RecordBatch.from_pylist([row], schema)
    writer = XlsxWriter(BytesIO(), schema, ["a"])
    writer.write(batch)
    writer.write(batch)
    with pytest.raises(ScoringError, match=r"more than the 3 rows that Excel shows: .* --shard-bytes"):
        writer.write(batch)
    writer.abandon()
    assert cut("я" * MAX_CELL) == "я" * MAX_CELL
    assert cut("я" * (MAX_CELL + 1)) == "я" * (MAX_CELL - 6) + " [cut]"
    assert cut("😀" * 20_000) == "😀" * 16_380 + " [cut]"


def test_without_xlsxwriter_the_extra_is_named(
    predictor: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is written."""
    source = write_jsonl(articles(3), tmp_path / "in.jsonl")
    monkeypatch.setattr(spreadsheets, "find_spec", lambda name: None)
    with pytest.raises(ScoringError, match=r'not installed: pip install "framescope\[xlsx\]"'):
        framescope.score(predictor, source, tmp_path / "out", options=ScoreOptions(format="xlsx"))
    assert not (tmp_path / "out").exists()


def test_the_most_probable_alone_leave_cells_empty(predictor: Predictor, tmp_path: Path) -> None:
    source = write_jsonl(articles(5), tmp_path / "in.jsonl")
    framescope.score(predictor, source, tmp_path / "out", options=ScoreOptions(format="csv", top=1))
    for row in csv_rows(tmp_path / "out"):
        assert sum(row[f"p_{label}"] != "" for label in predictor.labels) == 1
