"""What went wrong, as a page for people and as problem+json for programs."""

from __future__ import annotations

from urllib.parse import quote

import pytest
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


def test_an_article_without_words_is_not_read(person: Person) -> None:
    job = person.done([{"id": "1", "text": ""}, {"id": "2", "text": "…", "title": "Празна"}])
    for article_id in "12":
        answer = person.get("/article", ref=f"{job.id}/{article_id}", model="tiny")
        assert (answer.status_code, "its text has no words" in answer.text) == (422, True)


ODD = ("", "\x00", "𝔘" * 300, "../../etc/passwd", "%", "<b>", "1e999", "\ud7ff\uffff", "a\r\nb", "-1")


@pytest.mark.parametrize("odd", ODD)
def test_nothing_odd_brings_a_page_down(person: Person, odd: str) -> None:
    job = person.done()
    asked = [
        person.get("/article", ref=odd, model=odd),
        person.get("/article", ref=f"{job.id}/{odd}", model="tiny", queue=odd),
        person.get("/article", ref=f"{job.id}/a1", model="tiny", queue="1", interface=odd),
        person.get("/compare", ref=[odd, f"{job.id}/a1"], model=odd, **{"with": f"model {odd}"}),
        person.get(
            f"/jobs/{job.id}", words=odd, label=odd, outlet=odd, since=odd, page=odd, sort=odd, show=odd
        ),
        person.get(f"/jobs/{quote(odd, safe='')}/queue"),
        person.get(f"/jobs/{job.id}/labels.{quote(odd, safe='')}"),
        person.post("/read", given=odd, model=odd),
        person.post("/judge", ref=f"{job.id}/a1", model="tiny", said=f"missed {odd}", passage=odd, before=odd),
        person.post("/coder", coder=odd, back=odd),
    ]
    assert [answer.status_code for answer in asked if answer.status_code >= 500] == []
