"""Addresses of the web: fetched from a local server, within limits."""

from __future__ import annotations

import io
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from importlib.util import find_spec

import made
import pytest

from framescope.articles import read_articles
from framescope.documents.web import is_web, read_web
from framescope.errors import InputError
from local_web import Quiet, running


class Handler(Quiet, BaseHTTPRequestHandler):
    """Answers by path."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/to/"):
            self.send_response(302)
            n_left = int(path.removeprefix("/to/"))
            self.send_header("Location", f"/to/{n_left - 1}" if n_left else "/page")
            self.end_headers()
            return
        if path == "/away":
            self.send_response(301)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()
            return
        status, kind, content = {
            "/page": (200, "text/html; charset=utf-8", made.PAGE.encode()),
            "/text": (200, "text/plain", "Нов блок".encode()),
            "/feed": (200, "application/rss+xml", made.FEED.encode()),
            "/image": (200, "image/png", b"png"),
            "/large": (200, "text/plain", bytes(3000)),
            "/%D0%B1": (200, "text/plain", b"b"),
        }.get(path, (404, "text/html", b"no"))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if self.path.endswith("?packed"):
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running(Handler) as address:
        yield address


@pytest.mark.skipif(not find_spec("trafilatura"), reason="needs the extra files")
def test_a_page_is_an_article_after_redirects(server: str) -> None:
    (article,) = read_articles([f"{server}/to/4"], io.BytesIO(), allow_private=True)
    assert article.id == f"{server}/to/4"
    assert (article.title, article.lang, article.source) == (made.TITLE, "bg", "Вестник")
    first, _ = read_web(f"{server}/feed", allow_private=True)
    assert first.text == made.TEXT


def test_a_text_is_an_article(server: str) -> None:
    (found,) = read_web(f"{server}/text", allow_private=True)
    assert (found.text, found.url) == ("Нов блок", f"{server}/text")
    assert next(read_web(f"{server}/б", allow_private=True)).text == "b"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/to/9", "redirects more than 5 times"),
        ("/away", "leads to 'file:///etc/passwd', expected an address of http or https"),
        ("/nothing", "answers 404 Not Found"),
        ("/image", "is image/png, expected a page, a PDF, a text or a feed"),
        ("/text?packed", "is sent packed"),
        ("/large", "has more than 2,000 bytes"),
    ],
)
def test_what_is_refused(server: str, path: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framescope.documents.web.MAX_BYTES", 2000)
    with pytest.raises(InputError, match=message):
        list(read_web(f"{server}{path}", allow_private=True))


def test_slow_answers_are_cut(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framescope.documents.web.MAX_SECONDS", -1.0)
    with pytest.raises(InputError, match="to fetch"):
        list(read_web(f"{server}/text", allow_private=True))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "http://localhost/",
        "http://[::1]/",
        "http://169.254.169.254/",
        "http://10.0.0.1/",
    ],
)
def test_private_addresses_are_refused(url: str) -> None:
    """Before anything is sent there; so is what a public page redirects to, for each place is checked."""
    with pytest.raises(InputError, match="an address of a private network: --allow-private reads it"):
        list(read_web(url))


def test_what_is_an_address() -> None:
    assert is_web("HTTPS://example.org/a.csv")
    assert not is_web("ftp://example.org")
    assert not is_web("a.html")
    with pytest.raises(InputError, match="is no address: Port out of range"):
        list(read_web("http://example.org:99999/"))
