"""scikit-learn: n-grams of its vectorizers and one-vs-rest logistic regression, as one pipeline."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline

from bench.runners.tuning import BoolArray, Scores, Units, choose, read_cut, read_units, write_cut

STRENGTHS = (1.0, 10.0, 100.0, 1000.0)
"""Values of C to choose from."""

WORD = r"\w+"
N_HASHES = 1 << 18  # of each block
NO_EXAMPLE = -100.0  # the log-odds of a label that training has not seen


class Scikit:
    """``vectorizer`` makes the blocks of a FeatureUnion; C and the one cut are those of the best micro-F1.

    The weights of all labels stand in one LogisticRegression: one matrix product, no loop over labels.
    """

    def __init__(self, vectorizer: partial[Any]) -> None:
        self.vectorizer = vectorizer

    def fit(self, train: Path, folder: Path) -> dict[str, Any]:
        """Choose on an inner split, fit to everything."""
        units = read_units(train)
        strength, cut = _tune(self.vectorizer, *units.inner_split())
        features = union(self.vectorizer)
        linear = _fit_linear(features.fit_transform(units.texts), units.truth, strength)
        model = folder / "model"
        model.mkdir()
        joblib.dump(Pipeline([("features", features), ("linear", linear)]), model / "pipeline.joblib")
        write_cut(model, cut)
        return {"C": strength, "cut": cut, "n_features": linear.coef_.shape[1]}

    def load(self, folder: Path) -> None:
        """Unpickle the pipeline."""
        self.pipeline = joblib.load(folder / "model" / "pipeline.joblib")
        self.cut = read_cut(folder / "model")

    def first(self, text: str) -> Any:
        """Return the labels of one text."""
        return self.decide([text])

    def prepare(self, texts: list[str]) -> list[str]:
        """Return the strings."""
        return texts

    def decide(self, prepared: list[str]) -> BoolArray:
        """Return whether each label's log-odds reach the cut: (n_texts, n_labels) bool."""
        return np.asarray(self.pipeline.decision_function(prepared) >= self.cut)

    def columns(self, decided: BoolArray) -> list[list[int]]:
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


def _tune(vectorizer: partial[Any], fitted_on: Units, held_out: Units) -> tuple[float, float]:
    """Return the C and the cut of the best micro-F1."""
    ngrams = union(vectorizer)
    features, new = ngrams.fit_transform(fitted_on.texts), ngrams.transform(held_out.texts)

    def score(strength: float) -> Scores:
        return _fit_linear(features, fitted_on.truth, strength).decision_function(new)

    return choose(STRENGTHS, score, held_out.truth)


def _fit_linear(features: Any, truth: BoolArray, strength: float) -> LogisticRegression:
    """Return one-vs-rest logistic regression; its weights are float32, in rows of labels."""
    n_labels = truth.shape[1]
    weights = np.zeros((features.shape[1], n_labels), np.float32)
    intercept = np.full(n_labels, NO_EXAMPLE, np.float32)
    wide = features.astype(np.float64)  # once, not for every label
    for label in np.flatnonzero(truth.any(axis=0) & ~truth.all(axis=0)):
        one = LogisticRegression(
            solver="liblinear", dual=True, C=strength, tol=1e-2, max_iter=5000, random_state=0
        )
        one.fit(wide, truth[:, label])
        weights[:, label], intercept[label] = one.coef_[0], one.intercept_[0]
    every = LogisticRegression()
    every.classes_ = np.arange(n_labels)
    every.coef_, every.intercept_, every.n_features_in_ = weights.T, intercept, len(weights)
    return every


TFIDF = partial(TfidfVectorizer, min_df=2, sublinear_tf=True)
RUNNERS = {
    "tf-idf": partial(Scikit, TFIDF),
    "hashing": partial(Scikit, partial(HashingVectorizer, n_features=N_HASHES)),
}
