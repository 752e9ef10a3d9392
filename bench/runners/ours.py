"""framescope: the whole recipe, served by the predictor from an Arrow column."""

# Serving starts without what fitting needs.
# ruff: noqa: PLC0415

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from framescope import Predictor
from framescope.text.arrow import strings


class Ours:
    """The recipe with its defaults, or with another rule; a thread for every core that the process may use."""

    def __init__(self, rule: str = "samples-f1") -> None:
        self.rule, self.jobs = rule, len(os.sched_getaffinity(0))

    def fit(self, train: Path, folder: Path) -> dict[str, Any]:
        """Train and save a bundle."""
        from framescope.codebook_reading import read_codebook
        from framescope.corpus.read import read_corpus
        from framescope.training.recipe import Recipe
        from framescope.training.train import train as fit

        corpus = read_corpus(train, codebook=read_codebook(train.with_name("codebook.json")))
        trained = fit(corpus, Recipe(rule=self.rule, allow_unseen_labels=True))
        trained.save(folder / "model", force=True)
        return {"penalty": trained.training.penalty, "n_features": len(trained.model.ngrams.vocabulary)}

    def load(self, folder: Path) -> None:
        """Map the bundle."""
        self.predictor = Predictor.load(folder / "model")

    def first(self, text: str) -> Any:
        """Return the prediction."""
        return self.predictor.predict([text])

    def prepare(self, texts: list[str]) -> Any:
        """Return an Arrow column."""
        return strings(texts)

    def decide(self, prepared: Any) -> npt.NDArray[np.bool_]:
        """Return the label sets: (n_texts, n_labels) bool."""
        return self.predictor.decide(self.predictor.predict_proba(prepared, jobs=self.jobs))

    def columns(self, decided: npt.NDArray[np.bool_]) -> list[list[int]]:
        """Return the columns of the label sets."""
        return [np.flatnonzero(row).tolist() for row in decided]


RUNNERS = {"samples-f1": Ours, "micro-f1": partial(Ours, "micro-f1")}
