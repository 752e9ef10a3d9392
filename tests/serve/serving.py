"""Where the tests' server is reached: in this process, or as one that the command has started."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from framescope.predictor import Predictor

OWN = "http://127.0.0.1:8642"


@dataclass
class Running:
    """A server that was started by the command."""

    process: subprocess.Popen[str]
    port: int

    def ask(self, path: str, body: bytes | None = None, kind: str = "application/json") -> Any:
        """Return the JSON of an answer."""
        return json.loads(self.text(path, body, kind))

    def text(self, path: str, body: bytes | None = None, kind: str = "application/json") -> str:
        """Return the body of an answer."""
        request = Request(f"http://127.0.0.1:{self.port}{path}", body, {"Content-Type": kind})
        with urlopen(request, timeout=60) as answer:  # noqa: S310 - on this computer
            found: bytes = answer.read()
        return found.decode()

    def ended(self, job: str) -> dict[str, Any]:
        """Wait for the end of a job."""
        for _ in range(600):
            found: dict[str, Any] = self.ask(f"/v1/jobs/{job}")
            if found["status"] not in {"queued", "running"}:
                return found
            time.sleep(0.1)
        raise AssertionError("the job does not end")


@contextmanager
def serving(predictor: Predictor, folder: Path, *options: str) -> Iterator[Running]:
    command = [sys.executable, "-W", "error", "-m", "framescope", "serve", str(predictor.bundle.path)]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        [*command, "--port", "0", "--no-browser", "--folder", str(folder), *options],
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        assert line.startswith("Serving http://127.0.0.1:"), line + process.stderr.read()
        yield Running(process, int(line.split()[1].rstrip("/").rpartition(":")[2]))
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
