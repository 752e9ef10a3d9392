"""What ``verify`` finds: each kind of damage by name, and nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import joblib
import pytest
from scored import articles, write_jsonl, write_parquet

import framescope
from framescope import Predictor, ScoreOptions, ScoringError
from framescope.batch.verify import verify
from framescope.bundle.write import save_bundle
from tiny import FACTS


@pytest.fixture
def output(predictor: Predictor, tmp_path: Path) -> Path:
    """Two inputs, one with a bad row, scored in several parts."""
    (tmp_path / "in").mkdir()
    write_parquet(articles(30), tmp_path / "in" / "a.parquet")
    lines = write_jsonl(articles(30), tmp_path / "in" / "b.jsonl")
    lines.write_bytes(lines.read_bytes() + b"5\n")
    framescope.score(predictor, tmp_path / "in", tmp_path / "out", options=ScoreOptions(shard_bytes=2048))
    return tmp_path / "out"


def first_part(output: Path) -> Path:
    return min(output.glob("part-*"))


def first_record(output: Path) -> Path:
    return output / "_shards" / f"{first_part(output).stem}.json"


def change(path: Path) -> None:
    """Turn a byte in the middle over."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def lower_count(path: Path) -> None:
    content = json.loads(path.read_bytes())
    content["n_scored"] -= 1
    path.write_text(json.dumps(content))


DAMAGE: dict[str, tuple[Callable[[Path], object], set[tuple[str, str]]]] = {
    "a part is gone": (
        lambda out: first_part(out).unlink(),
        {("missing", "part"), ("damaged", "_manifest.json")},
    ),
    "a record is gone": (
        lambda out: first_record(out).unlink(),
        {("missing", "part"), ("damaged", "_manifest.json")},
    ),
    "a part changed": (lambda out: change(first_part(out)), {("damaged", "part")}),
    "a record lies": (
        lambda out: lower_count(first_record(out)),
        {("damaged", "part"), ("damaged", "_manifest.json")},
    ),
    "a record is cut": (
        lambda out: first_record(out).write_text("{"),
        {("damaged", "part"), ("damaged", "_manifest.json")},
    ),
    "something is extra": (lambda out: (out / "part-x.parquet").touch(), {("extra", "part")}),
    "a temporary file": (lambda out: (out / "_shards" / ".x.tmp").touch(), {("extra", ".x.tmp")}),
    "no manifest": (lambda out: (out / "_manifest.json").unlink(), {("missing", "_manifest.json")}),
    "no rejected rows": (lambda out: (out / "_rejected.jsonl").unlink(), {("missing", "_rejected.jsonl")}),
    "other rejected rows": (
        lambda out: (out / "_rejected.jsonl").write_text("{}\n"),
        {("damaged", "_rejected.jsonl")},
    ),
    "the input grew": (
        lambda out: write_jsonl(articles(31), out.parent / "in" / "b.jsonl"),
        {("stale", "b.jsonl")},
    ),
    "the input is gone": (lambda out: (out.parent / "in" / "a.parquet").unlink(), {("missing", "a.parquet")}),
    "an input is new": (
        lambda out: write_jsonl(articles(1), out.parent / "in" / "c.jsonl"),
        {("stale", "c.jsonl")},
    ),
}


def test_an_intact_output_has_no_findings(output: Path) -> None:
    assert verify(output) == []


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found_and_named(output: Path, name: str) -> None:
    do_damage, expected = DAMAGE[name]
    do_damage(output)
    kinds = {
        (finding.kind, "part" if (file := Path(finding.path).name).startswith("part-") else file)
        for finding in verify(output)
    }
    assert kinds == expected


QUICKLY = {"a part is gone", "a record is gone", "a record is cut", "something is extra", "no manifest"}


@pytest.mark.parametrize("name", sorted(QUICKLY))
def test_a_quick_look_finds_what_is_missing(output: Path, name: str) -> None:
    do_damage, expected = DAMAGE[name]
    do_damage(output)
    assert {finding.kind for finding in verify(output, is_quick=True)} == {kind for kind, _ in expected}


def test_a_quick_look_reads_no_part(output: Path) -> None:
    """A part of another size is found, one of other bytes is not."""
    change(first_part(output))
    assert verify(output, is_quick=True) == []
    first_part(output).write_bytes(b"")
    assert [finding.kind for finding in verify(output, is_quick=True)] == ["damaged"]


