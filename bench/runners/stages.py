"""framescope from an Arrow column to decisions, stopped after each stage: differences are what stages take."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numba as nb
import numpy as np

from framescope import Predictor
from framescope.features.ngrams import fold, n_codes_at_most, pair_hash, read_run
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
    return int(_fold_texts(texts.data, texts.offsets, character_tables()))


def _hash(predictor: Predictor, column: Any) -> int:
    texts = _check(predictor, column)
    return int(_hash_texts(texts.data, texts.offsets, character_tables()))


def _weigh(predictor: Predictor, column: Any) -> Any:
    return predictor.bundle.model.ngrams.vocabulary.values(_check(predictor, column))


def _add(predictor: Predictor, column: Any) -> Any:
    return predictor.decision_function(column)


def _calibrate(predictor: Predictor, column: Any) -> Any:
    return predictor.predict_proba(column)


def _decide(predictor: Predictor, column: Any) -> Any:
    return predictor.decide(predictor.predict_proba(column))


@nb.njit(cache=True, nogil=True)
def _fold_texts(data, offsets, tables):  # type: ignore[no-untyped-def]
    codes = np.empty(n_codes_at_most(np.diff(offsets).max()), np.int32)
    n_codes = 0
    for row in range(len(offsets) - 1):
        n_codes += fold(data, offsets[row], offsets[row + 1], tables, codes, None)
    return n_codes


@nb.njit(cache=True, nogil=True)
def _hash_texts(data, offsets, tables):  # type: ignore[no-untyped-def]
    """Hash the runs and pairs of all texts; return all hashes in one, so that none is left out."""
    codes = np.empty(n_codes_at_most(np.diff(offsets).max()), np.int32)
    total, none = np.uint64(0), np.uint64(0)
    for row in range(len(offsets) - 1):
        n_codes = fold(data, offsets[row], offsets[row + 1], tables, codes, None)
        at, previous = 0, none
        while at < n_codes:
            if codes[at] == 0:
                at += 1
                continue
            is_word = codes[at] > 0
            at, state = read_run(codes, at, n_codes)
            total ^= state
            if is_word:
                total ^= pair_hash(previous, state)
                previous = state
    return total


STAGES: dict[str, Callable[[Predictor, Any], Any]] = {
    "check UTF-8": _check,
    "decode, fold": _fold,
    "hash runs and pairs": _hash,
    "look up, count, weigh": _weigh,
    "add weights": _add,
    "calibrate": _calibrate,
    "decide": _decide,
}
RUNNERS = {name: partial(Stopped, work) for name, work in STAGES.items()}
