"""The command, as a process: it begins, ends, is killed, and goes on."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import time
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from urllib.error import HTTPError

import pytest
from serving import Running, serving

from commands import message_of, run
from framescope.predictor import Predictor
from tiny import SENTENCES

pytestmark = pytest.mark.slow


def predicted(server: Running) -> list[str]:
    body = json.dumps({"documents": [{"text": SENTENCES[0]}]}).encode()
    labels: list[str] = server.ask("/v1/models/tiny/predict", body)["predictions"][0]["labels"]
    return labels


@pytest.mark.parametrize(
    ("number", "n_workers"), [(signal.SIGTERM, "1"), (signal.SIGINT, "1"), (signal.SIGTERM, "2")]
)
def test_it_ends_cleanly(predictor: Predictor, tmp_path: Path, number: int, n_workers: str) -> None:
    with serving(predictor, tmp_path / "work", "--workers", n_workers) as server:
        assert predicted(server) == list(predictor.predict([SENTENCES[0]])[0].labels)
        os.kill(server.process.pid, number)
        assert server.process.wait(60) == 0
        assert server.process.stderr is not None
        assert server.process.stderr.read() == ""


def test_a_worker_that_dies_is_replaced(predictor: Predictor, tmp_path: Path) -> None:
    with serving(predictor, tmp_path / "work", "--workers", "2") as server:
        predicted(server)
        workers = workers_of(server.process.pid)
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGKILL)
        for _ in range(5):
            assert predicted(server)


def test_workers_end_with_a_server_that_is_killed(predictor: Predictor, tmp_path: Path) -> None:
    """Else they would hold the port, and the next server could not listen on it."""
    with serving(predictor, tmp_path / "work", "--workers", "2") as server:
        predicted(server)
        server.process.kill()
    for _ in range(300):
        with socket.socket() as opened:
            if opened.connect_ex(("127.0.0.1", server.port)) != 0:
                return
        time.sleep(0.1)
    raise AssertionError("the port is still taken")


def test_workers_are_counted_together(predictor: Predictor, tmp_path: Path) -> None:
    """Whichever of them is asked; what they share goes with the server."""
    with serving(predictor, tmp_path / "work", "--workers", "2") as server:
        predicted(server)
        time.sleep(2)  # until the other one answers, too
        for _ in range(30):
            predicted(server)
        found: list[int] = []
        while not found or found[-1] < 31:
            assert len(found) < 100, found
            found.append(documents_counted(server))
            time.sleep(0.1)
        assert found == sorted(found)
        assert {documents_counted(server) for _ in range(20)} == {31}
        memory = re.findall(r'^process_resident_memory_bytes{worker="(\d+)"}', server.text("/metrics"), re.M)
        assert sorted(map(int, memory)) == sorted(workers_of(server.process.pid))
        server.process.terminate()
        assert server.process.wait(60) == 0
    assert list((tmp_path / "work" / "incoming").iterdir()) == []


def documents_counted(server: Running) -> int:
    (n,) = re.findall(r'^framescope_documents_total{model="tiny"} (\d+)$', server.text("/metrics"), re.M)
    return int(n)


def test_a_killed_server_goes_on_with_its_jobs(predictor: Predictor, tmp_path: Path) -> None:
    """Its process lets the job go; the next server scores what is left, and a job that is done stays done."""
    n_rows = 40_000
    rows = (json.dumps({"id": str(n), "text": f"{SENTENCES[n % 12]} " * 8}) + "\n" for n in range(n_rows))
    content = "".join(rows).encode()
    with serving(predictor, tmp_path / "work") as server:
        small = server.ask("/v1/jobs?name=a.txt", "Нов блок".encode(), "text/plain")["id"]
        assert server.ended(small)["status"] == "done"
        large = server.ask("/v1/jobs?name=rows.jsonl", content, "text/plain")["id"]
        while server.ask(f"/v1/jobs/{large}")["status"] != "running":
            time.sleep(0.05)
        time.sleep(1.5)
        server.process.kill()
    with serving(predictor, tmp_path / "work") as server:
        job = server.ended(large)
        assert (job["status"], job["summary"]["n_scored"]) == ("done", n_rows)
        assert server.ask(f"/v1/jobs/{small}")["status"] == "done"


def workers_of(pid: int) -> list[int]:
    """Return the processes that answer requests: children, but for multiprocessing's own helper."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
            command = (path / "cmdline").read_text(encoding="utf-8")
        except OSError:  # it has ended meanwhile
            continue
        if parent == pid and "spawn_main" in command:
            found.append(int(path.name))
    return found


