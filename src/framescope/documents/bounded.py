"""Scripts that unpack a file in a process of its own, within bounds of memory and time.

Such a script imports nothing of the package. Its standard input is the file; each line of its standard output
is an object in JSON. What it needs of ``sys.path`` is that of this process.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import IO, Any, cast

from framescope.errors import InputError


def run_bounded(
    script: str, content: bytes, *arguments: str, path: Path | str, max_bytes: int, remedy: str
) -> Iterator[dict[str, Any]]:
    """Yield what a script writes about the content of a file.

    Raises:
        InputError: it has come to its bounds, or writes too much.
    """
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with Popen(  # noqa: S603 - our own script
        [sys.executable, "-P", script, *arguments],
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env=environment,
        start_new_session=True,  # an interruption is for us, who may finish what we are at
    ) as process:
        try:
            with suppress(BrokenPipeError), cast("IO[bytes]", process.stdin) as given:
                given.write(content)
            n_bytes = 0
            for line in cast("IO[bytes]", process.stdout):
                n_bytes += len(line)
                if n_bytes > max_bytes:
                    raise InputError.at(path, f"unpacks to more than {max_bytes:,} bytes: {remedy}")
                if line.endswith(b"\n"):
                    yield json.loads(line)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise InputError.at(path, f"takes too much memory, or too long, to unpack: {remedy}")
