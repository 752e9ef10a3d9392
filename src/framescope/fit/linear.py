"""The two learners: each fits all labels, picks its penalty, and judges articles by fits without them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from sklearn.linear_model import LogisticRegression

from framescope._types import BoolArray, Float64, Floats, Indices
from framescope.errors import TrainingError
from framescope.fit.gram import linear_gram
from framescope.fit.groups import Pairs, assign_folds, leave_out_blocks, with_near_duplicates
from framescope.fit.ridge import DualRidge
from framescope.model.calibration import Link

RIDGE_PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
LOGISTIC_PENALTIES = (0.03, 0.1, 0.3, 1.0)
MAX_RIDGE_UNITS = 10_000
MAX_PENALTY_UNITS = 3_000  # the cube of the number is the time of an attempt
N_FOLDS = 5


@dataclass(frozen=True)
class Units:
    """What is fitted: features (n_units, n_features), closed labels (n_units, n_labels), groups (n_units,).

    The first ``n_articles`` units are judged; the others, their parts, are there to be fitted only.
    ``further_gram``, (n_units, n_units), is the sum of the Gram matrices of the feature blocks beside features.
    """

    features: sp.csr_array
    truth: BoolArray
    groups: Indices
    near_duplicates: Pairs
    n_articles: int
    further_gram: Floats | None = None

    def subset(self, rows: Indices) -> Units:
        """Return some of the units, given by their ascending rows."""
        position = np.full(len(self.truth), -1)
        position[rows] = np.arange(len(rows))
        pairs = position[self.near_duplicates]
        return Units(
            self.features[rows],
            self.truth[rows],
            np.unique(self.groups[rows], return_inverse=True)[1],
            pairs[(pairs >= 0).all(axis=1)],
            int((rows < self.n_articles).sum()),
            None if self.further_gram is None else self.further_gram[np.ix_(rows, rows)],
        )

    def gram(self) -> Float64:
        """Return the Gram matrix of all that is known of the units: (n_units, n_units)."""
        gram = linear_gram(self.features)
        if self.further_gram is not None:
            gram += self.further_gram
        return gram


@dataclass(frozen=True)
class LinearFit:
    """Weights (n_features, n_labels), intercept (n_labels,) and the articles' left-out margins.

    ``dual_weights`` are (n_units, n_labels), and ``solution`` gives margins without any block of units, where
    the learner has them.
    """

    weights: Floats
    intercept: Float64
    margins: Float64
    penalty: float
    learner: str
    link: Link
    dual_weights: Float64 | None = None
    solution: DualRidge | None = None


def fit_ridge(units: Units, *, n_jobs: int = 1, seed: int = 0) -> LinearFit:
    """Fit ridge regressions to the indicators, with the penalty of the least left-out squared error."""
    gram = units.gram()
    sample = _sample_of_groups(units.groups, np.random.default_rng(seed))
    trial, trial_gram = units.subset(sample), gram[np.ix_(sample, sample)]
    penalty, best = _least(RIDGE_PENALTIES, lambda penalty: _left_out_error(trial, trial_gram, penalty))
    solution, margins = best if len(sample) == len(gram) else _solve_ridge(units, gram, penalty)
    weights = np.asarray(units.features.T @ solution.alpha.astype(np.float32))
    return LinearFit(
        weights, solution.intercept, margins, penalty, "ridge", "identity", solution.alpha, solution
    )


def _solve_ridge(units: Units, gram: Float64, penalty: float) -> tuple[DualRidge, Float64]:
    """Return the solution and the articles' left-out margins."""
    solution = DualRidge.fit(gram, units.truth.astype(np.float64), penalty=penalty)
    margins = solution.left_out_margins(leave_out_blocks(units.groups, units.near_duplicates))
    return solution, margins[: units.n_articles]


def _left_out_error(units: Units, gram: Float64, penalty: float) -> tuple[float, tuple[DualRidge, Float64]]:
    """Return the mean squared error of the articles' left-out margins, and what it comes from."""
    solution, margins = _solve_ridge(units, gram, penalty)
    return float(np.square(units.truth[: units.n_articles] - margins).mean()), (solution, margins)


