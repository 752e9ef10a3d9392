"""The service beside Annif's: documents a second, seconds of the slowest answers, and memory under load."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np

from bench.runners.annif import annif_service
from framescope.predictor import Predictor

SUMMARY = "the service: rates with one and with many clients, latency, memory; beside Annif's TF-IDF"
BATCHES = (1, 32, 1_000)
STARTER = Path(__file__).parents[1] / "data" / "starter"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this benchmark is asked."""
    parser.add_argument("model", nargs="?", default="models/starter", help="a model of articles")
    parser.add_argument("--clients", type=int, default=32, help="clients at a time (default 32)")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long they ask (default 60)")
    parser.add_argument("--repeats", type=int, default=5, help="requests of each size (default 5)")
    parser.add_argument("--annif", type=Path, metavar="FOLDER", help="environment that has Annif")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure, print and return all numbers."""
    documents = [json.loads(line) for code in ("bg", "en", "ru") for line in _lines(STARTER / f"{code}.jsonl")]
    asked = [{name: each[name] for name in ("id", "text", "lang")} for each in documents]
    mean_bytes = float(np.mean([len(each["text"].encode()) for each in asked]))
    print(f"{len(asked):,} articles of {mean_bytes:,.0f} bytes")
    found: dict[str, Any] = {"mean_bytes": mean_bytes, "in_process": in_process(arguments.model, asked)}
    print(f"in process, 1,000 at a time: {found['in_process']:,.0f} documents/s")
    with framescope_service(arguments.model) as (port, process):
        path = f"/v1/models/{Path(arguments.model).name}/predict"
        found["framescope"] = rates(port, path, asked, arguments.repeats)
        found["share"] = found["framescope"][1_000] / found["in_process"]
        print(f"of the rate in process: {found['share']:.0%}")
        found["load"] = load(port, path, asked, arguments, process.pid)
    if arguments.annif:
        with annif_service(arguments.annif, documents) as (port, path):
            found["annif"] = rates(port, path, asked, arguments.repeats, sizes=(1, 32))
        found["times"] = found["framescope"][32] / found["annif"][32]
        print(f"batches of 32: {found['times']:.1f} times Annif's rate")
    return found


def in_process(model: str, asked: Sequence[dict[str, str]]) -> float:
    """Return documents a second without a server, in one thread."""
    predictor = Predictor.load(model)
    texts, languages = _thousand([each["text"] for each in asked]), _thousand([each["lang"] for each in asked])
    predictor.predict(texts[:10])
    seconds = []
    for _ in range(5):
        begin = time.perf_counter()
        predictor.predict(texts, languages=languages)
        seconds.append(time.perf_counter() - begin)
    return len(texts) / float(np.median(seconds))


@contextmanager
def framescope_service(model: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Serve a model; yield the port and the process."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "framescope", "serve", model, "--port", "0", "--no-browser"]
        process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [*command, "--folder", f"{folder}/work"], stderr=subprocess.PIPE, text=True
        )
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            yield int(line.split("http://", 1)[1].split("/")[0].rsplit(":", 1)[1]), process
        finally:
            process.terminate()
            process.wait()


def rates(
    port: int, path: str, asked: Sequence[dict[str, str]], repeats: int, *, sizes: Sequence[int] = BATCHES
) -> dict[int, float]:
    """Return documents a second of one client, by the size of its requests: the median of the repeats."""
    connection = HTTPConnection("127.0.0.1", port, timeout=300)
    found = {}
    for size in sizes:
        bodies = _bodies(asked, size)
        seconds = [_ask(connection, path, next(bodies)) for _ in range(repeats + 1)][1:]
        found[size] = size / float(np.median(seconds))
        print(f"{path}: {size:,} at a time: {found[size]:,.0f} documents/s")
    connection.close()
    return found


def load(
    port: int, path: str, asked: Sequence[dict[str, str]], arguments: argparse.Namespace, process: int
) -> dict[str, Any]:
    """Let many clients ask at a time, each for one document after the other; return rate, latency, memory."""
    until = time.monotonic() + arguments.seconds
    seconds: list[list[float]] = [[] for _ in range(arguments.clients)]
    faults: list[str] = []

    def client(number: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        bodies = _bodies(asked[number:], 1)
        try:
            while time.monotonic() < until:
                seconds[number].append(_ask(connection, path, next(bodies)))
        except (OSError, RuntimeError) as error:
            faults.append(str(error))

    threads = [Thread(target=client, args=(number,)) for number in range(arguments.clients)]
    for thread in threads:
        thread.start()
    memory = []
    while any(thread.is_alive() for thread in threads):
        memory.append(_resident_mb(process))
        time.sleep(arguments.seconds / 20)
    every = np.concatenate([np.array(each) for each in seconds])
    found = {
        "n_requests": len(every),
        "n_faults": len(faults),
        "per_second": len(every) / arguments.seconds,
        "p50_ms": 1000 * float(np.quantile(every, 0.5)),
        "p99_ms": 1000 * float(np.quantile(every, 0.99)),
        "memory_mb": memory,
    }
    print(
        f"{arguments.clients} clients for {arguments.seconds:.0f} s: {found['per_second']:,.0f} requests/s, "
        f"median {found['p50_ms']:.0f} ms, p99 {found['p99_ms']:.0f} ms, {len(faults)} faults; "
        f"memory {memory[1]:.0f} to {max(memory):.0f} MB, {memory[-1]:.0f} at the end"
    )
    return found


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _bodies(asked: Sequence[dict[str, str]], size: int) -> Iterator[bytes]:
    """Yield requests of so many documents each, round and round."""
    at = 0
    while True:
        documents = [asked[(at + number) % len(asked)] for number in range(size)]
        at += size
        yield json.dumps({"documents": documents}, ensure_ascii=False).encode()


def _ask(connection: HTTPConnection, path: str, body: bytes) -> float:
    """Return the seconds until an answer is there.

    Raises:
        RuntimeError: it is a refusal.
    """
    begin = time.perf_counter()
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    content = response.read()
    if response.status != 200:
        raise RuntimeError(f"{response.status}: {content[:300]!r}")
    return time.perf_counter() - begin


def _thousand(values: Sequence[str]) -> list[str]:
    return [values[number % len(values)] for number in range(1_000)]


def _resident_mb(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
