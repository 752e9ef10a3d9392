"""Calibration: the terms by hand, and that no probability depends on its neighbours' rows."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from framescope.fit.calibrate import fit_calibration
from framescope.model.calibration import N_TERMS, Calibration, Link, terms
from framescope.model.calibration_kernels import MIN_PROBABILITY

# first, child, child, first
PARENTS = np.array([-1, 0, 0, -1], dtype=np.int32)
PRIOR = np.array([0.5, 0.25, 0.2, 0.1])
MARGINS = np.array([[0.5, 0.2, 0.6, 0.005], [0.3, 0.1, 0.1, 0.7]])

COEFFICIENTS = hnp.arrays(np.float64, N_TERMS, elements=st.floats(-5, 5))
ROWS = hnp.arrays(np.float32, st.tuples(st.integers(1, 9), st.just(4)), elements=st.floats(-3, 3, width=32))


def logit(p: float) -> float:
    return log(p / (1 - p))


def stage(link: Link = "identity", **at: float) -> Calibration:
    """Return a calibration with the named coefficients, all others 0."""
    coefficients = np.zeros(N_TERMS)
    for name, coefficient in at.items():
        coefficients[NAMES.index(name)] = coefficient
    return Calibration(coefficients, PRIOR, link)


NAMES = (
    *("ones", "score", "prior", "is_child", "of_parent", "rank", "lead"),
    *("score_prior", "score_is_child", "log_score", "of_parent_prior", "total"),
)


def test_terms_by_hand() -> None:
    """One row; the parent's score is 0.5, and each label stands against the other of its level."""
    found = dict(zip(NAMES, terms(MARGINS[:1], PARENTS, stage()), strict=True))
    prior = [logit(p) for p in PRIOR]
    expected = {
        "ones": [1, 1, 1, 1],
        "score": [0.5, 0.2, 0.6, 0.005],
        "prior": prior,
        "is_child": [0, 1, 1, 0],
        "of_parent": [0, 0.5, 0.5, 0],
        "rank": [0, log(2), 0, log(2)],
        "lead": [0.495, -0.4, 0.4, -0.495],
        "score_prior": [0.5 * prior[0], 0.2 * prior[1], 0.6 * prior[2], 0.005 * prior[3]],
        "score_is_child": [0, 0.2, 0.6, 0],
        "log_score": [log(0.5), log(0.2), log(0.6), log(0.01)],
        "of_parent_prior": [0, 0.5 * prior[1], 0.5 * prior[2], 0],
        "total": [log(0.505), log(0.8), log(0.8), log(0.505)],
    }
    for name, row in expected.items():
        np.testing.assert_allclose(found[name], [row], rtol=1e-12, atol=1e-15, err_msg=name)


def test_equal_scores_rank_in_column_order_and_lead_by_nothing() -> None:
    rank, lead = terms(MARGINS[1:], PARENTS, stage())[5:7]
    np.testing.assert_allclose(rank[0, 1:3], [0, log(2)])
    assert lead[0, 1:3].tolist() == [0, 0]


def test_a_total_is_at_least_a_fifth() -> None:
    flat = np.full(4, -1, dtype=np.int32)
    margins = np.array([[-1.0, 0.1, 0.05, 0.0], [0.0, 0.1, 0.05, 0.1]])
    total = terms(margins, flat, stage())[11]
    np.testing.assert_allclose(total, np.log([[0.2] * 4, [0.25] * 4]))


def test_ranks_are_logarithms_of_places() -> None:
    flat = np.full(5, -1, dtype=np.int32)
    margins = np.array([[0.1, 0.5, 0.3, 0.2, 0.4]])
    found = terms(margins, flat, Calibration(np.zeros(N_TERMS), np.full(5, 0.5), "identity"))
    np.testing.assert_allclose(found[5], np.log([[5, 1, 3, 4, 2]]))
    np.testing.assert_allclose(found[6], [[-0.4, 0.1, -0.2, -0.3, -0.1]])


