"""Trainings that several processes of a server know of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from framescope.predictor import Predictor
from framescope.serve.folder import Folder
from framescope.serve.tools.annotations import Learner
from framescope.serve.tools.retraining import Retraining
from framescope.serve.tools.trainings import State, Training, Trainings

ONE, OTHER = Learner("tiny", "1"), Learner("tiny", "2")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    folder = Folder(tmp_path / "work")
    yield folder
    folder.close()


@pytest.fixture
def trainings(folder: Folder) -> Trainings:
    return Trainings(folder)


def test_the_first_that_was_asked_for_comes_first(trainings: Trainings) -> None:
    trainings.ask(ONE, "labels")
    trainings.ask(OTHER, None)
    assert trainings.claim({"tiny"}) == Training(ONE, State.RUNNING, "labels")
    assert trainings.claim({"another model"}) is None
    assert trainings.claim({"tiny"}) == Training(OTHER, State.RUNNING)
    assert trainings.claim({"tiny"}) is None


def test_what_went_wrong_is_kept_until_it_goes_well(trainings: Trainings) -> None:
    assert trainings.get(ONE) == Training(ONE)
    for error in ("has no labels", ""):
        trainings.ask(ONE, None)
        trainings.claim({"tiny"})
        trainings.note_taken(ONE, 7)
        trainings.end(ONE, error)
        assert trainings.get(ONE) == Training(ONE, State.ENDED, None, 7, error)


def test_one_that_is_asked_for_while_it_runs_is_run_once_more(trainings: Trainings) -> None:
    for _ in range(2):
        trainings.ask(ONE, None)
        trainings.claim({"tiny"})
    trainings.ask(ONE, "labels")
    trainings.end(ONE)
    assert trainings.claim({"tiny"}) == Training(ONE, State.RUNNING, "labels")


def test_one_that_a_killed_server_was_at_is_asked_for_again(trainings: Trainings) -> None:
    trainings.ask(ONE, None)
    trainings.claim({"tiny"})
    trainings.requeue()
    assert trainings.claim({"tiny"}) == Training(ONE, State.RUNNING)


def test_every_process_knows_what_was_learned(folder: Folder, predictor: Predictor) -> None:
    """And that a training is under way, whichever is asked."""
    one, other = (Retraining(folder, {"tiny": predictor}, corpus="", after=2) for _ in range(2))
    trainings, answers = Trainings(folder), []
    for number in range(6):
        each = one if number % 2 else other
        each.annotations.keep(ONE, {"id": number, "data": {"text": "a"}}, {"id": number, "result": []})
        answers.append(each.ask(ONE, None))
        assert one.status(ONE)["is_training"] == other.status(ONE)["is_training"] == answers[-1]
        if answers[-1]:
            trainings.claim({"tiny"})
            trainings.note_taken(ONE, number + 1)
            trainings.end(ONE)
    assert answers == [False, True] * 3
