"""Threads for what takes a processor: few at a time, some more that wait, and an end to patience."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

import anyio
import anyio.to_thread

from framescope.serve.problems import ServeError
from framescope.serve.settings import Limits

T = TypeVar("T")


class Work:
    """Runs functions in threads; made within the event loop."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._limiter = anyio.CapacityLimiter(limits.n_at_work)
        self._n_here = 0

    @property
    def n_running(self) -> int:
        """Threads that are at work; one that is not waited for any more counts until its end."""
        return self._limiter.borrowed_tokens

    @property
    def n_waiting(self) -> int:
        """Requests that wait for a thread."""
        return max(0, self._n_here - self.n_running)

    async def run(self, function: Callable[..., T], *arguments: object) -> T:
        """Return what a function returns.

        Raises:
            ServeError: 503, too many wait; or 503, it takes too long, and ends unheard.
        """
        if self._n_here >= self._limits.n_at_work + self._limits.n_waiting:
            raise ServeError(HTTPStatus.SERVICE_UNAVAILABLE, "too much is asked at a time", retry_after=1)
        self._n_here += 1
        try:
            with anyio.fail_after(self._limits.work_seconds):
                return await anyio.to_thread.run_sync(
                    function, *arguments, limiter=self._limiter, abandon_on_cancel=True
                )
        except TimeoutError as error:
            message = f"took more than {self._limits.work_seconds:g} s: send less at a time, or make it a job"
            raise ServeError(HTTPStatus.SERVICE_UNAVAILABLE, message, retry_after=60) from error
        finally:
            self._n_here -= 1
