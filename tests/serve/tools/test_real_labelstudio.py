"""With a real Label Studio: a project is made, predictions arrive, annotations train the model anew.

``FRAMESCOPE_LABEL_STUDIO`` is its command, in an environment of its own.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from commands import CODEBOOK, articles, succeed, write_rows
from framescope.coding.tasks import labelstudio_config
from framescope.predictor import Predictor

pytestmark = pytest.mark.labelstudio
COMMAND = os.environ.get("FRAMESCOPE_LABEL_STUDIO", "")
SETTINGS = {
    "ML_BLOCK_LOCAL_IP": "false",
    "SSRF_PROTECTION_ENABLED": "false",
    "LATEST_VERSION_CHECK": "false",
    "COLLECT_ANALYTICS": "false",
    "SENTRY_DSN": "",
    "FRONTEND_SENTRY_DSN": "",
}
PARENTS = {"anti-csto": "bloc", "union-expands": "bloc", "west-divides": "west"}


class Service:
    """A server that is asked in JSON."""

    def __init__(self, address: str, token: str = "") -> None:
        self.address, self._token = address, token

    def ask(self, path: str, body: object = None, method: str = "") -> Any:
        headers = {"Content-Type": "application/json", "Authorization": f"Token {self._token}"}
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.address + path, data, headers, method=method or None)  # noqa: S310 - on this computer
        with urlopen(request, timeout=120) as answer:  # noqa: S310
            content = answer.read()
        return json.loads(content) if content else None

    def wait(self, path: str, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            try:
                self.ask(path)
                return
            except OSError:
                assert time.monotonic() < until, f"{self.address}{path} does not answer"
                time.sleep(1)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        return int(opened.getsockname()[1])


@pytest.fixture(scope="module")
def label_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    if not COMMAND:
        pytest.skip("needs Label Studio: see FRAMESCOPE_LABEL_STUDIO in docs/maintaining.md")
    port, token, folder = free_port(), secrets.token_hex(20), tmp_path_factory.mktemp("labelstudio")
    who = ["--username", "coder@example.org", "--password", "secret-word-1", "--user-token", token]
    where = ["--port", str(port), "--data-dir", str(folder), "--no-browser", "--enable-legacy-api-token"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | SETTINGS
    process = subprocess.Popen(  # noqa: S603 - the command that was named
        [COMMAND, "start", *who, *where],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    service = Service(f"http://127.0.0.1:{port}", token)
    try:
        service.wait("/health", 300)
        yield service
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    here = tmp_path_factory.mktemp("small")
    write_rows(here / "rows.jsonl", articles(4))
    (here / "codebook.json").write_text(json.dumps(CODEBOOK), encoding="utf-8")
    succeed("train", here / "rows.jsonl", "--codebook", here / "codebook.json", "--output", here / "small")
    return here / "small"


@pytest.fixture(scope="module")
def framescope(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("work")
    command = [sys.executable, "-m", "framescope", "serve", str(model), "--port", "0", "--no-browser"]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        [*command, "--folder", str(folder / "work"), "--retrain-after", "1000"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        yield Service(process.stderr.readline().split()[1].rstrip("/"))
    finally:
        process.terminate()
        assert process.wait(60) == 0
        process.stderr.close()


def test_a_project_is_predicted_annotated_and_learned_from(
    label_studio: Service, framescope: Service, model: Path
) -> None:
    predictor, rows = Predictor.load(model), articles()
    config = labelstudio_config(predictor.codebook)
    project = label_studio.ask("/api/projects", {"title": "news", "label_config": config})["id"]
    data = [{name: row[name] for name in ("text", "title", "lang")} for row in rows]
    label_studio.ask(f"/api/projects/{project}/import", data)

    backend = {"project": project, "url": f"{framescope.address}/labelstudio/small", "title": "framescope"}
    connected = label_studio.ask("/api/ml", backend)
    assert (connected["state"], connected["model_version"]) == ("CO", predictor.digest[:12])
    assert versions(label_studio, project) == {predictor.digest[:12]: len(rows)}

    hook = {"project": project, "url": f"{framescope.address}/labelstudio/small/webhook", "send_payload": True}
    label_studio.ask("/api/webhooks/", {**hook, "send_for_all_actions": True})
    tasks = label_studio.ask(f"/api/tasks?project={project}&page_size=500&fields=all")["tasks"]
    numbers = {task["data"]["text"]: task["id"] for task in tasks}
    for row in rows:
        paths = [[PARENTS[str(label)], label] for label in row["labels"]]
        result = {"from_name": "labels", "to_name": "text", "type": "taxonomy", "value": {"taxonomy": paths}}
        annotation = {"result": [result] if paths else []}
        label_studio.ask(f"/api/tasks/{numbers[row['text']]}/annotations/", annotation)
    label_studio.ask(f"/api/ml/{connected['id']}/train", {})

    status = trained(framescope, project)
    assert (status["error"], status["n_annotations"]) == ("", len(rows))
    assert status["model_version"] != predictor.digest[:12]
    assert versions(label_studio, project)[status["model_version"]] == len(rows)


def versions(label_studio: Service, project: int) -> Counter[str]:
    """Ask for predictions of all tasks, and count them by the model's version."""
    chosen = {"selectedItems": {"all": True, "excluded": []}}
    label_studio.ask(f"/api/dm/actions?id=retrieve_tasks_predictions&project={project}", chosen)
    found = label_studio.ask(f"/api/predictions?project={project}")
    return Counter(each["model_version"] for each in found)


def trained(framescope: Service, project: int) -> dict[str, Any]:
    for _ in range(600):
        status: dict[str, Any] = framescope.ask(f"/labelstudio/small/versions?project={project}")
        if not status["is_training"]:
            return status
        time.sleep(0.2)
    raise AssertionError("the training does not end")
