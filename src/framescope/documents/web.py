"""Pages and files on the web, with limits of size, time and redirects, and not from private addresses."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from time import monotonic
from urllib.parse import SplitResult, urljoin, urlsplit

from framescope.documents.document import Document
from framescope.documents.read import read_content
from framescope.errors import InputError

SCHEMES = ("http", "https")
MAX_BYTES = 20_000_000
MAX_REDIRECTS = 5
MAX_SECONDS = 30.0
SECONDS_OF_SILENCE = 10.0
PIECE_BYTES = 1 << 16
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SUFFIX_OF_TYPE = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "application/rss+xml": ".rss",
    "application/atom+xml": ".atom",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "text/plain": ".txt",
    "multipart/related": ".mhtml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}


class PrivateAddressError(InputError):
    """An address of this computer or of a private network, which nobody has allowed to read."""


def is_web(source: str) -> bool:
    """Tell whether a source is an address of the web."""
    return source.lower().startswith(tuple(f"{scheme}://" for scheme in SCHEMES))


def read_web(url: str, *, allow_private: bool = False) -> Iterator[Document]:
    """Yield the articles at an address; an HTML page is one.

    Raises:
        InputError: it cannot be fetched, is private or too large, or of a type that is not read.
    """
    content, kind, final = _fetch(url, allow_private=allow_private)
    suffix = SUFFIX_OF_TYPE.get(kind)
    if suffix is None:
        raise InputError.at(url, f"is {kind}, expected a page, a PDF, a text or a feed")
    for document in read_content(suffix, content, url):
        yield replace(document, url=document.url or final)


def refuse_private(url: str) -> None:
    """Refuse an address of the web that is one of a private network.

    Raises:
        InputError: it is, or its host is not known.
    """
    place = _split(url, url)
    _address(place.hostname or "", place.port or 443, url, allow_private=False)


def _fetch(url: str, *, allow_private: bool) -> tuple[bytes, str, str]:
    """Return what is at an address, its media type, and the address it was found at."""
    until = monotonic() + MAX_SECONDS
    here = url
    for _ in range(MAX_REDIRECTS + 1):
        place = _split(here, url)
        connection = _connect(place, url, allow_private=allow_private)
        try:
            connection.request("GET", _target(place), headers=_headers())
            response = connection.getresponse()
            if response.status in REDIRECTS:
                here = urljoin(here, response.headers.get("Location", ""))
                continue
            if response.status != http.client.OK:
                raise InputError.at(url, f"answers {response.status} {response.reason}")
            if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise InputError.at(url, "is sent packed, although it was asked for as it is")
            return _body(response, url, until), response.headers.get_content_type(), here
        except (OSError, http.client.HTTPException) as error:
            raise InputError.at(url, f"cannot be fetched: {error or type(error).__name__}") from error
        finally:
            connection.close()
    raise InputError.at(url, f"redirects more than {MAX_REDIRECTS} times")


def _split(here: str, url: str) -> SplitResult:
    try:
        place = urlsplit(here)
        is_address = place.scheme in SCHEMES and bool(place.hostname) and place.port != 0
    except ValueError as error:
        raise InputError.at(url, f"is no address: {error}") from error
    if not is_address:
        raise InputError.at(url, f"leads to {here!r:.100}, expected an address of http or https")
    return place


def _connect(place: SplitResult, url: str, *, allow_private: bool) -> http.client.HTTPConnection:
    """Return a connection to an address that was checked: a name cannot lead to another one meanwhile."""
    is_secure = place.scheme == "https"
    host, port = place.hostname or "", place.port or (443 if is_secure else 80)
    connection = http.client.HTTPConnection(host, port, timeout=SECONDS_OF_SILENCE)
    connection.default_port = 443 if is_secure else 80
    address = _address(host, port, url, allow_private=allow_private)
    try:
        opened = socket.create_connection((address, port), timeout=SECONDS_OF_SILENCE)
        connection.sock = (
            ssl.create_default_context().wrap_socket(opened, server_hostname=host) if is_secure else opened
        )
    except OSError as error:
        raise InputError.at(url, f"cannot be fetched: {error}") from error
    return connection


def _address(host: str, port: int, url: str, *, allow_private: bool) -> str:
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise InputError.at(url, f"cannot be fetched: {host}: {error}") from error
    private = [address for address in found if not is_public(address)]
    if private and not allow_private:
        message = f"{host} is at {private[0]}, an address of a private network: --allow-private reads it"
        raise PrivateAddressError.at(url, message)
    return found[0]


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public network."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    return bool(mapped.is_global and not mapped.is_multicast)


def _target(place: SplitResult) -> str:
    """Return path and query; letters that people type are escaped, and what is escaped already stays."""
    path = (place.path or "/") + (f"?{place.query}" if place.query else "")
    return "".join(
        sign if "!" <= sign <= "~" else "".join(f"%{byte:02X}" for byte in sign.encode()) for sign in path
    )


def _headers() -> dict[str, str]:
    return {
        "User-Agent": f"framescope/{version('framescope')}",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }


def _body(response: http.client.HTTPResponse, url: str, until: float) -> bytes:
    pieces, n_bytes = [], 0
    while piece := response.read1(PIECE_BYTES):
        pieces.append(piece)
        n_bytes += len(piece)
        if n_bytes > MAX_BYTES:
            raise InputError.at(url, f"has more than {MAX_BYTES:,} bytes")
        if monotonic() > until:
            raise InputError.at(url, f"takes more than {MAX_SECONDS:.0f} s to fetch")
    return b"".join(pieces)
