"""scikit-learn: n-grams of its vectorizers and one-vs-rest logistic regression, as one pipeline."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline

from bench.runners.tuning import Units, best_cut, read_units

STRENGTHS = (1.0, 10.0, 100.0)
"""Values of C to choose from."""

WORD = r"\w+"
N_HASHES = 1 << 18  # of each block
NO_EXAMPLE = -100.0  # the log-odds of a label that training has not seen

Float32 = npt.NDArray[np.float32]


class Scikit:
    """``vectorizer`` makes the blocks of a FeatureUnion; C and the one cut are those of the best micro-F1.

    The weights of all labels stand in one LogisticRegression: one matrix product, no loop over labels.
    """

    def __init__(self, vectorizer: partial[Any]) -> None:
        self.vectorizer = vectorizer

    def fit(self, train: Path, folder: Path) -> dict[str, Any]:
        """Choose on an inner split, fit to everything."""
        units = read_units(train)
        tuned = _tune(self.vectorizer, *units.inner_split())
        strength = max(tuned, key=lambda c: tuned[c][1])
        cut = tuned[strength][0]
        features = union(self.vectorizer)
        linear = _fit_linear(features.fit_transform(units.texts), units.truth, strength)
        model = folder / "model"
        model.mkdir()
        joblib.dump(Pipeline([("features", features), ("linear", linear)]), model / "pipeline.joblib")
        (model / "cut.json").write_text(json.dumps(cut), encoding="utf-8")
        return {"C": strength, "cut": cut, "n_features": linear.coef_.shape[1]}

    def load(self, folder: Path) -> None:
        """Unpickle the pipeline."""
        self.pipeline = joblib.load(folder / "model" / "pipeline.joblib")
        self.cut = json.loads((folder / "model" / "cut.json").read_text(encoding="utf-8"))

    def first(self, text: str) -> Any:
        """Return the labels of one text."""
        return self.decide([text])

    def prepare(self, texts: list[str]) -> list[str]:
        """Return the strings."""
        return texts

    def decide(self, prepared: list[str]) -> npt.NDArray[np.bool_]:
        """Return whether each label's log-odds reach the cut: (n_texts, n_labels) bool."""
        return np.asarray(self.pipeline.decision_function(prepared) >= self.cut)

    def columns(self, decided: npt.NDArray[np.bool_]) -> list[list[int]]:
        """Return the columns of the label sets."""
        return [np.flatnonzero(row).tolist() for row in decided]


def union(vectorizer: partial[Any]) -> FeatureUnion:
    """Return the n-grams that framescope reads, as near as scikit-learn has them."""
    return FeatureUnion(
        [
            ("characters", vectorizer(analyzer="char_wb", ngram_range=(2, 5), dtype=np.float32)),
            ("words", vectorizer(token_pattern=WORD, ngram_range=(1, 2), dtype=np.float32)),
        ]
    )


def _tune(vectorizer: partial[Any], fitted_on: Units, held_out: Units) -> dict[float, tuple[float, float]]:
    """Return for each C the best cut and its micro-F1."""
    ngrams = union(vectorizer)
    features, new = ngrams.fit_transform(fitted_on.texts), ngrams.transform(held_out.texts)
    return {
        c: best_cut(held_out.truth, _fit_linear(features, fitted_on.truth, c).decision_function(new))
        for c in STRENGTHS
    }


def _fit_linear(features: Any, truth: npt.NDArray[np.bool_], strength: float) -> LogisticRegression:
    """Return one-vs-rest logistic regression; its weights are float32, in rows of labels."""
    n_labels = truth.shape[1]
    weights = np.zeros((features.shape[1], n_labels), np.float32)
    intercept = np.full(n_labels, NO_EXAMPLE, np.float32)
    wide = features.astype(np.float64)  # once, not for every label
    for label in np.flatnonzero(truth.any(axis=0) & ~truth.all(axis=0)):
        one = LogisticRegression(solver="liblinear", dual=True, C=strength, max_iter=5000, random_state=0)
        one.fit(wide, truth[:, label])
        weights[:, label], intercept[label] = one.coef_[0], one.intercept_[0]
    every = LogisticRegression()
    every.classes_ = np.arange(n_labels)
    every.coef_, every.intercept_, every.n_features_in_ = weights.T, intercept, len(weights)
    return every


RUNNERS = {
    "tf-idf": lambda: Scikit(partial(TfidfVectorizer, min_df=2, sublinear_tf=True)),
    "hashing": lambda: Scikit(partial(HashingVectorizer, n_features=N_HASHES)),
}
