"""Ridge regression for many units: exact margins of folds, and a penalty chosen on all units, with any jobs."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from installed import needs

from framescope.clusters.engines import ENGINES, cluster
from framescope.features.narrow import NarrowRows
from framescope.fit import descent, linear, ridge_cd
from framescope.fit.groups import assign_folds
from framescope.fit.linear import RIDGE_PENALTIES, LinearFit, Units, fit_ridge
from framescope.fit.ridge_cd import PENALTIES, _Folds, fit_ridge_cd
from framescope.fit.start import Start

NO_PAIRS = np.empty((0, 2), np.int32)
PAIRS = np.array([[0, 9], [5, 30]], np.int32)


@pytest.fixture(autouse=True)
def _tight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descent, "TOLERANCE", 1e-6)


@pytest.fixture
def _small_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """A penalty is chosen on twenty units first, and then on all, compared to the last digits."""
    monkeypatch.setattr(linear, "MAX_PENALTY_UNITS", 20)
    monkeypatch.setattr(ridge_cd, "CHOICE_TOLERANCE", 1e-6)


def units_of(n_labels: int = 2, *, n_units: int = 80, share_of_noise: float = 0.3) -> Units:
    """Return units in groups of two whose labels are signs of features, some of them turned over."""
    rng = np.random.default_rng(2)
    features = rng.normal(scale=0.3, size=(n_units, 30))
    truth = features[:, np.arange(n_labels) % 30] > 0.1
    truth ^= rng.random(truth.shape) < share_of_noise
    return Units(sp.csr_array(features.astype(np.float32)), truth, np.arange(n_units) // 2, NO_PAIRS, n_units)


def exact_margins(units: Units, penalty: float, fold: int, folds: np.ndarray) -> np.ndarray:
    """Return the margins of a fold's articles by elimination, without it and its near-duplicates."""
    kept = folds != fold
    for left, right in (*units.near_duplicates, *units.near_duplicates[:, ::-1]):
        kept[right] &= folds[left] != fold
    gram, targets = units.gram() + 1.0, units.truth.astype(float)
    alpha = np.linalg.solve(gram[np.ix_(kept, kept)] + penalty * np.eye(kept.sum()), targets[kept])
    held_out = np.flatnonzero(folds[: units.n_articles] == fold)
    return gram[np.ix_(held_out, kept)] @ alpha


def bits(fit: LinearFit) -> list[bytes]:
    return [array.tobytes() for array in (fit.weights, fit.intercept, fit.margins)]


@pytest.mark.parametrize("max_penalty_units", [20, 80])
def test_margins_are_those_of_exact_fits_without_the_fold(
    monkeypatch: pytest.MonkeyPatch, max_penalty_units: int
) -> None:
    """Whether their fits go on from those that chose the penalty, or from that of all; parts only teach."""
    monkeypatch.setattr(linear, "MAX_PENALTY_UNITS", max_penalty_units)
    monkeypatch.setattr(ridge_cd, "N_DESCENT_FOLDS", 4)
    units = replace(units_of(), near_duplicates=PAIRS, n_articles=70)
    fit = fit_ridge_cd(units, seed=3)
    folds = assign_folds(units.groups, n_folds=4, rng=np.random.default_rng(3))
    assert len({*folds[[0, 9]]}) == len({*folds[[5, 30]]}) == 2
    for fold in range(4):
        expected = exact_margins(units, fit.penalty, fold, folds)
        np.testing.assert_allclose(fit.margins[folds[:70] == fold], expected, atol=1e-5)


@pytest.mark.usefixtures("_small_sample")
@pytest.mark.parametrize("share_of_noise", [0.0, 0.2, 0.45])
def test_the_penalty_is_that_of_the_least_error_of_some_folds(share_of_noise: float) -> None:
    """Of all penalties, each tried alone on four of ten, whatever the sample says."""
    units = units_of(share_of_noise=share_of_noise)
    folds = assign_folds(units.groups, n_folds=10, rng=np.random.default_rng(0))
    errors = {
        penalty: sum(
            np.square(units.truth[folds == fold] - exact_margins(units, penalty, fold, folds)).sum()
            for fold in range(4)
        )
        for penalty in PENALTIES
    }
    assert fit_ridge_cd(units).penalty == min(errors, key=errors.__getitem__)


def test_descent_has_the_solution_of_the_factorization() -> None:
    """The same penalty, weights, intercept and dual weights, of 40 labels in two blocks."""
    units = units_of(40)
    exact, descended = fit_ridge(units), fit_ridge_cd(units)
    assert descended.penalty == exact.penalty in RIDGE_PENALTIES
    for name in ("weights", "intercept", "dual_weights"):
        np.testing.assert_allclose(getattr(descended, name), getattr(exact, name), atol=1e-5)


