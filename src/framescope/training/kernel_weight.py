"""How much the kernel of sentence encoders weighs beside n-grams, chosen on a sample of the units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from framescope._types import BoolArray, Indices
from framescope.features.kernel_block import KernelBlock
from framescope.features.narrow import FeatureMatrix, wide
from framescope.fit.background import Feed
from framescope.fit.classifier import FramingClassifier
from framescope.fit.gram import linear_gram
from framescope.fit.groups import group_numbers, pairs_within
from framescope.fit.known import FurtherGram, Known
from framescope.fit.linear import sample_of_groups

WEIGHTS = (0.0, 0.1, 0.25, 0.5, 1.0)
"""Shares of the kernel to choose from."""


class Taught(NamedTuple):
    """What is learned from: features (n_units, n_features), closed labels (n_units, n_labels), and groups."""

    features: FeatureMatrix
    truth: BoolArray
    groups: Sequence[str]


class Fit(Protocol):
    """Fits a new classifier to units; by another learner, or with a feed, where that is asked for."""

    def __call__(
        self, units: Taught, known: Known, *, learner: str = ..., feed: Feed | None = None
    ) -> FramingClassifier:
        """Fit."""
        ...


class Choice(NamedTuple):
    """The kernel's weight, 0 for n-grams alone, and whether likeness to descriptions is used."""

    weight: float
    has_likeness: bool


def choose_weight(
    fit: Fit, units: Taught, known: Known, kernel: KernelBlock, languages: Sequence[str] | None, seed: int
) -> Choice:
    """Choose on a sample; ``languages`` names those of the units, across which the weight is chosen, too."""
    rows = sample_of_groups(group_numbers(units.groups), np.random.default_rng(seed))
    fitted = fit(*_sample(units, known, rows, kernel, languages), learner="ridge")
    return Choice(fitted.further_weight_, fitted.calibration_.has_likeness)


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
        gram=linear_gram(wide(sample.features)),
        further_gram=FurtherGram(
            kernel.of_units(rows).gram(),
            WEIGHTS,
            None if languages is None else [languages[row] for row in rows.tolist()],
        ),
    )
