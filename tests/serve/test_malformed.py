"""Ten thousand requests that are wrong in one way or another: each is refused, and none is a fault of ours."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

import anyio
import msgspec
import pytest
from starlette.applications import Starlette

from framescope.predictor import Predictor
from framescope.serve.app import make_app
from framescope.serve.settings import Settings

N_REQUESTS = 10_000
JSON = (b"content-type", b"application/json")
WRONG: tuple[Any, ...] = (None, 0, -1, 1e308, True, "", "\x00", "Ж" * 50, [], [[]], {}, {"a": 1}, [None], 2**70)

Asked = tuple[str, bytes, list[tuple[bytes, bytes]], bytes]
"""Method, path with query, headers and body."""


def broken_json(rng: random.Random) -> Asked:
    path = rng.choice([b"/v1/models/tiny/predict", b"/v1/models/tiny/explain", b"/v1/corrections"])
    whole = '{"documents": [{"text": "Нов блок", "id": 7}], "spans": true}'.encode()
    at = rng.randrange(1, len(whole))
    body = rng.choice(
        [
            whole[:at],
            whole[:at] + bytes([rng.randrange(256)]) + whole[at:] + b"}",
            b"[" * rng.choice([10, 100_000]),
            rng.randbytes(rng.randrange(1, 60)) + b"\xff",
            b'{"documents": ["\\ud800"]}',
            b'{"documents": [NaN]}',
            b"",
        ]
    )
    return "POST", path, [JSON], body


def wrong_shape(rng: random.Random) -> Asked:
    value = rng.choice(WRONG)
    wrong_text = {"text": rng.choice([0, None, [], {}, True])}
    document = rng.choice([wrong_text, {"id": "a"}, {"text": "a", "title": 7}, {"text": "a", "lang": []}])
    path, body = rng.choice(
        [
            ("predict", {"documents": value if value != [None] else 5}),
            ("predict", {"documents": [document]}),
            ("predict", {"documents": [{"text": "a"}], "spans": rng.choice([0, "yes", []])}),
            ("predict", {"documents": [{"text": "a"}], "documnets": value}),
            ("predict", value),
            ("explain", {"document": value}),
            ("explain", {"document": document}),
            ("explain", {"document": {"text": " "}}),
            ("explain", {"document": {"text": "a"}, "interface": rng.choice(["xx", 7, []])}),
        ]
    )
    return "POST", b"/v1/models/tiny/" + path.encode(), [JSON], msgspec.json.encode(body)


def wrong_correction(rng: random.Random) -> Asked:
    right: dict[str, Any] = {"id": "a", "label": "bloc", "verdict": "right"}
    broken = {**right, rng.choice(["id", "label", "verdict"]): rng.choice([7, None, [], "", "x" * 600])}
    misplaced = {**right, "passage": rng.choice([7, {"start": 3}, {"start": 3, "end": 1}])}
    document = rng.choice([7, {}, {"text": ""}, {"text": 1}])
    body = rng.choice(
        [
            {"model": "tiny", "corrections": [broken]},
            {"model": "tiny", "corrections": [misplaced]},
            {"model": rng.choice([7, "none", ""]), "corrections": [right]},
            {"model": "tiny", "corrections": rng.choice([right, "a", 7, None])},
            {"model": "tiny", "corrections": [right], "document": document},
        ]
    )
    return "POST", b"/v1/corrections", [JSON], msgspec.json.encode(body)


def wrong_upload(rng: random.Random) -> Asked:
    """A file under a name that tells no format, or a form that is none."""
    names = [b"a.exe", b"../a", b"", b"a" * 300, b"a.csv.gz.gz", b'a"b', b"\xff\xfe"]
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="%b"' % rng.choice(names)
    part = head + b"\r\n\r\ntext\r\n"
    at = rng.randrange(len(part))
    broken = [part[:at], part[:at] + rng.randbytes(9) + part[at:], b"", b"--x--", b"--x\r\n" * 99]
    form = b"multipart/form-data"
    kind = rng.choice([form + b"; boundary=x", form, form + b"; boundary="])
    if rng.random() < 0.5:
        query = rng.choice([b"", b"name=a.exe", b"name=", b"name=%00", b"name=..%2fetc%2fpasswd", b"name=.txt"])
        return "POST", b"/v1/jobs?" + query, [(b"content-type", b"application/octet-stream")], b"text"
    body = rng.choice([part + b"--x--\r\n", *broken])
    return "POST", b"/v1/jobs", [(b"content-type", kind)], body


def wrong_place(rng: random.Random) -> Asked:
    names = [b"none", b"..", b"%2e%2e%2f", b"a%00b", b"\xd0\x96", b"x" * 2000, b"%ff", b"';DROP TABLE jobs;--"]
    jobs = [b"/v1/jobs/%b", b"/v1/jobs/%b/result?format=csv", b"/v1/jobs/%b/rejected"]
    path = rng.choice([*jobs, b"/v1/models/%b", b"/%b", b"/v1/%b"])
    return "GET", path % rng.choice(names), [], b""


def wrong_method(rng: random.Random) -> Asked:
    model = b"/v1/models/tiny"
    path = rng.choice([b"/v1/models", model, model + b"/predict", b"/v1/jobs/a", b"/health", b"/"])
    return rng.choice(["PUT", "PATCH", "TRACE", "BREW", "OPTIONS"]), path, [], b"x"


def wrong_header(rng: random.Random) -> Asked:
    header = rng.choice(
        [
            (b"host", rng.randbytes(5)),
            (b"host", b"evil.example"),
            (b"origin", rng.choice([b"http://evil.example", b"http://[", b"http://[::1"])),
            (b"origin", rng.randbytes(7)),
            (b"content-length", rng.choice([b"-1", b"x", b"9" * 30, b"9" * 12])),
            (b"sec-fetch-site", b"cross-site"),
            (b"content-type", rng.choice([b"text/plain", b"application/jsonp", rng.randbytes(8)])),
        ]
    )
    return "POST", b"/v1/models/tiny/predict", [header], b'{"documents": [{"text": "a"}]}'


KINDS: tuple[Callable[[random.Random], Asked], ...] = (
    broken_json,
    wrong_shape,
    wrong_correction,
    wrong_upload,
    wrong_place,
    wrong_method,
    wrong_header,
)


async def status_of(app: Starlette, asked: Asked) -> int:
    method, path, headers, body = asked
    raw, _, query = path.partition(b"?")
    named = {name for name, _ in headers}
    headers = [*headers, *([] if b"host" in named else [(b"host", b"127.0.0.1:8642")])]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote_to_bytes(raw).decode(errors="replace"),
        "raw_path": raw,
        "query_string": query,
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 5),
        "server": ("127.0.0.1", 8642),
        "state": {},
    }
    pieces = [body[: len(body) // 2], body[len(body) // 2 :]]
    statuses = []

    async def receive() -> dict[str, Any]:
        if not pieces:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(scope, receive, send)
    return statuses[0]


@pytest.mark.slow
def test_what_is_malformed_is_refused(settings: Settings, predictor: Predictor) -> None:
    rng = random.Random(3)  # noqa: S311 - requests, not secrets
    found: Counter[tuple[str, int]] = Counter()
    strange = []

    async def ask_all() -> None:
        app = make_app(settings, {"tiny": predictor})
        async with app.router.lifespan_context(app):
            for number in range(N_REQUESTS):
                kind = KINDS[number % len(KINDS)]
                asked = kind(rng)
                status = await status_of(app, asked)
                found[kind.__name__, status] += 1
                if not 400 <= status < 500:
                    strange.append((status, asked))

    anyio.run(ask_all)
    assert strange == []
    assert sum(found.values()) == N_REQUESTS
    assert {status for _, status in found} >= {400, 403, 404, 405, 413, 415, 421, 422}
