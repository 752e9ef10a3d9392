"""JSON from requests and into answers."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from framescope.serve.problems import ServeError

JSON = "application/json"


def json_response(
    content: object, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an answer in JSON."""
    return Response(msgspec.json.encode(content), status, headers, JSON)


async def json_body(request: Request) -> bytes:
    """Return the body of a request that sends JSON.

    Raises:
        ServeError: 415, it does not say so; see the guard for bodies that are too long or too slow.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        message = f"Content-Type: expected {JSON}, found {kind or 'none'!r:.60}"
        raise ServeError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)
    body: bytes = await request.body()
    return body
