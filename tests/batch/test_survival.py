"""A run that is killed, interrupted, starved of room or started twice: through the command line, for real."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from scored import articles, parts, write_jsonl

from framescope import Predictor
from framescope.batch.verify import verify

N_KILLS = 20
SHARD_BYTES = 1024


def mount(*arguments: str) -> int:
    done = subprocess.run(["mount", *arguments], check=False, capture_output=True)  # noqa: S603, S607 - ours
    return done.returncode


def command(model: Path, source: Path, output: Path, *options: str) -> list[str]:
    shards = ["--shard-bytes", str(SHARD_BYTES), "--output", str(output)]
    return [sys.executable, "-m", "framescope", "score", str(model), str(source), *shards, *options]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own interpreter and code
        command(*arguments), capture_output=True, text=True, check=False
    )


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Lines for 200 shards, with a bad one every now and then."""
    path = write_jsonl(articles(900), tmp_path / "in.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    for place in range(800, 0, -97):
        lines.insert(place, b'{"text": \n')
    path.write_bytes(b"".join(lines))
    return path


def n_parts(output: Path) -> int:
    return len(list(output.glob("part-*")))


def kill_after(process: subprocess.Popen[str], output: Path, n_more: int, seconds: float) -> None:
    """Send SIGKILL some time after so many more parts stand."""
    target = n_parts(output) + n_more
    while n_parts(output) < target and process.poll() is None:
        time.sleep(0.001)
    time.sleep(seconds)
    process.kill()
    process.wait()


@pytest.mark.slow
def test_killed_at_random_moments_the_output_is_the_same(
    bundle_path: Path, source: Path, tmp_path: Path
) -> None:
    """Every byte of it, after SIGKILL at 20 moments and as many resumptions."""
    expected = tmp_path / "expected"
    assert run(bundle_path, source, expected).returncode == 0
    assert n_parts(expected) >= 200
    output = tmp_path / "out"
    rng = random.Random(5)  # noqa: S311 - moments, not secrets
    for _ in range(N_KILLS):
        arguments = command(bundle_path, source, output, "--jobs", str(rng.choice([1, 2])))
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
            arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
        )
        kill_after(process, output, rng.randint(0, 9), rng.uniform(0, 0.02))
        assert process.returncode == -signal.SIGKILL
    assert 20 < n_parts(output) < n_parts(expected)
    assert run(bundle_path, source, output).returncode == 0
    assert parts(output) == parts(expected)
    assert verify(output) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_cleanly(
    bundle_path: Path, source: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """It says how to resume; no half-written file is left."""
    output = tmp_path / "out"
    arguments = command(bundle_path, source, output, "--jobs", "2")
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while n_parts(output) < 5:
        time.sleep(0.001)
    process.send_signal(number)
    told = process.communicate(timeout=30)[1]
    assert process.returncode == 128 + number
    assert told.startswith("stopped with ")
    assert "the same command resumes" in told
    assert not list((output / "_shards").glob(".*"))
    assert 5 <= n_parts(output) < 200
    done = run(bundle_path, source, output)
    assert done.stdout == f"909 rows: 900 scored, 9 rejected, in {n_parts(output)} parts in {output}\n"
    assert verify(output) == []


@pytest.mark.slow
def test_two_runs_at_once(bundle_path: Path, source: Path, tmp_path: Path) -> None:
    """One works; the other says so and touches nothing."""
    output = tmp_path / "out"
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
        command(bundle_path, source, output), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while n_parts(output) < 2:
        time.sleep(0.001)
    process.send_signal(signal.SIGSTOP)
    second = run(bundle_path, source, output)
    process.send_signal(signal.SIGCONT)
    assert second.returncode == 1
    assert f"{output}: another run is at work on it (process {process.pid})" in second.stderr
    assert process.wait() == 0
    assert verify(output) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 600 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if mount("-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)):
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)  # noqa: S603, S607 - ours


@pytest.mark.slow
def test_a_full_disk_is_said_and_the_run_resumes(
    bundle_path: Path, source: Path, tmp_path: Path, small_disk: Path
) -> None:
    """After space is freed, the output is that of an undisturbed run."""
    expected, output = tmp_path / "expected", small_disk / "out"
    assert run(bundle_path, source, expected).returncode == 0
    full = run(bundle_path, source, output, "--jobs", "2")
    assert full.returncode == 1
    assert f"error: {output}: cannot be written: No space left on device: make room" in full.stderr
    assert "Traceback" not in full.stderr
    assert 0 < n_parts(output) < n_parts(expected)
    assert mount("-o", "remount,size=20m", str(small_disk)) == 0
    assert run(bundle_path, source, output).returncode == 0
    assert parts(output) == parts(expected)
    assert verify(output) == []


# The commands


@pytest.mark.slow
def test_the_command_scores_and_verifies(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    """Exit code 1 for what failed, with the list; progress as lines of JSON."""
    output = tmp_path / "out"
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(b"PAR1PAR1")
    done = run(predictor.bundle.path, tmp_path / "*.[jp]*", output, "--json-progress", "--format", "jsonl")
    assert done.returncode == 1
    assert done.stdout.startswith("60 rows: 60 scored, 0 rejected, in ")
    assert f"error: {cut}: is not an intact parquet file" in done.stderr
    assert (
        "warning: the model has seen no article in these languages; do not rely on it: 'de' (30)" in done.stderr
    )
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert lines[-1]["n_scored"] == 60
    assert lines[-1]["share_done"] == 1.0
    arguments = [sys.executable, "-m", "framescope", "verify", str(output)]
    found = subprocess.run(arguments, capture_output=True, text=True, check=False)  # noqa: S603 - our own code
    assert (found.returncode, found.stdout.split(":")[0]) == (1, "failed")


def test_strict_stops_at_the_first_bad_row(predictor: Predictor, jsonl: Path, tmp_path: Path) -> None:
    jsonl.write_bytes(b"{}\n" + jsonl.read_bytes())
    done = run(predictor.bundle.path, jsonl, tmp_path / "out", "--strict")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: a row is rejected: {jsonl}, line 1: text: is missing\n"
