"""Calls whose worker died: they end a run, unless somebody notes them and hands them out again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

from framescope.errors import ClusterError


class WorkerLost(ClusterError):  # noqa: N818 - as in KeyboardInterrupt: what happened
    """A worker ended, or could not begin, without an answer."""

    @classmethod
    def because(cls, error: BaseException) -> WorkerLost:
        """Return the loss that an engine's error tells of, in one line."""
        return cls(" ".join(f"{type(error).__name__}: {error}".split()))


@runtime_checkable
class Lossy(Protocol):
    """A backend that knows lost calls; ``losses`` takes them, None lets them end the run."""

    losses: list[WorkerLost] | None


def note_loss(losses: list[WorkerLost] | None, loss: WorkerLost) -> list[None]:
    """Return what a batch of one lost call has as its result.

    Raises:
        WorkerLost: nobody takes losses.
    """
    if losses is None:
        raise loss
    losses.append(loss)
    return [None]


@contextmanager
def losses_noted(backend: Any) -> Iterator[list[WorkerLost]]:
    """Let a backend note its lost calls; what knows none, such as threads, has none."""
    noted: list[WorkerLost] = []
    if not isinstance(backend, Lossy):
        yield noted
        return
    backend.losses = noted
    try:
        yield noted
    finally:
        backend.losses = None
