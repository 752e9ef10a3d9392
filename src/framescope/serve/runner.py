"""What works off the queue: a process for each job, its progress noted, its end noted, cancelled when asked."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from threading import Event, Thread
from time import monotonic
from typing import IO, Any, cast

import msgspec

from framescope.batch.lock import lock
from framescope.batch.options import ScoringError
from framescope.predictor import Predictor
from framescope.serve.folder import Folder
from framescope.serve.jobs import Jobs, ScoringJob, Status
from framescope.serve.scoring_process import ERROR, PROGRESS, STOPPED, SUMMARY
from framescope.serve.settings import Limits

POLL_SECONDS = 0.25
NOTE_SECONDS = 0.5
STOP_SECONDS = 20.0
"""Time for a process to drop what it is at; then it is killed, and nothing that is done is lost."""


class Runner:
    """Threads that take jobs from the queue; of several servers on one working folder, one works it off."""

    def __init__(self, jobs: Jobs, folder: Folder, models: Mapping[str, Predictor], limits: Limits) -> None:
        self._jobs, self._folder, self._models, self._limits = jobs, folder, models, limits
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
        process = _started(job, predictor, self._limits, self._folder)
        heard: dict[str, Any] = {}
        listener = Thread(target=_listen, args=(process, heard), daemon=True)
        listener.start()
        is_cancelled = self._watch(job, process, heard)
        listener.join()
        cast("IO[bytes]", process.stdout).close()
        self._note_end(job, heard, process.returncode, is_cancelled=is_cancelled)

    def _watch(self, job: ScoringJob, process: subprocess.Popen[bytes], heard: Mapping[str, Any]) -> bool:
        """Note progress until the process has ended; tell whether it was asked to stop for good."""
        until, noted, is_cancelled, kill_at = monotonic() + self._limits.job_seconds, 0.0, False, None
        while process.poll() is None:
            now = monotonic()
            if PROGRESS in heard and now > noted + NOTE_SECONDS:
                self._jobs.note(job.id, heard[PROGRESS])
                noted = now
            is_cancelled = is_cancelled or now > until or self._jobs.get(job.id).status == Status.CANCELLING
            if kill_at is None and (is_cancelled or self._ended.is_set()):
                with suppress(OSError):
                    cast("IO[bytes]", process.stdin).close()
                kill_at = now + STOP_SECONDS
            if kill_at is not None and now > kill_at:
                process.kill()
            with suppress(subprocess.TimeoutExpired):
                process.wait(POLL_SECONDS)
        with suppress(OSError):
            cast("IO[bytes]", process.stdin).close()
        return is_cancelled

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


def _started(job: ScoringJob, predictor: Predictor, limits: Limits, folder: Folder) -> subprocess.Popen[bytes]:
    told = {
        "root": str(job.root),
        "model": str(predictor.bundle.path.resolve()),
        "digest": job.digest,
        "options": job.options,
        "n_threads": max(1, (os.cpu_count() or 2) // 2),
        "memory_bytes": limits.job_bytes,
    }
    command = [sys.executable, "-m", "framescope.serve.scoring_process", msgspec.json.encode(told).decode()]
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what packages say of a file is the file's own
        env={**os.environ, "TMPDIR": str(folder.incoming)},
        start_new_session=True,
    )


def _listen(process: subprocess.Popen[bytes], heard: dict[str, Any]) -> None:
    """Take in the lines of a process; of its progress, the latest."""
    for line in cast("IO[bytes]", process.stdout):
        with suppress(msgspec.DecodeError):
            heard.update(msgspec.json.decode(line, type=dict[str, Any]))
