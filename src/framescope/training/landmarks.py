"""The kernel of sentence encoders as features of a unit: by how far it resembles some units, the landmarks.

A kernel between all pairs of units takes their number's square. With K_L the kernel between units and landmarks
and K_LL that among landmarks, the products of the features F = K_L K_LL^(-1/2) are nearly the kernel's values,
and time and memory grow with the number of units. So are articles of a feed known by features.

Source: Williams and Seeger (2001), Using the Nyström method to speed up kernel machines.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from framescope._types import Float32, Float64, Floats, Indices
from framescope.features.kernel_block import KernelBlock
from framescope.features.narrow import wide
from framescope.fit.background import Feed
from framescope.fit.classifier import FramingClassifier
from framescope.fit.known import Known
from framescope.fit.linear import is_fitted
from framescope.training.kernel_weight import Fit, Taught

N_LANDMARKS = 512
MIN_SHARE = 1e-6  # of the greatest eigenvalue: what is less is rounding


@dataclass(frozen=True, eq=False)
class Landmarks:
    """Units of training, by their rows among all, as a block without weights.

    ``root`` is K_LL^(-1/2): (n_landmarks, n_features).
    """

    block: KernelBlock
    root: Float64
    rows: Indices
    n_units: int

    @classmethod
    def draw(cls, kernel: KernelBlock, rows: Indices, rng: np.random.Generator) -> Landmarks:
        """Draw landmarks from some of a block's units, given by their rows."""
        drawn = np.sort(rng.choice(rows, min(N_LANDMARKS, len(rows)), replace=False))
        block = kernel.of_units(drawn)
        values, vectors = np.linalg.eigh(block.gram())
        is_kept = values > MIN_SHARE * values[-1]
        return cls(block, vectors[:, is_kept] / np.sqrt(values[is_kept]), drawn, len(kernel.units))

    def features(self, directions: Floats) -> Float32:
        """Return the features of texts by their directions: (n_texts, n_features)."""
        return np.vstack([(rows @ self.root).astype(np.float32) for rows in self.block.kernel_rows(directions)])

    def weighed(self, weights: Float32, weight: float) -> Float64:
        """Return all units' dual weights, (n_units, n_labels), from those of weighed features.

        They are 0 but for landmarks.
        """
        duals = np.zeros((self.n_units, weights.shape[1]))
        duals[self.rows] = self.root @ weights.astype(np.float64) / np.sqrt(weight)
        return duals


def fit_by_landmarks(  # noqa: PLR0913 - what is known of units and feed
    fit: Fit,
    units: Taught,
    known: Known,
    kernel: KernelBlock,
    *,
    weight: float,
    feed: Feed | None,
    of_feed: Float32 | None,
    seed: int,
) -> FramingClassifier:
    """Fit to n-grams and landmarks.

    Args:
        fit: fits a new classifier.
        units: all units.
        known: what else is known of them.
        kernel: the block of all units.
        weight: of the kernel, above 0.
        feed: articles of a feed, by their n-grams.
        of_feed: the encoders' vectors of these: (n_feed, n_dims).
        seed: of what is drawn.
    """
    n_articles = len(units.truth) if known.n_articles is None else known.n_articles
    is_read = np.ones(len(units.truth), bool)
    is_read[:n_articles] = is_fitted(units.truth[:n_articles], known.in_scope)
    landmarks = Landmarks.draw(kernel, np.flatnonzero(is_read), np.random.default_rng(seed))

    def beside(features: sp.csr_array, directions: Floats) -> sp.csr_array:
        own = np.float32(np.sqrt(weight)) * landmarks.features(directions)
        return sp.csr_array(sp.hstack([features, sp.csr_array(own)], format="csr"))

    n_words = units.features.shape[1]
    if feed is not None and of_feed is not None:
        feed = replace(feed, features=beside(feed.features, kernel.directions(of_feed)))
    fitted = fit(units._replace(features=beside(wide(units.features), kernel.units)), known, feed=feed)
    fitted.dual_coef_ = landmarks.weighed(fitted.coef_[:, n_words:].T, weight)
    fitted.coef_ = np.ascontiguousarray(fitted.coef_[:, :n_words])
    return fitted
