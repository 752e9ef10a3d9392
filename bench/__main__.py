"""``python -m bench``: which benchmark runs, and where its numbers go."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from sklearn.exceptions import ConvergenceWarning

from bench import (
    choosing,
    few_shot,
    fit,
    intervals,
    prevalence,
    promises,
    quality,
    real,
    rounding,
    scale,
    serve,
    shards,
    spans,
    speed,
    typicality,
)

# A benchmark has SUMMARY, add_arguments(parser) and run(arguments), which prints and returns JSON.
BENCHMARKS: dict[str, ModuleType] = {
    "quality": quality,
    "real": real,
    "spans": spans,
    "few-shot": few_shot,
    "fit": fit,
    "intervals": intervals,
    "next": choosing,
    "prevalence": prevalence,
    "promises": promises,
    "rounding": rounding,
    "scale": scale,
    "serve": serve,
    "shards": shards,
    "speed": speed,
    "typicality": typicality,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a benchmark and return the exit code."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)  # half-fitted peers would be no comparison
        results = BENCHMARKS[arguments.benchmark].run(arguments)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Benchmarks beside other systems.")
    commands = parser.add_subparsers(dest="benchmark", required=True)
    for name, benchmark in BENCHMARKS.items():
        command = commands.add_parser(name, help=benchmark.SUMMARY, description=benchmark.SUMMARY)
        command.add_argument("--jobs", type=int, default=2, help="cores for every system (default 2)")
        command.add_argument("--json", type=Path, metavar="FILE", help="write all numbers here, too")
        benchmark.add_arguments(command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
