"""A server at work: a socket, one process or several on it, the browser that is shown the page, a clean end."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from threading import Event, Thread, Timer

import uvicorn

from framescope.clusters.engines import loaded_engine
from framescope.predictor import Predictor
from framescope.serve.app import make_app
from framescope.serve.folder import Folder
from framescope.serve.models import load_models
from framescope.serve.settings import Settings, SettingsError

BACKLOG = 2048
BROWSER_SECONDS = 0.5
RESTART_SECONDS = 1.0
GRACE_SECONDS = 30
"""Time for requests under way when the server is asked to end."""

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run_server(settings: Settings, *, tell: Callable[[str], None], opens_browser: bool) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are answered first.

    Raises:
        FramescopeError: a model cannot be loaded, or the engine, the working folder or the port not be used.
    """
    if settings.engine:
        loaded_engine(settings.engine)
    models = load_models(settings.models)
    Folder(settings.folder).close()  # what is wrong with it shows now
    listening = _listen(settings)
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}/"
    tell(f"Serving {address} (Ctrl+C ends it); the working folder is {settings.folder}.")
    if opens_browser:
        page = f"{address}?token={settings.token}" if settings.token else address
        timer = Timer(BROWSER_SECONDS, webbrowser.open, [page])
        timer.daemon = True
        timer.start()
    with listening:
        if settings.n_workers == 1:
            with _caught(sys.exit):  # uvicorn raises the signal once more when all is done
                _serve(settings, listening, models)
        else:
            _serve_in_processes(settings, listening)


def _serve(
    settings: Settings,
    listening: socket.socket,
    models: Mapping[str, Predictor] | None = None,
    shared: Path | None = None,
) -> None:
    """Answer requests in this process."""
    app = make_app(settings, models, shared)
    tempfile.tempdir = str(_scratch(settings))  # what is written on the way is in there, too
    config = uvicorn.Config(
        app,
        http="h11",  # which bounds the length of headers
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=settings.limits.n_connections,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _serve_in_processes(settings: Settings, listening: socket.socket) -> None:
    """Answer requests in several processes, which share the mapped models; one that dies is replaced."""
    stop, spawn = Event(), multiprocessing.get_context("spawn")
    shared = tempfile.TemporaryDirectory(prefix="counts-", dir=_scratch(settings))

    def started() -> SpawnProcess:
        process = spawn.Process(target=_work, args=(settings, listening, Path(shared.name)))
        process.start()
        return process

    with shared, _caught(stop.set):
        processes = [started() for _ in range(settings.n_workers)]
        while not stop.is_set():
            wait([process.sentinel for process in processes], RESTART_SECONDS)
            dead = [process for process in processes if not process.is_alive()]
            if dead and not stop.wait(RESTART_SECONDS):
                alive = [process for process in processes if process not in dead]
                processes = alive + [started() for _ in dead]
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()


def _work(settings: Settings, listening: socket.socket, shared: Path) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    with _caught(sys.exit):
        _serve(settings, listening, shared=shared)


def _end_with_parent() -> None:
    """End this process, and leave the port, when the one that started it was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _scratch(settings: Settings) -> Path:
    """Return the part of the working folder for what does not stay."""
    return settings.folder.resolve() / "incoming"


@contextmanager
def _caught(then: Callable[[], object]) -> Iterator[None]:
    """Do something when asked to end, which is no failure: without an argument, ``sys.exit`` tells of none."""
    old = {number: signal.signal(number, lambda *_: then()) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def _listen(settings: Settings) -> socket.socket:
    """Return the open socket; it is named as one of TCP, else asyncio leaves small answers waiting for 40 ms.

    Raises:
        SettingsError: the address or the port cannot be had.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with ExitStack() as failing:
            opened = failing.enter_context(socket.socket(family, kind, socket.IPPROTO_TCP))
            if os.name != "nt":
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind(address)
            opened.listen(BACKLOG)
            failing.pop_all()
    except OSError as error:
        message = f"{settings.host}:{settings.port}: cannot be listened on: {error.strerror or error}"
        raise SettingsError(f"{message}: choose another --port") from error
    return opened
