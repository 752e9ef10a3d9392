"""What scoring makes of inputs of every format."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from scored import SMALL, WRITERS, articles, rows_of, write_csv, write_jsonl, write_parquet

import framescope
from framescope import Predictor, ScoreOptions
from framescope.batch.verify import verify
from framescope.text.article import full_text


def test_rows_are_what_the_predictor_says(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    """Ids, labels, probabilities, rule and digest, in input order; title and text are joined as in training."""
    summary = framescope.score(predictor, jsonl, tmp_path / "out", options=SMALL)
    assert (summary.n_scored, summary.n_rejected, summary.failures) == (60, 0, {})
    assert summary.n_parts > 3
    given = articles(60)
    predicted = predictor.predict([full_text(row["title"], row["text"]) for row in given])
    rows = rows_of(tmp_path / "out")
    assert [row["id"] for row in rows] == [row["id"] for row in given]
    for row, prediction in zip(rows, predicted, strict=True):
        assert row["labels"] == list(prediction.labels)
        assert row["probabilities"] == prediction.probabilities
        assert (row["rule"], row["model_digest"]) == ("samples-f1", predictor.digest)


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("shard_bytes", [1024, 3001, 1 << 25])
def test_formats_and_slices_change_no_row(
    predictor: Predictor, jsonl: Path, tmp_path: Path, name: str, shard_bytes: int
) -> None:
    framescope.score(predictor, jsonl, tmp_path / "expected")
    source = WRITERS[name](articles(60), tmp_path / f"x{name}")
    summary = framescope.score(
        predictor, source, tmp_path / "out", options=ScoreOptions(shard_bytes=shard_bytes)
    )
    assert rows_of(tmp_path / "out") == rows_of(tmp_path / "expected")
    assert summary.languages == {"bg": 30, "de": 30}
    assert summary.unknown_languages == {"de": 30}
    assert verify(tmp_path / "out") == []


def test_a_folder_of_texts_has_the_same_rows(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    """A text file is named by its path in the folder, without the suffix."""
    folder = tmp_path / "texts" / "deep"
    folder.mkdir(parents=True)
    for row in articles(60):
        text = full_text(row["title"], row["text"])
        (folder / f"{row['id']}.txt").write_text(text, encoding="utf-8", newline="")
    framescope.score(predictor, jsonl, tmp_path / "expected")
    framescope.score(predictor, folder.parent, tmp_path / "out", options=SMALL)
    expected = [row | {"id": f"deep/{row['id']}"} for row in rows_of(tmp_path / "expected")]
    assert rows_of(tmp_path / "out") == expected
    assert len(list((tmp_path / "out").glob("part-*"))) > 2
    assert verify(tmp_path / "out") == []


def test_texts_may_be_zipped(predictor: Predictor, tmp_path: Path) -> None:
    """Each by itself; one that is cut is named, though it is not the first of its shard."""
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("Нов блок", encoding="utf-8")
    (folder / "b.txt.gz").write_bytes(gzip.compress("Съюз".encode()))
    framescope.score(predictor, folder, tmp_path / "out")
    expected = predictor.predict(["Нов блок", "Съюз"])
    assert [row["id"] for row in rows_of(tmp_path / "out")] == ["a", "b"]
    assert [row["probabilities"] for row in rows_of(tmp_path / "out")] == [p.probabilities for p in expected]
    (folder / "b.txt.gz").write_bytes(gzip.compress("Съюз".encode())[:-5])
    (reason,) = framescope.score(predictor, folder, tmp_path / "cut").failures.values()
    assert reason.startswith(f"{folder / 'b.txt.gz'}: is not an intact gzip file: ")


def test_urls_are_read_in_place(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    """Files, folders and globs of whatever fsspec opens."""
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    write_parquet(articles(60), tmp_path / "in.parquet")
    memory.pipe("/news/b/in.jsonl", jsonl.read_bytes())
    memory.pipe("/news/a.parquet", (tmp_path / "in.parquet").read_bytes())
    framescope.score(predictor, jsonl, tmp_path / "expected")
    expected = rows_of(tmp_path / "expected")
    for n, (url, n_copies) in enumerate(
        {"memory://news/b/in.jsonl": 1, "memory://news/*.parquet": 1, "memory://news": 2}.items()
    ):
        framescope.score(predictor, url, tmp_path / f"out{n}", jobs=2, options=SMALL)
        assert rows_of(tmp_path / f"out{n}") == expected * n_copies
        assert verify(tmp_path / f"out{n}") == []
    memory.pipe("/news/a.parquet", b"PAR1")
    kinds = [(finding.kind, finding.message) for finding in verify(tmp_path / "out1")]
    assert kinds == [("stale", "was changed since it was scored")]


def test_columns_by_name_and_default_ids(predictor: Predictor, tmp_path: Path) -> None:
    """A row without id is named by its file and its row, or the byte at which its line begins."""
    rows = [{"Titel": "Съюз", "body": "Нов блок", "n": 7}, {"Titel": None, "body": "ОДКБ", "n": None}]
    options = ScoreOptions(text_field="body", title_field="Titel", id_field="n")
    framescope.score(predictor, write_parquet(rows, tmp_path / "a.parquet"), tmp_path / "out", options=options)
    assert [row["id"] for row in rows_of(tmp_path / "out")] == ["7", "a:2"]
    expected = predictor.predict(["Съюз\nНов блок", "ОДКБ"])
    assert [row["probabilities"] for row in rows_of(tmp_path / "out")] == [p.probabilities for p in expected]
    source = write_jsonl(rows, tmp_path / "a.jsonl")
    framescope.score(predictor, source, tmp_path / "lines", options=options)
    second = source.read_bytes().index(b"\n") + 1
    assert [row["id"] for row in rows_of(tmp_path / "lines")] == ["7", f"a@{second}"]


def test_a_missing_column_fails_the_file_and_not_the_run(predictor: Predictor, tmp_path: Path) -> None:
    bad = write_csv([{"id": "1", "body": "x"}], tmp_path / "bad.csv")
    good = write_csv([{"id": "1", "text": "x"}], tmp_path / "good.csv")
    summary = framescope.score(predictor, [bad, good], tmp_path / "out")
    (reason,) = summary.failures.values()
    assert reason == f"{bad}: has no column 'text', but 'id', 'body': name it with --text-field"
    assert summary.n_scored == 1


def test_a_column_in_other_capitals_is_named(predictor: Predictor, tmp_path: Path) -> None:
    """The separator is found by it, and the option is written out."""
    table = tmp_path / "in.csv"
    table.write_text("Outlet;Text \nA;Нов блок\n", encoding="utf-8")
    (reason,) = framescope.score(predictor, table, tmp_path / "out").failures.values()
    assert reason == f"{table}: has no column 'text', but 'Outlet', 'Text': name it with --text-field Text"
