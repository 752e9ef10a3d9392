"""What a form of our pages sends."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import parse_qsl

import anyio.to_thread
from starlette.requests import Request

from framescope.serve.problems import ServeError
from framescope.serve.session import FIELD, check_csrf

KIND = "application/x-www-form-urlencoded"
N_FIELDS = 100


class Form:
    """The fields of a form; a field may have several values."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def value(self, name: str) -> str:
        """Return the last value of a field, "" where it has none."""
        return next((value for key, value in reversed(self._pairs) if key == name), "")

    def values(self, name: str) -> list[str]:
        """Return all values of a field."""
        return [value for key, value in self._pairs if key == name]


async def form_of(request: Request) -> Form:
    """Return the fields of a form of ours; files come another way: see :mod:`framescope.serve.uploads`.

    Raises:
        ServeError: 415 or 400, it is no form; or 403, it is not one of ours.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != KIND:
        message = f"Content-Type: expected {KIND}, found {kind or 'none'!r:.60}"
        raise ServeError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)
    form = await anyio.to_thread.run_sync(_parsed, await request.body())
    check_csrf(request, form.value(FIELD))
    return form


def _parsed(body: bytes) -> Form:
    try:
        content = body.decode("ascii")
        return Form(parse_qsl(content, keep_blank_values=True, max_num_fields=N_FIELDS))
    except ValueError as error:
        raise ServeError(HTTPStatus.BAD_REQUEST, f"the request: is no form: {error}") from error
