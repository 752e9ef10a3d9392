"""Systems in processes of their own, driven in turns: fitting, rounds, memory and start."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.runners.tuning import micro_f1, read_units

CHECKOUT = Path(__file__).parents[1]
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class System:
    """A name in tables, and where its runner stands.

    ``python`` is the interpreter that has its library; a slow system is timed on fewer articles, a limit has
    neither model nor labels.
    """

    name: str
    module: str
    runner: str
    is_slow: bool = False
    is_limit: bool = False
    python: str = sys.executable


class Process:
    """A system at work on some cores, with a thread for each."""

    def __init__(
        self, system: System, cores: Sequence[int], environment: Mapping[str, str] | None = None
    ) -> None:
        self._child = subprocess.Popen(  # noqa: S603 - an interpreter that the user named
            [system.python, "-m", "bench.runners.child", system.module, system.runner, *map(str, cores)],
            cwd=CHECKOUT,
            env={**os.environ, **dict.fromkeys(THREADS, str(len(cores))), **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self._name = system.name

    def ask(self, task: str, **arguments: Any) -> Any:
        """Let the system do a task of :class:`bench.runners.child.Child`; return its answer."""
        assert self._child.stdin
        assert self._child.stdout
        self._child.stdin.write(json.dumps([task, arguments], default=str) + "\n")
        self._child.stdin.flush()
        answer = self._child.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self._name}: {task} failed; what it printed stands above")
        return json.loads(answer)

    def close(self) -> None:
        """Let the system end."""
        self._child.communicate()


@contextmanager
def started(system: System, cores: Sequence[int], **environment: str) -> Iterator[Process]:
    """Start a system for a while."""
    process = Process(system, cores, environment)
    try:
        yield process
    finally:
        process.close()


def fit(system: System, train: Path, folder: Path, *, cores: Sequence[int]) -> dict[str, Any]:
    """Fit a system to a training file and return its facts.

    A peer's model in ``folder`` will do, if it was fitted to the same file by the same code.
    """
    known = folder / "facts.json"
    sources = [CHECKOUT / "bench" / "runners" / f"{name}.py" for name in (system.module, "tuning")]
    stamp = hashlib.sha256(b"".join(path.read_bytes() for path in (train, *sources))).hexdigest()
    if known.exists():
        facts: dict[str, Any] = json.loads(known.read_text(encoding="utf-8"))
        if facts.get("stamp") == stamp and system.module != "ours":
            return facts
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with started(system, cores) as process:
        facts = {"stamp": stamp, **process.ask("fit", train=train, folder=folder)}
    facts["size_mb"] = sum(path.stat().st_size for path in folder.rglob("model/**/*")) / 1e6
    known.write_text(json.dumps(facts, indent=1), encoding="utf-8")
    return facts


def judge(process: Process, held_out: Path) -> dict[str, float]:
    """Return the F1 of the system's decisions on held-out units, over all labels."""
    units = read_units(held_out)
    decided = process.ask("judge", texts=units.texts)
    return {"micro_f1": micro_f1(units.truth, decided)}


def take_turns(
    processes: Mapping[str, Process], articles: Path, *, max_bytes: Mapping[str, int], n_rounds: int
) -> dict[str, list[dict[str, float]]]:
    """Time every system ``n_rounds`` times, the systems taking turns, each round on articles of its own.

    Before, each goes through further articles once: none is met twice. ``max_bytes`` is how much of a round's
    articles a system reads.
    """
    for name, process in processes.items():
        process.ask("read", articles=articles, n_parts=n_rounds + 1, max_bytes=max_bytes[name])
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in processes}
    for part in range(1, n_rounds + 1):
        for name, process in processes.items():
            rounds[name].append(process.ask("round", part=part))
    return rounds


def watch_memory(
    system: System, folder: Path, articles: Path, sizes: Sequence[int], *, core: int
) -> list[dict[str, float]]:
    """Return the peak of memory of a fresh process for each number of articles."""
    found = []
    for n_articles in sizes:
        with started(system, [core]) as process:
            process.ask("load", folder=folder)
            memory = process.ask("memory", articles=articles, n_articles=n_articles)
        found.append({"n_articles": n_articles, **memory})
    return found


def time_starts(
    models: Sequence[tuple[System, Path]], text: str, core: int, n_rounds: int
) -> dict[str, list[dict[str, Any]]]:
    """Return what each start of each system took, the systems taking turns."""
    starts: dict[str, list[dict[str, Any]]] = {system.name: [] for system, _ in models}
    for number in range(n_rounds + 1):
        for system, folder in models:
            start = time_start(system, folder, text, core=core)
            if number:  # the first time fills caches of files and kernels
                starts[system.name].append(start)
    return starts


def time_start(system: System, folder: Path, text: str, *, core: int, **environment: str) -> dict[str, Any]:
    """Return seconds from the start of a process to its first decision; processor seconds reach to its end."""
    begin, cpu = time.perf_counter(), _cpu_of_ended()
    with started(system, [core], **environment) as process:
        process.ask("load", folder=folder)
        answer = process.ask("first", text=text)
        seconds = time.perf_counter() - begin
    return {"seconds": seconds, "cpu_seconds": _cpu_of_ended() - cpu, **answer}


def time_first_ever(system: System, folder: Path, text: str, *, core: int) -> dict[str, Any]:
    """Return what a start takes that finds no compiled kernels."""
    with tempfile.TemporaryDirectory() as empty:
        return time_start(system, folder, text, core=core, NUMBA_CACHE_DIR=empty)


def _cpu_of_ended() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
