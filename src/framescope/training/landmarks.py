"""The kernel of sentence encoders as features of a unit: by how far it resembles some units, the landmarks.

A kernel between all pairs of units takes their number's square. With K_L the kernel between units and landmarks
and K_LL that among landmarks, the products of the features F = K_L K_LL^(-1/2) are nearly the kernel's values,
and time and memory grow with the number of units. So are articles of a feed known by features.

Source: Williams and Seeger (2001), Using the Nyström method to speed up kernel machines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np
import scipy.sparse as sp

from framescope._types import BoolArray, Float32, Float64, Floats, Indices
from framescope.features.kernel_block import KernelBlock
from framescope.fit.background import Feed
from framescope.fit.classifier import FramingClassifier
from framescope.fit.gram import linear_gram
from framescope.fit.groups import group_numbers, pairs_within
from framescope.fit.known import Known
from framescope.fit.linear import sample_of_groups
from framescope.training.meaning import further_gram

N_LANDMARKS = 512
MIN_SHARE = 1e-6  # of the greatest eigenvalue: what is less is rounding


class Taught(NamedTuple):
    """What is learned from: features (n_units, n_features), closed labels (n_units, n_labels), and groups."""

    features: sp.csr_array
    truth: BoolArray
    groups: Sequence[str]


class Fit(Protocol):
    """Fits a new classifier to units; by another learner, or with a feed, where that is asked for."""

    def __call__(
        self, units: Taught, known: Known, *, learner: str = ..., feed: Feed | None = None
    ) -> FramingClassifier:
        """Fit."""
        ...


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
    units: Taught,
    known: Known,
    kernel: KernelBlock,
    *,
    feed: Feed | None,
    of_feed: Float32 | None,
    languages: Sequence[str] | None,
    seed: int,
) -> FramingClassifier:
    """Fit to n-grams and landmarks.

    The weight of the kernel, and whether likeness is used, is chosen on a sample, with the kernel itself.

    Args:
        fit: fits a new classifier.
        units: all units.
        known: what else is known of them.
        kernel: the block of all units.
        feed: articles of a feed, by their n-grams.
        of_feed: the encoders' vectors of these: (n_feed, n_dims).
        languages: names of the units' languages, across which the weight is chosen.
        seed: of what is drawn.
    """
    rng = np.random.default_rng(seed)
    rows = sample_of_groups(group_numbers(units.groups), rng)
    chosen = fit(*_sample(units, known, rows, kernel, languages), learner="ridge")
    weight = chosen.further_weight_
    if not chosen.calibration_.has_likeness:
        known = replace(known, likeness=None)
    if not weight:
        fitted = fit(units, known, feed=feed)
        fitted.further_weight_ = 0.0
        return fitted
    landmarks = Landmarks.draw(kernel, rng)

    def beside(features: sp.csr_array, directions: Floats) -> sp.csr_array:
        own = np.float32(np.sqrt(weight)) * landmarks.features(directions)
        return sp.csr_array(sp.hstack([features, sp.csr_array(own)], format="csr"))

    n_words = units.features.shape[1]
    if feed is not None and of_feed is not None:
        feed = replace(feed, features=beside(feed.features, kernel.directions(of_feed)))
    fitted = fit(units._replace(features=beside(units.features, kernel.units)), known, feed=feed)
    fitted.dual_coef_ = landmarks.weighed(fitted.coef_[:, n_words:].T, weight)
    fitted.coef_ = np.ascontiguousarray(fitted.coef_[:, :n_words])
    fitted.further_weight_ = weight
    return fitted


def _sample(
    units: Taught, known: Known, rows: Indices, kernel: KernelBlock, languages: Sequence[str] | None
) -> tuple[Taught, Known]:
    """Return some of the units, by their ascending rows, and what is known of them, with the kernel itself."""
    features, truth, groups = units
    articles = rows[rows < (len(truth) if known.n_articles is None else known.n_articles)]
    sample = Taught(features[rows], truth[rows], [groups[row] for row in rows.tolist()])
    return sample, Known(
        near_duplicates=pairs_within(known.near_duplicates, rows, len(truth)),
        n_articles=len(articles),
        in_scope=None if known.in_scope is None else known.in_scope[articles],
        likeness=None if known.likeness is None else known.likeness[articles],
        gram=linear_gram(sample.features),
        further_gram=further_gram(
            kernel.of_units(rows), None if languages is None else [languages[row] for row in rows.tolist()]
        ),
    )
