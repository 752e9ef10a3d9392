"""What training says of the memory that it will take."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from framescope.corpus.schema import Corpus
from framescope.training import memory
from framescope.training.memory import BASE_BYTES, BYTES_PER_PAIR_OF_UNITS, Memory
from framescope.training.recipe import Recipe
from framescope.training.train import train
from recipes import BY_SOURCE, Make, rows

LARGE = Recipe(learner="ridge-cd")


def test_twice_the_units_take_twice_the_memory(make: Make) -> None:
    """But for what the program itself takes, and for ridge, whose matrix has a cell for each pair."""
    once = make(rows())
    twice = once.select([*range(once.n_units)] * 2)
    few, many = (Memory.of(corpus, LARGE).needed - BASE_BYTES for corpus in (once, twice))
    assert many == pytest.approx(2 * few, rel=1e-9)
    square = BYTES_PER_PAIR_OF_UNITS * once.n_units**2
    assert Memory.of(once, Recipe()).needed == pytest.approx(BASE_BYTES + few + square, rel=1e-9)


def test_a_sample_of_the_texts_stands_for_all(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = Memory.of(corpus, LARGE).needed - BASE_BYTES
    monkeypatch.setattr(memory, "N_SAMPLED", corpus.n_units // 4)
    assert Memory.of(corpus, LARGE).needed - BASE_BYTES == pytest.approx(everything, rel=0.1)


def test_a_small_corpus_is_not_worth_telling() -> None:
    assert Memory(0.9e9, 16e9).told == ""
    assert Memory(0.9e9, None).told == ""
    assert Memory(3.14e9, 16e9).told == "training takes about 3.1 GB of memory at its peak"


def test_more_than_the_machine_has_is_warned_of() -> None:
    assert Memory(20.04e9, 16e9).told == (
        "warning: training takes about 20.0 GB of memory at its peak, and this machine has 16.0 GB: "
        "it may be ended half-way; take fewer articles or a larger machine"
    )


def test_a_container_may_have_less_than_its_machine(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(memory, "OF_CONTAINER", limit)
    of_machine = Memory.of(corpus, LARGE).of_machine
    limit.write_text("max\n", encoding="ascii")
    assert Memory.of(corpus, LARGE).of_machine == of_machine
    limit.write_text("1000\n", encoding="ascii")
    assert Memory.of(corpus, LARGE).of_machine == (None if of_machine is None else 1000.0)


def test_training_tells_before_its_first_stage(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "WORTH_TELLING", 0.0)
    told: list[str] = []

    class Begun(Exception):  # noqa: N818 - no error
        """Training has begun."""

    def begin(stage: str) -> None:
        raise Begun(stage)

    with pytest.raises(Begun, match="Auditing"):
        train(corpus, BY_SOURCE, progress=begin, tell=told.append)  # type: ignore[arg-type]
    assert told == ["training takes about 0.4 GB of memory at its peak"]


def test_a_corpus_of_nothing_can_be_reckoned(corpus: Corpus) -> None:
    empty = replace(corpus, table=corpus.table.slice(0, 0))
    assert Memory.of(empty, LARGE).needed == BASE_BYTES
