"""Annotations that Label Studio tells of, kept in the working folder, and the models that were made of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from framescope.serve.folder import Folder
from framescope.serve.jobs import now


@dataclass(frozen=True, slots=True)
class Learner:
    """Whose annotations are learned from: a model as it was served first, and a project of Label Studio."""

    model: str
    project: str


class Annotations:
    """The annotations of a working folder; a later one of the same number takes the place of the former."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def keep(self, learner: Learner, task: Mapping[str, Any], annotation: Mapping[str, Any]) -> None:
        """Keep an annotation of a task, as Label Studio sends them."""
        self._folder.write(
            "INSERT OR REPLACE INTO annotations (model, project, annotation, task, data, body, time) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            learner.model,
            learner.project,
            str(annotation["id"]),
            str(task["id"]),
            _json(task["data"]),
            _json(annotation),
            now(),
        )

    def forget(self, learner: Learner, ids: Sequence[object]) -> None:
        """Forget annotations that were deleted."""
        for each in ids:
            self._folder.write(
                "DELETE FROM annotations WHERE model = ? AND project = ? AND annotation = ?",
                learner.model,
                learner.project,
                str(each),
            )

    def tasks(self, learner: Learner) -> list[dict[str, Any]]:
        """Return the annotated tasks as Label Studio exports them; their ids are of no other corpus."""
        rows = self._folder.rows(
            "SELECT task, data, body FROM annotations WHERE model = ? AND project = ? ORDER BY rowid",
            learner.model,
            learner.project,
        )
        data = {row["task"]: json.loads(row["data"]) for row in rows}
        annotations: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            annotations[row["task"]].append(json.loads(row["body"]))
        return [
            {
                "id": task,
                "data": {**fields, "id": f"labelstudio-{learner.project}-{task}"},
                "annotations": annotations[task],
            }
            for task, fields in data.items()
        ]

    def count(self, learner: Learner) -> int:
        """Return how many annotations are kept."""
        (row,) = self._folder.rows(
            "SELECT count(*) AS n FROM annotations WHERE model = ? AND project = ?",
            learner.model,
            learner.project,
        )
        return int(row["n"])

    def learned(self, learner: Learner) -> str:
        """Return the name of the folder of the latest model, "" where none was trained."""
        rows = self._folder.rows(
            "SELECT folder FROM learned WHERE model = ? AND project = ?", learner.model, learner.project
        )
        return str(rows[0]["folder"]) if rows else ""

    def note_learned(self, learner: Learner, folder: str, n_annotations: int) -> None:
        """Note where the latest model is, and from how many annotations it has learned."""
        self._folder.write(
            "INSERT OR REPLACE INTO learned (model, project, folder, n_annotations, time) "
            "VALUES (?, ?, ?, ?, ?)",
            learner.model,
            learner.project,
            folder,
            n_annotations,
            now(),
        )


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False)
