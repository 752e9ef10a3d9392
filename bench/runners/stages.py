"""framescope from an Arrow column to decisions, stopped after each stage: differences are what stages take."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numba as nb

from framescope import Predictor
from framescope.features.ngrams import fold
from framescope.features.reading import list_runs, new_reading
from framescope.text.arrow import strings
from framescope.text.characters import character_tables
from framescope.text.utf8 import Utf8Texts


class Stopped:
    """Scores as the predictor does, up to a stage; it is fitted nowhere and gives no labels."""

    def __init__(self, work: Callable[[Predictor, Any], Any]) -> None:
        self.work = work

    def fit(self, train: Path, folder: Path) -> dict[str, Any]:
        """Refuse: it reads the model of the whole."""
        raise TypeError("a stage has no model of its own")

    def load(self, folder: Path) -> None:
        """Map the bundle."""
        self.predictor = Predictor.load(folder / "model")

    def first(self, text: str) -> None:
        """Do it to one text."""
        self.decide(self.prepare([text]))

    def prepare(self, texts: list[str]) -> Any:
        """Return an Arrow column."""
        return strings(texts)

    def decide(self, prepared: Any) -> Any:
        """Go as far as the stage."""
        return self.work(self.predictor, prepared)

    def columns(self, decided: Any) -> list[list[int]]:
        """Refuse."""
        raise TypeError("a stage gives no labels")


def _check(predictor: Predictor, column: Any) -> Utf8Texts:
    return Utf8Texts.from_arrow(column)


def _fold(predictor: Predictor, column: Any) -> int:
    texts = _check(predictor, column)
    return int(_fold_texts(texts.data, texts.offsets, character_tables(), new_reading(texts)))


def _list(predictor: Predictor, column: Any) -> int:
    texts = _check(predictor, column)
    return int(_list_runs(texts.data, texts.offsets, character_tables(), new_reading(texts)))


def _add(predictor: Predictor, column: Any) -> Any:
    return predictor.decision_function(column)


def _calibrate(predictor: Predictor, column: Any) -> Any:
    return predictor.predict_proba(column)


def _decide(predictor: Predictor, column: Any) -> Any:
    return predictor.decide(predictor.predict_proba(column))


@nb.njit(cache=True, nogil=True)
def _fold_texts(data, offsets, tables, reading):  # type: ignore[no-untyped-def]
    n_codes = 0
    for row in range(len(offsets) - 1):
        n_codes += fold(data, offsets[row], offsets[row + 1], tables, reading.codes, None)
    return n_codes


@nb.njit(cache=True, nogil=True)
def _list_runs(data, offsets, tables, reading):  # type: ignore[no-untyped-def]
    """List the runs and pairs of all texts; return how many there are, so that none is left out."""
    total = 0
    for row in range(len(offsets) - 1):
        n_codes = fold(data, offsets[row], offsets[row + 1], tables, reading.codes, None)
        n_runs, n_pairs = list_runs(n_codes, reading)
        total += n_runs + n_pairs
    return total


STAGES: dict[str, Callable[[Predictor, Any], Any]] = {
    "check UTF-8": _check,
    "decode, fold": _fold,
    "count runs, list pairs": _list,
    "add rows": _add,
    "calibrate": _calibrate,
    "decide": _decide,
}
RUNNERS = {name: partial(Stopped, work) for name, work in STAGES.items()}
