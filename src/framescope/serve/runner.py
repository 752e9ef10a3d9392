"""What works off the queue: a process for each job, its progress noted, its end noted, cancelled when asked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from threading import Event, Thread
from time import monotonic
from typing import Any

from framescope.batch.lock import lock
from framescope.batch.options import ScoringError
from framescope.predictor import Predictor
from framescope.serve.folder import Folder
from framescope.serve.jobs import Jobs, ScoringJob, Status
from framescope.serve.processes import Worker
from framescope.serve.scoring_process import ERROR, PROGRESS, STOPPED, SUMMARY
from framescope.serve.settings import Settings

NOTE_SECONDS = 0.5


class Runner:
    """Threads that take jobs from the queue; of several servers on one working folder, one works it off."""

    def __init__(self, jobs: Jobs, folder: Folder, models: Mapping[str, Predictor], settings: Settings) -> None:
        self._jobs, self._folder, self._models = jobs, folder, models
        self._limits, self._cluster = settings.limits, (settings.engine, settings.address)
        self._ended, self._is_new = Event(), Event()
        self._thread = Thread(target=self._run, daemon=True, name="jobs")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Look at the queue now."""
        self._is_new.set()

    def stop(self) -> None:
        """Stop what is running, which goes on with the next server, and wait for it."""
        self._ended.set()
        self._is_new.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                with lock(self._folder.root / "runner.lock"):
                    self._folder.clear_incoming()
                    self._jobs.requeue()
                    self._take_turns()
            except ScoringError:  # another server works the queue off
                self._ended.wait(1)

    def _take_turns(self) -> None:
        threads = [Thread(target=self._take, daemon=True) for _ in range(self._limits.n_jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _take(self) -> None:
        while not self._ended.is_set():
            self._is_new.clear()
            job = self._jobs.claim()
            if job is None:
                self._is_new.wait(1)
            else:
                self._work(job)

    def _work(self, job: ScoringJob) -> None:
        predictor = self._models.get(job.model)
        if predictor is None or predictor.digest != job.digest:
            reason = f"the model {job.model} is not served, or was replaced: send the files again"
            self._jobs.end(job.id, Status.FAILED, error=reason)
            return
        told = {
            "root": str(job.root),
            "model": str(predictor.bundle.path.resolve()),
            "digest": job.digest,
            "options": job.options,
            "n_threads": max(1, (os.cpu_count() or 2) // 2),
            "cluster": self._cluster,
            "memory_bytes": self._limits.job_bytes,
        }
        worker = Worker("framescope.serve.scoring_process", told, scratch=self._folder.incoming)
        watch = _Watch(self._jobs, job, worker, self._limits.job_seconds)
        code = worker.wait(lambda: watch.is_cancelled() or self._ended.is_set())
        self._note_end(job, worker.heard, code, is_cancelled=watch.was_cancelled)

    def _note_end(self, job: ScoringJob, heard: Mapping[str, Any], code: int, *, is_cancelled: bool) -> None:
        if PROGRESS in heard:
            self._jobs.note(job.id, heard[PROGRESS])
        if SUMMARY in heard:
            status, error = _verdict(heard[SUMMARY])
            self._jobs.end(job.id, status, summary=heard[SUMMARY], error=error)
        elif is_cancelled:
            self._jobs.end(job.id, Status.CANCELLED)
        elif ERROR in heard:
            error = heard[ERROR].replace(f"{job.input}{os.sep}", "").replace(str(job.root), "the job")
            self._jobs.end(job.id, Status.FAILED, error=error)
        elif STOPPED in heard or self._ended.is_set():
            self._jobs.requeue(job.id)
        else:
            reason = f"its process ended with code {code}: a file may be damaged, or need too much memory"
            self._jobs.end(job.id, Status.FAILED, error=reason)


def _verdict(summary: Mapping[str, Any]) -> tuple[Status, str]:
    """Return how a job that was worked off has ended: well if a row was scored."""
    if summary["n_scored"]:
        return Status.DONE, ""
    reasons = [*summary["failures"], *summary["reasons"]]
    return Status.FAILED, "; ".join(reasons[:3]) or "has no articles: expected one or more"


class _Watch:
    """Notes how far a job is, and finds out whether it was cancelled or takes too long."""

    def __init__(self, jobs: Jobs, job: ScoringJob, worker: Worker, seconds: float) -> None:
        self._jobs, self._job, self._worker = jobs, job, worker
        self._until, self._noted = monotonic() + seconds, 0.0
        self.was_cancelled = False

    def is_cancelled(self) -> bool:
        """Look at the job now."""
        now = monotonic()
        if PROGRESS in self._worker.heard and now > self._noted + NOTE_SECONDS:
            self._jobs.note(self._job.id, self._worker.heard[PROGRESS])
            self._noted = now
        status = self._jobs.get(self._job.id).status
        self.was_cancelled = self.was_cancelled or status == Status.CANCELLING or now > self._until
        return self.was_cancelled
