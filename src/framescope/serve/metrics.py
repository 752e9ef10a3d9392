"""What a server has done since its start, in the text format of Prometheus."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TypeVar

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)
"""Upper bounds of the histogram of seconds."""

Number = TypeVar("Number", int, float)


@dataclass(slots=True)
class Counts:
    """What was counted and measured, by labels as Prometheus writes them, or by route.

    ``seconds`` has requests by ``BOUNDS``, each bound for itself; ``gauges`` are by name, then by labels.
    """

    requests: dict[str, int] = field(default_factory=dict)
    documents: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, list[int]] = field(default_factory=dict)
    sums: dict[str, float] = field(default_factory=dict)
    gauges: dict[str, dict[str, float]] = field(default_factory=dict)

    def add(self, other: Counts) -> None:
        """Add what another process has counted and measures."""
        _add(self.requests, other.requests)
        _add(self.documents, other.documents)
        _add(self.sums, other.sums)
        for route, counts in other.seconds.items():
            before = self.seconds.get(route, [0] * len(counts))
            self.seconds[route] = [one + more for one, more in zip(before, counts, strict=True)]
        for name, values in other.gauges.items():
            _add(self.gauges.setdefault(name, {}), values)

    def text(self) -> str:
        """Return all of it as Prometheus reads it."""
        lines = [
            *_metric("framescope_requests_total", "counter", self.requests),
            *_metric("framescope_documents_total", "counter", self.documents),
            *self._histogram("framescope_request_seconds"),
        ]
        for name, values in self.gauges.items():
            lines += _metric(name, "gauge", values)
        return "\n".join(lines) + "\n"

    def _histogram(self, name: str) -> Iterator[str]:
        yield f"# TYPE {name} histogram"
        for route, counts in self.seconds.items():
            n_below = 0
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
                n_below += count
                yield _line(f"{name}_bucket", labels(route=route, le=bound), n_below)
            yield _line(f"{name}_sum", labels(route=route), self.sums[route])
            yield _line(f"{name}_count", labels(route=route), n_below)


class Metrics:
    """Counts that the threads of a process share."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts = Counts()

    def count_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answer; ``route`` is the name of an endpoint, and nothing that a client chooses."""
        by_bound = [0] * (len(BOUNDS) + 1)
        by_bound[sum(seconds > bound for bound in BOUNDS)] = 1
        key = labels(method=method, route=route, status=str(status))
        with self._lock:
            self._counts.add(Counts({key: 1}, seconds={route: by_bound}, sums={route: seconds}))

    def count_documents(self, model: str, n_documents: int) -> None:
        """Count documents that a model has read."""
        with self._lock:
            self._counts.add(Counts(documents={labels(model=model): n_documents}))

    def counts(self) -> Counts:
        """Return a copy of what was counted so far."""
        found = Counts()
        with self._lock:
            found.add(self._counts)
        return found


def labels(**values: str) -> str:
    """Return labels as Prometheus writes them.

    >>> labels(model="a"), labels()
    ('{model="a"}', '')
    """
    listed = ",".join(f'{key}="{_escaped(text)}"' for key, text in values.items())
    return f"{{{listed}}}" if listed else ""


def resident_bytes() -> int | None:
    """Return the memory that this process takes, None where the system does not tell."""
    if sys.platform != "linux":
        return None
    n_pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return n_pages * os.sysconf("SC_PAGE_SIZE")


def _add(values: dict[str, Number], others: Mapping[str, Number]) -> None:
    for key, value in others.items():
        values[key] = values[key] + value if key in values else value


def _metric(name: str, kind: str, values: Mapping[str, float]) -> Iterator[str]:
    yield f"# TYPE {name} {kind}"
    for key, value in values.items():
        yield _line(name, key, value)


def _line(name: str, key: str, value: float) -> str:
    return f"{name}{key} {value!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
