"""Errors as problem+json (RFC 9457), in the words that the command line uses."""

from __future__ import annotations

import errno
from http import HTTPStatus

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from framescope.errors import FramescopeError, InputError
from framescope.visible import visible

MEDIA_TYPE = "application/problem+json"
N_LISTED = 100


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


def answer_full_disk(_request: Request, error: Exception) -> Response:
    """Answer that there is no room for an upload; any other error of the system is a fault of ours."""
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return problem(HTTPStatus.INSUFFICIENT_STORAGE, "the server's disk is full: remove jobs, or make room")
    raise error


HANDLERS = {HTTPException: answer_error, FramescopeError: answer_error, OSError: answer_full_disk}
