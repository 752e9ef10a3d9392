"""The background: unlabelled articles of a feed, fitted as weak negatives.

Nearly none of them carries a label, and nobody knows which do. So each counts less than a labelled unit, and
those that look most like carrying one are set aside. The penalty is that of the labelled units alone. Then come
three steps:

1. Choose the weight of an article, with nothing set aside.
2. At this weight, choose the share to set aside: the articles of the greatest loss by their left-out margins.
3. Fit to all units without them.

Both choices minimize the mean log-loss of the labelled articles plus that of the feed, all left out of the fit:
an article of the corpus and one of the feed count alike. The loss of a feed's article is the mean of -ln(1 - p)
over the labels, how strongly they fire. It is averaged over the 95 % of the articles where it is least, so an
article that may carry a label never counts as a mistake. Where labels have scopes, only what is in one counts.

Source of the trimming: Rousseeuw (1984), Least median of squares regression.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from framescope._types import BoolArray, Float64, Indices, Int32
from framescope.features.narrow import wide
from framescope.fit.calibrate import FeedMargins, fit_calibration
from framescope.fit.learners import LEARNERS, fit_linear, learner_for
from framescope.fit.linear import LinearFit, Units, least, sample_of_groups

WEIGHTS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
SHARES = (0.0, 0.01, 0.02, 0.05)
MAX_TRIAL_ARTICLES = 1_000  # of the feed, to choose weight and share on


@dataclass(frozen=True)
class Feed:
    """Articles of a feed: features (n_articles, n_features), of which the first ``n_fitted`` are fitted.

    The others only tell how often labels fire. No two articles are near-duplicates, nor one of them and a unit.
    ``in_scope`` is (n_articles, n_labels); None knows no scopes.
    """

    features: sp.csr_array
    n_fitted: int
    in_scope: BoolArray | None = None


@dataclass(frozen=True)
class FeedFit:
    """What became of a feed: the weight, the rows set aside, those fitted, and what all articles score.

    An article's margins come from a fit without it.
    """

    weight: float
    set_aside: Indices
    fitted: Indices
    articles: FeedMargins


def fit_with_feed(  # noqa: PLR0913 - how to fit
    units: Units,
    feed: Feed,
    *,
    parents: Int32,
    learner: str,
    in_scope: BoolArray | None = None,
    n_jobs: int = 1,
    seed: int = 0,
) -> tuple[LinearFit, FeedFit]:
    """Fit units together with a feed; the fit has the margins of the units' articles, and no dual weights."""
    learner = learner_for(len(units.truth), learner)
    joint = _join(units, feed)
    if learner == "ridge":
        joint = replace(joint, known_gram=joint.gram())
    n_labelled = units.n_articles
    is_of_feed = np.zeros(len(joint.truth), bool)
    is_of_feed[n_labelled : joint.n_articles] = True
    alone = joint.subset(np.flatnonzero(~is_of_feed))
    penalty = fit_linear(alone, learner=learner, n_jobs=n_jobs, seed=seed).penalty
    fit = _Fit(learner, penalty, parents, n_jobs, seed)
    of_units = np.flatnonzero(~is_of_feed)[sample_of_groups(alone.groups, np.random.default_rng(seed))]
    sample = np.union1d(of_units, np.flatnonzero(is_of_feed)[:MAX_TRIAL_ARTICLES])
    scope = None
    if in_scope is not None and feed.in_scope is not None:
        scope = np.vstack([in_scope, feed.in_scope[: feed.n_fitted]])
    trial = _Mixed(
        joint.subset(sample),
        int((sample < n_labelled).sum()),
        None if scope is None else scope[sample[sample < joint.n_articles]],
    )
    weight, share = _choose(fit, trial)
    everything = _Mixed(joint, n_labelled, scope)
    trained = fit(everything, weight)
    if share:
        trained = fit(everything, weight, trained.suspects(share))
    rest = feed.features[feed.n_fitted :] @ trained.linear.weights + trained.linear.intercept
    margins = np.concatenate([trained.feed_margins, rest]).astype(np.float32)
    fitted = np.setdiff1d(np.arange(feed.n_fitted), trained.set_aside)
    return trained.linear, FeedFit(weight, trained.set_aside, fitted, FeedMargins(margins, feed.in_scope))


def _join(units: Units, feed: Feed) -> Units:
    """Return the labelled articles, those of the feed, each a group of its own, and then the other units."""
    n_articles, n_fitted = units.n_articles, feed.n_fitted
    n_labels, n_groups = units.truth.shape[1], units.groups.max() + 1
    features = wide(units.features)
    moved = units.near_duplicates + np.where(units.near_duplicates >= n_articles, n_fitted, 0)
    return Units(
        sp.csr_array(
            sp.vstack(
                [features[:n_articles], feed.features[:n_fitted], features[n_articles:]],
                format="csr",
            )
        ),
        np.vstack([units.truth[:n_articles], np.zeros((n_fitted, n_labels), bool), units.truth[n_articles:]]),
        np.concatenate([units.groups[:n_articles], n_groups + np.arange(n_fitted), units.groups[n_articles:]]),
        moved.astype(np.int32),
        n_articles + n_fitted,
    )


