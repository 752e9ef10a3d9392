"""The middleware before everything: who may ask, and how much they may send.

A page on another site can make a browser send requests here, and by DNS rebinding even read the answers. So the
Host must be a name of this server, and what changes something must come from its own pages or from no browser.
"""

from __future__ import annotations

import ipaddress
import secrets
from base64 import b64decode
from collections.abc import Callable, Iterable
from http import HTTPStatus
from time import monotonic
from urllib.parse import urlsplit

import anyio
from starlette.datastructures import URL, Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from framescope.serve.headers import is_secure, with_cookie, with_headers
from framescope.serve.problems import ServeError, answer_error
from framescope.serve.session import COOKIE, is_session, is_token, new_session, set_cookie
from framescope.serve.settings import Settings, is_loopback

DRAIN_SECONDS = 10.0
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITE = frozenset({"same-origin", "none"})
OPEN = frozenset({"/health"})
"""What tells nothing, and needs no token: what asks is a container's health check."""

STATIC = "/static/"
"""Style and script of the pages, that of the one that asks for the token included."""

UPLOADS = ("/v1/jobs", "/jobs")
"""Paths whose bodies are files."""


AnswerError = Callable[[Request, Exception], Response]
"""Makes an answer of an error: problem+json, or a page."""


class Guard:
    """Refuses what is not from a friend; ``request.state`` gets ``session`` and ``nonce``."""

    def __init__(self, app: ASGIApp, settings: Settings, answer: AnswerError = answer_error) -> None:
        self._app, self._settings, self._answer = app, settings, answer
        self._names = frozenset(_names(settings))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer that it is refused."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {}).update(session="", nonce=nonce)
        guarded_send = with_headers(send, nonce)
        request = Request(scope)
        try:
            self._check_host(request.headers)
            if request.method not in SAFE:
                _check_origin(request.headers)
            self._check_length(request)
            answer = self._let_in(request)
        except ServeError as error:
            answer = self._answer(request, error)
            if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                await _drain(receive, self._limit(request))
        if answer is None:
            cookie = self._new_cookie(request)
            guarded_send = guarded_send if cookie is None else with_cookie(guarded_send, cookie, request)
            await self._app(scope, self._limited(request, receive), guarded_send)
        else:
            await answer(scope, receive, guarded_send)

    def _check_host(self, headers: Headers) -> None:
        given = headers.getlist("host")
        host = _host_of(given[0]) if len(given) == 1 else None
        if host is None or not (host in self._names or self._is_own_address(host)):
            raise ServeError(
                HTTPStatus.MISDIRECTED_REQUEST,
                f"Host: {given[0] if given else 'none'!r:.80} is no name of this server; --allow-host adds one",
            )

    def _is_own_address(self, host: str) -> bool:
        """Tell whether a host is an address in numbers, of a server that listens to others: none is rebound."""
        if is_loopback(self._settings.host):
            return False
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return False
        return True

    def _check_length(self, request: Request) -> None:
        told = request.headers.get("content-length", "0")
        if not (told.isascii() and told.isdigit() and len(told) < 20):
            raise ServeError(HTTPStatus.BAD_REQUEST, "Content-Length: expected a number")
        _check_size(int(told), self._limit(request))

    def _let_in(self, request: Request) -> Response | None:
        """Return None for who may pass, with the session where there is one; else a way to log in.

        Raises:
            ServeError: 401.
        """
        settings = self._settings
        cookie = request.cookies.get(COOKIE, "")
        if is_session(cookie, settings.secret, settings.token):
            request.state.session = cookie
            return None
        if not settings.token or request.url.path in OPEN or request.url.path.startswith(STATIC):
            return None
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        if is_token(_password(given) if kind.lower() == "basic" else given.strip(), settings.token):
            return None
        asked = request.query_params.get("token", "")
        if request.method == "GET" and is_token(asked, settings.token):
            return _logged_in(request, settings)
        raise ServeError(
            HTTPStatus.UNAUTHORIZED,
            "needs the server's token: send Authorization: Bearer TOKEN, or open the page with ?token=TOKEN",
        )

    def _new_cookie(self, request: Request) -> str | None:
        """Return a cookie for a browser that has none; where a token is needed, logging in brings it."""
        is_page = "text/html" in request.headers.get("accept", "")
        if request.state.session or self._settings.token or not is_page:
            return None
        request.state.session = new_session(self._settings.secret, "")
        return str(request.state.session)

    def _limit(self, request: Request) -> int:
        limits = self._settings.limits
        return limits.upload_bytes if request.url.path.startswith(UPLOADS) else limits.body_bytes

    def _limited(self, request: Request, receive: Receive) -> Receive:
        """Return what receives a body of bounded size in bounded time."""
        limits, limit = self._settings.limits, self._limit(request)
        is_upload = limit == limits.upload_bytes
        until = monotonic() + (limits.upload_seconds if is_upload else limits.body_seconds)
        n_bytes, is_whole = 0, False

        async def limited() -> Message:
            nonlocal n_bytes, is_whole
            if is_whole:  # what comes now is that the client has gone
                return await receive()
            with anyio.move_on_after(until - monotonic()) as clock:
                message = await receive()
            if clock.cancelled_caught:
                raise ServeError(HTTPStatus.REQUEST_TIMEOUT, "the body did not arrive in time")
            n_bytes += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if n_bytes > limit and not is_whole:
                await _drain(receive, limit)
            _check_size(n_bytes, limit)
            return message

        return limited


