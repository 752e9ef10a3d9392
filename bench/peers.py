"""The peers: one-vs-rest logistic regression, decided by one tuned cut or by a tuned cut per label."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from bench.runners.tuning import best_cut
from framescope.fit.groups import assign_folds, group_numbers

BoolArray = npt.NDArray[np.bool_]
Float32 = npt.NDArray[np.float32]

STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
"""Values of C to choose from."""

N_FOLDS = 5


@dataclass(frozen=True)
class Peer:
    """A fitted one-vs-rest model and its cuts: (n_labels,), or (1,) for all."""

    model: OneVsRestClassifier
    strength: float
    cuts: npt.NDArray[np.float64]

    def probabilities(self, features: sp.csr_array) -> Float32:
        """Return what scikit-learn gives: (n_units, n_labels) float32."""
        return np.asarray(self.model.predict_proba(features), dtype=np.float32)

    def decide(self, probabilities: Float32) -> BoolArray:
        """Return the labels whose probability reaches the cut."""
        return np.asarray(probabilities >= self.cuts)


def fit_peers(
    features: sp.csr_array, truth: BoolArray, groups: list[str], *, jobs: int = 1, seed: int = 0
) -> dict[str, Peer]:
    """Return ``one cut`` and ``cut per label``; each has the C and the cuts of its best out-of-fold F1.

    The first is tuned for micro-F1, the second for macro-F1, over all columns of ``truth`` (n_units, n_labels).
    """
    features = _with_narrow_indices(features)
    numbers = group_numbers(groups)
    folds = assign_folds(numbers, n_folds=N_FOLDS, rng=np.random.default_rng(seed))
    scores = {c: _out_of_fold(features, truth, folds, strength=c, jobs=jobs) for c in STRENGTHS}
    fitted: dict[float, OneVsRestClassifier] = {}
    peers = {}
    for name, tune in (("one cut", _tune_one), ("cut per label", _tune_each)):
        tuned = {c: tune(truth, scores[c]) for c in STRENGTHS}
        best = max(STRENGTHS, key=lambda c: tuned[c][1])
        if best not in fitted:
            fitted[best] = _fit(features, truth, best, jobs)
        peers[name] = Peer(fitted[best], best, tuned[best][0])
    return peers


def _tune_one(truth: BoolArray, scores: Float32) -> tuple[npt.NDArray[np.float64], float]:
    cut, f1 = best_cut(truth, scores)
    return np.array([cut]), f1


def _tune_each(truth: BoolArray, scores: Float32) -> tuple[npt.NDArray[np.float64], float]:
    tuned = [best_cut(truth[:, label], scores[:, label]) for label in range(truth.shape[1])]
    cuts, f1 = zip(*tuned, strict=True)
    return np.array(cuts), float(np.mean(f1))


def _out_of_fold(
    features: sp.csr_array,
    truth: BoolArray,
    folds: npt.NDArray[np.intp],
    *,
    strength: float,
    jobs: int,
) -> Float32:
    scores = np.empty(truth.shape, dtype=np.float32)
    for fold in range(folds.max() + 1):
        held_out = folds == fold
        model = _fit(features[~held_out], truth[~held_out], strength, jobs)
        scores[held_out] = model.predict_proba(features[held_out])
    return scores


def _with_narrow_indices(features: sp.csr_array) -> sp.csr_array:
    """Return the features with int32 indices: liblinear takes no others."""
    indices, indptr = features.indices.astype(np.int32), features.indptr.astype(np.int32)
    return sp.csr_array((features.data, indices, indptr), shape=features.shape)


def _fit(features: sp.csr_array, truth: BoolArray, strength: float, jobs: int) -> OneVsRestClassifier:
    learner = LogisticRegression(solver="liblinear", C=strength, random_state=0)
    with warnings.catch_warnings():
        # A rare label may have no example in a fold; it is not given there.
        warnings.filterwarnings("ignore", message="Label not .* is present in all training examples")
        return OneVsRestClassifier(learner, n_jobs=jobs).fit(features, truth.astype(np.int8))
