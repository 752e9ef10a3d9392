"""A run: the same rows whatever the format, the slices and the jobs; resumed, refused, locked, out of room."""

from __future__ import annotations

import errno
import fcntl
import gzip
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import joblib
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scored import WRITERS, articles, parts, rejected, rows_of, write_csv, write_jsonl, write_parquet

import framescope
from framescope import Predictor, ScoreOptions, ScoringError
from framescope.batch.job import ScoringRun
from framescope.batch.options import Stopped
from framescope.batch.progress import ScoringProgress
from framescope.batch.scoring import score_shard
from framescope.batch.verify import verify
from framescope.text.article import full_text
from framescope.text.words import word_offsets
from tiny import FACTS

SMALL = ScoreOptions(shard_bytes=2048)


# What is scored


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


# What is written


def test_only_the_most_probable_labels(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    """Best first, with the probabilities that the full output has."""
    framescope.score(predictor, jsonl, tmp_path / "all")
    options = ScoreOptions(top=2, threshold=0.3)
    framescope.score(predictor, jsonl, tmp_path / "top", options=options)
    n_shorter = 0
    for full, row in zip(rows_of(tmp_path / "all"), rows_of(tmp_path / "top"), strict=True):
        ranked = sorted(full["probabilities"].items(), key=lambda pair: -pair[1])
        kept = [
            {"label": label, "probability": value} for label, value in ranked[:2] if value >= np.float32(0.3)
        ]
        assert [one["probability"] for one in row["probabilities"]] == [one["probability"] for one in kept]
        assert all(full["probabilities"][one["label"]] == one["probability"] for one in row["probabilities"])
        n_shorter += len(kept) < 2
    assert n_shorter


def test_lines_of_json_say_the_same(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    """Probabilities to six decimals, as ``framescope predict`` prints them."""
    framescope.score(predictor, jsonl, tmp_path / "parquet")
    framescope.score(
        predictor, jsonl, tmp_path / "lines", options=ScoreOptions(format="jsonl", shard_bytes=2048)
    )
    lines = [
        json.loads(line)
        for path in sorted((tmp_path / "lines").glob("part-*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    expected = rows_of(tmp_path / "parquet")
    for row in expected:
        row["probabilities"] = {label: round(value, 6) for label, value in row["probabilities"].items()}
    assert lines == expected
    assert verify(tmp_path / "lines") == []


def test_evidence_is_the_words_with_the_greatest_share(
    predictor: Predictor, jsonl: Path, tmp_path: Path
) -> None:
    """At most five whole words a label, within the text that the model read, in text order."""
    framescope.score(predictor, jsonl, tmp_path / "out", options=ScoreOptions(evidence=True))
    given = {row["id"]: full_text(row["title"], row["text"]) for row in articles(60)}
    n_spans = 0
    for row in rows_of(tmp_path / "out"):
        assert {span["label"] for span in row["evidence"]} <= set(row["labels"])
        for label in row["labels"]:
            spans = [span for span in row["evidence"] if span["label"] == label]
            assert len(spans) <= 5
            assert spans == sorted(spans, key=lambda span: span["start"])
            words = word_offsets(given[row["id"]]).tolist()
            assert all([span["start"], span["end"]] in words for span in spans)
            margin = predictor.explain(given[row["id"]], label)
            shares = sum(one.value for one in margin.contributions if one.value > 0)
            assert all(0 < span["value"] <= shares for span in spans)
            n_spans += len(spans)
    assert n_spans > 60


def test_the_manifest_tells_what_was_made_of_what(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    framescope.score(predictor, jsonl, tmp_path / "out", options=SMALL)
    manifest = json.loads((tmp_path / "out" / "_manifest.json").read_text("utf-8"))
    n_parts = len(list((tmp_path / "out").glob("part-*")))
    assert manifest["counts"] == {
        "n_shards": n_parts,
        "n_parts": n_parts,
        "n_rows": 60,
        "n_scored": 60,
        "n_rejected": 0,
    }
    assert manifest["job"]["model_digest"] == predictor.digest
    assert manifest["job"]["inputs"] == [str(jsonl)]
    assert set(manifest["versions"]) == {"framescope", "numba", "numpy", "pyarrow", "python"}


# Jobs, resumption, refusal


def test_jobs_backends_and_a_second_time_change_no_byte(
    predictor: Predictor, jsonl: Path, tmp_path: Path
) -> None:
    jsonl.write_bytes(jsonl.read_bytes() + b'{"text": 1}\n')
    for name, jobs in (("one", 1), ("two", 2), ("again", 1)):
        framescope.score(predictor, jsonl, tmp_path / name, jobs=jobs, options=SMALL)
    assert parts(tmp_path / "one") == parts(tmp_path / "two") == parts(tmp_path / "again")


def test_the_backend_is_the_callers(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    """Under ``parallel_config`` other processes do the work, with paths alone."""
    framescope.score(predictor, jsonl, tmp_path / "threads", options=SMALL)
    with joblib.parallel_config(backend="loky", n_jobs=2):
        framescope.score(predictor, jsonl, tmp_path / "processes", options=SMALL)
    assert parts(tmp_path / "threads") == parts(tmp_path / "processes")


def test_a_finished_part_is_never_done_again(
    predictor: Predictor, jsonl: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is missing is: a part, or the record of one."""
    output = tmp_path / "out"
    framescope.score(predictor, jsonl, output, options=SMALL)
    whole = parts(output)
    first, second, *_ = sorted(output.glob("part-*"))
    first.unlink()
    (output / "_shards" / f"{second.stem}.json").unlink()
    done = []

    def note(job: Any, shard: Any) -> None:
        done.append(shard.name)
        score_shard(job, shard)

    monkeypatch.setattr("framescope.batch.workers.score_shard", note)
    framescope.score(predictor, jsonl, output, options=SMALL)
    assert done == [first.stem, second.stem]
    assert parts(output) == whole


def test_another_job_is_refused_with_the_reason(
    predictor: Predictor, model_with_cuts: Any, jsonl: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    framescope.score(predictor, jsonl, output, options=SMALL)
    whole = parts(output)
    with pytest.raises(ScoringError, match=r"holds the output of another job: top was None, now 3: choose"):
        framescope.score(predictor, jsonl, output, options=ScoreOptions(shard_bytes=2048, top=3))
    framescope.bundle.write.save_bundle(model_with_cuts, tmp_path / "other", card="", training=FACTS)
    with pytest.raises(ScoringError, match=r"the model was [0-9a-f]{12}, now [0-9a-f]{12}"):
        framescope.score(tmp_path / "other", jsonl, output, options=SMALL)
    more = write_jsonl(articles(1), tmp_path / "more.jsonl")
    with pytest.raises(ScoringError, match=r"input .*more\.jsonl is new"):
        framescope.score(predictor, [jsonl, more], output, options=SMALL)
    with pytest.raises(ScoringError, match=r"input .*in\.jsonl is gone; input .*more\.jsonl is new"):
        framescope.score(predictor, more, output, options=SMALL)
    assert parts(output) == whole
    os.utime(jsonl, ns=(1, 1))
    with pytest.raises(ScoringError, match=r"input .*in\.jsonl changed"):
        framescope.score(predictor, jsonl, output, options=SMALL)


def test_a_model_that_moved_is_the_same(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    """Its digest counts, not its path; nor does it matter how the inputs are named."""
    framescope.score(predictor, jsonl, tmp_path / "out", options=SMALL)
    moved = predictor.bundle.path.rename(tmp_path / "moved")
    assert framescope.score(moved, tmp_path / "*.jsonl", tmp_path / "out", options=SMALL).n_scored == 60
    assert verify(tmp_path / "out") == []


def test_a_folder_with_other_things_in_it_is_refused(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.doc").touch()
    with pytest.raises(ScoringError, match=r"holds thesis\.doc, not the output of a run"):
        framescope.score(predictor, jsonl, tmp_path / "out")


def test_an_output_in_the_input_is_refused(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    with pytest.raises(ScoringError, match="lies in the input"):
        framescope.score(predictor, tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_second_run_says_so(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    """While another process, or thread, holds the lock."""
    (tmp_path / "out").mkdir()
    with (tmp_path / "out" / "_lock").open("w+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write("4711\n")
        held.flush()
        with pytest.raises(ScoringError, match=r"another run is at work on it \(process 4711\)"):
            framescope.score(predictor, jsonl, tmp_path / "out")
    assert framescope.score(predictor, jsonl, tmp_path / "out").n_scored == 60


def test_a_full_disk_is_said_and_the_run_resumes(
    predictor: Predictor, jsonl: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No part, temporary file or record is left of the shard that did not fit."""
    framescope.score(predictor, jsonl, tmp_path / "expected", options=SMALL)
    synced = []

    def full(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) > 6:
            raise OSError(errno.ENOSPC, "No space left on device")

    output = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ScoringError, match=r"out: cannot be written: No space left on device: make room"):
            framescope.score(predictor, jsonl, output, options=SMALL)
    assert 0 < len(list(output.glob("part-*"))) < len(list((tmp_path / "expected").glob("part-*")))
    assert not list((output / "_shards").glob(".*"))
    framescope.score(predictor, jsonl, output, options=SMALL)
    assert parts(output) == parts(tmp_path / "expected")


def test_a_request_to_stop_drops_the_shard(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    stop = Event()
    output = tmp_path / "out"

    def report(progress: ScoringProgress) -> None:
        if progress.n_done:
            stop.set()

    stop.set()
    with pytest.raises(
        Stopped, match=r"stopped with 0 of \d+ parts done: what is done stays done, and the same"
    ):
        ScoringRun(predictor, [str(jsonl)], output, SMALL).work(1, report, stop)
    assert framescope.score(predictor, jsonl, output, options=SMALL).n_scored == 60


def test_progress_counts_parts_and_rows(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    """From the records that stand, so that a resumed run begins where the last one ended."""
    jsonl.write_bytes(jsonl.read_bytes() + b"[]\n")
    seen: list[ScoringProgress] = []
    framescope.score(predictor, jsonl, tmp_path / "out", options=SMALL, progress=seen.append)
    framescope.score(predictor, jsonl, tmp_path / "out", options=SMALL, progress=seen.append)
    n_parts = len(list((tmp_path / "out").glob("part-*")))
    assert (seen[0].n_done, seen[0].n_parts) == (0, n_parts)
    last = seen[-1]
    assert (last.n_done, last.n_scored, last.n_rejected, last.n_new_rows) == (n_parts, 60, 1, 0)
    assert last.to_json()["share_done"] == 1.0


# Bad rows and files


BAD_LINES = {
    b'{"id": "x", "text": "half': "is not valid JSON: Unterminated string starting at at character 21",
    b"[1]": "expected a JSON object, found a list",
    b'{"id": "x"}': "text: is missing",
    b'{"id": "x", "text": null}': "text: is missing",
    b'{"id": "x", "text": 5}': "text: expected a string, found int",
    b'{"id": 1.5, "text": "y"}': "id: expected a string, found float",
    b'{"id": "x", "text": "\xff"}': "is not valid UTF-8: byte 0xff",
    b'{"id": "\\ud800", "text": "y"}': "id: has half of a surrogate pair, which is not a character",
    b'{"id": "x", "text": "y"} {"id": "z", "text": "y"}': "is not valid JSON: Extra data at character 26",
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
        (5, "text: is not valid UTF-8"),
        (6, "is not valid CSV: ',' expected after '\"'"),
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
    "options", [{"top": 0}, {"threshold": 1.5}, {"shard_bytes": 1}, {"max_errors": -1}, {"format": "csv"}]
)
def test_options_that_cannot_be(options: dict[str, Any]) -> None:
    with pytest.raises(ScoringError, match=rf"{next(iter(options))}: expected .*, found"):
        ScoreOptions(**options)


# Serving


SERVE = """
import sys
from framescope import ScoreOptions, score
from framescope.batch.verify import verify

for format in ("parquet", "jsonl"):
    output = f"{sys.argv[3]}-{format}"
    options = ScoreOptions(format=format, top=2, evidence=True, shard_bytes=2048)
    assert score(sys.argv[1], sys.argv[2], output, jobs=2, options=options).n_rejected == 1
    assert verify(output) == []
heavy = {"sklearn", "datasets", "pandas", "torch", "fsspec", "rich", "typer", "scipy.sparse"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""


@pytest.mark.parametrize("name", WRITERS)
def test_scoring_loads_nothing_heavy(bundle_path: Path, tmp_path: Path, name: str) -> None:
    """Nor does verifying, with a bad row among the rows."""
    rows = articles(30)
    source = WRITERS[name](rows, tmp_path / name)
    if name.endswith(".parquet"):
        source = write_parquet([*rows, {"id": None, "title": None, "text": None, "lang": None}], source)
    elif name.endswith(".gz"):
        source = WRITERS[name]([*rows, {"id": None}], source)
    else:
        source.write_bytes(source.read_bytes() + b"5\n")
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-W", "error", "-c", SERVE, bundle_path, source, tmp_path / "out"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_rows_say_which_labels_are_out_of_scope(
    scoped: Predictor, predictor: Predictor, jsonl: Path, tmp_path: Path
) -> None:
    """A column of its own, and only where the codebook has scopes; both formats."""
    given = [full_text(row["title"], row["text"]) for row in articles(60)]
    expected = [list(one.out_of_scope) for one in scoped.predict(given)]
    assert [] != expected[0] != expected[1]
    framescope.score(scoped, jsonl, tmp_path / "out", options=SMALL)
    assert [row["out_of_scope"] for row in rows_of(tmp_path / "out")] == expected
    framescope.score(scoped, jsonl, tmp_path / "lines", options=replace(SMALL, format="jsonl"))
    lines = [
        json.loads(line)
        for path in sorted((tmp_path / "lines").glob("part-*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    assert [row["out_of_scope"] for row in lines] == expected
    framescope.score(predictor, jsonl, tmp_path / "without")
    assert "out_of_scope" not in rows_of(tmp_path / "without")[0]
