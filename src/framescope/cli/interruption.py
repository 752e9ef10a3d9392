"""Ctrl+C ends a command within a second, whatever it is at.

Python tells its main thread of a signal between two steps of its own; a long step in compiled code, of linear
algebra or of a kernel, makes it wait. A second thread, which the signal wakes at once, ends the process then.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from socket import socket, socketpair
from threading import Thread
from typing import NoReturn

GRACE_SECONDS = 0.6
"""How long the main thread may take to end the process by itself."""

LAST_SECONDS = 0.1
INTERRUPTED = 128 + signal.SIGINT
SHOW_CURSOR = "\x1b[?25h"


def watch() -> None:
    """Let a thread end this process soon after SIGINT, where the main thread does not.

    Who handles the signal in another way than Python does, as ``serve`` does, is left alone.
    """
    with suppress(ValueError):  # not the main thread
        woken, wakes = socketpair()
        wakes.setblocking(False)
        signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
        Thread(target=_wait, args=(woken, wakes), name="interruption", daemon=True).start()


def leave() -> NoReturn:
    """End this process at once, for taking an interpreter apart takes seconds where much is loaded."""
    _end(_tidy)


def _wait(woken: socket, _kept_open: socket) -> None:
    while numbers := woken.recv(64):
        if signal.SIGINT in numbers:
            time.sleep(GRACE_SECONDS)
            if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
                _end(_tell, _tidy)


def _end(*last_steps: Callable[[], None]) -> NoReturn:
    """End the process after what takes no time; a pipe that nobody reads does not keep it."""
    for step in last_steps:
        thread = Thread(target=step, daemon=True)
        thread.start()
        thread.join(LAST_SECONDS)
    os._exit(INTERRUPTED)


def _tell() -> None:
    if sys.stderr.isatty():
        sys.stderr.write(SHOW_CURSOR)
    sys.stderr.write("interrupted\n")
    sys.stderr.flush()


def _tidy() -> None:
    from framescope.files import remove_unfinished  # noqa: PLC0415 - watched before anything is loaded

    remove_unfinished()
    for child in _children():
        with suppress(OSError):
            os.kill(child, signal.SIGTERM)
    with suppress(OSError, ValueError):
        sys.stdout.flush()


def _children() -> list[int]:
    """Return the processes that this one has started, where the system tells (Linux)."""
    try:
        lists = [file.read_text() for file in Path("/proc/self/task").glob("*/children")]
    except OSError:
        return []
    return [int(number) for each in lists for number in each.split()]
