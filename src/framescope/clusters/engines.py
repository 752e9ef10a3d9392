"""The clusters that joblib's work can go to, by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

from joblib import parallel_config

from framescope.errors import ClusterError

ENGINES = ("dask", "ray")


@contextmanager
def cluster(engine: str, address: str | None = None) -> Iterator[None]:
    """Send all work that joblib does within, such as that of :func:`framescope.score`, to a cluster.

    ``engine`` is one of ``ENGINES``. Without an address, the engine's own settings name the cluster; without
    those either, one is started on this machine, and ended with the work. All cores are taken that are free.

    Raises:
        ClusterError: the engine is unknown or not installed, or the cluster cannot be reached or used.
    """
    with loaded_engine(engine).connect(address) as backend, parallel_config(backend=backend, n_jobs=-1):
        n_cores = backend.effective_n_jobs(-1)
        if n_cores < 2:  # joblib would work here, not there
            raise ClusterError(f"{engine}: has {n_cores} free cores, expected 2: add workers, or do without")
        yield


def loaded_engine(engine: str) -> ModuleType:
    """Return the module of an engine, whose ``connect`` yields a backend of joblib.

    Raises:
        ClusterError: it is unknown or not installed.
    """
    if engine not in ENGINES:
        raise ClusterError(f"engine: expected one of {', '.join(ENGINES)}, found {engine!r}")
    try:
        return import_module(f"framescope.clusters.{engine}")
    except ImportError as error:
        message = f"{engine} cannot be loaded: {error}: pip install 'framescope[{engine}]'"
        raise ClusterError(message) from error
