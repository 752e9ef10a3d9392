"""URLs of the web: those that lead to private networks are refused, unless they are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

import framescope
from framescope import Predictor, ScoreOptions, ScoringError, verify
from framescope.batch import remote
from framescope.batch.inputs import expand, open_input
from local_web import Quiet, running

CONTENT = '{"id": "a", "text": "Нов блок"}\n'.encode()
PRIVATE = r"127\.0\.0\.1 is at 127\.0\.0\.1, an address of a private network: --allow-private reads it"


class Handler(Quiet, BaseHTTPRequestHandler):
    """A file that is read in ranges."""

    def do_HEAD(self) -> None:
        self._head(200, len(CONTENT))

    def do_GET(self) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        first, last = (int(asked[1]), int(asked[2])) if asked else (0, len(CONTENT) - 1)
        content = CONTENT[first : last + 1]
        self._head(206 if asked else 200, len(content), f"bytes {first}-{last}/{len(CONTENT)}")
        self.wfile.write(content)

    def _head(self, status: int, n_bytes: int, content_range: str = "") -> None:
        self.send_response(status)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(n_bytes))
        if content_range:
            self.send_header("Content-Range", content_range)
        self.end_headers()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(Handler) as address:
        yield f"{address}/news.jsonl"


@pytest.mark.parametrize("before", ["", "simplecache::", "blockcache::"])
def test_a_private_address_is_refused_before_anything_is_asked_of_it(before: str, url: str) -> None:
    with pytest.raises(ScoringError, match=PRIVATE):
        expand([f"{before}{url}"])


def test_a_name_that_turns_private_later_and_a_redirect_are_refused(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check of the address that is connected to, where the one before found nothing."""
    pytest.importorskip("aiohttp")
    monkeypatch.setattr(remote, "refuse_private", lambda url: None)
    with pytest.raises(ScoringError, match=PRIVATE):
        expand([url])


def test_what_is_allowed_is_scored_and_verified(url: str, predictor: Predictor, tmp_path: Path) -> None:
    pytest.importorskip("aiohttp")
    (file,) = expand([url], allow_private=True)
    with open_input(file) as opened:
        assert opened.read() == CONTENT
    summary = framescope.score(predictor, url, tmp_path / "out", options=ScoreOptions(allow_private=True))
    assert summary.n_scored == 1
    assert verify(tmp_path / "out") == []
