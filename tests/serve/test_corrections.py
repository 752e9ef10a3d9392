"""What is said of labels, and how it is taken away."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.testclient import TestClient


def say(client: TestClient, *corrections: object, **more: object) -> Any:
    return client.post("/v1/corrections", json={"model": "tiny", "corrections": corrections, **more})


def kept(client: TestClient, path: str = "/v1/corrections.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in client.get(path).text.splitlines()]


def test_corrections_are_kept_as_they_were_said(client: TestClient) -> None:
    words = {"id": "a", "label": "bloc", "verdict": "missed", "passage": "Нов блок", "coder": "Ана"}
    place = {"id": "a", "label": "west", "verdict": "wrong", "passage": {"start": 4, "end": 8}, "note": "?"}
    document = {"id": "a", "title": "Заглавие", "text": "Нов блок подкопава ОДКБ", "lang": "bg"}
    assert say(client, words, place, document=document).status_code == 201
    first, second = kept(client)
    digest = client.get("/v1/models").json()["models"][0]["digest"]
    common = {"model": "tiny", "digest": digest}
    assert first == {**words, "note": "", "time": first["time"], **common}
    assert second == {**place, "coder": "", "time": second["time"], **common}
    assert kept(client, "/v1/corrections/articles.jsonl") == [{**document, "source": ""}]


def test_the_last_word_of_a_coder_counts(client: TestClient) -> None:
    for verdict, coder in (("right", "a"), ("wrong", "a"), ("right", "b")):
        say(client, {"id": "1", "label": "bloc", "verdict": verdict, "coder": coder})
    found = client.app.state.service.corrections.latest("1", "tiny")
    assert [(one.coder, one.verdict.value) for one in found] == [("a", "wrong"), ("b", "right")]


@pytest.mark.parametrize(
    ("row", "detail"),
    [
        (
            {"id": "a", "label": "bloc", "verdict": "so-so"},
            "corrections[0]: verdict: expected right, wrong, missed, found 'so-so' (str)",
        ),
        (
            {"label": "bloc", "verdict": "right"},
            "corrections[0]: id: expected a string of up to 500 characters, found '' (str)",
        ),
        (
            {"id": "a", "label": "bloc", "verdict": "right", "passage": {"start": 4, "end": 4}},
            "corrections[0]: passage: expected words of the text or "
            "{\"start\": int, \"end\": int}, found {'start': 4, 'end': 4} (dict)",
        ),
        (7, "corrections[0]: expected an object with id, label and verdict, found 7 (int)"),
    ],
)
def test_what_is_wrong_with_a_correction_is_said(client: TestClient, row: object, detail: str) -> None:
    answer = say(client, row)
    assert (answer.status_code, answer.json()["detail"]) == (422, f"the request: {detail}")
    assert kept(client) == []


def test_all_corrections_of_a_request_are_kept_or_none(client: TestClient) -> None:
    right, strange = ({"id": "a", "label": label, "verdict": "right"} for label in ("bloc", "fear"))
    answer = say(client, right, strange)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("label 'fear' is not in the codebook 'tiny': it has 'bloc', ")
    assert kept(client) == []
