"""The cookie of a browser, signed by the server, and the CSRF token of its forms."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from http import HTTPStatus

from starlette.requests import HTTPConnection
from starlette.responses import Response

from framescope.serve.problems import ServeError

COOKIE = "framescope_session"
FIELD = "csrf"


def new_session(secret: str, token: str) -> str:
    """Return the value of a new cookie; one that was made with another token is worth nothing."""
    name = secrets.token_urlsafe(16)
    return f"{name}.{_sign(secret, f'session {token} {name}')}"


def is_session(value: str, secret: str, token: str) -> bool:
    """Tell whether the server gave out a cookie."""
    name, _, signature = value.partition(".")
    return bool(name) and _is_same(signature, _sign(secret, f"session {token} {name}"))


def set_cookie(response: Response, value: str, *, is_secure: bool) -> None:
    """Let a browser keep a cookie that no script reads and no other site sends."""
    response.set_cookie(COOKIE, value, httponly=True, samesite="strict", secure=is_secure, path="/")


def csrf_of(request: HTTPConnection) -> str:
    """Return what the hidden field ``csrf`` of a form holds."""
    return _sign(request.app.state.settings.secret, f"csrf {request.state.session}")


def check_csrf(request: HTTPConnection, given: object) -> None:
    """Refuse a form that is not one of ours.

    Raises:
        ServeError: 403.
    """
    if not isinstance(given, str) or not _is_same(given, csrf_of(request)):
        message = f"{FIELD}: is not that of this session: load the page again"
        raise ServeError(HTTPStatus.FORBIDDEN, message)


def is_token(given: str, token: str) -> bool:
    """Tell whether a token is the server's, in the same time whatever it is."""
    return _is_same(given, token)


def _is_same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(errors="surrogateescape"), expected.encode())


def _sign(secret: str, message: str) -> str:
    return hmac.new(secret.encode(), message.encode(errors="surrogateescape"), hashlib.sha256).hexdigest()