def _sample_of_groups(groups: Indices, rng: np.random.Generator) -> Indices:
    """Return the rows of random groups that hold about as many units as a penalty is chosen on."""
    sizes = np.bincount(groups)
    order = rng.permutation(len(sizes))
    n_groups = max(2, int(np.searchsorted(np.cumsum(sizes[order]), MAX_PENALTY_UNITS)))
    return np.flatnonzero(np.isin(groups, order[:n_groups]))


def fit_logistic(units: Units, *, n_jobs: int = 1, seed: int = 0) -> LinearFit:
    """Fit a logistic regression to each label, with the penalty of the least left-out log-loss.

    Raises:
        TrainingError: there is a further Gram matrix, which only ridge regression can use.
    """
    if units.further_gram is not None:
        raise TrainingError("the logistic learner cannot use further feature blocks: choose the ridge learner")
    folds = assign_folds(units.groups, n_folds=N_FOLDS, rng=np.random.default_rng(seed))
    truth = units.truth[: units.n_articles]

    def attempt(penalty: float) -> tuple[float, Float64]:
        margins = _cross_validated_margins(units, folds, penalty, n_jobs)[: units.n_articles]
        return float(np.logaddexp(0.0, np.where(truth, -margins, margins)).mean()), margins

    penalty, margins = _least(LOGISTIC_PENALTIES, attempt)
    weights, intercept = _fit_labels(units.features, units.truth, penalty, n_jobs)
    return LinearFit(weights, intercept, margins, penalty, "logistic", "logistic")


LEARNERS: dict[str, Callable[..., LinearFit]] = {"ridge": fit_ridge, "logistic": fit_logistic}


def fit_linear(units: Units, *, learner: str, n_jobs: int = 1, seed: int = 0) -> LinearFit:
    """Fit with a learner of :data:`LEARNERS`, or with ``auto``: ridge while its Gram matrix is small."""
    if learner == "auto":
        learner = "ridge" if len(units.truth) <= MAX_RIDGE_UNITS else "logistic"
    return LEARNERS[learner](units, n_jobs=n_jobs, seed=seed)


def _least(penalties: tuple[float, ...], attempt: Callable[[float], tuple[float, Any]]) -> tuple[float, Any]:
    """Return the penalty of the least loss and what its attempt gave, walking downhill from the middle.

    The loss has one valley in the penalty, near enough; this saves half of the attempts.
    """
    at = len(penalties) // 2
    best_loss, best = attempt(penalties[at])
    for step in (-1, 1):
        n_steps = 0
        while 0 <= at + step < len(penalties):
            loss, result = attempt(penalties[at + step])
            if loss >= best_loss:
                break
            at, best_loss, best, n_steps = at + step, loss, result, n_steps + 1
        if n_steps:
            break
    return penalties[at], best


def _cross_validated_margins(units: Units, folds: Indices, penalty: float, n_jobs: int) -> Float64:
    """Return margins of every unit from the fit without its fold and that fold's near-duplicates."""
    margins = np.empty(units.truth.shape)
    for fold in range(folds.max() + 1):
        held_out = folds == fold
        kept = ~with_near_duplicates(held_out, units.near_duplicates)
        weights, intercept = _fit_labels(units.features[kept], units.truth[kept], penalty, n_jobs)
        margins[held_out] = units.features[held_out] @ weights + intercept
    return margins


def _fit_labels(
    features: sp.csr_array, truth: BoolArray, penalty: float, n_jobs: int
) -> tuple[Float64, Float64]:
    columns = Parallel(n_jobs=n_jobs)(
        delayed(_fit_label)(features, truth[:, label], penalty) for label in range(truth.shape[1])
    )
    weights, intercept = zip(*columns, strict=True)
    return np.column_stack(weights), np.array(intercept)


def _fit_label(features: sp.csr_array, truth: BoolArray, penalty: float) -> tuple[Float64, float]:
    """Return the weights (n_features,) and the intercept of a label, the prior's where it has one class."""
    n_true = int(truth.sum())
    if n_true in (0, len(truth)):
        return np.zeros(features.shape[1]), float(np.log((n_true + 0.5) / (len(truth) - n_true + 0.5)))
    fitted = LogisticRegression(solver="liblinear", C=1 / penalty, random_state=0).fit(features, truth)
    return fitted.coef_[0], float(fitted.intercept_[0])
