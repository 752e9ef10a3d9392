"""Learners of few units: each fits all labels, picks its penalty, and judges articles by fits without them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from sklearn.linear_model import LogisticRegression

from framescope._types import BoolArray, Float32, Float64, Floats, Indices
from framescope.errors import TrainingError
from framescope.features.narrow import FeatureMatrix, first_rows, wide
from framescope.fit.gram import linear_gram
from framescope.fit.groups import Pairs, assign_folds, leave_out_blocks, pairs_within, with_near_duplicates
from framescope.fit.ridge import DualRidge
from framescope.fit.start import Start
from framescope.model.calibration import Link

RIDGE_PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
LOGISTIC_PENALTIES = (0.03, 0.1, 0.3, 1.0)
MAX_PENALTY_UNITS = 3_000  # the cube of the number is the time of an attempt
N_FOLDS = 5


@dataclass(frozen=True)
class Units:
    """What is fitted: features (n_units, n_features), closed labels (n_units, n_labels), groups (n_units,).

    The first ``n_articles`` units are judged; the others, their parts, are there to be fitted only.
    ``further_gram``, (n_units, n_units), is the sum of the Gram matrices of the feature blocks beside features.
    ``sample_weight``, (n_units,), tells how much each unit's error counts; None counts all alike.
    ``known_gram`` is that of the features, where it has been computed. ``likeness`` tells how far the
    articles resemble the labels' descriptions, (n_articles, n_labels). ``start`` is where ridge-cd begins,
    and ``near_penalty`` where ridge begins to look for its penalty, by default in the middle.
    """

    features: FeatureMatrix
    truth: BoolArray
    groups: Indices
    near_duplicates: Pairs
    n_articles: int
    further_gram: Floats | None = None
    sample_weight: Float64 | None = None
    known_gram: Float64 | None = None
    likeness: Float32 | None = None
    start: Start | None = None
    near_penalty: float | None = None

    def with_gram(self, weight: float) -> Units:
        """Return the units with this share of the further Gram matrix, without it where that is 0."""
        if self.further_gram is None or weight == 1:
            return self
        return replace(self, further_gram=weight * self.further_gram if weight else None)

    def subset(self, rows: Indices) -> Units:
        """Return some of the units, given by their ascending rows; the same where that is all of them."""
        if len(rows) == len(self.truth):
            return self
        square = np.ix_(rows, rows)
        return Units(
            self.features[rows],
            self.truth[rows],
            np.unique(self.groups[rows], return_inverse=True)[1],
            pairs_within(self.near_duplicates, rows, len(self.truth)),
            int((rows < self.n_articles).sum()),
            None if self.further_gram is None else self.further_gram[square],
            None if self.sample_weight is None else self.sample_weight[rows],
            None if self.known_gram is None else self.known_gram[square],
            None if self.likeness is None else self.likeness[rows[rows < self.n_articles]],
            None if self.start is None else self.start.subset(rows),
            self.near_penalty,
        )

    def judged(self) -> Units:
        """Return the articles alone; features are a view."""
        if self.n_articles == len(self.truth):
            return self
        n = self.n_articles
        return Units(
            first_rows(self.features, n),
            self.truth[:n],
            np.unique(self.groups[:n], return_inverse=True)[1],
            self.near_duplicates[(self.near_duplicates < n).all(axis=1)],
            n,
            likeness=self.likeness,
        )

    def gram(self) -> Float64:
        """Return the Gram matrix of all that is known of the units: (n_units, n_units)."""
        gram = linear_gram(wide(self.features)) if self.known_gram is None else self.known_gram
        return gram if self.further_gram is None else gram + self.further_gram


@dataclass(frozen=True)
class LinearFit:
    """Weights (n_features, n_labels), intercept (n_labels,) and the articles' left-out margins.

    ``dual_weights`` are (n_units, n_labels), and ``solution`` gives margins without any block of units, where
    the learner has them. With ``kept``, a later fit goes on from this one.
    """

    weights: Floats
    intercept: Float64
    margins: Float64
    penalty: float
    learner: str
    link: Link
    dual_weights: Float64 | None = None
    solution: DualRidge | None = None
    kept: Start | None = None

    def spread(self, rows: Indices, units: Units) -> LinearFit:
        """Return the fit of some rows of the units as one of all: the other articles have the intercept."""
        if len(rows) == len(units.truth):
            return self
        margins = np.repeat(self.intercept[np.newaxis], units.n_articles, axis=0)
        margins[rows[rows < units.n_articles]] = self.margins
        dual_weights = None
        if self.dual_weights is not None:
            dual_weights = np.zeros((len(units.truth), self.dual_weights.shape[1]))
            dual_weights[rows] = self.dual_weights
        kept = None if self.kept is None else self.kept.placed(rows, len(units.truth))
        return replace(self, margins=margins, dual_weights=dual_weights, kept=kept)


def is_fitted(truth: BoolArray, in_scope: BoolArray | None) -> BoolArray:
    """Tell which articles are fitted: all but those without labels that are in the scope of none.

    No label is possible there, so nothing is to be learned from them; fitted, they would take weight from the
    words of frames that are pushed elsewhere, too.
    """
    if in_scope is None:
        return np.ones(len(truth), bool)
    return np.asarray(in_scope.any(axis=1) | truth.any(axis=1))


def rows_to_fit(units: Units, in_scope: BoolArray | None) -> Indices:
    """Return the rows of the units to fit: all but articles from which nothing is to be learned."""
    n_parts = len(units.truth) - units.n_articles
    of_articles = is_fitted(units.truth[: units.n_articles], in_scope)
    return np.flatnonzero(np.concatenate([of_articles, np.ones(n_parts, bool)]))


def fit_ridge(units: Units, *, n_jobs: int = 1, seed: int = 0, penalty: float | None = None) -> LinearFit:
    """Fit ridge regressions to the indicators; the penalty is given, or that of the least left-out error."""
    gram = units.gram()
    if penalty is None:
        penalty, best = choose_ridge_penalty(units, gram, seed)
    else:
        best = None
    solution, margins = best or _solve_ridge(units, gram, penalty)
    weights = np.asarray(wide(units.features).T @ solution.alpha.astype(np.float32))
    return LinearFit(
        weights, solution.intercept, margins, penalty, "ridge", "identity", solution.alpha, solution
    )


def choose_ridge_penalty(
    units: Units, gram: Float64, seed: int
) -> tuple[float, tuple[DualRidge, Float64] | None]:
    """Return the penalty of the least left-out error of a sample, and the fit where that is all units."""
    sample = sample_of_groups(units.groups, np.random.default_rng(seed))
    trial = replace(units, known_gram=None, further_gram=None).subset(sample)
    trial_gram = gram[np.ix_(sample, sample)]
    at = None if units.near_penalty is None else RIDGE_PENALTIES.index(units.near_penalty)
    penalty, best = least(RIDGE_PENALTIES, lambda penalty: _left_out_error(trial, trial_gram, penalty), at=at)
    return penalty, best if len(sample) == len(gram) else None


def _solve_ridge(units: Units, gram: Float64, penalty: float) -> tuple[DualRidge, Float64]:
    """Return the solution and the articles' left-out margins."""
    targets = units.truth.astype(np.float64)
    solution = DualRidge.fit(gram, targets, penalty=penalty, sample_weight=units.sample_weight)
    margins = solution.left_out_margins(leave_out_blocks(units.groups, units.near_duplicates))
    return solution, margins[: units.n_articles]


