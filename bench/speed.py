"""Articles labelled a second on one core, beside other systems: rates, memory, size, start, and F1."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import contests, race, speed_table
from bench.contests import Contest
from bench.race import Process, System
from bench.runners.stages import STAGES

SUMMARY = "articles labelled a second on one core, beside scikit-learn and fastText"
OURS = System("framescope", "ours", "samples-f1")
SYSTEMS = (
    OURS,
    System("framescope micro-f1", "ours", "micro-f1"),
    System("scikit-learn tf-idf", "scikit", "tf-idf", is_slow=True),
    System("scikit-learn hashing", "scikit", "hashing", is_slow=True),
    System("fastText subwords", "fasttext", "subwords"),
    System("fastText words", "fasttext", "words"),
    System("… subwords, prepared", "fasttext", "subwords-prepared"),
    System("… words, prepared", "fasttext", "words-prepared"),
    System("decode to str", "limits", "decode", is_limit=True),
    System("str.split", "limits", "split", is_limit=True),
    System("copy bytes", "limits", "copy", is_limit=True),
)
# Systems that need an interpreter of their own, by the name that --peer gives them.
PEERS = {
    "pecos": System("PECOS", "pecos", "xlinear", is_slow=True),
    "libmultilabel": System("LibMultiLabel", "libmultilabel", "linear", is_slow=True),
}
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
    parser.add_argument("--megabytes", type=float, default=8, help="of articles in a round (default 8)")
    parser.add_argument("--slow-megabytes", type=float, default=1, help="the first of them, for scikit-learn")
    parser.add_argument(
        "--peer",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "PYTHON"),
        help=f"a further peer, of {', '.join(PEERS)}, and an interpreter that has it (see bench/README.md)",
    )
    parser.add_argument("--articles", type=Path, metavar="FILE", help="time these: lines of JSON with a text")
    parser.add_argument(
        "--models", type=Path, metavar="FOLDER", help="keep the peers' models here, and find them"
    )
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)), help="default %(default)s")
    parser.add_argument(
        "--clock", choices=speed_table.CLOCKS, default="wall", help="cpu: the machine has other work"
    )
    parser.add_argument("--profile", action="store_true", help="time the stages of ours, too")
    parser.add_argument("--cores", action="store_true", help="time threads on --jobs cores, too")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print a table for each number of labels; return all numbers."""
    results: dict[str, Any] = {}
    systems = [system for system in SYSTEMS if system.name in arguments.systems]
    systems += [replace(PEERS[name], python=python) for name, python in arguments.peer]
    for name in PEERS.keys() - dict(arguments.peer).keys():
        print(f"{name}: skipped, --peer {name} PYTHON adds it (see bench/README.md)")
    with tempfile.TemporaryDirectory() as scratch:
        for n_labels in arguments.labels:
            n_bytes = int(MB * arguments.megabytes * (arguments.rounds + 1))
            contest = CONTESTS[n_labels](Path(scratch) / str(n_labels), n_bytes=n_bytes)
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
    """Fit, time and judge the systems; each has processes of its own, and all have one core."""
    folders = {system.name: models / f"{system.module}-{system.runner}" for system in systems}
    rows = {
        system.name: race.fit(system, contest.train, folders[system.name], cores=[arguments.core])
        for system in systems
    }
    with _loaded(systems, folders, arguments.core) as processes:
        for articles, path in contest.articles.items():
            for name, rounds in _turns(systems, processes, path, arguments).items():
                rows[name].setdefault("speed", {})[articles] = rounds
        for system in systems:
            if not system.is_limit:
                rows[system.name] |= race.judge(processes[system.name], contest.held_out)
    for system in systems:
        rows[system.name]["memory"] = race.watch_memory(
            system,
            folders[system.name],
            _first(contest),
            MEMORY_ARTICLES["ours" if system.module == "ours" else "slow" if system.is_slow else "fast"],
            core=arguments.core,
        )
    starting = [(system, folders[system.name]) for system in systems if not system.is_limit]
    for name, starts in race.time_starts(starting, FIRST_TEXT, arguments.core, arguments.rounds).items():
        rows[name]["starts"] = starts
    if OURS in systems:
        rows[OURS.name] |= _ours_alone(contest, folders[OURS.name], arguments)
    return {"about": contest.about, "n_labels": contest.n_labels, "systems": rows}


def _ours_alone(contest: Contest, folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the first start ever and, where asked for, rounds on more cores and rounds of the stages."""
    found: dict[str, Any] = {"first_ever": race.time_first_ever(OURS, folder, FIRST_TEXT, core=arguments.core)}
    if arguments.cores:
        found["cores"] = _on_more_cores(contest, folder, arguments)
    if arguments.profile:
        stages = [System(name, "stages", name) for name in STAGES]
        with _loaded(stages, dict.fromkeys(STAGES, folder), arguments.core) as processes:
            found["stages"] = {
                articles: _turns(stages, processes, path, arguments)
                for articles, path in contest.articles.items()
            }
    return found


@contextmanager
def _loaded(systems: Sequence[System], folders: Mapping[str, Path], core: int) -> Iterator[dict[str, Process]]:
    """Start all systems and let them load their models."""
    with ExitStack() as stack:
        processes = {}
        for system in systems:
            processes[system.name] = stack.enter_context(race.started(system, [core]))
            processes[system.name].ask("load", folder=folders[system.name])
        yield processes


def _turns(
    systems: Sequence[System], processes: Mapping[str, Process], articles: Path, arguments: argparse.Namespace
) -> dict[str, list[dict[str, float]]]:
    max_bytes = {
        system.name: int(MB * (arguments.slow_megabytes if system.is_slow else arguments.megabytes))
        for system in systems
    }
    return race.take_turns(processes, articles, max_bytes=max_bytes, n_rounds=arguments.rounds)


def _on_more_cores(contest: Contest, folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the rounds of one core beside those of ``--jobs`` cores, a thread for each."""
    every = sorted(os.sched_getaffinity(0))[: arguments.jobs]
    with race.started(OURS, [arguments.core]) as one, race.started(OURS, every) as more:
        processes = {"1": one, str(len(every)): more}
        for process in processes.values():
            process.ask("load", folder=folder)
        max_bytes = dict.fromkeys(processes, int(MB * arguments.megabytes))
        return race.take_turns(processes, _first(contest), max_bytes=max_bytes, n_rounds=arguments.rounds)


def _first(contest: Contest) -> Path:
    return next(iter(contest.articles.values()))
