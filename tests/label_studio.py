"""A real Label Studio for tests; ``FRAMESCOPE_LABEL_STUDIO`` names its command, see docs/maintaining.md."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest

PROGRAM = "FRAMESCOPE_LABEL_STUDIO"
EMAIL = "anna@example.org"
MAX_SECONDS = 900
SETTINGS = {
    "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
    "ML_BLOCK_LOCAL_IP": "false",  # models and webhooks are on this computer
    "SSRF_PROTECTION_ENABLED": "false",
    "COLLECT_ANALYTICS": "False",
    "LATEST_VERSION_CHECK": "False",
    "SENTRY_DSN": "",
    "FRONTEND_SENTRY_DSN": "",
}


@dataclass(frozen=True)
class LabelStudio:
    """A server that runs, and whose API takes a token."""

    address: str
    token: str

    def call(self, path: str, content: object = None) -> Any:
        """Get what is at a path, or post content there."""
        body = None if content is None else json.dumps(content).encode()
        headers = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}{path}", body, headers)  # noqa: S310 - this computer
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 - this computer
            found = answer.read()
        return json.loads(found) if found else None


@contextmanager
def running_label_studio(folder: Path) -> Iterator[LabelStudio]:
    """Start Label Studio on a free port, with an empty database; the first start takes a minute or more."""
    program = os.environ.get(PROGRAM)
    if program is None:
        pytest.skip(f"{PROGRAM} does not name the program label-studio")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    found = LabelStudio(f"http://127.0.0.1:{port}", secrets.token_hex(20))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {**SETTINGS, "LABEL_STUDIO_BASE_DATA_DIR": str(folder)}
    user = ["--username", EMAIL, "--password", secrets.token_hex(8), "--user-token", found.token]
    command = [program, "start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port), *user]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)  # noqa: S603
        try:
            _wait(found, process, folder / "log")
            yield found
        finally:
            process.terminate()
            process.wait(60)


def _wait(server: LabelStudio, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(MAX_SECONDS):
        assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")[-2000:]
        try:
            server.call("/api/projects/")
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(1)
        else:
            return
    raise TimeoutError(log.read_text(encoding="utf-8", errors="replace")[-2000:])