def _left_out_error(units: Units, gram: Float64, penalty: float) -> tuple[float, tuple[DualRidge, Float64]]:
    """Return the mean squared error of the articles' left-out margins, and what it comes from."""
    solution, margins = _solve_ridge(units, gram, penalty)
    return float(np.square(units.truth[: units.n_articles] - margins).mean()), (solution, margins)


def sample_of_groups(groups: Indices, rng: np.random.Generator) -> Indices:
    """Return the rows of random groups that hold about as many units as a penalty is chosen on, ascending."""
    sizes = np.bincount(groups)
    order = rng.permutation(len(sizes))
    n_groups = max(2, int(np.searchsorted(np.cumsum(sizes[order]), MAX_PENALTY_UNITS)))
    return np.flatnonzero(np.isin(groups, order[:n_groups]))


def fit_logistic(units: Units, *, n_jobs: int = 1, seed: int = 0, penalty: float | None = None) -> LinearFit:
    """Fit a logistic regression to each label; the penalty is given, or that of the least left-out log-loss.

    Raises:
        TrainingError: there is a further Gram matrix, which only ridge regression can use.
    """
    if units.further_gram is not None:
        raise TrainingError(
            "the logistic learner cannot use sentence encoders: choose another learner, or leave encoders out"
        )
    folds = assign_folds(units.groups, n_folds=N_FOLDS, rng=np.random.default_rng(seed))
    truth = units.truth[: units.n_articles]

    def attempt(penalty: float) -> tuple[float, Float64]:
        margins = _cross_validated_margins(units, folds, penalty, n_jobs)[: units.n_articles]
        return float(np.logaddexp(0.0, np.where(truth, -margins, margins)).mean()), margins

    grid = LOGISTIC_PENALTIES if penalty is None else (penalty,)
    penalty, margins = least(grid, attempt)
    weights, intercept = _fit_labels(units, penalty, n_jobs)
    return LinearFit(weights, intercept, margins, penalty, "logistic", "logistic")


