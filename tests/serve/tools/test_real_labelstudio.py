"""With a real Label Studio: a project is made, predictions arrive, annotations train the model anew."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commands import CODEBOOK, articles, succeed, write_rows
from framescope.coding.tasks import labelstudio_config
from framescope.predictor import Predictor
from label_studio import LabelStudio, running_label_studio

pytestmark = pytest.mark.labelstudio
PARENTS = {"anti-csto": "bloc", "union-expands": "bloc", "west-divides": "west"}


@pytest.fixture(scope="module")
def label_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelStudio]:
    with running_label_studio(tmp_path_factory.mktemp("label-studio")) as server:
        yield server


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    here = tmp_path_factory.mktemp("small")
    write_rows(here / "rows.jsonl", articles(4))
    (here / "codebook.json").write_text(json.dumps(CODEBOOK), encoding="utf-8")
    succeed("train", here / "rows.jsonl", "--codebook", here / "codebook.json", "--output", here / "small")
    return here / "small"


@pytest.fixture(scope="module")
def framescope(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelStudio]:
    folder = tmp_path_factory.mktemp("work")
    command = [sys.executable, "-m", "framescope", "serve", str(model), "--port", "0", "--no-browser"]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        [*command, "--folder", str(folder / "work"), "--retrain-after", "1000"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        yield LabelStudio(process.stderr.readline().split()[1].rstrip("/"), "none")
    finally:
        process.terminate()
        assert process.wait(60) == 0
        process.stderr.close()


def test_a_project_is_predicted_annotated_and_learned_from(
    label_studio: LabelStudio, framescope: LabelStudio, model: Path
) -> None:
    predictor, rows = Predictor.load(model), articles()
    config = labelstudio_config(predictor.codebook)
    project = label_studio.call("/api/projects", {"title": "news", "label_config": config})["id"]
    data = [{name: row[name] for name in ("text", "title", "lang")} for row in rows]
    label_studio.call(f"/api/projects/{project}/import", data)

    backend = {"project": project, "url": f"{framescope.address}/labelstudio/small", "title": "framescope"}
    connected = label_studio.call("/api/ml", backend)
    assert (connected["state"], connected["model_version"]) == ("CO", predictor.digest[:12])
    assert versions(label_studio, project) == {predictor.digest[:12]: len(rows)}

    hook = {"project": project, "url": f"{framescope.address}/labelstudio/small/webhook", "send_payload": True}
    label_studio.call("/api/webhooks/", {**hook, "send_for_all_actions": True})
    tasks = label_studio.call(f"/api/tasks?project={project}&page_size=500&fields=all")["tasks"]
    numbers = {task["data"]["text"]: task["id"] for task in tasks}
    for row in rows:
        paths = [[PARENTS[str(label)], label] for label in row["labels"]]
        result = {"from_name": "labels", "to_name": "text", "type": "taxonomy", "value": {"taxonomy": paths}}
        annotation = {"result": [result] if paths else []}
        label_studio.call(f"/api/tasks/{numbers[row['text']]}/annotations/", annotation)
    label_studio.call(f"/api/ml/{connected['id']}/train", {})

    status = trained(framescope, project)
    assert (status["error"], status["n_annotations"]) == ("", len(rows))
    assert status["model_version"] != predictor.digest[:12]
    assert versions(label_studio, project)[status["model_version"]] == len(rows)


def versions(label_studio: LabelStudio, project: int) -> Counter[str]:
    """Ask for predictions of all tasks, and count them by the model's version."""
    chosen = {"selectedItems": {"all": True, "excluded": []}}
    label_studio.call(f"/api/dm/actions?id=retrieve_tasks_predictions&project={project}", chosen)
    found = label_studio.call(f"/api/predictions?project={project}")
    return Counter(each["model_version"] for each in found)


def trained(framescope: LabelStudio, project: int) -> dict[str, Any]:
    for _ in range(600):
        status: dict[str, Any] = framescope.call(f"/labelstudio/small/versions?project={project}")
        if not status["is_training"]:
            return status
        time.sleep(0.2)
    raise AssertionError("the training does not end")
