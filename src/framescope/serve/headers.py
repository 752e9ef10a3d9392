"""What browsers may do with answers: headers of every answer, and the cookie of a new session."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Send

from framescope.serve.session import set_cookie

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""Of every answer that does not set them itself."""


def with_headers(send: Send, nonce: str) -> Send:
    """Return what sends an answer with all headers; scripts and styles within a page need the nonce."""
    headers = {**HEADERS, "Content-Security-Policy": POLICY.format(nonce=nonce)}

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            found = MutableHeaders(scope=message)
            for name, value in headers.items():
                found.setdefault(name, value)
        await send(message)

    return sending


def with_cookie(send: Send, cookie: str, request: Request) -> Send:
    """Return what sends an answer with a cookie."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            response = Response()
            set_cookie(response, cookie, is_secure=is_secure(request))
            MutableHeaders(scope=message).append("set-cookie", response.headers["set-cookie"])
        await send(message)

    return sending


def is_secure(request: Request) -> bool:
    """Tell whether a browser speaks TLS, to the server or to a proxy before it."""
    schemes = {request.url.scheme, request.headers.get("x-forwarded-proto", "")}
    return "https" in schemes
