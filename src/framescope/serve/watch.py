"""The outermost middleware: every request is counted, and none of our faults gets out with a text in it."""

from __future__ import annotations

import logging
from asyncio import AbstractEventLoop
from collections.abc import Mapping
from http import HTTPStatus
from time import perf_counter
from typing import Any

from h11 import LocalProtocolError
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from framescope.serve.metrics import Metrics
from framescope.serve.problems import problem

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
LEFT = 499
"""The status of a request whose client has gone, as nginx has it."""

_log = logging.getLogger(__name__)


class Watch:
    """Counts requests; where one fails, the log says at which line, and nothing of what was sent."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin, status = perf_counter(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except (ClientDisconnect, LocalProtocolError):  # it has gone, or what it sent is no HTTP
            status = LEFT
        except Exception as error:
            _log.error("%s failed: %s at %s", _route(scope), type(error).__name__, _place(error))
            if not status:
                answer = problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the server failed; its log says where")
                await answer(scope, receive, watched)
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._metrics.count_request(_route(scope), method, status, perf_counter() - begin)


def log_fault(_loop: AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """Log a fault of the event loop: where it was, and nothing of what was sent."""
    error = context.get("exception")
    kind = "" if error is None else f": {type(error).__name__} at {_place(error)}"
    _log.error("%s%s", context["message"], kind)


def _route(scope: Scope) -> str:
    return str(getattr(scope.get("endpoint"), "__name__", "none"))


def _place(error: BaseException) -> str:
    """Return the file and line that an error comes from."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "unknown" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
