"""Which models are to be trained anew, in the working folder: all processes of a server see the same."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from framescope.serve.folder import Folder
from framescope.serve.jobs import now
from framescope.serve.tools.annotations import Learner


class State(StrEnum):
    """How far a training is; one that is asked for once more while it is running is asked for."""

    ASKED = "asked"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Training:
    """The latest training of a learner: from how many annotations, and what went wrong.

    ``control`` is the control of the project that holds the labels.
    """

    learner: Learner
    state: State = State.ENDED
    control: str | None = None
    n_annotations: int = 0
    error: str = ""


class Trainings:
    """The trainings of a working folder."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def get(self, learner: Learner) -> Training:
        """Return the latest training of a learner; of one that was never trained, an ended one of nothing."""
        rows = self._folder.rows(
            "SELECT state, control, n_annotations, error FROM trainings WHERE model = ? AND project = ?",
            learner.model,
            learner.project,
        )
        return Training(learner, **{**rows[0], "state": State(rows[0]["state"])}) if rows else Training(learner)

    def ask(self, learner: Learner, control: str | None) -> None:
        """Ask for a training."""
        self._folder.write(
            "INSERT INTO trainings (model, project, control, state, time) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (model, project) DO UPDATE SET control = excluded.control, state = excluded.state, "
            "time = excluded.time",
            learner.model,
            learner.project,
            control,
            State.ASKED,
            now(),
        )

    def claim(self, models: Collection[str]) -> Training | None:
        """Return the training of one of these models that was asked for first, which is running then."""
        rows = self._folder.rows("SELECT model, project FROM trainings WHERE state = 'asked' ORDER BY time")
        learner = next((Learner(**row) for row in rows if row["model"] in models), None)
        if learner is None:
            return None
        self._folder.write(
            "UPDATE trainings SET state = 'running' WHERE model = ? AND project = ?",
            learner.model,
            learner.project,
        )
        return self.get(learner)

    def note_taken(self, learner: Learner, n_annotations: int) -> None:
        """Note from how many annotations a training learns."""
        self._folder.write(
            "UPDATE trainings SET n_annotations = ? WHERE model = ? AND project = ?",
            n_annotations,
            learner.model,
            learner.project,
        )

    def end(self, learner: Learner, error: str = "") -> None:
        """Note that a training has ended, and what went wrong; one that was asked for meanwhile is to come."""
        self._folder.write(
            "UPDATE trainings SET error = ?, state = iif(state = 'running', 'ended', state) "
            "WHERE model = ? AND project = ?",
            error,
            learner.model,
            learner.project,
        )

    def requeue(self) -> None:
        """Ask once more for what was running when a server ended."""
        self._folder.write("UPDATE trainings SET state = 'asked' WHERE state = 'running'")
