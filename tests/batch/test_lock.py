"""The lock of an output folder: held once, freed by any end of its process, and named by it."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from framescope.batch import lock as module
from framescope.batch.lock import lock
from framescope.batch.options import ScoringError

HOLD = """
import sys, time
from pathlib import Path
from framescope.batch.lock import lock

with lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    """While it lives, others are told of it; however often they ask, its process id stays."""
    path = tmp_path / "_lock"
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "held\n"
        for _ in range(2):
            with pytest.raises(ScoringError, match=rf"at work on it \(process {process.pid}\)"), lock(path):
                pass
        process.send_signal(signal.SIGKILL)
    with lock(path):
        assert path.read_text(encoding="utf-8") == f"{os.getpid()}\n"


def test_threads_of_a_process_exclude_each_other(tmp_path: Path) -> None:
    with (
        lock(tmp_path / "_lock"),
        pytest.raises(ScoringError, match=rf"\(process {os.getpid()}\)"),
        lock(tmp_path / "_lock"),
    ):
        pass
    with lock(tmp_path / "_lock"):
        pass


def test_a_file_system_without_locks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is said to be at work there."""

    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(module.fcntl, "flock", refuse)
    expected = r"_lock: cannot be locked: No locks available: choose an output on a local disk"
    with pytest.raises(ScoringError, match=expected), lock(tmp_path / "_lock"):
        pass