@pytest.mark.usefixtures("_small_sample")
def test_jobs_do_not_change_a_bit_of_what_is_chosen_and_fitted() -> None:
    one, two = (fit_ridge_cd(units_of(40), n_jobs=n_jobs) for n_jobs in (1, 2))
    assert bits(one) == bits(two)
    assert one.penalty == two.penalty


@pytest.mark.cluster
@pytest.mark.parametrize("engine", ENGINES)
def test_a_cluster_does_not_change_a_bit_of_what_is_chosen_and_fitted(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Penalty, weights and margins of processes on this machine, each with folds and blocks of labels."""
    needs({"dask": "distributed"}.get(engine, engine), extra=engine)
    monkeypatch.undo()  # a worker has the tolerance that users have
    units = units_of(40, n_units=3_600)
    here = fit_ridge_cd(units)
    with cluster(engine):
        there = fit_ridge_cd(units, n_jobs=2)
    assert bits(here) == bits(there)
    assert here.penalty == there.penalty


def test_what_is_sent_to_a_cluster_is_known_to_be_large() -> None:
    """Dask sends what it takes for small again with every call."""
    units = units_of()
    assert sys.getsizeof(_Folds.of(units, 0)) > units.features.data.nbytes + units.features.indices.nbytes


def earlier(units: Units, n_units: int) -> Start:
    """Return where a fit to the first units ended, brought to all."""
    fit = fit_ridge_cd(units.subset(np.arange(n_units)), penalty=0.7)
    assert fit.kept is not None
    return fit.kept.placed(np.arange(n_units), len(units.truth))


def test_an_earlier_fit_changes_where_a_fit_begins_and_not_where_it_ends() -> None:
    """Its penalty is taken; articles stay in their folds, and have the margins of exact fits without them."""
    units = replace(units_of(), near_duplicates=PAIRS)
    start = earlier(units, 70)
    fit = fit_ridge_cd(replace(units, start=start))
    again = fit_ridge_cd(units, penalty=0.7)
    assert fit.penalty == 0.7
    np.testing.assert_allclose(fit.weights, again.weights, atol=1e-5)
    assert fit.kept is not None
    folds = fit.kept.folds
    assert (folds[:70] == start.folds[:70]).all()
    assert (folds[70:] >= 0).all()
    for fold in range(10):
        np.testing.assert_allclose(
            fit.margins[folds == fold], exact_margins(units, 0.7, fold, folds), atol=1e-5
        )


def test_from_an_earlier_fit_there_are_fewer_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    units = units_of()
    start = earlier(units, 80)
    n_units, sweep = [], descent._sweep

    def count(features: object, problem: tuple[np.ndarray, ...], *rest: object) -> None:
        n_units.append(len(problem[2]))
        sweep(features, problem, *rest)

    monkeypatch.setattr(descent, "_sweep", count)
    monkeypatch.setattr(descent, "TOLERANCE", 0.03)
    work = []
    for begun in (start, None):
        n_units.clear()
        fit_ridge_cd(replace(units, start=begun), penalty=0.7)
        work.append(sum(n_units))
    assert work[0] < 0.5 * work[1]


def test_a_label_that_an_earlier_fit_did_not_have_is_learned() -> None:
    units = units_of(3)
    start = earlier(units, 80).with_labels(np.array([0, 1, -1]))
    fit = fit_ridge_cd(replace(units, start=start))
    np.testing.assert_allclose(fit.weights, fit_ridge_cd(units, penalty=0.7).weights, atol=1e-5)


def test_units_of_one_earlier_fold_are_dealt_anew() -> None:
    """Left in it, they would all be left out at once."""
    units = units_of()
    start = earlier(units, 80)
    first = units.subset(np.flatnonzero(start.folds == 0))
    fit = fit_ridge_cd(replace(first, start=start.subset(np.flatnonzero(start.folds == 0))))
    assert fit.kept is not None
    assert len(set(fit.kept.folds)) > 1


def test_values_of_16_bits_give_the_same_margins() -> None:
    """Weights and margins move by what is rounded; the penalty stays."""
    units = units_of()
    features = sp.csr_array(np.abs(units.features.toarray()))
    parts = [(features.indptr.astype(np.int64), features.indices, features.data)]
    narrow = NarrowRows.join(parts, features.shape)
    exact = fit_ridge_cd(replace(units, features=features))
    rounded = fit_ridge_cd(replace(units, features=narrow))
    assert rounded.penalty == exact.penalty
    np.testing.assert_allclose(rounded.margins, exact.margins, atol=2e-4)
    assert 0 < np.abs(rounded.weights - exact.weights).max() < 2e-4
