"""Clusters of this machine, for tests: a Dask scheduler with its workers, and a Ray head."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

SECONDS = 120


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
            process.wait(5)
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


class Dask:
    """A scheduler, which gives a call up when ``n_deaths`` workers died of it, and its workers."""

    def __init__(self, stack: ExitStack, folder: Path, *, n_deaths: int) -> None:
        self._stack, self._folder = stack, folder
        port = free_port()
        self.address = f"tcp://127.0.0.1:{port}"
        self.workers: list[subprocess.Popen[bytes]] = []
        variables = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(n_deaths - 1)}
        self.scheduler = self._run(
            "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", **variables
        )
        wait_for(lambda: is_open(port), "the scheduler")

    def add_worker(self, **variables: str) -> None:
        worker = self._run(
            "worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", **variables
        )
        self.workers.append(worker)

    def wait_for_workers(self) -> None:
        logs = list(self._folder.glob("worker-*"))
        wait_for(lambda: all("Registered to" in log.read_text() for log in logs), "workers")

    def lose_worker(self) -> None:
        """Kill the oldest worker; another one comes later."""
        self.workers.pop(0).kill()
        self.add_worker()

    def _run(self, command: str, *arguments: str, **variables: str) -> subprocess.Popen[bytes]:
        variables |= {"DASK_TEMPORARY_DIRECTORY": str(self._folder)}
        log = self._folder / f"{command}-{time.monotonic_ns()}.log"
        return self._stack.enter_context(running("-m", "dask", command, *arguments, log=log, **variables))


class Ray:
    """Two CPUs on this machine."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        port, log = free_port(), folder / "ray.log"
        options = {
            "--port": str(port),
            "--num-cpus": "2",
            "--object-store-memory": str(100 << 20),
            "--include-dashboard": "false",
            "--temp-dir": str(folder / "ray"),
        }
        arguments = ["start", "--head", "--block", *(f"{name}={value}" for name, value in options.items())]
        code = "from ray.scripts.scripts import main; main()"
        self._head = stack.enter_context(running("-c", code, *arguments, log=log))
        self.address = f"127.0.0.1:{port}"
        wait_for(lambda: "Ray runtime started" in log.read_text() or self._head.poll() is not None, "ray")
        assert self._head.poll() is None, log.read_text()

    def lose_worker(self) -> None:
        """Kill an actor; Ray begins another in its place."""
        os.kill(self._actors()[-1], signal.SIGKILL)

    def _actors(self) -> list[int]:
        """Return the process ids of our own actors, the youngest last."""
        found = []
        for directory in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                is_actor = (directory / "cmdline").read_bytes().startswith(b"ray::PoolActor")
                if is_actor and os.getsid(int(directory.name)) == self._head.pid:
                    found.append(int(directory.name))
        return sorted(found)
