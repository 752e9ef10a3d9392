"""Jobs: files to be scored by the batch engine, what is known of them, and where their results are.

A job is *queued*, then *running*, then *done*, *failed* or *cancelled*. Its folder has ``input/``, with the
files, and ``output/``, which is what ``framescope score`` would have made of them, in Parquet.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Any

from framescope.batch.options import ScoreOptions
from framescope.predictor import Predictor
from framescope.serve.folder import Folder
from framescope.serve.problems import ServeError

READING = ("text_field", "id_field", "title_field", "lang_field", "delimiter", "quoting", "encoding", "sheet")
"""Options of a job that say how its files are read, as those of ``framescope score``."""

SHOWN = ("source_field", "date_field")
"""Options of a job that say which columns its pages show as outlet and date."""

OPTIONS = (*READING, *SHOWN, "evidence", "keep")

N_LISTED = 1_000


class Status(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (Status.QUEUED, Status.RUNNING, Status.CANCELLING)


@dataclass(frozen=True, slots=True)
class ScoringJob:
    """What is known of a job; ``name`` is for people, of its files. Times are ISO 8601, in UTC."""

    id: str
    model: str
    digest: str
    name: str
    options: Mapping[str, Any]
    status: Status
    progress: Mapping[str, Any]
    summary: Mapping[str, Any]
    error: str
    created: str
    finished: str
    root: Path

    @property
    def input(self) -> Path:
        """Where the files are."""
        return self.root / "input"

    @property
    def output(self) -> Path:
        """Where the results are."""
        return self.root / "output"

    @property
    def is_open(self) -> bool:
        """Whether there is something left to do."""
        return self.status in OPEN

    def to_json(self) -> dict[str, Any]:
        """Return what programs are told."""
        names = ("id", "model", "digest", "name", "options", "status", "progress", "summary", "error")
        return {name: getattr(self, name) for name in (*names, "created", "finished")}


class Jobs:
    """The jobs of a working folder."""

    def __init__(self, folder: Folder, n_waiting: int) -> None:
        self._folder, self._n_waiting = folder, n_waiting

    def new_folder(self) -> Path:
        """Return a new folder for files on their way in.

        Raises:
            ServeError: 503, too many jobs wait.
        """
        (row,) = self._folder.rows("SELECT count(*) AS n FROM jobs WHERE status IN ('queued', 'running')")
        if row["n"] >= self._n_waiting:
            message = f"{row['n']} jobs wait already: cancel some, or wait"
            raise ServeError(HTTPStatus.SERVICE_UNAVAILABLE, message, retry_after=60)
        made = self._folder.incoming / secrets.token_hex(8)
        made.mkdir(mode=0o700)
        return made

    def add(
        self, folder: Path, model: str, predictor: Predictor, options: Mapping[str, Any] | None = None
    ) -> ScoringJob:
        """Queue the files of a folder that :meth:`new_folder` made, which becomes the job's ``input/``.

        ``options`` are ``OPTIONS``: ``evidence`` is a bool, and ``keep`` a list of columns to carry through; by
        default all are, for parts of articles all but the text.

        Raises:
            ScoringError: an option is out of range.
        """
        chosen = dict(options or {})
        score_options(chosen)
        names = sorted(path.name for path in folder.iterdir())
        name = names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "")
        root = self._folder.jobs / folder.name
        root.mkdir(mode=0o700)
        folder.rename(root / "input")
        self._folder.write(
            "INSERT INTO jobs (id, model, digest, name, options, status, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
            folder.name,
            model,
            predictor.digest,
            name,
            json.dumps(chosen, ensure_ascii=False),
            Status.QUEUED,
            now(),
        )
        return self.get(folder.name)

    def get(self, job_id: str) -> ScoringJob:
        """Return a job.

        Raises:
            ServeError: 404.
        """
        rows = self._folder.rows("SELECT * FROM jobs WHERE id = ?", job_id)
        if not rows:
            raise ServeError(HTTPStatus.NOT_FOUND, f"{job_id!r:.60}: no such job")
        return self._job(rows[0])

    def list(self) -> list[ScoringJob]:
        """Return the latest jobs, the newest first."""
        rows = self._folder.rows("SELECT * FROM jobs ORDER BY created DESC, id LIMIT ?", N_LISTED)
        return [self._job(row) for row in rows]

    def count(self) -> dict[str, int]:
        """Return how many jobs there are of each status."""
        rows = self._folder.rows("SELECT status, count(*) AS n FROM jobs GROUP BY status")
        return {status.value: 0 for status in Status} | {row["status"]: row["n"] for row in rows}

    def done(self, job_id: str) -> ScoringJob:
        """Return a job that is done.

        Raises:
            ServeError: 404, there is none; or 409, it is not done.
        """
        job = self.get(job_id)
        if job.status != Status.DONE:
            reason = f": {job.error}" if job.error else ""
            raise ServeError(HTTPStatus.CONFLICT, f"{job_id}: is {job.status}, not done{reason}")
        return job

    def cancel(self, job_id: str) -> ScoringJob:
        """Cancel a job that is queued or running; one that has ended stays as it is."""
        self._set(job_id, Status.CANCELLED, (Status.QUEUED,), finished=now())
        self._set(job_id, Status.CANCELLING, (Status.RUNNING,))
        return self.get(job_id)

    def remove(self, job_id: str) -> None:
        """Remove a job that has ended, with its files and results.

        Raises:
            ServeError: 404, there is none; or 409, it has not ended.
        """
        job = self.get(job_id)
        if job.is_open:
            raise ServeError(HTTPStatus.CONFLICT, f"{job_id}: is {job.status}: cancel it first")
        self._folder.write("DELETE FROM jobs WHERE id = ?", job_id)
        shutil.rmtree(job.root, ignore_errors=True)

    def claim(self) -> ScoringJob | None:
        """Return the oldest job that is queued, which is running then; None where there is none."""
        while rows := self._folder.rows(
            "SELECT id FROM jobs WHERE status = 'queued' ORDER BY created, rowid LIMIT 1"
        ):
            if self._set(rows[0]["id"], Status.RUNNING, (Status.QUEUED,)):
                return self.get(rows[0]["id"])
        return None

    def requeue(self, job_id: str | None = None) -> None:
        """Put a running job back into the queue; all of them, after a server that was killed."""
        ids = [job_id] if job_id else [row["id"] for row in self._folder.rows("SELECT id FROM jobs")]
        for each in ids:
            self._set(each, Status.QUEUED, (Status.RUNNING,))
            self._set(each, Status.CANCELLED, (Status.CANCELLING,), finished=now())

    def note(self, job_id: str, progress: Mapping[str, Any]) -> None:
        """Note how far a job is."""
        self._folder.write("UPDATE jobs SET progress = ? WHERE id = ?", _json(progress), job_id)

    def end(
        self, job_id: str, status: Status, *, summary: Mapping[str, Any] | None = None, error: str = ""
    ) -> None:
        """Note how a job has ended."""
        self._folder.write(
            "UPDATE jobs SET status = ?, summary = ?, error = ?, finished = ? WHERE id = ?",
            status,
            _json(summary or {}),
            error,
            now(),
            job_id,
        )

    def _set(self, job_id: str, status: Status, before: tuple[Status, ...], *, finished: str = "") -> bool:
        marks = ", ".join("?" * len(before))
        statement = f"UPDATE jobs SET status = ?, finished = ? WHERE id = ? AND status IN ({marks})"  # noqa: S608 - marks
        return self._folder.write(statement, status, finished, job_id, *before) > 0

    def _job(self, row: Mapping[str, Any]) -> ScoringJob:
        read = {name: json.loads(row[name]) for name in ("options", "progress", "summary")}
        values = {**row, **read, "status": Status(row["status"])}
        return ScoringJob(**values, root=self._folder.jobs / row["id"])


def score_options(options: Mapping[str, Any]) -> ScoreOptions:
    """Return the options of the batch engine.

    Raises:
        ScoringError: one is out of range.
    """
    reading = {name: options[name] for name in READING if options.get(name)}
    return ScoreOptions(evidence=bool(options.get("evidence")), keep=options.get("keep"), **reading)


def now() -> str:
    """Return the time, in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False)
