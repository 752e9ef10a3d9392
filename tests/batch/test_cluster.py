"""Runs on real clusters of this machine, whose workers and clients are killed: the bytes of one process.

``FRAMESCOPE_REQUIRE_CLUSTER`` turns skips for what is not installed into failures.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from scored import articles, parts, write_jsonl

from framescope.batch.verify import verify

pytestmark = pytest.mark.cluster

SHARD_BYTES = 1024
SECONDS = 120
MEMORY_OF_RAY = str(100 << 20)


def needs(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        message = f"{package} is not installed: pip install 'framescope[{package}]'"
        if os.environ.get("FRAMESCOPE_REQUIRE_CLUSTER"):
            pytest.fail(message)
        pytest.skip(message)


@contextmanager
def running(*arguments: str, log: Path, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own session, which is ended with all that it has started."""
    with log.open("wb") as opened:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
            [sys.executable, *arguments],
            stdout=opened,
            stderr=subprocess.STDOUT,
            env=os.environ | variables,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, f"waited {SECONDS} s for {what}"
        time.sleep(0.01)


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def is_open(port: int) -> bool:
    with socket.socket() as opened:
        return opened.connect_ex(("127.0.0.1", port)) == 0


def n_parts(output: Path) -> int:
    return len(list(output.glob("part-*")))


def command(model: Path, source: Path, output: Path, *options: str) -> list[str]:
    shards = ["--shard-bytes", str(SHARD_BYTES), "--output", str(output)]
    return ["-m", "framescope", "score", str(model), str(source), *shards, *options]


def run(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, *arguments], capture_output=True, text=True, check=False, timeout=SECONDS
    )


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Lines for 300 shards, with a bad one every now and then."""
    path = write_jsonl(articles(1350), tmp_path / "in.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    for place in range(1300, 0, -97):
        lines.insert(place, b'{"text": \n')
    path.write_bytes(b"".join(lines))
    return path


@pytest.fixture
def expected(bundle_path: Path, source: Path, tmp_path: Path) -> dict[str, bytes]:
    """The output of one process on this machine."""
    assert run(command(bundle_path, source, tmp_path / "expected")).returncode == 0
    return parts(tmp_path / "expected")


class Dask:
    """A scheduler, which gives a call up when ``n_deaths`` workers died of it, and its workers."""

    def __init__(self, stack: ExitStack, folder: Path, *, n_deaths: int) -> None:
        self._stack, self._folder = stack, folder
        port = free_port()
        self.address = f"tcp://127.0.0.1:{port}"
        variables = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(n_deaths - 1)}
        arguments = ["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
        self._run(arguments, variables)
        wait_for(lambda: is_open(port), "the scheduler")

    def add_worker(self, **variables: str) -> subprocess.Popen[bytes]:
        return self._run(["worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard"], variables)

    def _run(self, arguments: list[str], variables: dict[str, str]) -> subprocess.Popen[bytes]:
        log = self._folder / f"{arguments[0]}-{time.monotonic_ns()}.log"
        variables |= {"DASK_TEMPORARY_DIRECTORY": str(self._folder)}
        return self._stack.enter_context(running("-m", "dask", *arguments, log=log, **variables))


@pytest.fixture
def clusters() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.parametrize("n_deaths", [1, 4])
def test_dask_loses_a_worker(
    bundle_path: Path,
    source: Path,
    expected: dict[str, bytes],
    tmp_path: Path,
    clusters: ExitStack,
    n_deaths: int,
) -> None:
    """Whether the scheduler repeats what was lost or gives it up at once: every shard is done in the end."""
    needs("distributed")
    dask = Dask(clusters, tmp_path, n_deaths=n_deaths)
    workers = [dask.add_worker(), dask.add_worker()]
    output, log = tmp_path / "out", tmp_path / "client.log"
    arguments = command(bundle_path, source, output, "--engine", "dask", "--address", dask.address)
    with running(*arguments, log=log) as client:
        wait_for(lambda: n_parts(output) > 40 or client.poll() is not None, "40 parts")
        workers[0].kill()
        assert client.poll() is None, log.read_text()
        assert client.wait(SECONDS) == 0, log.read_text()
    assert parts(output) == expected
    assert verify(output) == []