def least(
    grid: tuple[float, ...],
    attempt: Callable[[float], tuple[float, Any]],
    *,
    at: int | None = None,
    up: bool = False,
) -> tuple[float, Any]:
    """Return the value of the least loss and what its attempt gave, walking downhill from the middle.

    The loss has one valley in a penalty or a weight, near enough; this saves half of the attempts. The walk may
    begin elsewhere, at an index, and may try the greater values first.
    """
    at = len(grid) // 2 if at is None else at
    best_loss, best = attempt(grid[at])
    for step in (1, -1) if up else (-1, 1):
        n_steps = 0
        while 0 <= at + step < len(grid):
            loss, result = attempt(grid[at + step])
            if loss >= best_loss:
                break
            at, best_loss, best, n_steps = at + step, loss, result, n_steps + 1
        if n_steps:
            break
    return grid[at], best


def _cross_validated_margins(units: Units, folds: Indices, penalty: float, n_jobs: int) -> Float64:
    """Return margins of every unit from the fit without its fold and that fold's near-duplicates."""
    margins = np.empty(units.truth.shape)
    for fold in range(folds.max() + 1):
        held_out = folds == fold
        kept = ~with_near_duplicates(held_out, units.near_duplicates)
        weights, intercept = _fit_labels(units, penalty, n_jobs, kept=kept)
        margins[held_out] = wide(units.features)[held_out] @ weights + intercept
    return margins


def _fit_labels(
    units: Units, penalty: float, n_jobs: int, *, kept: BoolArray | None = None
) -> tuple[Float64, Float64]:
    features, truth, sample_weight = wide(units.features), units.truth, units.sample_weight
    if kept is not None:
        features, truth = features[kept], truth[kept]
        sample_weight = None if sample_weight is None else sample_weight[kept]
    columns = Parallel(n_jobs=n_jobs)(
        delayed(_fit_label)(features, truth[:, label], penalty, sample_weight)
        for label in range(truth.shape[1])
    )
    weights, intercept = zip(*columns, strict=True)
    return np.column_stack(weights), np.array(intercept)


def _fit_label(
    features: sp.csr_array, truth: BoolArray, penalty: float, sample_weight: Float64 | None = None
) -> tuple[Float64, float]:
    """Return the weights (n_features,) and the intercept of a label, the prior's where it has one class."""
    n_true = int(truth.sum())
    if n_true in (0, len(truth)):
        return np.zeros(features.shape[1]), float(np.log((n_true + 0.5) / (len(truth) - n_true + 0.5)))
    learner = LogisticRegression(solver="liblinear", C=1 / penalty, random_state=0)
    fitted = learner.fit(features, truth, sample_weight)
    return fitted.coef_[0], float(fitted.intercept_[0])
