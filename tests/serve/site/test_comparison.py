"""Two articles, or two models, side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from person import ROWS, Person
from serving import OWN
from starlette.testclient import TestClient

from framescope.predictor import Predictor
from framescope.serve.app import make_app
from framescope.serve.settings import Settings


@pytest.fixture
def person(settings: Settings, predictor: Predictor) -> Iterator[Person]:
    """One who has two models, which are the same."""
    app = make_app(settings, {"tiny": predictor, "again": predictor})
    with TestClient(app, base_url=OWN) as client:
        yield Person(client)


def test_two_articles_are_side_by_side(person: Person) -> None:
    job = person.done()
    page = person.get("/compare", ref=[f"{job.id}/a1", f"{job.id}/a4"], model="tiny").text
    assert "<h1>Two articles</h1>" in page
    assert re.findall(r"<h2><a [^>]*>([^<]*)</a></h2>", page) == ["№ 1", "№ 4"]
    texts = re.sub(r"<[^>]*>", "", page)
    assert ROWS[1]["text"] in texts
    assert ROWS[4]["text"] in texts


def test_labels_are_told_apart_by_their_difference(person: Person) -> None:
    job = person.done()
    page = person.get("/compare", ref=[f"{job.id}/a1", f"{job.id}/a4"], model="tiny").text
    predictor = person.service.models["tiny"]
    first, second = predictor.predict([f"№ {n}\n{ROWS[n]['text']}" for n in (1, 4)])
    names = re.findall(r'<span class="key [^>]*></span> ([^<]*)</th>', page)
    gaps = [abs(first.probabilities[name] - second.probabilities[name]) for name in map(as_id, names)]
    assert names
    assert gaps == sorted(gaps, reverse=True)


def as_id(name: str) -> str:
    return name if name in {"bloc", "west", "Other"} else name.replace(" ", "-")


@pytest.mark.parametrize("query", [{"model": ["tiny", "again"]}, {"model": ["tiny"], "with": "model again"}])
def test_two_models_are_side_by_side(person: Person, query: dict[str, list[str]]) -> None:
    page = person.get("/compare", ref=f"{person.done().id}/a1", **query).text
    assert "<h1>№ 1</h1>" in page
    assert "What two models say about this article." in page


def test_an_article_is_compared_with_one_that_was_read(person: Person) -> None:
    key = person.post("/read", given="Блок\n\nНов блок подкопава ОДКБ.").headers["location"]
    key = key.partition("ref=")[2].partition("&")[0]
    page = person.get("/compare", ref=f"{person.done().id}/a1", model="tiny", **{"with": f"ref {key}"}).text
    assert re.findall(r"<h2><a [^>]*>([^<]*)</a></h2>", page) == ["№ 1", "Блок"]


def test_one_alone_is_not_compared(person: Person) -> None:
    answer = person.get("/compare", ref=f"{person.done().id}/a1", model="tiny")
    assert answer.status_code == 422
    assert "expected two articles" in answer.text
