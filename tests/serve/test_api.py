"""What programs are answered."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from framescope.predictor import Predictor
from tiny import SENTENCES


def predict(client: TestClient, **body: object):
    return client.post("/v1/models/tiny/predict", json=body)


def test_predictions_are_those_of_the_predictor(client: TestClient, predictor: Predictor) -> None:
    documents = [{"id": f"d{n}", "text": text} for n, text in enumerate(SENTENCES)]
    answer = predict(client, documents=documents)
    assert answer.status_code == 200
    assert answer.json()["digest"] == predictor.digest
    made = answer.json()["predictions"]
    assert [one["id"] for one in made] == [f"d{n}" for n in range(len(SENTENCES))]
    for one, expected in zip(made, predictor.predict(SENTENCES), strict=True):
        assert one["labels"] == list(expected.labels)
        assert one["given"] == list(expected.given)
        assert one["to_review"] == list(expected.to_review)
        assert one["probabilities"] == pytest.approx(dict(expected.probabilities), abs=5e-7)
        assert one["unlike_training"] is expected.unlike_training
        assert one["typicality"] == expected.typicality


def test_languages_that_training_did_not_have_are_named(client: TestClient) -> None:
    documents = [{"text": "Ein Satz.", "lang": lang} for lang in ("de", "en", "")]
    answer = predict(client, documents=documents)
    assert answer.status_code == 200
    assert answer.json()["unknown_languages"] == ["de"]


def test_what_is_wrong_is_said_for_every_document(client: TestClient) -> None:
    answer = predict(client, documents=[{"text": "Нов блок"}, {"id": "b"}, {"text": 7}, "text"])
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].splitlines() == [
        "the request: documents[1]: text: is missing, expected the text of the article",
        "the request: documents[2]: text: expected a string, found 7 (int)",
        "the request: documents[3]: expected an object with a text, found 'text' (str)",
    ]
