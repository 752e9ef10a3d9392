"""What programs are answered."""

from __future__ import annotations

import json
import re

import pytest
from starlette.testclient import TestClient

from framescope.pages.from_python import explain
from framescope.predictor import Predictor
from framescope.serve import api, files_api
from framescope.serve.tools import doccano, labelstudio
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


def test_spans_are_offsets_in_the_text_that_was_sent(client: TestClient, predictor: Predictor) -> None:
    text = "Запад стремится расколоть ОДКБ, заявил министр."
    (plain,) = predict(client, documents=[{"text": text}], spans=True).json()["predictions"]
    (titled,) = predict(client, documents=[{"title": "Заглавие", "text": text}], spans=True).json()[
        "predictions"
    ]
    expected = [
        {"label": span.label, "start": span.start, "end": span.end, "weight": round(span.weight, 6)}
        for label in plain["labels"]
        if label not in {"bloc", "west"} or len(plain["labels"]) == 1
        for span in predictor.find_spans(text, label)
    ]
    assert plain["spans"] == expected
    assert expected
    assert all(0 <= span["start"] < span["end"] <= len(text) for span in titled["spans"])


def test_an_explanation_is_that_of_the_command_line(client: TestClient, predictor: Predictor) -> None:
    document = {"id": "a", "title": "Заглавие", "text": SENTENCES[1], "lang": "bg"}
    answer = client.post("/v1/models/tiny/explain", json={"document": document, "interface": "bg"})
    view = explain(SENTENCES[1], predictor, title="Заглавие", article_id="a", interface="bg")
    expected = json.loads(json.dumps({**view.to_json(), "lang": "bg"}))
    found = {name: value for name, value in answer.json().items() if name not in {"model", "digest"}}
    assert {**found, "models": None} == {**expected, "models": None}
    assert found["models"][0]["labels"] == expected["models"][0]["labels"]


def test_a_model_shows_its_codebook_and_figures(client: TestClient, predictor: Predictor) -> None:
    model = client.get("/v1/models/tiny").json()
    assert [label["id"] for label in model["labels"]] == list(predictor.labels)
    assert model["labels"][1]["parent"] == "bloc"
    assert model["rule"] == {"name": "samples-f1", "never_given": []}
    assert model["metrics"]["n_units"] == 12
    unknown = client.get("/v1/models/other")
    assert (unknown.status_code, unknown.json()["detail"]) == (404, "'other': no such model; there are 'tiny'")


def test_metrics_count_requests_and_documents(client: TestClient) -> None:
    predict(client, documents=[{"text": "Нов блок"}] * 3)
    client.get("/nothing/here")
    lines = client.get("/metrics").text.splitlines()
    assert 'framescope_requests_total{method="POST",route="predict",status="200"} 1' in lines
    assert 'framescope_requests_total{method="GET",route="none",status="404"} 1' in lines
    assert 'framescope_documents_total{model="tiny"} 3' in lines
    assert 'framescope_request_seconds_count{route="predict"} 1' in lines
    assert 'framescope_jobs{status="queued"} 0' in lines


def test_the_openapi_document_has_every_route(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    paths = {route.path for route in [*api.ROUTES, *files_api.ROUTES, *labelstudio.ROUTES, *doccano.ROUTES]}
    assert set(document["paths"]) == paths
    assert all(each["summary"] for path in document["paths"].values() for each in path.values())
    refs = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document)))
    assert refs <= set(document["components"]["schemas"])


def test_answers_are_what_the_openapi_document_says(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    answer = predict(client, documents=[{"text": SENTENCES[4]}], spans=True).json()
    (made,) = answer["predictions"]
    for found, name in (
        (answer, "Predictions"),
        (made, "Prediction"),
        (made["spans"][0], "Span"),
        (client.get("/v1/models").json()["models"][0], "Model"),
        (client.get("/health").json(), "Health"),
        (client.get("/v1/models/none").json(), "Problem"),
    ):
        assert set(schemas[name]["required"]) <= set(found), name
        if name != "Model":  # a list of models says less than a model itself
            assert set(found) <= set(schemas[name]["properties"]), name


def test_a_fault_of_ours_tells_nothing_of_the_text(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither to who asked nor to the log."""
    monkeypatch.setattr(api, "answer_predict", lambda *given: 1 / 0 if given[2] else None)
    answer = predict(client, documents=[{"text": "Secret words"}])
    assert (answer.status_code, answer.json()["detail"]) == (500, "the server failed; its log says where")
    assert "predict failed: ZeroDivisionError at " in caplog.text
    assert "Secret" not in caplog.text
    assert client.get("/health").status_code == 200
