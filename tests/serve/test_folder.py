"""The working folder: what is in it outlives a server, and what a killed one left goes."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from framescope.errors import FramescopeError
from framescope.serve.folder import Folder


def test_rows_outlive_the_server(tmp_path: Path) -> None:
    with closing(Folder(tmp_path / "work")) as folder:
        folder.write("INSERT INTO texts (id, title, text, lang, source) VALUES (?, '', ?, '', '')", "a", "Блок")
    with closing(Folder(tmp_path / "work")) as folder:
        assert folder.rows("SELECT id, text FROM texts") == [{"id": "a", "text": "Блок"}]


def test_it_is_for_its_user_alone(tmp_path: Path) -> None:
    with closing(Folder(tmp_path / "work")) as folder:
        assert folder.root.stat().st_mode & 0o077 == 0
        assert (folder.root / "serve.sqlite").stat().st_mode & 0o077 == 0


def test_what_a_killed_server_left_of_uploads_goes_after_a_day(tmp_path: Path) -> None:
    with closing(Folder(tmp_path / "work")) as folder:
        for name in ("old", "new"):
            (folder.incoming / name).mkdir()
            (folder.incoming / f"{name}.tmp").touch()
        long_ago = time.time() - 2 * 86_400
        for name in ("old", "old.tmp"):
            os.utime(folder.incoming / name, (long_ago, long_ago))
        folder.clear_incoming()
        assert sorted(path.name for path in folder.incoming.iterdir()) == ["new", "new.tmp"]


def test_a_worker_opens_it_while_another_writes(tmp_path: Path) -> None:
    Folder(tmp_path / "work").close()
    with closing(sqlite3.connect(tmp_path / "work" / "serve.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        with closing(Folder(tmp_path / "work")) as folder:
            assert folder.rows("SELECT id FROM texts") == []


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FramescopeError, match="cannot be used as the working folder"):
        Folder(tmp_path / "file")
    Folder(tmp_path / "work").close()
    with closing(sqlite3.connect(tmp_path / "work" / "serve.sqlite")) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(FramescopeError, match="is of version 99, expected 2 or less: choose another --folder"):
        Folder(tmp_path / "work")
