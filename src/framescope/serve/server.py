"""A server at work: the socket, the browser that is shown the page, and a clean end."""

from __future__ import annotations

import os
import signal
import socket
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

import uvicorn

from framescope.serve.app import make_app
from framescope.serve.settings import Settings, SettingsError

BACKLOG = 2048
BROWSER_SECONDS = 0.5
GRACE_SECONDS = 30
"""Time for requests under way when the server is asked to end."""


def run_server(settings: Settings, *, tell: Callable[[str], None], opens_browser: bool) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are answered first.

    Raises:
        FramescopeError: a model cannot be loaded, or the working folder or the port not be used.
    """
    app = make_app(settings)
    listening = _listen(settings)
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}/"
    tell(f"Serving {address} (Ctrl+C ends it); the working folder is {settings.folder}.")
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=settings.limits.n_connections,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ws="none",
    )
    if opens_browser:
        page = f"{address}?token={settings.token}" if settings.token else address
        timer = Timer(BROWSER_SECONDS, webbrowser.open, [page])
        timer.daemon = True
        timer.start()
    with _ending_quietly():
        uvicorn.Server(config).run(sockets=[listening])


@contextmanager
def _ending_quietly() -> Iterator[None]:
    """Take the signal that uvicorn, when all is done, raises once more: to be asked to end is no failure."""
    signals = (signal.SIGINT, signal.SIGTERM)
    old = {number: signal.signal(number, lambda *_: None) for number in signals}
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
        opened = socket.socket(family, kind, socket.IPPROTO_TCP)
        if os.name != "nt":
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(BACKLOG)
    except OSError as error:
        message = f"{settings.host}:{settings.port}: cannot be listened on: {error.strerror or error}"
        raise SettingsError(f"{message}: choose another --port") from error
    return opened