def _choose(fit: _Fit, trial: _Mixed) -> tuple[float, float]:
    """Return the weight and the share set aside of the least loss."""

    def of_weight(weight: float) -> tuple[float, _Trained]:
        trained = fit(trial, weight)
        return trained.loss, trained

    weight, whole = least(WEIGHTS, of_weight)
    best_loss, best = whole.loss, 0.0
    for share in SHARES[1:]:
        loss = fit(trial, weight, whole.suspects(share)).loss
        if loss >= best_loss:
            break
        best_loss, best = loss, share
    return weight, best


@dataclass(frozen=True)
class _Mixed:
    """Units of which the first ``n_labelled`` articles are labelled and the others a feed's.

    ``in_scope`` is that of all articles, (n_articles, n_labels).
    """

    units: Units
    n_labelled: int
    in_scope: BoolArray | None

    def scope(self, part: slice) -> BoolArray | None:
        """Return the scope of some articles."""
        return None if self.in_scope is None else self.in_scope[part]


@dataclass(frozen=True)
class _Trained:
    """A fit with a feed in it; ``loss`` is what is minimized.

    ``feed_losses`` is (n_fitted,), 0 where an article is in no label's scope.
    """

    linear: LinearFit
    feed_margins: Float64
    set_aside: Indices
    labelled_loss: float
    feed_losses: Float64

    @property
    def loss(self) -> float:
        found = np.sort(self.feed_losses[self.feed_losses > 0])
        n_counted = int(np.ceil((1 - SHARES[-1]) * len(found)))
        return self.labelled_loss + (float(found[:n_counted].mean()) if n_counted else 0.0)

    def suspects(self, share: float) -> Indices:
        """Return the articles of the feed that look most like carrying a label, ascending."""
        n_suspects = round(share * np.count_nonzero(self.feed_losses))
        return np.sort(np.argsort(-self.feed_losses, kind="stable")[:n_suspects])


@dataclass(frozen=True)
class _Fit:
    """How to fit, whatever the weight."""

    learner: str
    penalty: float
    parents: Int32
    n_jobs: int
    seed: int

    def __call__(self, mixed: _Mixed, weight: float, set_aside: Indices | None = None) -> _Trained:
        """Fit units and a feed, some articles of which are set aside."""
        aside = np.empty(0, np.intp) if set_aside is None else set_aside
        units, n_labelled = mixed.units, mixed.n_labelled
        is_kept = np.ones(len(units.truth), bool)
        is_kept[n_labelled + aside] = False
        weights = np.ones(len(units.truth))
        weights[n_labelled : units.n_articles] = weight
        weighted = replace(units, sample_weight=weights)
        fitted = weighted.subset(np.flatnonzero(is_kept)) if len(aside) else weighted
        linear = LEARNERS[self.learner](fitted, n_jobs=self.n_jobs, seed=self.seed, penalty=self.penalty)
        of_feed = np.empty((units.n_articles - n_labelled, units.truth.shape[1]))
        of_feed[is_kept[n_labelled : units.n_articles]] = linear.margins[n_labelled:]
        of_feed[aside] = wide(units.features)[n_labelled + aside] @ linear.weights + linear.intercept
        labelled = replace(linear, margins=linear.margins[:n_labelled], dual_weights=None, kept=None)
        return _Trained(labelled, of_feed, aside, *self._losses(mixed, labelled, of_feed, aside))

    def _losses(
        self, mixed: _Mixed, linear: LinearFit, of_feed: Float64, aside: Indices
    ) -> tuple[float, Float64]:
        """Return the mean log-loss of the labelled articles' cells, and that of each article of the feed."""
        first, rest = slice(0, mixed.n_labelled), slice(mixed.n_labelled, None)
        feed = FeedMargins(of_feed, mixed.scope(rest))
        in_scope = mixed.scope(first)
        truth = mixed.units.truth[first]
        calibration = fit_calibration(
            linear.margins,
            truth,
            parents=self.parents,
            link=linear.link,
            in_scope=in_scope,
            feed=feed[np.setdiff1d(np.arange(len(of_feed)), aside)],
        )
        p = calibration.probabilities(linear.margins, self.parents).astype(np.float64)
        fired = calibration.probabilities(of_feed, self.parents, in_scope=feed.in_scope).astype(np.float64)
        losses = -np.log(np.where(truth, p, 1 - p))
        return float(losses.mean() if in_scope is None else losses[in_scope].mean()), _mean_in_scope(
            -np.log1p(-fired), feed.in_scope
        )


def _mean_in_scope(losses: Float64, in_scope: BoolArray | None) -> Float64:
    """Return the mean of each row's cells in scope; those out of scope are 0."""
    n_cells = losses.shape[1] if in_scope is None else np.maximum(in_scope.sum(axis=1), 1)
    return np.asarray(losses.sum(axis=1) / n_cells)
