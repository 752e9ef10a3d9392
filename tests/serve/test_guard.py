"""Who may ask, and how much they may send."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from http.cookies import SimpleCookie

import pytest
from serving import OWN
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from framescope.predictor import Predictor
from framescope.serve import site
from framescope.serve.app import make_app
from framescope.serve.session import check_csrf, csrf_of
from framescope.serve.settings import Limits, Settings, SettingsError

TOKEN = "correct-horse-battery"  # noqa: S105 - of a test
PAGE = {"Accept": "text/html"}
DOCUMENT = {"documents": [{"text": "Нов блок"}]}


@pytest.fixture
def guarded(settings: Settings, predictor: Predictor) -> Iterator[TestClient]:
    """A server that others reach, with a token."""
    outside = replace(settings, host="0.0.0.0", token=TOKEN, hosts=("news.example",))  # noqa: S104 - so it is meant
    with TestClient(make_app(outside, {"tiny": predictor}), base_url="http://10.1.2.3:8642") as client:
        yield client


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:9", "localhost:8642", "[::1]:8642", "LOCALHOST"])
def test_names_of_this_computer_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "10.1.2.3", "", "a b", "[::1", "x:y"],
)
def test_other_names_are_refused(client: TestClient, host: str) -> None:
    """A name that was rebound to this computer is none of its own."""
    answer = client.get("/v1/models", headers={"Host": host})
    assert answer.status_code == 421
    assert "is no name of this server" in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_pages_of_other_sites_change_nothing(client: TestClient, headers: dict[str, str]) -> None:
    for method, path in (("POST", "/v1/jobs"), ("DELETE", "/v1/jobs/a"), ("POST", "/v1/models/tiny/predict")):
        assert client.request(method, path, headers=headers, json=DOCUMENT).status_code == 403


def test_own_pages_may(client: TestClient) -> None:
    headers = {"Origin": OWN, "Sec-Fetch-Site": "same-origin"}
    assert client.post("/v1/models/tiny/predict", headers=headers, json=DOCUMENT).status_code == 200


def test_beyond_this_computer_a_token_is_needed(guarded: TestClient) -> None:
    assert guarded.get("/health").status_code == 200
    assert guarded.get("/v1/models").status_code == 401
    assert guarded.get("/v1/models", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert guarded.get("/v1/models?token=wrong", headers=PAGE).status_code == 401
    assert guarded.get("/v1/models", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert guarded.get("/health", headers={"Host": "news.example"}).status_code == 200
    assert guarded.get("/health", headers={"Host": "evil.example"}).status_code == 421


def test_label_studio_brings_the_token_as_a_password(guarded: TestClient) -> None:
    for password, status in ((TOKEN, 200), ("wrong", 401)):
        basic = b64encode(f"anyone:{password}".encode()).decode()
        answer = guarded.get("/labelstudio/tiny/health", headers={"Authorization": f"Basic {basic}"})
        assert answer.status_code == status
    for broken in ("Basic", "Basic ?", "Basic " + b64encode(b"no colon").decode(), f"Basic {TOKEN}"):
        assert guarded.get("/v1/models", headers={"Authorization": broken}).status_code == 401


def test_a_browser_logs_in_once_and_the_token_leaves_its_address(guarded: TestClient) -> None:
    answer = guarded.get(f"/v1/models?token={TOKEN}&a=1", headers=PAGE, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/v1/models?a=1")
    cookie = SimpleCookie(answer.headers["set-cookie"])["framescope_session"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "strict")
    assert guarded.get("/v1/models", headers=PAGE).status_code == 200
    forged = cookie.value[:-1] + ("0" if cookie.value[-1] != "0" else "1")
    guarded.cookies.clear()
    assert guarded.get("/v1/models", headers={"Cookie": f"framescope_session={forged}"}).status_code == 401


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example", "///evil.example"])
def test_logging_in_leads_nowhere_else(guarded: TestClient, path: str) -> None:
    answer = guarded.get(f"http://10.1.2.3:8642{path}?token={TOKEN}", headers=PAGE, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"][:2] not in {"//", "/\\"}


@pytest.mark.parametrize(
    ("host", "token", "message"),
    [
        ("0.0.0.0", "", "others could reach the server"),  # noqa: S104
        ("192.168.1.5", "", "others could reach the server"),
        ("news.example", "", "others could reach the server"),
        ("127.0.0.1", "short", "expected 16 or more"),
        ("::", "two words are no token", "expected 16 or more"),
    ],
)
def test_nobody_listens_to_others_without_a_token(host: str, token: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Settings(models=(), host=host, token=token)


def test_answers_let_browsers_do_little(client: TestClient) -> None:
    answer = client.get("/", headers=PAGE)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self' 'nonce-")
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert policy != client.get("/", headers=PAGE).headers["content-security-policy"]


async def _form(request: Request) -> Response:
    if request.method == "POST":
        check_csrf(request, (await request.form()).get("csrf"))
    return PlainTextResponse(csrf_of(request))


def test_a_form_brings_the_token_of_its_session(
    settings: Settings, predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "ROUTES", [Route("/form", _form, methods=["GET", "POST"])])
    app = make_app(settings, {"tiny": predictor})
    with TestClient(app, base_url=OWN) as one, TestClient(app, base_url=OWN) as other:
        token = one.get("/form", headers=PAGE).text
        assert one.post("/form", data={"csrf": token}).status_code == 200
        assert one.post("/form", data={"csrf": "x"}).status_code == 403
        assert one.post("/form").status_code == 403
        assert other.get("/form", headers=PAGE).text != token
        assert other.post("/form", data={"csrf": token}).status_code == 403


def test_bodies_are_bounded(settings: Settings, predictor: Predictor) -> None:
    """Whether their length is told or not."""
    small = replace(settings, limits=Limits(body_bytes=100, upload_bytes=200, n_documents=2))
    kind = {"Content-Type": "application/json"}
    with TestClient(make_app(small, {"tiny": predictor}), base_url=OWN) as client:
        client.app.state.service.runner.stop()
        told = client.post("/v1/models/tiny/predict", content=b" " * 101, headers=kind)
        untold = client.post("/v1/models/tiny/predict", content=iter([b" " * 60] * 2), headers=kind)
        for answer in (told, untold):
            assert answer.status_code == 413
            assert "the body has more than 100 bytes" in answer.json()["detail"]
        assert client.post("/v1/jobs?name=a.txt", content=b"x" * 201).status_code == 413
        assert client.post("/v1/jobs?name=a.txt", content=b"x" * 150).status_code == 202
        many = client.post("/v1/models/tiny/predict", json={"documents": [{"text": "a"}] * 3})
        assert many.status_code == 413
        assert many.json()["detail"].startswith("documents: has 3, more than 2")
