"""PECOS: its own TF-IDF and one-vs-all linear model, both in C++. It needs an interpreter with numpy 1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from pecos.utils.featurization.text.vectorizers import Tfidf
from pecos.xmc.xlinear.model import XLinearModel

from bench.runners.tuning import Units, choose, read_cut, read_units, write_cut

STRENGTHS = (0.01, 0.1, 1.0)
"""Values of C to choose from."""

COMMON = {"min_df_cnt": 2, "sublinear_tf": True, "add_one_idf": True, "threads": 1}
PRUNED = 0.01  # smaller weights are dropped; PECOS drops those below 0.1


class Pecos:
    """C and the one cut are those of the best micro-F1 on an inner split."""

    def fit(self, train: Path, folder: Path) -> dict[str, Any]:
        """Choose on an inner split, fit to everything."""
        units = read_units(train)
        fitted_on, held_out = units.inner_split()
        vectorizer = Tfidf.train(fitted_on.texts, _blocks())
        features, new = (vectorizer.predict(part.texts, threads=1) for part in (fitted_on, held_out))
        strength, cut = choose(
            STRENGTHS, lambda c: _scores(_fit_linear(features, fitted_on, c), new).toarray(), held_out.truth
        )
        path = folder / "model"
        path.mkdir()
        vectorizer = Tfidf.train(units.texts, _blocks())
        vectorizer.save(str(path / "tfidf"))
        _fit_linear(vectorizer.predict(units.texts, threads=1), units, strength).save(str(path / "linear"))
        write_cut(path, cut)
        return {"C": strength, "cut": cut}

    def load(self, folder: Path) -> None:
        """Load both, the linear model for prediction only."""
        self.vectorizer = Tfidf.load(str(folder / "model" / "tfidf"))
        self.linear = XLinearModel.load(str(folder / "model" / "linear"), is_predict_only=True)
        self.cut = read_cut(folder / "model")

    def first(self, text: str) -> Any:
        """Return the labels of one text."""
        return self.decide([text])

    def prepare(self, texts: list[str]) -> list[str]:
        """Return the strings."""
        return texts

    def decide(self, prepared: list[str]) -> Any:
        """Return the labels whose score reaches the cut: (n_texts, n_labels) csr, other entries False."""
        scores = _scores(self.linear, self.vectorizer.predict(prepared, threads=1))
        scores.data = scores.data >= self.cut
        return scores

    def columns(self, decided: Any) -> list[list[int]]:
        """Return the columns of the label sets."""
        return [np.flatnonzero(row).tolist() for row in decided.toarray()]


def _blocks() -> dict[str, Any]:
    """Return the n-grams to read, as a new dict: PECOS changes what it is given."""
    characters = {**COMMON, "analyzer": "char_wb", "ngram_range": (2, 5)}
    words = {**COMMON, "analyzer": "word", "ngram_range": (1, 2)}
    return {"base_vect_configs": [characters, words], "threads": 1}


def _fit_linear(features: Any, units: Units, strength: float) -> XLinearModel:
    labels = sp.csc_matrix(units.truth.astype(np.float32))
    return XLinearModel.train(features, labels, Cp=strength, Cn=strength, threshold=PRUNED, threads=1)


def _scores(model: XLinearModel, features: Any) -> Any:
    """Return the probability of every label: (n_texts, n_labels) csr float32."""
    return model.predict(features, only_topk=model.nr_labels, post_processor="sigmoid", threads=1)


RUNNERS = {"xlinear": Pecos}
