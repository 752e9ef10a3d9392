"""The counts of all processes of a server: each writes its own down, for the one that is asked for all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from time import time

import msgspec

from framescope.serve.metrics import Counts

NOTE_SECONDS = 1.0
ALIVE_SECONDS = 10.0
"""A process that wrote nothing for so long is dead: what it has counted stays, what it measured goes."""


class Tally:
    """Counts of this process and, where they share a ``folder``, of the others of its server."""

    def __init__(self, own: Callable[[], Counts], folder: Path | None = None) -> None:
        self._own, self._folder = own, folder
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._ended = Event()
        self._thread = Thread(target=self._run, daemon=True, name="tally")

    def start(self) -> None:
        """Begin to write counts down, where there is somebody who reads them."""
        if self._folder is not None:
            self._thread.start()

    def stop(self) -> None:
        """Write the last ones down."""
        self._ended.set()
        if self._folder is not None:
            self._thread.join()

    def all(self) -> Counts:
        """Return the counts of all processes; they never fall, as what is told here is written down first."""
        found = self._own()
        if self._folder is not None:
            self._note(found)
            for path in self._folder.glob("*.json"):
                if path.stem != self._name:
                    found.add(_read(path))
        return found

    def _run(self) -> None:
        while not self._ended.wait(NOTE_SECONDS):
            self._note(self._own())
        self._note(self._own())

    def _note(self, counts: Counts) -> None:
        """Write counts down; they need not outlive the machine, so nothing waits for the disk."""
        folder = self._folder
        if folder is not None:
            partial = folder / f"{self._name}.{secrets.token_hex(4)}"
            with suppress(OSError):  # a full disk stops nobody
                partial.write_bytes(msgspec.json.encode(counts))
                partial.replace(folder / f"{self._name}.json")


def _read(path: Path) -> Counts:
    found = msgspec.json.decode(path.read_bytes(), type=Counts)
    if time() - path.stat().st_mtime > ALIVE_SECONDS:
        found.gauges.clear()
    return found