def begun(port: int, number: int) -> socket.socket:
    """Begin a request and leave it at that: half of a body, or half of the head."""
    opened = socket.create_connection(("127.0.0.1", port))
    head = "POST /v1/models/tiny/predict HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    body = "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    opened.sendall(f"{head}{body if number % 2 else ''}".encode())
    return opened


def test_slow_clients_and_long_texts_stop_nobody(predictor: Predictor, tmp_path: Path) -> None:
    with serving(predictor, tmp_path / "work") as server, ExitStack() as slow:
        predicted(server)
        for number in range(50):
            slow.enter_context(begun(server.port, number))
        begin = time.monotonic()
        assert predicted(server)
        assert time.monotonic() - begin < 5
        for n_bytes, status, message in (
            (70_000_000, 413, "the body has more than 67,108,864 bytes"),
            (50_000_000, 422, "text: has 50000000 bytes, title included, more than 10000000"),
        ):
            text = json.dumps({"documents": [{"text": "a" * n_bytes}]}).encode()
            with pytest.raises(HTTPError) as refused:
                server.ask("/v1/models/tiny/predict", text)
            with refused.value as answer:
                assert answer.code == status
                assert message in json.loads(answer.read())["detail"]
        assert predicted(server)


@pytest.mark.parametrize("method", ["HEAD", "POST"])
def test_what_is_no_http_is_not_in_the_log(predictor: Predictor, tmp_path: Path, method: str) -> None:
    """The body is cut into chunks, and the first has no length."""
    with serving(predictor, tmp_path / "work") as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
            head = f"{method} / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
            client.sendall(f"{head}Secret-words\r\n".encode())
            while client.recv(65536):
                pass
        assert 'status="500"' not in server.text("/metrics")
        server.process.terminate()
        assert server.process.wait(60) == 0
        assert server.process.stderr is not None
        log = server.process.stderr.read()
    assert "Secret" not in log
    assert "Traceback" not in log


def test_nobody_else_is_listened_to_without_a_token(predictor: Predictor, tmp_path: Path) -> None:
    others = ("--host", "0.0.0.0")  # noqa: S104 - what is refused
    result = run("serve", predictor.bundle.path, *others, "--folder", tmp_path / "w", "--no-browser")
    assert message_of(result).startswith("--host 0.0.0.0: others could reach the server: give a --token, too")


def test_a_port_that_is_taken_is_told(predictor: Predictor, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        options = ("--port", port, "--folder", tmp_path / "w", "--no-browser")
        result = run("serve", predictor.bundle.path, *options)
    assert message_of(result) == (
        f"127.0.0.1:{port}: cannot be listened on: Address already in use: choose another --port\n"
    )


@pytest.mark.skipif(find_spec("distributed") is not None, reason="an engine that is not installed is meant")
def test_an_engine_that_is_not_installed_is_told_at_once(predictor: Predictor, tmp_path: Path) -> None:
    options = ("--engine", "dask", "--folder", tmp_path / "w", "--no-browser")
    result = run("serve", predictor.bundle.path, *options)
    assert re.fullmatch(r"dask cannot be loaded: .*: pip install 'framescope\[dask\]'\n", message_of(result))
