"""The learners by name, and the one that a number of units asks for."""

from __future__ import annotations

from collections.abc import Callable

from framescope.fit.linear import LinearFit, Units, fit_logistic, fit_ridge
from framescope.fit.ridge_cd import fit_ridge_cd

MAX_RIDGE_UNITS = 10_000  # up to here left-out margins are exact; beyond, a factorization takes too long
MAX_UNITS_AT_ONCE = 5_000  # up to here there is memory for several fits side by side

LEARNERS: dict[str, Callable[..., LinearFit]] = {
    "ridge": fit_ridge,
    "ridge-cd": fit_ridge_cd,
    "logistic": fit_logistic,
}


def fit_linear(units: Units, *, learner: str, n_jobs: int = 1, seed: int = 0) -> LinearFit:
    """Fit with a learner of :data:`LEARNERS`, or with ``auto``."""
    return LEARNERS[learner_for(len(units.truth), learner)](units, n_jobs=n_jobs, seed=seed)


def learner_for(n_units: int, learner: str) -> str:
    """Return the learner that is meant: ``auto`` is ridge while its Gram matrix is small."""
    if learner != "auto":
        return learner
    return "ridge" if n_units <= MAX_RIDGE_UNITS else "ridge-cd"
