"""What is known of the units of training beside their features, labels and groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from framescope._types import BoolArray, Float32, Float64, Floats, Indices
from framescope.errors import TrainingError
from framescope.features.narrow import FeatureMatrix
from framescope.fit.groups import Pairs, group_numbers, leave_out_blocks, no_pairs
from framescope.fit.linear import LinearFit, Units
from framescope.fit.outlooks import Outlooks
from framescope.fit.start import Start


@dataclass(frozen=True, eq=False)
class FurtherGram:
    """A Gram matrix of what else is known of the units, which is added to that of their features.

    It takes the ridge learner; margins are then X coef_' + w K dual_coef_ + intercept_.

    Parameters:
        values: the matrix K, (n_units, n_units).
        weights: the weights w of K to choose from, ascending, by the log-loss of left-out probabilities.
        groups: names of what must be left out for a second such log-loss, which is added when weights are
            chosen: what is to hold in other groups, such as languages, too. (n_units,)
    """

    values: Floats
    weights: Sequence[float] = (1.0,)
    groups: Any = None

    def choice(self, rows: Indices) -> WeightChoice:
        """Return what the weight is chosen by, where some of the units are fitted."""
        return WeightChoice(self.weights, None if self.groups is None else group_numbers(self.groups)[rows])


@dataclass(frozen=True, eq=False)
class WeightChoice:
    """Weights of a further Gram matrix, and further groups to leave out when one is chosen, (n_units,)."""

    weights: Sequence[float]
    groups: Indices | None

    def further_ways(self, fitted: LinearFit, units: Units) -> Iterator[LinearFit]:
        """Yield the fit with the margins of articles without their further groups, where there are some."""
        if self.groups is None or fitted.solution is None or (self.groups == self.groups[0]).all():
            return
        groups = np.unique(self.groups, return_inverse=True)[1]
        try:
            blocks = leave_out_blocks(groups, units.near_duplicates)
        except TrainingError:  # nothing is left to learn from
            return
        yield replace(fitted, margins=fitted.solution.left_out_margins(blocks)[: units.n_articles])


@dataclass(frozen=True, eq=False)
class Known:
    """What a fit may know of its units beside features, labels and groups, if anything.

    Parameters:
        near_duplicates: pairs of units that must be left out together, too: (n_pairs, 2).
        n_articles: the first so many units are calibrated and decided on; the others, such as evidence spans,
            are fitted only. None takes all.
        in_scope: for which labels these first units are in scope, (n_articles, n_labels) bool. Elsewhere
            nothing is calibrated, and the probability is 0. Units without labels that are in no scope are not
            fitted. None knows no scopes.
        likeness: how far the articles resemble the labels' descriptions, (n_articles, n_labels): a further
            term of the calibration. Beside a further Gram matrix it is taken only if it makes probabilities
            better. It is there without a feed only.
        outlooks: other ways to judge the articles, for a fit without a feed.
        gram: Gram matrix of the features, where it has been computed.
        further_gram: a Gram matrix of what else is known, and how its weight is chosen.
        start: ``kept_`` of an earlier fit, for these units and labels: ridge-cd takes its penalty and goes on
            from there.
    """

    near_duplicates: Pairs = field(default_factory=no_pairs)
    n_articles: int | None = None
    in_scope: BoolArray | None = None
    likeness: Float32 | None = None
    outlooks: Outlooks | None = None
    gram: Float64 | None = None
    further_gram: FurtherGram | None = None
    start: Start | None = None

    def units(self, features: FeatureMatrix, truth: BoolArray, groups: Indices) -> Units:
        """Return what is fitted: these features, closed labels and numbers of groups, and what is known."""
        return Units(
            features,
            truth,
            groups,
            near_duplicates=self.near_duplicates,
            n_articles=len(truth) if self.n_articles is None else self.n_articles,
            further_gram=None if self.further_gram is None else self.further_gram.values,
            known_gram=self.gram,
            likeness=self.likeness,
            start=self.start,
        )


NOTHING_ELSE = Known()