def test_jobs_find_the_same(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the parts."""
    monkeypatch.setattr("framescope.batch.verify.CHUNK", 1)
    for path in list(output.glob("part-*"))[::2]:
        change(path)
    findings = verify(output)
    assert len(findings) > 2
    with joblib.parallel_config(backend="threading"):
        assert verify(output, jobs=2) == findings


def test_rows_are_compared_with_the_input(output: Path) -> None:
    """An input that changed behind the back of size and time: its text hashes tell."""
    source = output.parent / "in" / "b.jsonl"
    status = source.stat()
    source.write_bytes(source.read_bytes().replace(b"rumours", b"rumoors", 1))
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
    (finding,) = verify(output)
    assert (finding.kind, finding.message) == ("stale", "row 'a0005' of the input is missing or another")


def test_another_model_in_the_place_is_stale(
    output: Path, predictor: Predictor, model_with_cuts: object
) -> None:
    path = predictor.bundle.path
    shutil.rmtree(path)
    assert verify(output) == []
    save_bundle(model_with_cuts, path, card="", training=FACTS)
    assert [finding.kind for finding in verify(output)] == ["stale"]


def test_an_unfinished_run_is_said(output: Path, predictor: Predictor) -> None:
    """Before its end there is neither manifest nor, for all shards, a part."""
    for path in list(output.glob("part-*"))[2:]:
        path.unlink()
    (output / "_manifest.json").unlink()
    findings = verify(output)
    assert {finding.kind for finding in findings} == {"missing"}
    assert findings[-1].message.startswith("the run is not finished: 2 of ")


def begin_again(output: Path, plan: bytes) -> None:
    """Leave an output as a run does that was killed after its plan, and write another plan."""
    for path in [*output.glob("part-*"), *(output / "_shards").glob("part-*")]:
        path.unlink()
    (output / "_manifest.json").unlink()
    (output / "_rejected.jsonl").unlink()
    (output / "_shards" / "plan.jsonl").write_bytes(plan)


PLANS: dict[str, Callable[[list[bytes]], bytes]] = {
    "cut by a line": lambda lines: b"".join(lines[:-1]),
    "a line twice": lambda lines: b"".join([lines[0], *lines]),
    "lines swapped": lambda lines: b"".join(lines[::-1]),
    "empty": lambda lines: b"",
    "a negative file": lambda lines: b"[-1,-1,0,20000,1]\n",
    "numbers that are none": lambda lines: b"[0,0,0,1e3,1]\n",
    "one slice for all": lambda lines: lines[0][:-5] + b"100, 1]\n" + lines[-1],
    "deep": lambda lines: b"[" * 100_000,
    "white space": lambda lines: b"".join([*lines, b" "]),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_that_another_wrote_is_refused_until_it_is_removed(
    output: Path, predictor: Predictor, name: str
) -> None:
    plan = output / "_shards" / "plan.jsonl"
    lines, expected = plan.read_bytes().splitlines(keepends=True), sorted(output.glob("part-*"))
    assert len(lines) > 3
    begin_again(output, PLANS[name](lines))
    score = partial(framescope.score, predictor, output.parent / "in", output)
    for attempt in (partial(score, options=ScoreOptions(shard_bytes=2048)), partial(verify, output)):
        with pytest.raises(ScoringError, match=r"plan\.jsonl: .*: remove it, and the same command plans anew"):
            attempt()
    plan.unlink()
    assert score(options=ScoreOptions(shard_bytes=2048)).n_rows == 61
    assert sorted(output.glob("part-*")) == expected
    assert verify(output) == []


def test_a_plan_that_is_vouched_for_must_still_cover_the_inputs(output: Path) -> None:
    """Row groups are counted by the file's own footer, all else by the plan."""
    plan, job = output / "_shards" / "plan.jsonl", output / "_job.json"
    lines = plan.read_bytes().splitlines(keepends=True)
    of_parquet = [line for line in lines if json.loads(line)[0] == 0]
    assert len(of_parquet) > 1
    seal_plan(job, plan, [line for line in lines if line != of_parquet[-1]])
    findings = [finding for finding in verify(output) if "row groups" in finding.message]
    n_groups = json.loads(of_parquet[-1])[3]
    assert [finding.message for finding in findings] == [
        f"has {n_groups} row groups, the plan {n_groups - 1}: rows are missing in the output"
    ]
    seal_plan(job, plan, lines[:-1])
    with pytest.raises(ScoringError, match="the slices end before the inputs do"):
        verify(output)


def seal_plan(job: Path, plan: Path, lines: list[bytes]) -> None:
    plan.write_bytes(b"".join(lines))
    record = json.loads(job.read_bytes())
    record["plan"] = {"n_shards": len(lines), "sha256": hashlib.sha256(plan.read_bytes()).hexdigest()}
    job.write_text(json.dumps(record))


@pytest.mark.parametrize("content", ["[" * 100_000, "{}", '{"n_scored": "many"}'])
def test_a_record_that_is_none_is_our_error(output: Path, predictor: Predictor, content: str) -> None:
    first_record(output).write_text(content)
    assert ("damaged", "_manifest.json") in {(f.kind, Path(f.path).name) for f in verify(output)}
    with pytest.raises(ScoringError, match=first_record(output).name):
        framescope.score(predictor, output.parent / "in", output, options=ScoreOptions(shard_bytes=2048))


def test_a_part_that_is_vouched_for_but_holds_no_rows(output: Path) -> None:
    part, record = first_part(output), first_record(output)
    part.write_bytes(b"[]")
    counts = json.loads(record.read_bytes())
    record.write_text(json.dumps({**counts, "size_bytes": 2, "sha256": hashlib.sha256(b"[]").hexdigest()}))
    assert [f"{f.kind} {f.message[:20]}" for f in verify(output) if f.path == str(part)] == [
        "damaged has no rows of ours:"
    ]


@pytest.mark.parametrize("content", ["[", "[" * 100_000])
@pytest.mark.parametrize("name", ["_job.json", "_shards/plan.jsonl"])
def test_an_output_that_nobody_can_tell(output: Path, name: str, content: str) -> None:
    (output / name).write_text(content)
    with pytest.raises(ScoringError, match=rf"{Path(name).name}: "):
        verify(output)
    (output / name).unlink()
    with pytest.raises(ScoringError, match=rf"{Path(name).name}"):
        verify(output)
