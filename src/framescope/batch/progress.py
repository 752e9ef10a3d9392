"""How far a run is: the parts that stand are counted, whoever wrote them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from framescope.batch.folder import Folder
from framescope.batch.options import ScoringError

INTERVAL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class ScoringProgress:
    """Counts of parts and rows; ``n_new_rows`` and ``seconds`` are those of this run alone."""

    n_parts: int
    n_done: int = 0
    n_failed: int = 0
    n_scored: int = 0
    n_rejected: int = 0
    n_new_parts: int = 0
    n_new_rows: int = 0
    seconds: float = 0.0

    @property
    def rows_per_second(self) -> float:
        """The rate of this run."""
        return self.n_new_rows / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Time left at the rate of this run; None before its first part."""
        if not self.n_new_parts:
            return None
        return (self.n_parts - self.n_done - self.n_failed) * self.seconds / self.n_new_parts

    def to_json(self) -> dict[str, Any]:
        """Return a line of ``--json-progress``."""
        left = self.seconds_left
        return asdict(self) | {
            "seconds": round(self.seconds, 3),
            "share_done": (self.n_done + self.n_failed) / self.n_parts if self.n_parts else 1.0,
            "rows_per_second": round(self.rows_per_second, 1),
            "seconds_left": None if left is None else round(left, 1),
        }


ShowProgress = Callable[[ScoringProgress], None]


def no_report(progress: ScoringProgress) -> None:
    """Show nothing."""


class Monitor:
    """A thread that counts parts, reports, and stops the run on request or beyond ``max_errors``."""

    def __init__(
        self, folder: Folder, names: list[str], *, report: ShowProgress, max_errors: int | None, stop: Event
    ) -> None:
        self._folder, self._left = folder, set(names)
        self._report, self._max_errors, self._stop = report, max_errors, stop
        self._failed: set[str] = set()
        self._n_parts = len(names)
        self._n_scored = self._n_rejected = self._n_old_rows = self._n_old_parts = 0
        self._begin = time.monotonic()
        self._finished = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._count()
        self._n_old_parts, self._n_old_rows = self._n_done, self._n_scored + self._n_rejected
        self._report(self.progress())
        self._check()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finished.set()
        self._thread.join()
        self._count()
        self._report(self.progress())

    @property
    def has_too_many_errors(self) -> bool:
        """Whether more rows are rejected than the run allows."""
        return self._max_errors is not None and self._n_rejected > self._max_errors

    def progress(self) -> ScoringProgress:
        """Return the counts as they are."""
        return ScoringProgress(
            n_parts=self._n_parts,
            n_done=self._n_done,
            n_failed=len(self._failed),
            n_scored=self._n_scored,
            n_rejected=self._n_rejected,
            n_new_parts=self._n_done - self._n_old_parts + len(self._failed),
            n_new_rows=self._n_scored + self._n_rejected - self._n_old_rows,
            seconds=time.monotonic() - self._begin,
        )

    @property
    def _n_done(self) -> int:
        return self._n_parts - len(self._left) - len(self._failed)

    def _watch(self) -> None:
        seconds = INTERVAL_SECONDS
        while not self._finished.wait(seconds):
            begin = time.monotonic()
            self._count()
            self._report(self.progress())
            self._check()
            seconds = max(INTERVAL_SECONDS, 20 * (time.monotonic() - begin))  # long lists take their time

    def _check(self) -> None:
        if self.has_too_many_errors or self._stop.is_set():
            self._folder.stop()

    def _count(self) -> None:
        """Take in what is new."""
        failed = self._folder.failed() & self._left
        self._left -= failed
        self._failed |= failed
        for name in sorted(self._folder.done() & self._left):
            self._add(name)

    def _add(self, name: str) -> None:
        try:
            record = self._folder.read_record(name)
            self._n_scored += int(record["n_scored"])
            self._n_rejected += int(record["n_rejected"])
        except (ScoringError, KeyError, TypeError, ValueError):
            return  # a damaged record: the end of the run will say so
        self._left.discard(name)
