"""What a server has done, in the text format of Prometheus; counts are of one process, since its start."""

from __future__ import annotations

import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from threading import Lock

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)
"""Upper bounds of the histogram of seconds."""

Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Counts that threads share."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._requests: Counter[Labels] = Counter()
        self._documents: Counter[Labels] = Counter()
        self._seconds: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BOUNDS) + 1))
        self._sums: defaultdict[str, float] = defaultdict(float)

    def count_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answer; ``route`` is the name of an endpoint, and nothing that a client chooses."""
        with self._lock:
            self._requests[("method", method), ("route", route), ("status", str(status))] += 1
            self._seconds[route][sum(seconds > bound for bound in BOUNDS)] += 1
            self._sums[route] += seconds

    def count_documents(self, model: str, n_documents: int) -> None:
        """Count documents that a model has read."""
        with self._lock:
            self._documents[(("model", model),)] += n_documents

    def text(self, gauges: Mapping[str, Mapping[Labels, float]]) -> str:
        """Return all of it, with what is measured now: by name and labels."""
        with self._lock:
            lines = [
                *_metric("framescope_requests_total", "counter", self._requests.items()),
                *_metric("framescope_documents_total", "counter", self._documents.items()),
                *self._histogram("framescope_request_seconds"),
            ]
        memory = resident_bytes()
        for name, values in gauges.items():
            lines += _metric(name, "gauge", values.items())
        if memory is not None:
            lines += _metric("process_resident_memory_bytes", "gauge", [((), memory)])
        return "\n".join(lines) + "\n"

    def _histogram(self, name: str) -> Iterator[str]:
        yield f"# TYPE {name} histogram"
        for route, counts in self._seconds.items():
            n_below = 0
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
                n_below += count
                yield _line(f"{name}_bucket", (("route", route), ("le", bound)), n_below)
            yield _line(f"{name}_sum", (("route", route),), self._sums[route])
            yield _line(f"{name}_count", (("route", route),), n_below)


def resident_bytes() -> int | None:
    """Return the memory that this process takes, None where the system does not tell."""
    if sys.platform != "linux":
        return None
    n_pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return n_pages * os.sysconf("SC_PAGE_SIZE")


def _metric(name: str, kind: str, values: Iterable[tuple[Labels, float]]) -> Iterator[str]:
    yield f"# TYPE {name} {kind}"
    for labels, value in values:
        yield _line(name, labels, value)


def _line(name: str, labels: Labels, value: float) -> str:
    listed = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
    return f"{name}{{{listed}}} {value!r}" if listed else f"{name} {value!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
