"""A further Gram matrix with a weight, and likeness to descriptions in the second stage."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from framescope.fit.classifier import FramingClassifier
from framescope.fit.known import FurtherGram, Known
from framescope.model.calibration import N_TERMS

N = 120
GRID = (0.0, 0.1, 0.25, 0.5, 1.0)


@pytest.fixture(scope="module")
def rng_data() -> tuple[sp.csr_array, np.ndarray, np.ndarray]:
    """Features that tell nothing, labels, and vectors that tell the labels."""
    rng = np.random.default_rng(3)
    truth = rng.random((N, 3)) < 0.3
    features = sp.csr_array(rng.normal(size=(N, 5)).astype(np.float32) * 0.3)
    telling = np.hstack([truth + rng.normal(scale=0.4, size=truth.shape), rng.normal(size=(N, 2))])
    return features, truth, telling


def test_a_kernel_that_tells_gets_weight(rng_data: tuple[sp.csr_array, np.ndarray, np.ndarray]) -> None:
    features, truth, telling = rng_data
    fitted = FramingClassifier().fit(
        features, truth, known=Known(further_gram=FurtherGram(telling @ telling.T, GRID))
    )
    assert fitted.further_weight_ > 0
    margins = features @ fitted.coef_.T + fitted.intercept_
    margins += fitted.further_weight_ * telling @ telling.T @ fitted.dual_coef_
    # Left-out margins are exact: those of a fit without the article, at the same penalty and weight.
    alone = FramingClassifier(learner="ridge")
    kept = np.arange(N) != 7
    gram = features @ features.T + fitted.further_weight_ * telling @ telling.T + 1
    system = gram[np.ix_(kept, kept)] + fitted.penalty_ * np.eye(N - 1)
    expected = gram[7, kept] @ np.linalg.solve(system, truth[kept].astype(float))
    np.testing.assert_allclose(fitted.margins_[7], expected, atol=1e-4)
    assert alone.fit(features, truth).further_weight_ == 1.0


def test_a_kernel_of_noise_gets_none(rng_data: tuple[sp.csr_array, np.ndarray, np.ndarray]) -> None:
    """And the fit is then that without it."""
    _, truth, telling = rng_data
    noise = np.random.default_rng(8).normal(size=(N, 40)) * 3
    fitted = FramingClassifier().fit(
        sp.csr_array(telling), truth, known=Known(further_gram=FurtherGram(noise @ noise.T, GRID))
    )
    assert fitted.further_weight_ == 0
    without = FramingClassifier().fit(sp.csr_array(telling), truth)
    assert fitted.margins_.tobytes() == without.margins_.tobytes()


def test_likeness_that_tells_is_a_term(rng_data: tuple[sp.csr_array, np.ndarray, np.ndarray]) -> None:
    """And makes left-out probabilities better."""
    features, truth, telling = rng_data
    likeness = telling[:, :3].astype(np.float32)
    with_it = FramingClassifier().fit(features, truth, known=Known(likeness=likeness))
    without = FramingClassifier().fit(features, truth)
    assert len(with_it.calibration_.coefficients) == N_TERMS + 1
    assert with_it.calibration_.coefficients[-1] > 0
    assert with_it.margins_.tobytes() == without.margins_.tobytes()
    errors = [np.square(fitted.probabilities_ - truth).mean() for fitted in (with_it, without)]
    assert errors[0] < 0.8 * errors[1]


def test_beside_a_kernel_likeness_must_earn_its_place(
    rng_data: tuple[sp.csr_array, np.ndarray, np.ndarray],
) -> None:
    features, truth, telling = rng_data
    further = FurtherGram(telling @ telling.T, GRID)
    noise = np.random.default_rng(4).normal(size=truth.shape).astype(np.float32)
    perfect = truth.astype(np.float32) * 4
    for likeness, is_taken in ((noise, False), (perfect, True)):
        known = Known(likeness=likeness, further_gram=further)
        assert FramingClassifier().fit(features, truth, known=known).calibration_.has_likeness == is_taken


def test_articles_out_of_every_scope_need_no_likeness(
    rng_data: tuple[sp.csr_array, np.ndarray, np.ndarray],
) -> None:
    """They are not fitted, and rows still belong together."""
    features, truth, telling = rng_data
    in_scope = np.ones(truth.shape, bool)
    in_scope[~truth.any(axis=1)] = False
    likeness = telling[:, :3].astype(np.float32)
    fitted = FramingClassifier().fit(
        features,
        truth,
        known=Known(in_scope=in_scope, likeness=likeness, further_gram=FurtherGram(telling @ telling.T)),
    )
    assert (fitted.probabilities_[~in_scope] == 0).all()
    assert (fitted.dual_coef_[~truth.any(axis=1)] == 0).all()


def test_later_articles_are_judged_by_the_kernel_too(
    rng_data: tuple[sp.csr_array, np.ndarray, np.ndarray],
) -> None:
    from framescope.fit.outlooks import TIME, Outlooks  # noqa: PLC0415

    features, truth, telling = rng_data
    periods = np.repeat([0, 1], N // 2)
    outlooks = Outlooks({"article": [str(row) for row in range(N)]}, periods)
    judged = FramingClassifier().fit(
        features, truth, known=Known(outlooks=outlooks, further_gram=FurtherGram(telling @ telling.T))
    )
    later = judged.outlooks_[TIME]
    errors = np.square(later.probabilities - truth)[later.is_judged].mean()
    assert errors < 0.7 * np.square(truth.mean(axis=0) - truth)[later.is_judged].mean()


def test_further_groups_have_a_say_in_the_weight() -> None:
    """Features that tell labels within a language only, and vectors that tell a little in both."""
    rng = np.random.default_rng(3)
    truth = rng.random((N, 3)) < 0.3
    language = np.arange(N) % 2
    words = np.zeros((N, 6), np.float32)
    for code in (0, 1):
        own = truth[language == code]
        words[language == code, 3 * code : 3 * code + 3] = own + rng.normal(scale=0.1, size=own.shape)
    vague = truth + rng.normal(scale=1.5, size=truth.shape)
    kernel = vague @ vague.T

    def weight(groups: np.ndarray | None = None) -> float:
        known = Known(further_gram=FurtherGram(kernel, GRID, groups))
        return FramingClassifier().fit(sp.csr_array(words), truth, known=known).further_weight_

    assert weight() <= 0.1
    assert weight(language) >= 0.25
    assert weight(np.zeros(N)) <= 0.1
