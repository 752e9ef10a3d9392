"""Training anew while people annotate: one process at a time, and the new model takes over when it is ready."""

from __future__ import annotations

import json
import logging
import secrets
import shutil
from collections.abc import Mapping
from threading import Event, Thread

from framescope.batch.lock import lock
from framescope.batch.options import ScoringError
from framescope.errors import BundleError, FramescopeError
from framescope.files import write_whole
from framescope.predictor import Predictor
from framescope.serve.folder import Folder
from framescope.serve.processes import Worker
from framescope.serve.tools.annotations import Annotations, Learner
from framescope.serve.tools.training_process import ERROR, TRAINED
from framescope.serve.tools.trainings import State, Training, Trainings

POLL_SECONDS = 1.0

_log = logging.getLogger(__name__)


class Retraining:
    """The models that were trained here, by whom they are for, and the thread that trains more.

    Of several processes on one working folder, one trains. ``corpus`` is what the served models were trained
    on, "" where only annotations are to be learned from.
    """

    def __init__(self, folder: Folder, models: Mapping[str, Predictor], *, corpus: str, after: int) -> None:
        self.annotations = Annotations(folder)
        self._trainings = Trainings(folder)
        self._folder, self._models, self._corpus, self._after = folder, models, corpus, after
        self._learned: dict[Learner, Predictor] = {}
        self._ended, self._is_new = Event(), Event()
        self._thread = Thread(target=self._run, daemon=True, name="retraining")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Drop what is half trained, which begins again with the next server, and end."""
        self._ended.set()
        self._is_new.set()
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
        n_new = self.annotations.count(learner) - self._trainings.get(learner).n_annotations
        if not is_due and n_new < self._after:
            return False
        self._trainings.ask(learner, control)
        self._is_new.set()
        return True

    def status(self, learner: Learner) -> dict[str, object]:
        """Return how far the learning is: what is learned from, whether it is at it, and what went wrong."""
        training = self._trainings.get(learner)
        return {
            "model_version": version_of(self.model(learner)),
            "n_annotations": self.annotations.count(learner),
            "is_training": training.state != State.ENDED,
            "error": training.error,
        }

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                with lock(self._folder.root / "training.lock"):
                    self._trainings.requeue()
                    self._take()
            except ScoringError:  # another process trains
                self._ended.wait(POLL_SECONDS)

    def _take(self) -> None:
        while not self._ended.is_set():
            self._is_new.clear()
            training = self._trainings.claim(self._models)
            if training is None:
                self._is_new.wait(POLL_SECONDS)
            else:
                self._train(training)

    def _train(self, training: Training) -> None:
        learner = training.learner
        scratch = self._folder.incoming / secrets.token_hex(8)
        try:
            scratch.mkdir(mode=0o700)
            tasks, name = self.annotations.tasks(learner), secrets.token_hex(8)
            n_annotations = sum(len(task["annotations"]) for task in tasks)
            self._trainings.note_taken(learner, n_annotations)
            write_whole(scratch / "tasks.json", [json.dumps(tasks, ensure_ascii=False)])
            told = {
                "model": str(self._models[learner.model].bundle.path.resolve()),
                "tasks": str(scratch / "tasks.json"),
                "control": training.control,
                "corpus": self._corpus,
                "target": str(self._folder.models / name),
            }
            worker = Worker("framescope.serve.tools.training_process", told, scratch=self._folder.incoming)
            code = worker.wait(self._ended.is_set)
            if TRAINED in worker.heard:
                self._take_over(learner, name, n_annotations)
                self._trainings.end(learner)
            elif not self._ended.is_set():
                error = worker.heard.get(ERROR, f"the training ended with code {code}")
                self._trainings.end(learner, error)
        except (OSError, FramescopeError) as error:  # such as a full disk
            self._trainings.end(learner, str(error))
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _take_over(self, learner: Learner, name: str, n_annotations: int) -> None:
        before = self.annotations.learned(learner)
        self.annotations.note_learned(learner, name, n_annotations)
        if before:
            shutil.rmtree(self._folder.models / before, ignore_errors=True)  # mapped files stay until let go


def version_of(predictor: Predictor) -> str:
    """Return what Label Studio calls a model: the first digits of its digest."""
    return predictor.digest[:12]
