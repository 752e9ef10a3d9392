"""LibMultiLabel: its linear one-vs-rest on TF-IDF of scikit-learn, which it vectorizes with."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from libmultilabel import linear

from bench.runners.scikit import TFIDF, Scikit, union
from bench.runners.tuning import BoolArray, choose, read_cut, read_units, write_cut

STRENGTHS = (1.0, 10.0, 100.0, 1000.0)
"""Values of C to choose from."""


class LibMultiLabel(Scikit):
    """C and the one cut are those of the best micro-F1 on an inner split."""

    def fit(self, train: Path, folder: Path) -> dict[str, Any]:
        """Choose on an inner split, fit to everything."""
        units = read_units(train)
        fitted_on, held_out = units.inner_split()
        features = union(self.vectorizer)
        known, new = features.fit_transform(fitted_on.texts), features.transform(held_out.texts)
        strength, cut = choose(
            STRENGTHS, lambda c: _values(_fit_linear(known, fitted_on.truth, c), new), held_out.truth
        )
        model = _fit_linear(features.fit_transform(units.texts), units.truth, strength)
        path = folder / "model"
        path.mkdir()
        joblib.dump((features, model), path / "pipeline.joblib")
        write_cut(path, cut)
        return {"C": strength, "cut": cut}

    def load(self, folder: Path) -> None:
        """Unpickle n-grams and model."""
        self.features, self.model = joblib.load(folder / "model" / "pipeline.joblib")
        self.model.weights = np.asmatrix(self.model.weights)  # joblib forgets that it was one
        self.cut = read_cut(folder / "model")

    def decide(self, prepared: list[str]) -> BoolArray:
        """Return whether each label's decision value reaches the cut: (n_texts, n_labels) bool."""
        return np.asarray(_values(self.model, self.features.transform(prepared)) >= self.cut)


def _fit_linear(features: Any, truth: BoolArray, strength: float) -> linear.FlatModel:
    """Fit logistic regression in its dual (-s 7) with a bias."""
    labels = sp.csr_matrix(truth.astype(np.float64))
    return linear.train_1vsrest(
        labels, sp.csr_matrix(features), options=f"-s 7 -c {strength} -B 1 -q", verbose=False
    )


def _values(model: linear.FlatModel, features: Any) -> npt.NDArray[np.float64]:
    """Return decision values: (n_texts, n_labels); LibMultiLabel takes no sparse arrays."""
    return model.predict_values(sp.csr_matrix(features))


RUNNERS = {"linear": partial(LibMultiLabel, TFIDF)}
