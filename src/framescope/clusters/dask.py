"""Dask: joblib's backend, told of workers that died."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from typing import Any

from dask.distributed import Client
from joblib._dask import DaskDistributedBackend

from framescope.clusters.losses import WorkerLost, note_loss
from framescope.errors import ClusterError

SECONDS_TO_CONNECT = 10


class DaskCluster(DaskDistributedBackend):
    """joblib's backend, which itself waits for ever for a call that the scheduler gave up."""

    losses: list[WorkerLost] | None = None

    def submit(self, func: Callable[[], Any], callback: Callable[[Any], Any] | None = None) -> Any:
        """Hand out a call; the callback is called in any case."""

        def tell(done: Future[Any]) -> None:
            error = done.exception()
            if error is not None and callback is not None:
                callback(WorkerLost.because(error))

        future: Any = super().submit(func, callback)
        future.add_done_callback(tell)
        return future

    def retrieve_result_callback(self, out: Any) -> Any:
        """Return a batch's results, or raise what it raised."""
        if isinstance(out, WorkerLost):
            return note_loss(self.losses, out)
        if isinstance(out, CancelledError):
            reason = " ".join(str(out).split())
            raise ClusterError(f"dask: the scheduler was lost: {reason}: start it, then the same command again")
        return super().retrieve_result_callback(out)


@contextmanager
def connect(address: str | None) -> Iterator[DaskCluster]:
    """Yield a backend on the workers of a scheduler.

    Raises:
        ClusterError: the scheduler cannot be reached, or has no workers.
    """
    named = f"dask at {address}" if address else "dask"
    try:
        client = Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        message = f"{named}: cannot be reached: {error}: name the scheduler, such as tcp://host:8786"
        raise ClusterError(message) from error
    with client:
        backend = DaskCluster(client=client)
        try:
            backend.effective_n_jobs(-1)
        except TimeoutError as error:
            scheduler = client.scheduler.address
            message = f"{named}: has no workers: start some with `dask worker {scheduler}`"
            raise ClusterError(message) from error
        yield backend
