"""Ridge regression for many units: its penalty, and margins of articles from fits without their fold.

The more units there are, the greater the best penalty may be: on synthetic articles it is .06 for 3,000 and .55
for 20,000. So a penalty is first chosen on a sample, exactly, and then on all units, by the left-out error of
some folds. From one penalty to the next, a fit goes on from where it is. What is fitted without the first fold
begins the fit of all units, and this one those without the other folds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from joblib import Parallel, delayed

from framescope._types import Float16, Float32, Indices
from framescope.errors import TrainingError
from framescope.fit.descent import FeatureRows, Solution, descend, label_blocks, padded
from framescope.fit.groups import NOTHING_LEFT, assign_folds, with_near_duplicates
from framescope.fit.linear import (
    RIDGE_PENALTIES,
    LinearFit,
    Units,
    choose_ridge_penalty,
    least,
    sample_of_groups,
)
from framescope.fit.start import Start

N_DESCENT_FOLDS = 10
N_FEWER_FOLDS = 5
MANY_UNITS = 10_000  # of so many, four fifths teach nearly as much as nine tenths
PENALTIES = (*RIDGE_PENALTIES, 30.0, 100.0)
CHOICE_SHARE = 0.4  # of the folds, to compare penalties on
CHOICE_TOLERANCE = 0.2
"""What may be left of the targets while penalties are compared: their errors differ by much more."""


def fit_ridge_cd(units: Units, *, n_jobs: int = 1, seed: int = 0, penalty: float | None = None) -> LinearFit:
    """Fit ridge regressions by coordinate descent, which takes time and memory with the number of units.

    The penalty is given, or that of the least left-out error. Margins are of fits without a fold of groups.

    Raises:
        TrainingError: there is a further Gram matrix, or nothing is left without some fold.
    """
    if units.further_gram is not None:
        raise TrainingError("the learner ridge-cd cannot use further feature blocks: choose the ridge learner")
    folds, blocks = _Folds.of(units, seed), label_blocks(units.truth.shape[1])
    with Parallel(n_jobs=n_jobs, prefer="threads") as parallel:
        begun: _Begun = {}
        if penalty is None and units.start is not None:
            penalty = units.start.penalty
        if penalty is None:
            penalty, begun = _choose_penalty(folds, blocks, parallel)
        wholes = parallel(
            delayed(_Folds.fit_all)(folds, penalty, block, begun.get((0, block.start))) for block in blocks
        )
        tasks = list(product(range(folds.n_folds), zip(blocks, wholes, strict=True)))
        left_out = parallel(
            delayed(_Folds.fit_fold)(folds, penalty, fold, block, begun.get((fold, block.start)), whole)
            for fold, (block, whole) in tasks
        )
    margins = np.empty((units.n_articles, units.truth.shape[1]))
    without = np.empty((folds.n_folds, *units.truth.shape), np.float16)
    for (fold, (block, _)), (of_fold, alpha) in zip(tasks, left_out, strict=True):
        margins[folds.articles(fold), block], without[fold, :, block] = of_fold, alpha
    joined = [(whole, block.stop - block.start) for block, whole in zip(blocks, wholes, strict=True)]
    alpha = np.hstack([whole.alpha[:, :width] for whole, width in joined])
    return LinearFit(
        np.hstack([whole.weights[:, :width] for whole, width in joined]),
        np.concatenate([whole.intercept[:width] for whole, width in joined]),
        margins,
        penalty,
        "ridge-cd",
        "identity",
        alpha.astype(np.float64),
        kept=Start(penalty, units.truth, folds.numbers, alpha.astype(np.float16), without),
    )


@dataclass(frozen=True)
class _Folds:
    """What is fitted, whatever the penalty and the labels, and the fold of each unit."""

    units: Units
    features: FeatureRows
    numbers: Indices
    seed: int

    @classmethod
    def of(cls, units: Units, seed: int) -> _Folds:
        n_folds = N_DESCENT_FOLDS if len(units.truth) <= MANY_UNITS else N_FEWER_FOLDS
        known = None
        if units.start is not None:
            n_folds, earlier = len(units.start.without), units.start.folds
            known = earlier if len(np.unique(earlier[earlier >= 0])) > 1 else None  # one alone leaves nothing
        numbers = assign_folds(units.groups, n_folds=n_folds, rng=np.random.default_rng(seed), known=known)
        return cls(units, FeatureRows.of(units.features), numbers, seed)

    def __sizeof__(self) -> int:
        """Return the bytes of the features: by this, Dask sends them to a worker once, and not for each fit."""
        return self.features.indices.nbytes + self.features.values.nbytes

    @property
    def n_folds(self) -> int:
        return int(self.numbers.max()) + 1

    def articles(self, fold: int) -> Indices:
        """Return the articles of a fold."""
        return np.flatnonzero(self.numbers[: self.units.n_articles] == fold)

    def fit_all(self, penalty: float, labels: slice, begun: Solution | None) -> Solution:
        """Fit some labels to all units, from what was begun, or from an earlier fit."""
        start = self.units.start
        if begun is None and start is not None:
            begun = self._earlier(start.whole[:, labels])
        return self._fit(penalty, labels, np.arange(len(self.numbers)), begun)

    def fit_fold(
        self, penalty: float, fold: int, labels: slice, begun: Solution | None, whole: Solution
    ) -> tuple[Float32, Float16]:
        """Return the margins of a fold's articles from the fit without them, and its dual weights."""
        start = self.units.start
        if begun is None and start is not None:
            begun = self._earlier(start.without[fold][:, labels])
        fitted = self.fit_without(penalty, fold, labels, begun or whole)
        return self.margins(fold, labels, fitted), fitted.alpha[:, : labels.stop - labels.start].astype(
            np.float16
        )

    def _earlier(self, dual_weights: Float16) -> Solution | None:
        """Return the solution of an earlier fit, None if it had none of these labels."""
        return Solution.of(self.features, padded(dual_weights)) if dual_weights.any() else None

    def fit_without(
        self, penalty: float, fold: int, labels: slice, start: Solution | None, tolerance: float | None = None
    ) -> Solution:
        """Fit some labels to the units without a fold and what is like it; the start may hold them."""
        kept = ~with_near_duplicates(self.numbers == fold, self.units.near_duplicates)
        if not kept.any():
            raise TrainingError(NOTHING_LEFT)
        if start is not None:
            start = start.without(self.features, np.flatnonzero(~kept & start.alpha.any(axis=1)))
        return self._fit(penalty, labels, np.flatnonzero(kept), start, tolerance)

    def margins(self, fold: int, labels: slice, fitted: Solution) -> Float32:
        """Return the margins of a fold's articles from a fit."""
        return fitted.margins(self.features, self.articles(fold))[:, : labels.stop - labels.start]

    def _fit(
        self,
        penalty: float,
        labels: slice,
        rows: Indices,
        start: Solution | None,
        tolerance: float | None = None,
    ) -> Solution:
        weights, earlier = self.units.sample_weight, self.units.start
        targets = self.units.truth[:, labels]
        changed = None if earlier is None else (earlier.truth[:, labels] != targets).any(axis=1)
        penalties = np.full(len(self.numbers), penalty) if weights is None else penalty / weights
        return descend(
            self.features,
            padded(targets),
            penalties.astype(np.float32),
            rows=rows,
            seed=self.seed,
            start=start,
            changed=changed,
            tolerance=tolerance,
        )


