"""Label Studio's ML backend: predictions in the project's own words, and training anew."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from serving import OWN
from starlette.testclient import TestClient

from commands import CODEBOOK as BOOK
from commands import articles, succeed, write_rows
from framescope.coding.tasks import labelstudio_config
from framescope.predictor import Predictor
from framescope.serve.app import make_app
from framescope.serve.settings import Settings
from framescope.serve.tools.annotations import Learner
from tiny import SENTENCES

BACKEND = "/labelstudio/tiny"


@pytest.fixture
def still(client: TestClient) -> TestClient:
    """A server that keeps annotations, and trains nothing."""
    client.app.state.service.retraining.stop()
    return client


def predict(client: TestClient, config: str, *tasks: object) -> Any:
    body = {"tasks": tasks, "label_config": config, "project": "3.1700000000", "params": {"context": None}}
    return client.post(f"{BACKEND}/predict", json=body)


def task(text: object, **fields: object) -> dict[str, object]:
    return {"id": 1, "data": {"text": text, **fields}}


def test_predictions_are_taxonomies_and_spans(still: TestClient, predictor: Predictor) -> None:
    config = labelstudio_config(predictor.codebook)
    answer = predict(still, config, *map(task, SENTENCES)).json()
    version = predictor.digest[:12]
    assert answer["model_version"] == version
    for sentence, made, one in zip(SENTENCES, predictor.predict(SENTENCES), answer["results"], strict=True):
        parents = {label.parent for label in predictor.codebook.labels if label.id in made.labels}
        own = [label for label in made.labels if label not in parents]
        assert one["model_version"] == version
        assert one["score"] == round(max((made.probabilities[label] for label in own), default=0.0), 6)
        found = [result for result in one["result"] if result["type"] == "taxonomy"]
        expected = {label: predictor.codebook.labels[predictor.codebook.columns[label]].parent for label in own}
        paths = [[label] if parent is None else [parent, label] for label, parent in expected.items()]
        assert [sorted(result["value"]["taxonomy"]) for result in found] == ([sorted(paths)] if own else [])
        for result in one["result"]:
            if result["type"] == "labels":
                value = result["value"]
                assert (result["from_name"], result["to_name"]) == ("spans", "text")
                assert sentence[value["start"] : value["end"]] == value["text"]
                assert value["labels"][0].split(": ")[-1] in own


def test_spans_behind_an_emoji_count_code_points(still: TestClient, predictor: Predictor) -> None:
    """As Label Studio 1.23 shows them, and tells of those that an annotator marks."""
    text = f"\N{ROCKET}\N{ROCKET} {SENTENCES[0]} \N{ROCKET} {SENTENCES[0]}"
    (one,) = predict(still, labelstudio_config(predictor.codebook), task(text)).json()["results"]
    values = [result["value"] for result in one["result"] if result["type"] == "labels"]
    assert values
    for value in values:
        assert text[value["start"] : value["end"]] == value["text"]
        assert value["text"] in SENTENCES[0]


def test_predictions_have_the_names_of_the_projects_own_controls(
    still: TestClient, predictor: Predictor
) -> None:
    """A project of its own making: other names, some of the labels, one choice only."""
    choices = "".join(f'<Choice value="{label.upper()}"/>' for label in predictor.labels)
    on = '<Text name="body" value="$content"/>'
    config = f'<View><Choices name="kind" toName="body">{choices}</Choices>{on}</View>'
    tasks = [{"data": {"content": text}} for text in SENTENCES]
    results = [one["result"] for one in predict(still, config, *tasks).json()["results"]]
    for made, found in zip(predictor.predict(SENTENCES), results, strict=True):
        parents = {label.parent for label in predictor.codebook.labels if label.id in made.labels}
        own = [label for label in made.labels if label not in parents]
        best = max(own, key=lambda label: made.probabilities[label], default=None)
        expected = (
            [
                {"id": "p1", "from_name": "kind", "to_name": "body", "type": "choices"}
                | {"value": {"choices": [best.upper()]}}
            ]
            if best
            else []
        )
        assert found == expected


def test_a_project_without_labels_of_the_model_is_told(still: TestClient) -> None:
    config = (
        '<View><Choices name="c" toName="t"><Choice value="a"/></Choices><Text name="t" value="$text"/></View>'
    )
    told = still.post(f"{BACKEND}/setup", json={"project": "3.1", "schema": config, "access_token": "x"})
    assert told.status_code == 422
    assert told.json()["detail"].startswith("the labelling configuration: has no Choices, Taxonomy or Labels")
    assert predict(still, config, task("a")).status_code == 422


def test_what_is_wrong_with_tasks_is_told(still: TestClient, predictor: Predictor) -> None:
    config = labelstudio_config(predictor.codebook)
    answer = predict(still, config, task("a"), task(7), {"id": 2}, "task")
    assert answer.json()["detail"].splitlines() == [
        "the request: tasks[1]: data: text: expected the text of the task, found 7 (int)",
        "the request: tasks[2]: data: text: expected the text of the task, found None (NoneType)",
        "the request: tasks[3]: data: text: expected the text of the task, found None (NoneType)",
    ]
    for body in ({}, {"project": None}, {"project": "3"}, {"project": "3", "label_config": 7}):
        assert still.post(f"{BACKEND}/predict", json=body).status_code == 422


def test_health_and_setup_tell_the_version(still: TestClient, predictor: Predictor) -> None:
    assert still.get(f"{BACKEND}/health").json() == {"status": "UP", "model_class": "framescope"}
    assert still.get("/labelstudio/other/health").status_code == 404
    setup = {"project": "3.17", "schema": labelstudio_config(predictor.codebook)}
    assert still.post(f"{BACKEND}/setup", json=setup).json() == {"model_version": predictor.digest[:12]}


def event(action: str, number: int, labels: list[str], predictor: Predictor, **more: object) -> dict[str, Any]:
    paths = [[label] for label in labels]
    result = {"from_name": "labels", "to_name": "text", "type": "taxonomy", "value": {"taxonomy": paths}}
    return {
        "action": action,
        "project": {"id": 3, "label_config": labelstudio_config(predictor.codebook)},
        "task": {"id": number, "data": {"text": f"Text {number}", "id": "own"}},
        "annotation": {"id": 10 * number, "result": [result] if labels else [], "completed_by": 1},
        **more,
    }


def test_annotations_are_kept_changed_and_forgotten(still: TestClient, predictor: Predictor) -> None:
    hook, kept = f"{BACKEND}/webhook", still.app.state.service.retraining.annotations
    learner = Learner("tiny", "3")
    for number in (1, 2):
        answer = still.post(hook, json=event("ANNOTATION_CREATED", number, ["west"], predictor))
        assert answer.json() == {"status": "ok", "is_training": False}
    still.post(hook, json=event("ANNOTATION_UPDATED", 1, ["bloc"], predictor))
    deleted = {"action": "ANNOTATIONS_DELETED", "project": {"id": 3}, "annotations": [{"id": 20}]}
    still.post(hook, json=deleted)
    (found,) = kept.tasks(learner)
    assert found["data"] == {"text": "Text 1", "id": "labelstudio-3-1"}
    assert [one["result"][0]["value"] for one in found["annotations"]] == [{"taxonomy": [["bloc"]]}]
    assert still.post(hook, json={"action": "TASKS_CREATED", "project": {"id": 3}}).status_code == 201
    for broken in (
        {"action": "ANNOTATION_CREATED"},
        {"action": "ANNOTATION_CREATED", "project": {"id": 3}},
        [],
    ):
        assert still.post(hook, json=broken).status_code == 422


def test_training_is_asked_for_when_enough_is_new(settings: Settings, predictor: Predictor) -> None:
    soon = replace(settings, retrain_after=2)
    with TestClient(make_app(soon, {"tiny": predictor}), base_url=OWN) as client:
        client.app.state.service.retraining.stop()
        answers = [
            client.post(f"{BACKEND}/webhook", json=event("ANNOTATION_CREATED", number, [], predictor)).json()
            for number in (1, 2)
        ]
        assert [answer["is_training"] for answer in answers] == [False, True]


@pytest.mark.slow
def test_annotations_train_a_model_that_outlives_the_server(
    settings: Settings, tmp_path: Path, trained_small: Predictor
) -> None:
    """Until then, and where there is nothing to learn, the model stays what it was."""
    app = {"small": trained_small}
    with TestClient(make_app(settings, app), base_url=OWN) as client:
        config = labelstudio_config(trained_small.codebook)
        first = client.post("/labelstudio/small/setup", json={"project": "5", "schema": config}).json()
        train = {"action": "START_TRAINING", "project": {"id": 5, "label_config": config}}
        client.post("/labelstudio/small/webhook", json=train)
        status = waited(client)
        assert status["model_version"] == first["model_version"]
        assert "has no" in status["error"] or "labels" in status["error"]
        for number, row in enumerate(articles()):
            client.post("/labelstudio/small/webhook", json=annotated(row, number, config))
        client.post("/labelstudio/small/webhook", json=train)
        status = waited(client)
        assert status["error"] == ""
        assert status["n_annotations"] == len(articles())
        assert status["model_version"] != first["model_version"]
        body = {"tasks": [task("a")], "label_config": config, "project": "5.1"}
        predicted = client.post("/labelstudio/small/predict", json=body).json()
        assert predicted["model_version"] == status["model_version"]
        other = client.post("/labelstudio/small/predict", json={**body, "project": "6.1"}).json()
        assert other["model_version"] == first["model_version"]
    with TestClient(make_app(settings, app), base_url=OWN) as client:
        assert client.get("/labelstudio/small/versions?project=5").json()["versions"] == [
            status["model_version"]
        ]


@pytest.fixture(scope="module")
def trained_small(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    here = tmp_path_factory.mktemp("small")
    write_rows(here / "rows.jsonl", articles(4))
    (here / "codebook.json").write_text(json.dumps(BOOK), encoding="utf-8")
    succeed("train", here / "rows.jsonl", "--codebook", here / "codebook.json", "--output", here / "small")
    return Predictor.load(here / "small")


def annotated(row: dict[str, Any], number: int, config: str) -> dict[str, Any]:
    parents = {"anti-csto": "bloc", "union-expands": "bloc", "west-divides": "west"}
    paths = [[parents[label], label] for label in row["labels"]]
    result = {"from_name": "labels", "to_name": "text", "type": "taxonomy", "value": {"taxonomy": paths}}
    data = {name: row[name] for name in ("text", "title", "lang", "source")}
    return {
        "action": "ANNOTATION_CREATED",
        "project": {"id": 5, "label_config": config},
        "task": {"id": number, "data": data},
        "annotation": {"id": number, "result": [result] if paths else [], "completed_by": 1},
    }


def waited(client: TestClient) -> dict[str, Any]:
    for _ in range(600):
        status: dict[str, Any] = client.get("/labelstudio/small/versions?project=5").json()
        if not status["is_training"]:
            return status
        time.sleep(0.2)
    raise AssertionError("the training does not end")
