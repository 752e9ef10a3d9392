"""Errors as problem+json (RFC 9457), in the words that the command line uses."""

from __future__ import annotations

import logging
from http import HTTPStatus

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from framescope.errors import FramescopeError, InputError
from framescope.visible import visible

MEDIA_TYPE = "application/problem+json"
N_LISTED = 100

_log = logging.getLogger(__name__)


class ServeError(FramescopeError):
    """A request that is refused, with the HTTP status that says so."""

    def __init__(self, status: HTTPStatus, message: str, *, retry_after: int | None = None) -> None:
        self.status, self.retry_after = status, retry_after
        super().__init__(message)


def problem(status: int, detail: str, *, headers: dict[str, str] | None = None, **more: object) -> Response:
    """Return an answer that says what is wrong."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": int(status), "detail": visible(detail), **more}
    return Response(msgspec.json.encode(body), status, headers, MEDIA_TYPE)


def answer_error(_request: Request, error: Exception) -> Response:
    """Answer for an error that was raised on purpose."""
    if isinstance(error, HTTPException):
        return problem(error.status_code, error.detail, headers=dict(error.headers or {}))
    if isinstance(error, ServeError):
        headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
        return problem(error.status, str(error), headers=headers)
    if isinstance(error, InputError):
        listed = [
            {"place": str(each.path), "line": each.line, "field": each.field, "message": visible(each.message)}
            for each in error.problems[:N_LISTED]
        ]
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), problems=listed)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))


def answer_crash(request: Request, error: Exception) -> Response:
    """Answer for a fault of ours; the log tells where it is, and nothing of the request's content."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "unknown" if place is None else f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}"
    _log.error("%s %s: %s at %s", request.method, request.url.path, type(error).__name__, where)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the server failed; its log says where")


HANDLERS = {HTTPException: answer_error, FramescopeError: answer_error, Exception: answer_crash}
