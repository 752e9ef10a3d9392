"""Rows and files that cannot be scored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scored import WRITERS, articles, rejected, rows_of

import framescope
from framescope import Predictor, ScoreOptions, ScoringError
from framescope.batch.verify import verify
from framescope.formats.separated import QUOTE_RULE

BAD_LINES = {
    b'{"id": "x", "text": "half': "is not JSON: Unterminated string starting at at position 21",
    b"[1]": "expected a JSON object, found a list",
    b'{"id": "x"}': "text: is missing",
    b'{"id": "x", "text": null}': "text: is missing",
    b'{"id": "x", "text": 5}': "text: expected a string, found int",
    b'{"id": 1.5, "text": "y"}': "id: expected a string, found float",
    b'{"id": "x", "text": "\xff"}': "is not valid UTF-8: byte 0xff",
    b'{"id": "\\ud800", "text": "y"}': "has \\ud800, half of a surrogate pair, which is not a character",
    b'{"id": "x", "text": "y"} {"id": "z", "text": "y"}': "is not JSON: Extra data at position 26",
}


@pytest.mark.parametrize("shard_bytes", [1024, 1 << 25])
def test_bad_lines_are_rejected_with_line_and_reason(
    predictor: Predictor, jsonl: Path, tmp_path: Path, shard_bytes: int
) -> None:
    """Their neighbours are scored; blank lines and the mark of byte order are nothing."""
    good = jsonl.read_bytes().splitlines(keepends=True)
    lines = [b"\xef\xbb\xbf" + good[0], b"\r\n"]
    expected = []
    for number, (bad, reason) in enumerate(BAD_LINES.items()):
        lines += [*good[1 + 5 * number : 6 + 5 * number], bad + b"\n"]
        expected.append({"file": str(jsonl), "line": len(lines), "reason": reason})
    lines += [b"  \n", *good[46:59], good[59].rstrip(b"\n")]
    jsonl.write_bytes(b"".join(lines))
    output = tmp_path / "out"
    summary = framescope.score(predictor, jsonl, output, jobs=2, options=ScoreOptions(shard_bytes=shard_bytes))
    assert rejected(output) == expected
    assert [row["id"] for row in rows_of(output)] == [f"a{number:04d}" for number in range(60)]
    assert (summary.n_rows, summary.n_scored, summary.n_rejected) == (69, 60, 9)
    assert verify(output) == []


def test_bad_rows_of_tables_are_rejected(predictor: Predictor, tmp_path: Path) -> None:
    """Parquet does not check its strings: invalid UTF-8 would reach the model."""
    raw = [b"a", b"\xff\xfe", None, "Съюз".encode()]
    texts = pa.array(raw, pa.binary()).view(pa.string())
    pq.write_table(pa.table({"id": [1, 2, 3, 4], "text": texts}), tmp_path / "a.parquet")
    framescope.score(predictor, tmp_path / "a.parquet", tmp_path / "out")
    reasons = [(row["row"], row["reason"]) for row in rejected(tmp_path / "out")]
    assert reasons == [(2, "text: is not valid UTF-8"), (3, "text: is missing")]
    assert [row["id"] for row in rows_of(tmp_path / "out")] == ["1", "4"]
    table = b'id,text\n1,"a\nb"\n2,x,y\n3,\xff\n4,"x"z\n5,\xd1\x8f\n'
    (tmp_path / "a.csv").write_bytes(table)
    framescope.score(predictor, tmp_path / "a.csv", tmp_path / "csv")
    assert [(row["line"], row["reason"]) for row in rejected(tmp_path / "csv")] == [
        (4, "has 3 fields, expected 2"),
        (5, "byte 0xff is not UTF-8: save the file again as UTF-8"),
        (6, f"is not valid CSV: ',' expected after '\"': {QUOTE_RULE}"),
    ]
    assert [row["id"] for row in rows_of(tmp_path / "csv")] == ["1", "5"]


@pytest.mark.parametrize("name", [*WRITERS, "in.txt"])
def test_a_text_beyond_the_limit_is_rejected(predictor: Predictor, tmp_path: Path, name: str) -> None:
    """50 MB, between two articles of ordinary length."""
    rows = articles(3)
    rows[1]["text"] = "я" * 25_000_000
    if name == "in.txt":
        folder = tmp_path / "texts"
        folder.mkdir()
        for row in rows:
            (folder / f"{row['id']}.txt").write_text(row["text"], encoding="utf-8")
        source = folder
    else:
        source = WRITERS[name](rows, tmp_path / name)
    summary = framescope.score(predictor, source, tmp_path / "out", options=ScoreOptions(shard_bytes=1 << 20))
    assert [row["id"] for row in rows_of(tmp_path / "out")] == ["a0000", "a0002"]
    assert (summary.n_scored, summary.n_rejected) == (2, 1)
    (reason,) = [row["reason"] for row in rejected(tmp_path / "out")]
    assert "more than" in reason


def test_damaged_files_fail_alone(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    """They are named, tried again by the next run, and the others are scored."""
    zipped = WRITERS["in.jsonl.gz"](articles(60), tmp_path / "cut.jsonl.gz")
    whole = zipped.read_bytes()
    zipped.write_bytes(whole[:-20])
    parquet = WRITERS["in.parquet"](articles(60), tmp_path / "cut.parquet")
    parquet.write_bytes(parquet.read_bytes()[:-9])
    inputs = [zipped, parquet, jsonl]
    summary = framescope.score(predictor, inputs, tmp_path / "out")
    assert summary.n_scored == 60
    first, second = summary.failures.values()
    assert first.startswith(f"{zipped}: is not an intact gzip file: Compressed file ended")
    assert second.startswith(f"{parquet}: is not an intact parquet file: ")
    manifest = json.loads((tmp_path / "out" / "_manifest.json").read_text("utf-8"))
    assert [entry["files"] for entry in manifest["errors"].values()] == [[str(zipped)], [str(parquet)]]
    assert [finding.kind for finding in verify(tmp_path / "out")] == ["failed", "failed"]
    assert framescope.score(predictor, inputs, tmp_path / "out").failures == summary.failures


@pytest.mark.parametrize("jobs", [1, 2])
def test_too_many_bad_rows_stop_the_run(predictor: Predictor, jsonl: Path, tmp_path: Path, jobs: int) -> None:
    jsonl.write_bytes(b"{}\n" + jsonl.read_bytes() + b"[]\n{}\n")
    output = tmp_path / "out"
    with pytest.raises(ScoringError, match=r"a row is rejected: .*in\.jsonl, line 1: text: is missing"):
        framescope.score(
            predictor, jsonl, output, jobs=jobs, options=ScoreOptions(shard_bytes=2048, max_errors=0)
        )
    with pytest.raises(ScoringError, match=r"more than 2"):
        framescope.score(
            predictor, jsonl, output, jobs=jobs, options=ScoreOptions(shard_bytes=2048, max_errors=2)
        )
    done = framescope.score(predictor, jsonl, output, options=ScoreOptions(shard_bytes=2048, max_errors=3))
    assert done.n_rejected == 3


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing.jsonl", "no such file or folder"),
        ("notes.doc", "its format is not known: expected .jsonl"),
        ("empty", "has no file of a known format"),
        ("*.parquet", "has no file of a known format"),
    ],
)
def test_inputs_that_cannot_be(predictor: Predictor, tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "notes.doc").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(ScoringError, match=message):
        framescope.score(predictor, tmp_path / name, tmp_path / "out")
    with pytest.raises(ScoringError, match="found none"):
        framescope.score(predictor, [], tmp_path / "out")


@pytest.mark.parametrize(
    "options", [{"top": 0}, {"threshold": 1.5}, {"shard_bytes": 1}, {"max_errors": -1}, {"format": "ods"}]
)
def test_options_that_cannot_be(options: dict[str, Any]) -> None:
    with pytest.raises(ScoringError, match=rf"{next(iter(options))}: expected .*, found"):
        ScoreOptions(**options)
