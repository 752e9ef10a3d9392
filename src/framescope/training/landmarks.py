"""The kernel of sentence encoders as features of a unit: by how far it resembles some units, the landmarks.

A kernel between all pairs of units takes their number's square. With K_L the kernel between units and landmarks
and K_LL that among landmarks, the products of the features F = K_L K_LL^(-1/2) are nearly the kernel's values,
and time and memory grow with the number of units. So are articles of a feed known by features.

Source: Williams and Seeger (2001), Using the Nyström method to speed up kernel machines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from framescope._types import Array, Float32, Float64, Floats, Indices
from framescope.features.kernel_block import KernelBlock
from framescope.fit.background import Feed
from framescope.fit.classifier import FramingClassifier
from framescope.fit.gram import linear_gram
from framescope.fit.groups import group_numbers
from framescope.fit.linear import sample_of_groups
from framescope.fit.outlooks import Outlooks

N_LANDMARKS = 512
MIN_SHARE = 1e-6  # of the greatest eigenvalue: what is less is rounding

Fit = Callable[..., FramingClassifier]


@dataclass(frozen=True, eq=False)
class Landmarks:
    """Units of training as a block without weights, and K_LL^(-1/2): (n_landmarks, n_features)."""

    block: KernelBlock
    root: Float64

    @classmethod
    def draw(cls, kernel: KernelBlock, rng: np.random.Generator) -> Landmarks:
        """Draw landmarks from the units of a block."""
        n_units = len(kernel.units)
        drawn = np.sort(rng.choice(n_units, min(N_LANDMARKS, n_units), replace=False))
        block = kernel.of_units(drawn)
        values, vectors = np.linalg.eigh(block.gram())
        is_kept = values > MIN_SHARE * values[-1]
        return cls(block, vectors[:, is_kept] / np.sqrt(values[is_kept]))

    def features(self, directions: Floats) -> Float32:
        """Return the features of texts by their directions: (n_texts, n_features)."""
        return np.vstack([(rows @ self.root).astype(np.float32) for rows in self.block.kernel_rows(directions)])

    def weighed(self, weights: Float32, weight: float) -> Float64:
        """Return the landmarks' dual weights, (n_landmarks, n_labels), from those of weighed features."""
        return np.asarray(self.root @ weights.astype(np.float64) / np.sqrt(weight))


def fit_by_landmarks(  # noqa: PLR0913 - what is known of units and feed
    fit: Fit,
    units: Mapping[str, Any],
    kernel: KernelBlock,
    *,
    feed: Feed | None,
    of_feed: Float32 | None,
    how: Mapping[str, Any],
    outlooks: Outlooks | None,
    seed: int,
) -> FramingClassifier:
    """Fit to n-grams and landmarks; ``fit`` takes the arguments of :meth:`FramingClassifier.fit`.

    The weight of the kernel, and whether likeness is used, is chosen on a sample, with the kernel itself.

    Args:
        fit: fits a new classifier.
        units: what it is to be given of all units.
        kernel: the block of all units.
        feed: articles of a feed, by their n-grams.
        of_feed: the encoders' vectors of these: (n_feed, n_dims).
        how: the arguments by which the weight is chosen, and likeness.
        outlooks: other ways to judge the articles.
        seed: of what is drawn.
    """
    rng = np.random.default_rng(seed)
    rows = sample_of_groups(group_numbers(units["groups"]), rng)
    sample = _some({**units, **how, "start": None}, rows)
    sample |= {"gram": linear_gram(sample["X"]), "further_gram": kernel.of_units(rows).gram()}
    chosen = fit(**sample, learner="ridge")
    weight = chosen.further_weight_
    likeness = how["likeness"] if chosen.calibration_.has_likeness else None
    if not weight:
        fitted = fit(**units, likeness=likeness, feed=feed, outlooks=outlooks)
        fitted.further_weight_ = 0.0
        return fitted
    landmarks = Landmarks.draw(kernel, rng)

    def beside(features: sp.csr_array, directions: Floats) -> sp.csr_array:
        own = np.float32(np.sqrt(weight)) * landmarks.features(directions)
        return sp.csr_array(sp.hstack([features, sp.csr_array(own)], format="csr"))

    n_words = units["X"].shape[1]
    if feed is not None and of_feed is not None:
        feed = replace(feed, features=beside(feed.features, kernel.directions(of_feed)))
    both = {**units, "X": beside(units["X"], kernel.units)}
    fitted = fit(**both, likeness=likeness, feed=feed, outlooks=outlooks)
    fitted.dual_coef_ = landmarks.weighed(fitted.coef_[:, n_words:].T, weight)
    fitted.coef_ = np.ascontiguousarray(fitted.coef_[:, :n_words])
    fitted.further_weight_ = weight
    return fitted


def _some(units: Mapping[str, Any], rows: Indices) -> dict[str, Any]:
    """Return the arguments for some of the units, by their ascending rows; what is None stays so."""
    articles = rows[rows < units["n_articles"]]
    position = np.full(units["X"].shape[0], -1, np.int32)
    position[rows] = np.arange(len(rows))
    pairs = position[units["near_duplicates"]]

    def of(name: str, chosen: Indices) -> Array | None:
        return None if units[name] is None else np.asarray(units[name])[chosen]

    return {
        **units,
        "X": units["X"][rows],
        "n_articles": len(articles),
        "near_duplicates": pairs[(pairs >= 0).all(axis=1)],
        **{name: of(name, rows) for name in ("y", "groups", "further_groups")},
        **{name: of(name, articles) for name in ("in_scope", "likeness")},
    }
