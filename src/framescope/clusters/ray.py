"""Ray: joblib's backend, with actors that are started again when they die."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.joblib.ray_backend import RayBackend

from framescope.clusters.losses import WorkerLost, note_loss
from framescope.errors import ClusterError

SECONDS_TO_CONNECT = 10
# An actor without a CPU of its own would let Ray put all of them on one node.
ACTOR = {"num_cpus": 1, "max_restarts": -1}


class RayCluster(RayBackend):  # type: ignore[misc] # untyped where Ray is not installed
    """joblib's backend on as many CPUs as were free when it was made; a dead actor costs the call it was at."""

    losses: list[WorkerLost] | None = None

    def __init__(self, *, n_cpus: int) -> None:
        super().__init__(ray_remote_args=ACTOR)
        self._n_cpus = n_cpus

    def configure(self, n_jobs: int = -1, **options: Any) -> int:
        """Start the actors and return their number."""
        del n_jobs
        started: int = super().configure(self._n_cpus, **options)
        return started

    def effective_n_jobs(self, n_jobs: int) -> int:
        """Return the number of actors."""
        del n_jobs
        return self._n_cpus

    def retrieve_result_callback(self, out: Any) -> Any:
        """Return a batch's results, or raise what it raised."""
        if isinstance(out, RayError):
            return note_loss(self.losses, WorkerLost.because(out))
        return super().retrieve_result_callback(out)


@contextmanager
def connect(address: str | None) -> Iterator[RayCluster]:
    """Yield a backend on the CPUs of a cluster that are free.

    Raises:
        ClusterError: the cluster cannot be reached.
    """
    named = f"ray at {address}" if address else "ray"
    is_ours = not ray.is_initialized()
    if is_ours:
        try:
            _check_open(address)
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
        except (OSError, ValueError, RuntimeError) as error:
            message = f"{named}: cannot be reached: {error}: name the cluster, such as host:6379"
            raise ClusterError(message) from error
    try:
        yield RayCluster(n_cpus=int(ray.available_resources().get("CPU", 0)))
    finally:
        if is_ours:
            ray.shutdown()


def _check_open(address: str | None) -> None:
    """Look for a listener: where there is none, Ray itself tries for many minutes."""
    host, _, port = (address or "").rpartition(":")
    if port.isdigit() and "://" not in host:
        with socket.create_connection((host, int(port)), timeout=SECONDS_TO_CONNECT):
            pass
