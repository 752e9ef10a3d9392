"""Articles labelled a second on one core, beside other systems: rates, memory, size, start, and F1."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import contests, race, speed_table
from bench.contests import Contest
from bench.race import Process, System

SUMMARY = "articles labelled a second on one core, beside scikit-learn and fastText"
SYSTEMS = (
    System("framescope", "ours", "samples-f1"),
    System("framescope micro-f1", "ours", "micro-f1"),
    System("scikit-learn tf-idf", "scikit", "tf-idf", is_slow=True),
    System("scikit-learn hashing", "scikit", "hashing", is_slow=True),
    System("fastText subwords", "fasttext", "subwords"),
    System("fastText words", "fasttext", "words"),
    System("decode to str", "limits", "decode", is_limit=True),
    System("str.split", "limits", "split", is_limit=True),
    System("copy bytes", "limits", "copy", is_limit=True),
)
CONTESTS = {25: contests.techniques, 117: contests.narratives}
# Articles scored while memory is watched, by the kind of system.
MEMORY_ARTICLES = {"slow": [500], "fast": [2_000], "ours": [2_000, 20_000]}
FIRST_TEXT = "Съюзът на изток се разширява."
MB = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    names = [system.name for system in SYSTEMS]
    parser.add_argument(
        "--labels", type=int, nargs="+", choices=CONTESTS, default=[*CONTESTS], help="default: both"
    )
    parser.add_argument(
        "--systems", nargs="+", choices=names, default=names, metavar="NAME", help="default: all"
    )
    parser.add_argument("--rounds", type=int, default=5, help="timed runs of each system (default 5)")
    parser.add_argument("--megabytes", type=float, default=16, help="of articles in a run (default 16)")
    parser.add_argument("--slow-megabytes", type=float, default=1, help="the first of them, for scikit-learn")
    parser.add_argument("--articles", type=Path, metavar="FILE", help="time these: lines of JSON with a text")
    parser.add_argument(
        "--models", type=Path, metavar="FOLDER", help="keep the peers' models here, and find them"
    )
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)), help="default %(default)s")
    parser.add_argument(
        "--clock", choices=speed_table.CLOCKS, default="wall", help="cpu: the machine has other work"
    )
    parser.add_argument("--cores", action="store_true", help="time threads on --jobs cores, too")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print a table for each number of labels; return all numbers."""
    results: dict[str, Any] = {}
    systems = [system for system in SYSTEMS if system.name in arguments.systems]
    with tempfile.TemporaryDirectory() as scratch:
        for n_labels in arguments.labels:
            contest = CONTESTS[n_labels](Path(scratch) / str(n_labels), n_bytes=int(arguments.megabytes * MB))
            if arguments.articles:
                contest = replace(contest, articles={"given": arguments.articles.resolve()})
            models = (arguments.models or Path(scratch) / "models").resolve() / str(n_labels)
            results[str(n_labels)] = compete(contest, systems, models, arguments)
            speed_table.show(results[str(n_labels)], clock=arguments.clock)
    speed_table.judge(results, clock=arguments.clock)
    return results


def compete(
    contest: Contest, systems: Sequence[System], models: Path, arguments: argparse.Namespace
) -> dict[str, Any]:
    """Fit, time and judge the systems; each has a process of its own, and all have one core."""
    folders = {system.name: models / f"{system.module}-{system.runner}" for system in systems}
    rows = {
        system.name: race.fit(system, contest.train, folders[system.name], cores=[arguments.core])
        for system in systems
    }
    with ExitStack() as stack:
        processes = {}
        for system in systems:
            process = stack.enter_context(race.started(system, [arguments.core]))
            process.ask("load", folder=folders[system.name])
            processes[system.name] = process
        speeds = _speeds(contest, systems, processes, arguments)
        for system in systems:
            process, row = processes[system.name], rows[system.name]
            row["speed"] = {articles: found[system.name] for articles, found in speeds.items()}
            row["memory"] = _memory(process, system, next(iter(contest.articles.values())))
            if not system.is_limit:
                row |= race.judge(process, contest.held_out)
    starting = [(system, folders[system.name]) for system in systems if not system.is_limit]
    for name, start in race.time_starts(starting, FIRST_TEXT, arguments.core, arguments.rounds).items():
        rows[name]["start"] = start
    for system, folder in starting:
        if system == SYSTEMS[0]:
            rows[system.name]["first_ever_seconds"] = race.time_first_ever(
                system, folder, FIRST_TEXT, core=arguments.core
            )
            if arguments.cores:
                rows[system.name]["cores"] = _on_more_cores(contest, system, folder, arguments)
    return {"about": contest.about, "n_labels": contest.n_labels, "systems": rows}


def _speeds(
    contest: Contest,
    systems: Sequence[System],
    processes: Mapping[str, Process],
    arguments: argparse.Namespace,
) -> dict[str, dict[str, Any]]:
    """Return the rounds on each set of articles, of each system."""
    max_bytes = {
        system.name: int(MB * (arguments.slow_megabytes if system.is_slow else arguments.megabytes))
        for system in systems
    }
    return {
        articles: race.take_turns(processes, path, max_bytes=max_bytes, n_rounds=arguments.rounds)
        for articles, path in contest.articles.items()
    }


def _memory(process: Process, system: System, articles: Path) -> list[dict[str, float]]:
    """Return the peak of memory for each number of articles, scored in batches as they are read."""
    kind = "ours" if system.module == "ours" else "slow" if system.is_slow else "fast"
    return [
        {"n_articles": n, **process.ask("memory", articles=articles, n_articles=n)}
        for n in MEMORY_ARTICLES[kind]
    ]


def _on_more_cores(
    contest: Contest, system: System, folder: Path, arguments: argparse.Namespace
) -> dict[str, Any]:
    """Return the rounds of one core beside those of ``--jobs`` cores, a thread for each."""
    articles = next(iter(contest.articles.values()))
    every = sorted(os.sched_getaffinity(0))[: arguments.jobs]
    with race.started(system, [arguments.core]) as one, race.started(system, every) as more:
        processes = {"1": one, str(len(every)): more}
        for process in processes.values():
            process.ask("load", folder=folder)
        max_bytes = dict.fromkeys(processes, int(MB * arguments.megabytes))
        return race.take_turns(processes, articles, max_bytes=max_bytes, n_rounds=arguments.rounds)