def test_a_label_alone_on_its_level_has_no_standing() -> None:
    """A codebook with a single child, and one with a single label."""
    parents = np.array([-1, 0, -1], dtype=np.int32)
    calibration = Calibration(np.zeros(N_TERMS), np.full(3, 0.2), "identity")
    rank, lead = terms(np.array([[0.1, 0.9, 0.3]]), parents, calibration)[5:7]
    assert rank[0, 1] == lead[0, 1] == 0
    single = Calibration(np.zeros(N_TERMS), np.full(1, 0.2), "identity")
    rank, lead = terms(np.array([[0.4]]), np.array([-1], dtype=np.int32), single)[5:7]
    assert rank.tolist() == lead.tolist() == [[0]]


def test_probabilities_add_up_the_terms() -> None:
    """0.25 - 2 s + logit(prior), through the logistic function; no child overtakes its parent."""
    found = stage(ones=0.25, score=-2.0, prior=1.0).probabilities(MARGINS[:1], PARENTS)
    expected = [1 / (1 + exp(-(0.25 - 2 * s + logit(p)))) for s, p in zip(MARGINS[0], PRIOR, strict=True)]
    assert expected[0] == max(expected[:3])
    np.testing.assert_allclose(found, [expected], rtol=1e-6)


def test_a_parent_is_raised_to_its_likeliest_child() -> None:
    found = stage(score=3.0).probabilities(MARGINS[:1], PARENTS)[0]
    assert found[0] == found[2] == pytest.approx(1 / (1 + exp(-1.8)), rel=1e-6)
    assert found[1] == pytest.approx(1 / (1 + exp(-0.6)), rel=1e-6)


def test_a_fitted_parent_weighs_itself_and_its_likeliest_child() -> None:
    """-0.5 + 0.4 logit(own) + 0.7 logit(child), where that is more than the child's; labels without stay."""
    calibration = replace(stage(score=3.0), of_parents=(-0.5, 0.4, 0.7))
    own, child = 3 * 0.5, 3 * 0.6
    found = calibration.probabilities(MARGINS[:1], PARENTS)[0]
    assert found[0] == found[2] > 1 / (1 + exp(0.5 - 0.4 * own - 0.7 * child))
    raised = replace(calibration, of_parents=(0.5, 0.4, 0.7)).probabilities(MARGINS[:1], PARENTS)[0]
    assert raised[0] == pytest.approx(1 / (1 + exp(-0.5 - 0.4 * own - 0.7 * child)), rel=1e-6)
    alone = stage(score=3.0).probabilities(MARGINS[:1], PARENTS)[0]
    assert raised[1:].tolist() == found[1:].tolist() == alone[1:].tolist()
    flat = np.full(4, -1, dtype=np.int32)
    assert (
        calibration.probabilities(MARGINS, flat).tobytes()
        == stage(score=3.0).probabilities(MARGINS, flat).tobytes()
    )


def test_a_parent_is_weighed_only_where_it_and_a_child_are_possible_and_something_is_known() -> None:
    """Else the greater stays: of a scope without children, of children without it, and of the priors."""
    calibration = replace(stage(score=3.0), of_parents=(0.5, 0.4, 0.7))
    scopes = np.array([[True, False, False, True], [False, True, True, True], [False, False, False, False]])
    rows = np.repeat(MARGINS[:1], 3, axis=0)
    found = calibration.probabilities(rows, PARENTS, in_scope=scopes)
    alone = stage(score=3.0).each_alone(rows, PARENTS)
    assert found[0].tolist() == [alone[0, 0], 0, 0, alone[0, 3]]
    assert found[1].tolist() == [alone[1, 2], *alone[1, 1:]]
    assert not found[2].any()
    blank = calibration.probabilities(MARGINS[:1], PARENTS, MARGINS[0].astype(np.float32))
    np.testing.assert_allclose(blank, [PRIOR], rtol=1e-6)


