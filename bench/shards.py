"""A run of many shards, most of them done already: how long its lists take, and how much memory.

The inputs are sparse files and the parts a byte each: nothing but lists, names and records is measured. Every
stage is a process of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from framescope import Predictor, ScoreOptions
from framescope.batch.folder import JOB, SHARDS, Folder
from framescope.batch.inputs import expand
from framescope.batch.job import job_identity, job_record, write_plan
from framescope.batch.shards import Shard, plan

SUMMARY = "seconds and memory for the lists of a run of many shards"
SHARD_BYTES = 1024
FILE_SHARDS = 1000
LIMIT_SECONDS = 120
LIMIT_GB = 2.0

STAGES = {
    "plan": """
from framescope.batch.inputs import expand
from framescope.batch.job import job_identity
from framescope.text.segments import Unit
from framescope.batch.shards import dump_plan, plan
from framescope.text.segments import Unit
files = expand([source], output=output)
shards = plan(files, 1024, job_identity("0" * 64, ScoreOptions(shard_bytes=1024), Unit.ARTICLE))
with (output.parent / "plan.jsonl").open("wb") as opened:
    opened.writelines(dump_plan(shards, files))
""",
    "resume": """
score(model, source, output, options=ScoreOptions(shard_bytes=1024))
""",
    "verify": """
from framescope.batch.verify import verify
findings = verify(output, is_quick=True)
assert not findings, findings[:3]
""",
}
CHILD = """
import json, sys, time
from pathlib import Path
from framescope import ScoreOptions, score
model, source, output = sys.argv[1], sys.argv[2], Path(sys.argv[3])
begin, cpu = time.perf_counter(), time.process_time()
{stage}
seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
# Not ru_maxrss: that counts what the parent of this process held.
peak = 1024 * int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
print(json.dumps({{"seconds": seconds, "cpu_seconds": cpu, "gb": peak / 1e9}}))
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--model", default="models/starter", help="default %(default)s")
    parser.add_argument("--shards", type=int, default=1_000_000, help="default 1,000,000")
    parser.add_argument("--scratch", type=Path, help="where two files for each shard are kept for the while")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print and return seconds and memory of each stage."""
    results: dict[str, Any] = {"n_shards": arguments.shards}
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as scratch:
        source, output = Path(scratch) / "in", Path(scratch) / "out"
        write_inputs(source, arguments.shards)
        begin = time.perf_counter()
        fabricate(source, output, Predictor.load(arguments.model))
        print(f"{arguments.shards:,} shards, made in {time.perf_counter() - begin:.0f} s")
        for name, stage in STAGES.items():
            found = results[name] = child(stage, arguments.model, source, output)
            holds = found["seconds"] <= LIMIT_SECONDS and found["gb"] <= LIMIT_GB
            print(
                f"{name}: {found['seconds']:.1f} s ({found['cpu_seconds']:.1f} s of a CPU), "
                f"{found['gb']:.2f} GB, asked {LIMIT_SECONDS} s and {LIMIT_GB:.0f} GB: "
                f"{'holds' if holds else 'DOES NOT HOLD'}"
            )
    return results


def write_inputs(folder: Path, n_shards: int) -> None:
    """Write sparse files, and behind them one with an article."""
    folder.mkdir()
    for number, first in enumerate(range(0, n_shards - 1, FILE_SHARDS)):
        with (folder / f"{number:06}.jsonl").open("wb") as opened:
            opened.truncate(min(FILE_SHARDS, n_shards - 1 - first) * SHARD_BYTES)
    (folder / "last.jsonl").write_text('{"id": "last", "text": "Съюз"}\n', encoding="utf-8")


def fabricate(source: Path, output: Path, predictor: Predictor) -> None:
    """Write the output of a run that was killed before its last shard."""
    options = ScoreOptions(shard_bytes=SHARD_BYTES)
    files = expand([source], output=output)
    identity = job_identity(predictor.digest, options, predictor.unit)
    shards = plan(files, SHARD_BYTES, identity)
    (output / SHARDS).mkdir(parents=True)
    folder = Folder(output, options.format)
    record = job_record(str(predictor.bundle.path.resolve()), [str(source)], files, identity)
    folder.write_json(output / JOB, {**record, "plan": write_plan(folder, shards, files)})
    for shard in shards[:-1]:
        fabricate_part(folder, shard)


def fabricate_part(folder: Folder, shard: Shard) -> None:
    """Write a part of a byte, and the record of ten thousand rows in two languages."""
    record = {
        "sha256": hashlib.sha256(shard.name.encode()).hexdigest(),
        "size_bytes": 1,
        "n_scored": 10_000,
        "n_rejected": 0,
        "n_lines": 10_000,
        "languages": {"bg": 4000 + shard.slice.begin % 1000, "ru": 6000 - shard.slice.begin % 1000},
        "n_unlike": shard.slice.begin % 100,
        "n_in_two_scripts": 0,
        "languages_found": {},
    }
    folder.part(shard.name).write_bytes(b"x")
    folder.record(shard.name).write_text(json.dumps(record, sort_keys=True, indent=1) + "\n", encoding="utf-8")


def child(stage: str, model: str, source: Path, output: Path) -> dict[str, float]:
    """Return what a fresh process measures."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", CHILD.format(stage=stage), model, str(source), str(output)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found