async def _drain(receive: Receive, limit: int) -> None:
    """Let a client send the rest of a body that is refused, within limits: else it does not hear the answer."""
    n_bytes = 0
    with anyio.move_on_after(DRAIN_SECONDS):
        while n_bytes <= limit:
            message = await receive()
            n_bytes += len(message.get("body", b""))
            if not message.get("more_body", False):
                return


def _names(settings: Settings) -> Iterable[str]:
    """Yield the names of the server, in small letters."""
    yield from (name.lower() for name in settings.hosts)
    yield settings.host.lower()
    yield from ("localhost", "127.0.0.1", "::1")


def _host_of(header: str) -> str | None:
    """Return the host of a Host header in small letters, None where it is not one."""
    try:
        place = urlsplit(f"//{header}")
        _ = place.port
    except ValueError:
        return None
    is_plain = place.netloc == header and "@" not in header and not place.path
    return place.hostname.rstrip(".") if is_plain and place.hostname else None


def _password(basic: str) -> str:
    """Return the password of basic authentication, all that Label Studio knows; "" where it is none."""
    try:
        return b64decode(basic.strip(), validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _check_origin(headers: Headers) -> None:
    """Refuse what a page of another site makes a browser send.

    Raises:
        ServeError: 403.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    is_own = origin is None or _place_of(origin) == headers.get("host", "").lower()
    if not is_own or (site is not None and site not in OWN_SITE):
        raise ServeError(HTTPStatus.FORBIDDEN, f"Origin: {origin!r:.80} is another site")


def _place_of(origin: str) -> str:
    """Return host and port of an origin in small letters, "" where it is none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _check_size(n_bytes: int, limit: int) -> None:
    if n_bytes > limit:
        raise ServeError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"the body has more than {limit:,} bytes: send it in parts, or score it with framescope score",
        )


def _logged_in(request: Request, settings: Settings) -> Response:
    """Return the way to the same page without the token, which stays in no history."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "token"]
    here = URL(request.url.path).include_query_params(**dict(kept)) if kept else URL(request.url.path)
    path = "/" + str(here).lstrip("/\\")  # never another host
    response = RedirectResponse(path, HTTPStatus.SEE_OTHER)
    cookie = new_session(settings.secret, settings.token)
    set_cookie(response, cookie, is_secure=is_secure(request))
    return response
