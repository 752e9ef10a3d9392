"""A round trip through a real Label Studio: import, annotate, export, read.

It needs Label Studio in an environment of its own, for it brings its own versions of everything::

    python -m venv ls && ls/bin/pip install label-studio
    FRAMESCOPE_LABEL_STUDIO=ls/bin/label-studio pytest -m labelstudio

The first start makes a database, which takes a minute or more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from coded import BOOK, coded_rows
from framescope.coding.exported import tasks_of, write_tasks
from framescope.coding.formats import Tool
from framescope.coding.tasks import labelstudio_config
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.measure.agreement import agreement
from label_studio import LabelStudio, running_label_studio

pytestmark = pytest.mark.labelstudio

TEXT = "😀👨‍👩‍👧 Западът дели. Кой плаща? 🙈"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelStudio]:
    with running_label_studio(tmp_path_factory.mktemp("label-studio")) as server:
        yield server


def imported(server: LabelStudio, tasks: Path) -> tuple[int, list[dict[str, Any]]]:
    """Return the id of a new project with the tasks of a file, and these with their predictions."""
    project = server.call("/api/projects/", {"title": tasks.stem, "label_config": labelstudio_config(BOOK)})[
        "id"
    ]
    server.call(f"/api/projects/{project}/import", json.loads(tasks.read_text(encoding="utf-8")))
    listed = server.call(f"/api/tasks/?project={project}&fields=all")["tasks"]
    return project, sorted(listed, key=lambda task: str(task["data"]["id"]))


def exported(server: LabelStudio, project: int, path: Path) -> Corpus:
    content = server.call(f"/api/projects/{project}/export?exportType=JSON")
    path.write_text(json.dumps(content), encoding="utf-8")
    return read_corpus(path, format="labelstudio", codebook=BOOK)


def test_what_was_proposed_and_accepted_comes_back_as_it_was(
    server: LabelStudio, read: Callable[..., Corpus], tmp_path: Path
) -> None:
    """Labels of two levels, spans after emoji, and who accepted them."""
    span = {"start": TEXT.index("Западът"), "end": TEXT.index(" Кой"), "label": "fear"}
    row = {
        "id": "a1",
        "title": "Заглавие",
        "lang": "bg",
        "text": TEXT,
        "labels": ["fear", "cc"],
        "spans": [span],
    }
    corpus = read([row, {"id": "a2", "text": "Нищо.", "labels": []}], codebook=BOOK)
    write_tasks(tmp_path / "round trip.json", tasks_of(corpus), BOOK, Tool.LABELSTUDIO)
    project, tasks = imported(server, tmp_path / "round trip.json")
    for task in tasks:
        (prediction,) = task["predictions"]
        assert prediction["model_version"] == "corpus"
        server.call(f"/api/tasks/{task['id']}/annotations/", {"result": prediction["result"]})
    back = exported(server, project, tmp_path / "export.json")
    order = [back.column("id").index(unit_id) for unit_id in corpus.column("id")]
    for name in ("id", "title", "text", "lang", "labels", "spans", "article_id"):
        assert [back.column(name)[at] for at in order] == corpus.column(name), name
    user = server.call("/api/current-user/whoami")["id"]
    assert [[one["coder"] for one in coders] for coders in back.column("coders")] == [[str(user)]] * 2


def test_annotations_of_several_coders_are_read_by_coder(
    server: LabelStudio, read: Callable[..., Corpus], tmp_path: Path
) -> None:
    """Tasks that bring annotations of users, as another server exports them."""
    articles = [{"anna": ["fear"], "Боян": ["fear"]}, {"anna": ["cc"], "Боян": ["doubt"]}]
    corpus = read(coded_rows(*articles), codebook=BOOK)
    other = server.call(
        "/api/users/", {"email": "boyan@example.org", "username": "boyan", "password": "x" * 12}
    )
    users = [server.call("/api/current-user/whoami")["id"], other["id"]]
    path = tmp_path / "by coders.json"
    write_tasks(path, tasks_of(corpus), BOOK, Tool.LABELSTUDIO)
    tasks = json.loads(path.read_text(encoding="utf-8"))
    for task in tasks:
        by_coders = [one for one in task.pop("predictions") if one["model_version"].startswith("coder ")]
        task["annotations"] = [
            {"completed_by": user, "result": one["result"]} for user, one in zip(users, by_coders, strict=True)
        ]
    path.write_text(json.dumps(tasks), encoding="utf-8")
    project, _ = imported(server, path)
    back = exported(server, project, tmp_path / "export.json")
    assert (agreement(back).alpha, len(agreement(back).coders)) == (agreement(corpus).alpha, 2)