_Begun = dict[tuple[int, int], Solution]
"""Fits without a fold, by fold and first label."""


def _choose_penalty(folds: _Folds, blocks: Sequence[slice], parallel: Parallel) -> tuple[float, _Begun]:
    """Return the penalty of the least left-out error, and the nearly finished fits that tell."""
    units, n_units = folds.units, len(folds.units.truth)
    sample = sample_of_groups(units.groups, np.random.default_rng(folds.seed))
    trial = units.subset(sample)
    on_sample, _ = choose_ridge_penalty(trial, trial.gram(), folds.seed)
    if len(sample) == n_units:
        return on_sample, {}
    known: dict[float, _Begun] = {}
    tasks = list(product(range(max(2, int(CHOICE_SHARE * folds.n_folds))), blocks))

    def attempt(penalty: float) -> tuple[float, _Begun]:
        nearest = min(known, key=lambda other: abs(np.log(other / penalty)), default=None)
        begun = {} if nearest is None else known[nearest]
        fits = parallel(
            delayed(_try)(folds, penalty, fold, block, begun.get((fold, block.start))) for fold, block in tasks
        )
        known[penalty] = {(fold, block.start): fit for (fold, block), (_, fit) in zip(tasks, fits, strict=True)}
        for other in list(known)[:-2]:
            del known[other]
        return sum(error for error, _ in fits), known[penalty]

    guess = on_sample * n_units / len(sample)
    first = int(np.argmin(np.abs(np.log(np.array(PENALTIES) / guess))))
    return least(PENALTIES, attempt, at=first, up=True)


def _try(
    folds: _Folds, penalty: float, fold: int, labels: slice, start: Solution | None
) -> tuple[float, Solution]:
    """Return the squared error of a fold's articles in a fit without them, and the fit."""
    fitted = folds.fit_without(penalty, fold, labels, start, CHOICE_TOLERANCE)
    errors = folds.units.truth[folds.articles(fold), labels] - folds.margins(fold, labels, fitted)
    return float(np.square(errors).sum()), fitted
