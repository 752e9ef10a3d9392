"""The first page: what is pasted, fetched or refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from person import Person
from starlette.testclient import TestClient

from framescope.documents.document import Document
from framescope.serve.site import entrance

TEXT = "Нов блок подкопава ОДКБ\n\nБлокът обеща сигурност — но на каква цена?"


def test_a_pasted_text_becomes_its_explained_page(person: Person) -> None:
    answer = person.post("/read", given=TEXT, model="tiny")
    assert answer.status_code == 303
    page = person.get(answer.headers["location"])
    assert page.status_code == 200
    assert "<h1>Нов блок подкопава ОДКБ</h1>" in page.text
    assert "What tiny finds" in page.text
    assert "Нов блок подкопава ОДКБ</a></li>" in person.get("/").text


def test_a_short_first_line_is_the_title(person: Person) -> None:
    location = person.post("/read", given=TEXT).headers["location"]
    (key,) = [key for key, _ in entrance.Shelf(person.service.folder.root).latest(9)]
    article = entrance.Shelf(person.service.folder.root).get(key)
    assert key in location
    assert article is not None
    assert (article.id, article.title) == (key, "Нов блок подкопава ОДКБ")
    assert article.body == "Блокът обеща сигурност — но на каква цена?"


def test_a_text_of_one_sentence_has_no_title(person: Person) -> None:
    person.post("/read", given="Нов блок.\nСъюзът се разширява.")
    ((_, article),) = entrance.Shelf(person.service.folder.root).latest(9)
    assert (article.title, article.n_before) == ("", 0)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (" \r\n ", "Paste the text of an article, or its address, first."),
        ("…?!", "The text has no words."),
        ("a " * 5_000_001, "The text is too long: an article can have up to 10 million bytes."),
        ("http://127.0.0.1:9/", "This address is in a private network, from which nothing is fetched."),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_form(person: Person, given: str, reason: str) -> None:
    answer = person.post("/read", given=given, model="tiny")
    assert answer.status_code == 422
    assert reason in answer.text
    assert given.strip()[:40] in answer.text


def test_reasons_are_given_in_the_language_of_the_reader(person: Person) -> None:
    person.get("/", interface="bg")
    assert "Първо поставете текста на статия или адреса ѝ." in person.post("/read", given="").text


def test_an_article_at_an_address_is_fetched(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def one(_address: str) -> Iterator[Document]:
        yield Document(text="Нов блок подкопава ОДКБ.", title="Блок", lang="bg", source="news.example")

    monkeypatch.setattr(entrance, "read_web", one)
    page = person.post("/read", given=" https://news.example/1 ", model="tiny", moves=True)
    assert "<h1>Блок</h1>" in page.text
    assert "news.example" in page.text


def test_a_feed_becomes_a_job(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def feed(_address: str) -> Iterator[Document]:
        yield Document(text="Нов блок.", url="https://news.example/1")
        yield Document(fault="has no text", name="2")
        yield Document(text="Съюзът се разширява.", url="https://news.example/3")

    person.service.runner.stop()
    monkeypatch.setattr(entrance, "read_web", feed)
    answer = person.post("/read", given="https://news.example/feed")
    (job,) = person.service.jobs.list()
    assert answer.headers["location"] == f"/jobs/{job.id}"
    assert len((job.input / "feed.jsonl").read_text(encoding="utf-8").splitlines()) == 2


def test_forms_of_others_are_refused(client: TestClient) -> None:
    for path in ("/read", "/judge", "/coder"):
        answer = client.post(path, data={"given": TEXT, "csrf": "0" * 64}, headers={"Accept": "text/html"})
        assert answer.status_code == 403
        assert "<h1>This page is out of date</h1>" in answer.text


def test_texts_are_data_and_never_markup(person: Person) -> None:
    page = person.post("/read", given="<script>alert(1)</script> Нов блок", moves=True)
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
