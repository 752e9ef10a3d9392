"""An article without an id is called the same by training, predict and score, and no two alike."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import framescope
from framescope import Predictor, ScoreOptions
from framescope.articles import read_articles
from framescope.corpus.conventions import Conventions, Empty
from framescope.corpus.read import read_corpus

LINES = (
    '{"text": "Първа", "labels": ["x"]}\n\n  {"text": "दूसरा", "labels": []}\r\n'
    '{"id": null, "text": "c", "labels": []}'
)
ROWS = [("Първа", "x"), ("दूसरा", ""), ("c", "")]


def write(path: Path) -> Path:
    """Write the same three articles in the format of a name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = path.name.partition(".")[2].removesuffix(".gz")
    if kind in {"jsonl", "ndjson"}:
        content = b"\xef\xbb\xbf" + LINES.encode()
    elif kind == "parquet":
        buffer = io.BytesIO()
        pq.write_table(pa.table({"text": [text for text, _ in ROWS], "labels": [["x"], [], []]}), buffer)
        content = buffer.getvalue()
    else:
        text = io.StringIO()
        writer = csv.writer(text, delimiter="," if kind == "csv" else "\t")
        writer.writerows([("text", "labels"), *ROWS])
        content = text.getvalue().encode("utf-8-sig")
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def scored(predictor: Predictor, *inputs: Path | str, output: Path) -> list[str]:
    options = ScoreOptions(format="jsonl", shard_bytes=1024)
    framescope.score(predictor, list(inputs), output, options=options)
    parts = [part.read_text(encoding="utf-8") for part in sorted(output.glob("part-*"))]
    return [json.loads(line)["id"] for part in parts for line in part.splitlines()]


@pytest.mark.parametrize(
    "name",
    ["news.jsonl", "news.ndjson", "news.jsonl.gz", "news.csv", "news.tsv", "news.csv.gz", "news.parquet"],
)
def test_every_command_gives_the_same(name: str, predictor: Predictor, tmp_path: Path) -> None:
    path = write(tmp_path / name)
    ids = ["news@3", "news@44", "news@89"] if "json" in name else ["news:1", "news:2", "news:3"]
    assert read_corpus(path, conventions=Conventions(empty=Empty.NONE)).column("id") == ids
    assert scored(predictor, path, output=tmp_path / "out") == ids
    if "json" in name:
        assert [article.id for article in read_articles([str(path)], io.BytesIO())] == ids


def test_files_of_one_name_are_told_apart_by_their_folders(predictor: Predictor, tmp_path: Path) -> None:
    """However they are given."""
    for folder in ("a", "b/c"):
        write(tmp_path / "in" / folder / "news.jsonl")
    (tmp_path / "in" / "b" / "news.txt").write_text("д", encoding="utf-8")
    files = [tmp_path / "in" / name for name in ("a/news.jsonl", "b/c/news.jsonl", "b/news.txt")]
    marks = ["@3", "@44", "@89"]
    ids = [f"a/news{mark}" for mark in marks] + [f"b/c/news{mark}" for mark in marks] + ["b/news"]
    assert [article.id for article in read_articles(map(str, files), io.BytesIO())] == ids
    assert scored(predictor, *files, output=tmp_path / "files") == ids
    assert scored(predictor, tmp_path / "in", output=tmp_path / "folder") == ids
    assert scored(predictor, f"{tmp_path}/in/**/news.*", output=tmp_path / "glob") == ids
    folders = [tmp_path / "in" / "a", tmp_path / "in" / "b"]
    assert scored(predictor, *folders, output=tmp_path / "folders") == ids
    urls = [f"file://{file}" for file in files]
    assert scored(predictor, *urls, output=tmp_path / "urls") == ids


def test_hidden_files_are_no_part_of_a_corpus(tmp_path: Path) -> None:
    """Such as macOS leaves beside each file."""
    write(tmp_path / "en.jsonl")
    (tmp_path / "._en.jsonl").write_bytes(b"\0\5\x16\7")
    (tmp_path / "codebook.json").write_text('{"name": "c", "labels": [{"id": "x"}]}', encoding="utf-8")
    assert read_corpus(tmp_path).column("id") == ["en@3", "en@44", "en@89"]
