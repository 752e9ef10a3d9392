"""Shards handed out through joblib: to threads, or to other processes, which may be far away and may die."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from importlib.metadata import version

from joblib import Parallel, delayed, effective_n_jobs
from joblib.parallel import get_active_backend

from framescope.batch.inputs import InputFile
from framescope.batch.scoring import Job, open_model, score_shard
from framescope.batch.shards import Shard
from framescope.batch.site import Site, check_site, site_of
from framescope.clusters.losses import WorkerLost, losses_noted
from framescope.errors import ClusterError


class Workers:
    """The workers of joblib's backend in force; ``jobs`` is joblib's."""

    def __init__(self, job: Job, files: Sequence[InputFile], jobs: int | None) -> None:
        self._job, self._jobs = job, jobs
        # No backend is named: threads are a hint, as kernels release the interpreter's lock.
        self._backend, _ = get_active_backend(prefer="threads")
        are_threads = getattr(self._backend, "supports_sharedmem", False)
        self._site = None if are_threads else site_of(job, files)

    def check(self) -> None:
        """Try the model here and, with a call for each worker in another process, whatever workers need.

        Raises:
            BundleError: the model cannot be loaded.
            ScoringError: it is not the one that the run began with.
            ClusterError: a worker lacks something; the message says what.
        """
        open_model(self._job.model, self._job.digest)
        if self._site is None:
            return
        calls = [delayed(check_site)(self._site)] * effective_n_jobs(self._jobs)  # type: ignore[arg-type]
        with losses_noted(self._backend) as losses:
            Parallel(n_jobs=self._jobs, pre_dispatch="all", batch_size=1)(calls)
        if losses:
            remedy = f"install framescope {version('framescope')} on every worker"
            raise ClusterError(f"a worker cannot begin: {losses[0]}: {remedy}")

    def score(self, shards: Iterable[Shard]) -> list[WorkerLost]:
        """Score shards; return the losses of workers, whose shards may be undone.

        Raises:
            ClusterError: a worker that has come in the meantime lacks something.
            ScoringError: see :func:`~framescope.batch.scoring.score_shard`.
        """
        if self._site is None:
            task, pre_dispatch = partial(score_shard, self._job), "n_jobs"
        else:
            task, pre_dispatch = partial(score_there, self._site), "2 * n_jobs"  # no worker waits for the next
        parallel = Parallel(n_jobs=self._jobs, prefer="threads", pre_dispatch=pre_dispatch, batch_size=1)
        with losses_noted(self._backend) as losses:
            parallel(delayed(task)(shard) for shard in shards)
        return losses


def score_there(site: Site, shard: Shard) -> None:
    """Score a shard in another process, which may have begun after all were checked.

    Raises:
        ClusterError: see :func:`~framescope.batch.site.check_site`.
        ScoringError: see :func:`~framescope.batch.scoring.score_shard`.
    """
    check_site(site)
    score_shard(site.job, shard)
