"""Runs that go on, and runs that are refused."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from threading import Event
from typing import Any

import joblib
import pytest
from scored import SMALL, articles, parts, write_jsonl

import framescope
from framescope import Predictor, ScoreOptions, ScoringError
from framescope.batch.job import ScoringRun
from framescope.batch.options import Stopped
from framescope.batch.progress import ScoringProgress
from framescope.batch.scoring import score_shard
from framescope.batch.verify import verify
from tiny import FACTS


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


def test_a_job_that_came_to_nothing_makes_way_for_another(predictor: Predictor, tmp_path: Path) -> None:
    """Who misnames a column mends the command; the folder is not in the way, and keeps nothing of the first."""
    table, output = tmp_path / "articles.csv", tmp_path / "out"
    table.write_text("id,Body\na,Нов блок подкопава ОДКБ.\n", encoding="utf-8")
    first = framescope.score(predictor, table, output)
    assert (first.n_scored, len(first.failures)) == (0, 1)
    mended = ScoreOptions(text_field="Body", format="csv")
    assert framescope.score(predictor, table, output, options=mended).n_scored == 1
    assert verify(output) == []
    with pytest.raises(ScoringError, match="holds the output of another job: format was 'csv', now 'parquet'"):
        framescope.score(predictor, table, output, options=ScoreOptions(text_field="Body"))


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


def test_a_request_to_stop_after_the_last_part_comes_too_late(
    predictor: Predictor, jsonl: Path, tmp_path: Path
) -> None:
    """All is done: the manifest is written, and nothing is left of the request."""
    stop = Event()

    def ask_at_the_end(progress: ScoringProgress) -> None:
        if progress.n_done == progress.n_parts:
            stop.set()

    run = ScoringRun(predictor, [str(jsonl)], tmp_path / "out", SMALL)
    assert run.work(None, ask_at_the_end, stop).n_scored == 60
    assert stop.is_set()
    assert verify(tmp_path / "out") == []
    assert not (tmp_path / "out" / "_stop").exists()


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
