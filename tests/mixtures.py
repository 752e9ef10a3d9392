"""Articles with a label and without, mixed, as a model gives them probabilities that are right."""

from __future__ import annotations

import numpy as np

from framescope.measure.prevalence import ArticleSets, Separation, prevalence_figures, separation_of


def separation(n_with: int = 200, n_without: int = 800, *, seed: int = 0) -> Separation:
    """Return what is known of a label that a fifth of the articles has."""
    with_it, without = draw(n_with, n_without, seed=seed)
    probabilities = np.concatenate([with_it, without])[:, np.newaxis].astype(np.float32)
    truth = (np.arange(len(probabilities)) < n_with)[:, np.newaxis]
    return separation_of(prevalence_figures(["label"], truth, probabilities))


def draw(n_with: int, n_without: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities of articles with a label and without, as a calibrated model gives them."""
    rng = np.random.default_rng(seed)

    def probabilities(mean: float, n: int) -> np.ndarray:
        odds = 0.25 * np.exp(2.25 * rng.normal(size=n) + mean)
        return odds / (1 + odds)

    return probabilities(2.5, n_with), probabilities(-2.5, n_without)


def mixed(n_with: int, n_without: int, n_easy: int = 0, *, seed: int = 1) -> ArticleSets:
    drawn = np.concatenate([*draw(n_with, n_without, seed=seed), np.full(n_easy, 0.0001)])
    return ArticleSets.of(drawn[:, np.newaxis].astype(np.float32))
