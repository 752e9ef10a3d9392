"""Training anew while people annotate: one process at a time, and the new model takes over when it is ready."""

from __future__ import annotations

import json
import logging
import secrets
import shutil
from collections.abc import Mapping
from threading import Condition, Thread

from framescope.errors import BundleError
from framescope.files import write_whole
from framescope.predictor import Predictor
from framescope.serve.folder import Folder
from framescope.serve.processes import Worker
from framescope.serve.tools.annotations import Annotations, Learner
from framescope.serve.tools.training_process import ERROR, TRAINED

_log = logging.getLogger(__name__)


class Retraining:
    """The models that were trained here, by whom they are for, and the thread that trains more.

    ``corpus`` is what the served models were trained on, "" where only annotations are to be learned from.
    """

    def __init__(self, folder: Folder, models: Mapping[str, Predictor], *, corpus: str, after: int) -> None:
        self.annotations = Annotations(folder)
        self._folder, self._models, self._corpus, self._after = folder, models, corpus, after
        self._learned: dict[Learner, Predictor] = {}
        self._asked: dict[Learner, str | None] = {}
        self._n_learned: dict[Learner, int] = {}
        self._faults: dict[Learner, str] = {}
        self._changed = Condition()
        self._is_ended = False
        self._at_work: Learner | None = None
        self._thread = Thread(target=self._run, daemon=True, name="retraining")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Drop what is half trained, and end."""
        with self._changed:
            self._is_ended = True
            self._changed.notify_all()
        self._thread.join()

    def model(self, learner: Learner) -> Predictor:
        """Return the latest model: one that was trained, by any process, or the one that was served first."""
        name = self.annotations.learned(learner)
        if not name:
            return self._models[learner.model]
        known = self._learned.get(learner)
        if known is None or known.bundle.path.name != name:
            try:
                known = Predictor(Predictor.load(self._folder.models / name).bundle, warns=False)
            except BundleError as error:
                _log.warning("the model of project %s is left out: %s", learner.project, error)
                known = self._models[learner.model]
            self._learned[learner] = known
        return known

    def ask(self, learner: Learner, control: str | None, *, is_due: bool = False) -> bool:
        """Train anew as soon as enough annotations are new, or at once where it ``is_due``; tell if so.

        ``control`` is the control of the project that holds the labels.
        """
        n_before = self._n_learned.setdefault(learner, self.annotations.n_learned(learner))
        n_new = self.annotations.count(learner) - n_before
        if not is_due and n_new < self._after:
            return False
        with self._changed:
            self._asked[learner] = control
            self._changed.notify_all()
        return True

    def status(self, learner: Learner) -> dict[str, object]:
        """Return how far the learning is: what is learned from, whether it is at it, and what went wrong."""
        return {
            "model_version": version_of(self.model(learner)),
            "n_annotations": self.annotations.count(learner),
            "is_training": learner == self._at_work or learner in self._asked,
            "error": self._faults.get(learner, ""),
        }

    def _run(self) -> None:
        while True:
            with self._changed:
                self._at_work = None
                while not self._asked and not self._is_ended:
                    self._changed.wait()
                if self._is_ended:
                    return
                learner, control = self._asked.popitem()
                self._at_work = learner
            self._train(learner, control)

    def _train(self, learner: Learner, control: str | None) -> None:
        scratch = self._folder.incoming / secrets.token_hex(8)
        scratch.mkdir(mode=0o700)
        try:
            tasks = self.annotations.tasks(learner)
            write_whole(scratch / "tasks.json", [json.dumps(tasks, ensure_ascii=False)])
            self._n_learned[learner] = sum(len(task["annotations"]) for task in tasks)
            name = secrets.token_hex(8)
            told = {
                "model": str(self._models[learner.model].bundle.path.resolve()),
                "tasks": str(scratch / "tasks.json"),
                "control": control,
                "corpus": self._corpus,
                "target": str(self._folder.models / name),
            }
            worker = Worker("framescope.serve.tools.training_process", told, scratch=self._folder.incoming)
            code = worker.wait(lambda: self._is_ended)
            if TRAINED in worker.heard:
                self._take_over(learner, name)
            elif not self._is_ended:
                self._faults[learner] = worker.heard.get(ERROR, f"the training ended with code {code}")
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _take_over(self, learner: Learner, name: str) -> None:
        before = self.annotations.learned(learner)
        self.annotations.note_learned(learner, name, self._n_learned[learner])
        self._faults.pop(learner, None)
        if before:
            shutil.rmtree(self._folder.models / before, ignore_errors=True)  # mapped files stay until let go


def version_of(predictor: Predictor) -> str:
    """Return what Label Studio calls a model: the first digits of its digest."""
    return predictor.digest[:12]
