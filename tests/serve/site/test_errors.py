"""What went wrong, as a page for people and as problem+json for programs."""

from __future__ import annotations

from person import Person
from starlette.testclient import TestClient

from framescope.predictor import Predictor
from framescope.serve.app import make_app
from framescope.serve.settings import Settings

TOKEN = "a-token-of-many-signs"  # noqa: S105 - of this test


def test_a_person_gets_a_page(person: Person) -> None:
    answer = person.get("/jobs/none")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>There is nothing here</h1>" in answer.text
    assert "&#39;none&#39;: no such job" in answer.text


def test_a_program_gets_a_problem(client: TestClient) -> None:
    for path, accept in (
        ("/jobs/none", "application/json"),
        ("/v1/jobs/none", "text/html"),
        ("/jobs/none", "*/*"),
    ):
        answer = client.get(path, headers={"Accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_page_asks_for_the_token(settings: Settings, predictor: Predictor) -> None:
    told = Settings(models=(), folder=settings.folder, token=TOKEN)
    with TestClient(make_app(told, {"tiny": predictor}), base_url="http://127.0.0.1:8642") as client:
        person = Person(client)
        answer = person.get("/")
        assert answer.status_code == 401
        assert '<input type="password" name="token"' in answer.text
        assert client.get("/static/site.css").status_code == 200
        assert "<h1>Find framing in news</h1>" in person.get("/", token=TOKEN).text
        assert "<h1>Find framing in news</h1>" in person.get("/").text
