"""One run at a time on an output folder.

``filelock`` would not do. Its older versions truncate the file before they ask for the lock, and with it the
process id of the holder; on Windows it locks the first byte, so that the id cannot be read; and its newer
versions fall back to a file that a killed process leaves behind where the file system has no locks.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from framescope.batch.options import ScoringError


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold a file's lock, which the system frees when the process ends, however it ends.

    Meant for local disks: not every network file system keeps locks.

    Raises:
        ScoringError: another run holds it, or the file system has no locks.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            _lock(descriptor)
        except (BlockingIOError, PermissionError) as error:
            holder = os.read(descriptor, 20).decode(errors="replace").strip() or "unknown"
            message = f"{path.parent}: another run is at work on it (process {holder}): wait for its end"
            raise ScoringError(message) from error
        except OSError as error:
            message = f"{path}: cannot be locked: {error.strerror or error}: choose an output on a local disk"
            raise ScoringError(message) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, 1 << 20, os.SEEK_SET)  # beyond the process id, which stays readable
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
