"""The process of one system, ``child MODULE RUNNER CORE...``: lines of JSON tell it what to do and answer.

It needs nothing but the standard library before the system itself is loaded, so that its start is the system's
start, and runs under any interpreter that has the system's library.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

BATCH = 1000


class Runner(Protocol):
    """A system; ``RUNNERS`` of its module has its constructors by name. What is prepared is not timed."""

    def fit(self, train: Path, folder: Path) -> dict[str, Any]:
        """Fit to a training file, save the model as ``folder / "model"``, return what was chosen."""

    def load(self, folder: Path) -> None:
        """Load the model."""

    def first(self, text: str) -> Any:
        """Decide about one text as a program would that has nothing else to do."""

    def prepare(self, texts: list[str]) -> Any:
        """Return texts in the form that the system reads fastest."""

    def decide(self, prepared: Any) -> Any:
        """Return the labels of every text, in the form that the system gives fastest."""

    def columns(self, decided: Any) -> list[list[int]]:
        """Return the columns of each text's labels."""


class Child:
    """One runner and the articles that it has read."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name
        self._parts: list[Any] = []
        self._held = 0

    @cached_property
    def runner(self) -> Runner:
        """The system; its library is loaded when it is first asked for."""
        made: Runner = import_module(f"bench.runners.{self._module}").RUNNERS[self._name]()
        return made

    def fit(self, train: str, folder: str) -> dict[str, Any]:
        """Fit and save a model."""
        begin = time.process_time()
        chosen = self.runner.fit(Path(train), Path(folder))
        return {"fit_cpu_seconds": time.process_time() - begin, **chosen}

    def load(self, folder: str) -> None:
        """Load a model; what the process holds from now on is not counted as the memory of scoring."""
        self.runner.load(Path(folder))
        self._held = _resident()

    def first(self, text: str) -> dict[str, Any]:
        """Decide about one text."""
        self.runner.first(text)
        return {"has_pandas": "pandas" in sys.modules}

    def judge(self, texts: list[str]) -> list[list[int]]:
        """Return the columns of each text's labels."""
        return self.runner.columns(self.runner.decide(self.runner.prepare(texts)))

    def read(self, articles: str, n_parts: int, max_bytes: int) -> None:
        """Deal articles out to parts, each of at most about so many bytes; go through the first, untimed."""
        parts: list[list[str]] = [[] for _ in range(n_parts)]
        sizes = [0] * n_parts
        for number, text in enumerate(_texts(articles)):
            part = number % n_parts
            if sizes[part] < max_bytes:
                parts[part].append(text)
                sizes[part] += len(text.encode())
        if not all(sizes):
            raise ValueError(
                f"{articles}: expected {n_parts} articles or more, one for each round and the first"
            )
        self._parts = [
            (len(part), size, self.runner.prepare(part)) for part, size in zip(parts, sizes, strict=True)
        ]
        self.round(0)

    def round(self, part: int) -> dict[str, float]:
        """Return the seconds of a run over a part."""
        n_articles, n_bytes, prepared = self._parts[part]
        gc.collect()
        begin, cpu = time.perf_counter(), time.process_time()
        decided = self.runner.decide(prepared)
        seconds, cpu_seconds = time.perf_counter() - begin, time.process_time() - cpu
        del decided
        return {"n_articles": n_articles, "n_bytes": n_bytes, "seconds": seconds, "cpu_seconds": cpu_seconds}

    def memory(self, articles: str, n_articles: int) -> dict[str, float]:
        """Score so many articles, ``BATCH`` at a time as they are read; return MB at the peak, and before."""
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # resets the peak
        left = _cycle(articles)
        for first in range(0, n_articles, BATCH):
            texts = list(islice(left, min(BATCH, n_articles - first)))
            self.runner.decide(self.runner.prepare(texts))
        return {"peak_mb": _peak() / 1e6, "held_mb": self._held / 1e6}


def main() -> None:
    """Serve until the input ends."""
    module, name, *cores = sys.argv[1:]
    os.sched_setaffinity(0, {int(core) for core in cores})
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # whatever a library prints does not stand among the answers
    child = Child(module, name)
    for line in sys.stdin:
        task, arguments = json.loads(line)
        print(json.dumps(getattr(child, task)(**arguments)), file=answers, flush=True)


def _texts(articles: str) -> Iterator[str]:
    with Path(articles).open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def _cycle(articles: str) -> Iterator[str]:
    while True:
        yield from _texts(articles)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def _peak() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