def test_the_logistic_link_reads_log_odds() -> None:
    """Margins of a logistic regression, turned to probabilities, are the scores of the identity link."""
    log_odds = np.log(MARGINS / (1 - MARGINS))
    for one, other in zip(
        terms(log_odds, PARENTS, stage("logistic")), terms(MARGINS, PARENTS, stage()), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
    coefficients = {"score": 2.0, "log_score": 1.0, "lead": 0.5}
    np.testing.assert_allclose(
        stage("logistic", **coefficients).probabilities(log_odds, PARENTS),
        stage("identity", **coefficients).probabilities(MARGINS, PARENTS),
        rtol=1e-6,
    )


@pytest.mark.parametrize("sign", [-1, 1])
def test_probabilities_stay_off_0_and_1(sign: int) -> None:
    """In float32: 1 - 1e-6 is the float below 1 that the decisions may divide by."""
    found = stage(ones=sign * 1e4).probabilities(MARGINS, PARENTS)
    assert (found == (MIN_PROBABILITY if sign < 0 else 1 - MIN_PROBABILITY)).all()
    assert found.dtype == np.float32


@pytest.mark.parametrize("link", ["identity", "logistic"])
@given(coefficients=COEFFICIENTS, margins=ROWS, of_parents=st.none() | st.tuples(*[st.floats(-5, 5)] * 3))
def test_whatever_the_coefficients_parents_lead_and_rows_stand_alone(
    link: Link,
    coefficients: np.ndarray,
    margins: np.ndarray,
    of_parents: tuple[float, float, float] | None,
) -> None:
    """Bit for bit the same for any order and any chunk of the rows."""
    calibration = Calibration(coefficients, PRIOR, link, of_parents)
    found = calibration.probabilities(margins, PARENTS)
    assert (found.dtype, found.shape) == (np.float32, margins.shape)
    assert (found[:, [0]] >= found[:, 1:3]).all()
    assert ((found > 0) & (found < 1)).all()
    for rows in (slice(None, None, -1), slice(0, 1), slice(1, None)):
        part = calibration.probabilities(margins[rows], PARENTS)
        assert part.tobytes() == found[rows].tobytes()


@pytest.mark.parametrize("link", ["identity", "logistic"])
def test_a_fitted_probability_rises_with_the_margin(link: Link) -> None:
    """One label, true more and more often from left to right: 0 of the first fifth, all of the last."""
    margins = np.linspace(0, 1, 100)[:, None] if link == "identity" else np.linspace(-3, 3, 100)[:, None]
    truth = np.arange(100)[:, None] + 25 * np.sin(np.arange(100))[:, None] > 50
    flat = np.array([-1], dtype=np.int32)
    fitted = fit_calibration(margins, truth, parents=flat, link=link)
    probabilities = fitted.probabilities(margins, flat)[:, 0]
    assert (np.diff(probabilities) >= 0).all()
    assert probabilities[0] < 0.1
    assert probabilities[-1] > 0.9
    assert probabilities.mean() == pytest.approx(truth.mean(), abs=0.02)


def test_out_of_scope_the_probability_is_0() -> None:
    """A parent's is that of its children in scope, where they are more probable; the prior is 0, too."""
    calibration = stage(score=3.0)
    in_scope = np.array([[True, True, False, False], [False, False, False, True]])
    everywhere = calibration.probabilities(MARGINS, PARENTS)
    found = calibration.probabilities(MARGINS, PARENTS, in_scope=in_scope)
    assert found.dtype == np.float32
    assert (found > 0).tolist() == in_scope.tolist()
    assert found[0, 1] == everywhere[0, 1]
    assert found[1, 3] == everywhere[1, 3]
    alone = calibration.probabilities(MARGINS, np.full(4, -1, np.int32))
    assert found[0, 0] == max(alone[0, 0], everywhere[0, 1]) < everywhere[0, 0]
    intercept = np.zeros(4, np.float32)
    of_prior = calibration.probabilities(intercept[None], PARENTS, intercept, in_scope=in_scope[:1])
    np.testing.assert_allclose(of_prior, [[0.5, 0.25, 0, 0]], rtol=1e-6)


def test_the_least_probability_in_scope_is_above_0() -> None:
    found = stage(ones=-1e4).probabilities(MARGINS, PARENTS, in_scope=np.ones(MARGINS.shape, bool))
    assert (found == MIN_PROBABILITY).all()
