"""How time and memory of training grow: from a file of synthetic articles to a bundle, stage by stage."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from bench.synthetic import Shape, synthetic_codebook, synthetic_rows
from framescope.codebook_reading import read_codebook
from framescope.corpus.read import read_corpus
from framescope.training.recipe import Recipe
from framescope.training.train import train

N_WORDS = 50_000  # of a language
SIZE_BYTES = 1000
N_LABELS, N_FIRST_LEVEL = 25, 6
N_WARM_UP = 300
CLEAR_REFS, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")


def shape_of(n_units: int, n_labels: int = N_LABELS) -> Shape:
    """Return articles of 1 kB, a quarter of the labels of the first level."""
    return Shape(n_units, n_labels, max(2, n_labels * N_FIRST_LEVEL // N_LABELS), N_WORDS, SIZE_BYTES)


def grow(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print and return seconds and memory of each stage for each number of units, each in a fresh process."""
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as scratch:
        for n_units in arguments.units:
            shape = shape_of(n_units, arguments.labels)
            corpus, codebook = Path(scratch, f"{n_units}.jsonl"), Path(scratch, "codebook.json")
            write_corpus(shape, corpus, codebook)
            command = [sys.executable, "-m", "bench.growth", str(corpus), str(codebook), str(arguments.jobs)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
            if done.returncode:
                raise RuntimeError(done.stderr)
            results[str(n_units)] = json.loads(done.stdout.splitlines()[-1])
            _print_growth(n_units, results[str(n_units)])
            corpus.unlink()
    _print_exponents(results)
    return results


def write_corpus(shape: Shape, corpus: Path, codebook: Path) -> None:
    """Write the lines of a synthetic corpus, and its codebook."""
    with corpus.open("w", encoding="utf-8") as opened:
        for row in synthetic_rows(shape):
            opened.write(json.dumps(row, ensure_ascii=False) + "\n")
    labels = synthetic_codebook(shape).labels
    content = {"name": "synthetic", "labels": [{"id": label.id, "parent": label.parent} for label in labels]}
    codebook.write_text(json.dumps(content), encoding="utf-8")


class Gauge:
    """Wall-clock and processor seconds of stages, and the memory that each reached, in MB."""

    def __init__(self) -> None:
        self.stages: dict[str, dict[str, float]] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Measure a stage; serves as ``progress``."""
        CLEAR_REFS.write_text("5", encoding="ascii")  # from here on the peak is counted anew
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.stages[stage] = {
            "seconds": time.perf_counter() - wall,
            "cpu_seconds": time.process_time() - cpu,
            "peak_mb": peak_mb(),
        }


def peak_mb() -> float:
    """Return the most memory that this process has held since the peak was last set back."""
    line = next(line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6


def _measure(corpus_file: str, codebook_file: str, jobs: str) -> dict[str, Any]:
    """Train as the command line does, after a warm-up that loads or compiles the kernels."""
    codebook = read_codebook(Path(codebook_file))
    recipe = Recipe(jobs=int(jobs), allow_unseen_labels=True)
    few = Path(corpus_file).with_suffix(".few.jsonl")
    with Path(corpus_file).open(encoding="utf-8") as opened:
        few.write_text("".join(next(opened) for _ in range(N_WARM_UP)), encoding="utf-8")
    for learner in ("ridge", "ridge-cd"):
        warm = Recipe(learner=learner, jobs=int(jobs), allow_unseen_labels=True)
        train(read_corpus(few, codebook=codebook), warm).save(few.with_suffix(""), force=True)
    gauge = Gauge()
    wall, cpu = time.perf_counter(), time.process_time()
    with gauge("Reading the corpus"):
        corpus = read_corpus(corpus_file, codebook=codebook)
    trained = train(corpus, recipe, progress=gauge)
    with gauge("Saving"):
        trained.save(Path(corpus_file).with_suffix(""), force=True)
    fine = trained.metrics["overall"]["fine"]
    return {
        "learner": trained.training.learner,
        "penalty": trained.training.penalty,
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": time.process_time() - cpu,
        "peak_mb": max(stage["peak_mb"] for stage in gauge.stages.values()),
        "stages": gauge.stages,
        "micro_f1": fine["micro_f1"],
        "macro_f1": fine["macro_f1"],
    }


def _print_growth(n_units: int, found: dict[str, Any]) -> None:
    print(
        f"{n_units:,} units, {found['learner']}: {found['seconds']:.1f} s, {found['cpu_seconds']:.1f} cpu-s, "
        f"{found['peak_mb'] / 1000:.2f} GB; left-out micro-F1 {found['micro_f1']:.3f}, "
        f"macro-F1 {found['macro_f1']:.3f}",
        flush=True,
    )
    for stage, row in found["stages"].items():
        print(
            f"  {stage:<30} {row['seconds']:8.1f} s {row['cpu_seconds']:8.1f} cpu-s {row['peak_mb']:8.0f} MB",
            flush=True,
        )


def _print_exponents(results: dict[str, Any]) -> None:
    for few, many in pairwise(sorted(map(int, results))):
        times = results[str(many)]["cpu_seconds"] / results[str(few)]["cpu_seconds"]
        exponent = np.log(times) / np.log(many / few)
        print(f"from {few:,} to {many:,} units: {times:.2f} times the cpu-seconds, exponent {exponent:.2f}")


if __name__ == "__main__":
    print(json.dumps(_measure(*sys.argv[1:])))
