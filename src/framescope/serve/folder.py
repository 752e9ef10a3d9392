"""The working folder: uploads, results of jobs, and an SQLite file on them and on corrections."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from framescope.errors import FramescopeError

MAX_AGE_SECONDS = 86_400
VERSION = 2
TABLES = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY,
    model TEXT NOT NULL,
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    options TEXT NOT NULL,
    status TEXT NOT NULL,
    progress TEXT NOT NULL DEFAULT '{}',
    summary TEXT NOT NULL DEFAULT '{}',
    error TEXT NOT NULL DEFAULT '',
    created TEXT NOT NULL,
    finished TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_by_status ON jobs (status, created);
CREATE TABLE IF NOT EXISTS corrections (
    number INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    digest TEXT NOT NULL,
    id TEXT NOT NULL,
    label TEXT NOT NULL,
    verdict TEXT NOT NULL,
    passage TEXT NOT NULL,
    coder TEXT NOT NULL,
    note TEXT NOT NULL,
    time TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS corrections_by_id ON corrections (id);
CREATE TABLE IF NOT EXISTS texts (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    lang TEXT NOT NULL,
    source TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS annotations (
    model TEXT NOT NULL,
    project TEXT NOT NULL,
    annotation TEXT NOT NULL,
    task TEXT NOT NULL,
    data TEXT NOT NULL,
    body TEXT NOT NULL,
    time TEXT NOT NULL,
    PRIMARY KEY (model, project, annotation)
) STRICT;
CREATE TABLE IF NOT EXISTS learned (
    model TEXT NOT NULL,
    project TEXT NOT NULL,
    folder TEXT NOT NULL,
    n_annotations INTEGER NOT NULL,
    time TEXT NOT NULL,
    PRIMARY KEY (model, project)
) STRICT;
CREATE TABLE IF NOT EXISTS trainings (
    model TEXT NOT NULL,
    project TEXT NOT NULL,
    control TEXT,
    state TEXT NOT NULL,
    n_annotations INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    time TEXT NOT NULL,
    PRIMARY KEY (model, project)
) STRICT;
"""


class Folder:
    """The paths of a working folder, and its database, which threads share.

    Raises:
        FramescopeError: it cannot be written, or is of another version.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._lock = Lock()
        try:
            for folder in (self.root, self.jobs, self.incoming, self.models):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._database = _opened(self.root / "serve.sqlite")
        except (OSError, sqlite3.Error) as error:
            raise FramescopeError(f"{root}: cannot be used as the working folder: {error}") from error

    @property
    def jobs(self) -> Path:
        """Where each job has a folder of its own."""
        return self.root / "jobs"

    @property
    def models(self) -> Path:
        """Where models are that were trained here."""
        return self.root / "models"

    @property
    def incoming(self) -> Path:
        """Where uploads are until they are whole."""
        return self.root / "incoming"

    def clear_incoming(self) -> None:
        """Remove what a killed server has left of uploads: what is a day old, as others may be at work."""
        before = time.time() - MAX_AGE_SECONDS
        for path in self.incoming.iterdir():
            if path.stat().st_mtime >= before:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Return what a query finds."""
        with self._lock:
            cursor = self._database.execute(query, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def write(self, statement: str, *values: object) -> int:
        """Run a statement, and return how many rows it changed; it is on the disk then."""
        with self._changing() as database:
            return database.execute(statement, values).rowcount

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._database.close()

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._database:
            yield self._database


def _opened(path: Path) -> sqlite3.Connection:
    """Return the database, made where there is none.

    Raises:
        FramescopeError: it is of another version.
    """
    database = sqlite3.connect(path, check_same_thread=False, timeout=30)
    path.chmod(0o600)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        message = f"{path}: is of version {version}, expected {VERSION} or less: choose another --folder"
        raise FramescopeError(message)
    if version < VERSION:  # several processes may open it at a time: one writes, the others wait for it
        database.executescript(f"BEGIN IMMEDIATE;{TABLES}PRAGMA user_version = {VERSION};COMMIT;")
    return database
