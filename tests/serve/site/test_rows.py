"""Articles as rows of the table, of models of articles and of sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from person import ROWS, Person
from serving import OWN
from starlette.testclient import TestClient

from framescope.bundle.write import save_bundle
from framescope.model.fitted import Model
from framescope.predictor import Predictor
from framescope.serve.app import make_app
from framescope.serve.settings import Settings
from framescope.serve.site.rows import own_labels, table_of
from framescope.text.segments import Unit
from tiny import FACTS


@pytest.fixture
def sentences(model_with_cuts: Model, settings: Settings, tmp_path: Path) -> Iterator[Person]:
    """A person with a model of sentences."""
    save_bundle(replace(model_with_cuts, unit=Unit.SENTENCE), tmp_path / "tiny", card="", training=FACTS)
    app = make_app(settings, {"tiny": Predictor.load(tmp_path / "tiny")})
    with TestClient(app, base_url=OWN) as client:
        yield Person(client)


def test_an_article_has_the_labels_of_its_sentences(sentences: Person) -> None:
    texts = [row["text"] for row in ROWS[:4]]
    rows = [{"id": "a", "text": " ".join(texts)}, {"id": "b", "title": "Две", "text": texts[1]}]
    first, second = table_of(sentences.done(rows))
    (units, _) = sentences.service.models["tiny"].predict_units([rows[0]["text"], rows[1]["text"]])
    assert first.n_parts == len(units) == 4
    assert first.labels.keys() == {label for unit in units for label in unit.labels}
    for label, probability in first.labels.items():
        given = [unit.probabilities[label] for unit in units if label in unit.labels]
        assert probability == pytest.approx(max(given))
    assert (second.title, second.n_parts) == ("Две", 1)


def test_an_article_without_a_title_is_called_by_its_first_words(person: Person) -> None:
    long = "Съюзът се разширява " * 10
    first, second = table_of(person.done([{"id": "1", "text": f"\n{long}\nи още"}, {"id": "2", "text": ""}]))
    assert first.title == f"{long[:100].rstrip()}…"
    assert second.title == "2"


def test_rows_are_remembered(person: Person) -> None:
    job = person.done()
    assert table_of(job) is table_of(person.service.jobs.get(job.id))


def test_labels_are_those_of_the_last_level_surest_first() -> None:
    found = own_labels(
        {"bloc": 0.9, "union-expands": 0.4, "west": 0.6}, {"union-expands": "bloc", "bloc": None}
    )
    assert found == ["west", "union-expands"]
