"""Processes that work for the server: told what to do, heard in lines of JSON, and let go when it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import IO, Any, cast

import msgspec

POLL_SECONDS = 0.25
STOP_SECONDS = 20.0
"""Time for a process to drop what it is at; then it is killed."""


class Worker:
    """A process that runs a module; ``heard`` has what it said last, by subject."""

    def __init__(self, module: str, told: Mapping[str, Any], *, scratch: Path) -> None:
        self.heard: dict[str, Any] = {}
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", module, msgspec.json.encode(told).decode()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what packages say of a file is the file's own
            env={**os.environ, "TMPDIR": str(scratch)},
            start_new_session=True,
        )
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    def wait(self, is_to_stop: Callable[[], bool]) -> int:
        """Return the exit code when the process has ended, by itself or because it is to stop."""
        kill_at = None
        while self._process.poll() is None:
            if kill_at is None and is_to_stop():
                self._let_go()
                kill_at = monotonic() + STOP_SECONDS
            if kill_at is not None and monotonic() > kill_at:
                self._process.kill()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(POLL_SECONDS)
        self._let_go()
        self._listener.join()
        cast("IO[bytes]", self._process.stdout).close()
        return self._process.returncode

    def _let_go(self) -> None:
        with suppress(OSError):
            cast("IO[bytes]", self._process.stdin).close()

    def _listen(self) -> None:
        for line in cast("IO[bytes]", self._process.stdout):
            with suppress(msgspec.DecodeError):
                self.heard.update(msgspec.json.decode(line, type=dict[str, Any]))


Say = Callable[[Mapping[str, Any]], None]


def said_to_server() -> Say:
    """Return what says something to the server; whatever else is printed goes where it does no harm."""
    out = sys.stdout.buffer
    sys.stdout = sys.stderr

    def say(message: Mapping[str, Any]) -> None:
        out.write(msgspec.json.encode(message) + b"\n")
        out.flush()

    return say


def wait_until_let_go() -> None:
    """Return when the server has let go of this process, or is no more."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
