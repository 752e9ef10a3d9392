"""The estimator: multi-label linear classification with honest margins, probabilities and a decision rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from framescope._types import Array, BoolArray, Float32, Indices
from framescope.codebook import Codebook
from framescope.errors import TrainingError
from framescope.features.narrow import NarrowRows, wide
from framescope.fit.background import Feed, FeedFit, fit_with_feed
from framescope.fit.floors import n_needed
from framescope.fit.gram import linear_gram
from framescope.fit.groups import (
    NOTHING_LEFT,
    assign_folds,
    group_numbers,
    with_near_duplicates,
)
from framescope.fit.known import NOTHING_ELSE, Known, WeightChoice
from framescope.fit.learners import MAX_UNITS_AT_ONCE, fit_linear, learner_for
from framescope.fit.linear import LinearFit, Units, least, rows_to_fit
from framescope.fit.outlooks import (
    TIME,
    LeftOut,
    Outlooks,
    earlier_and_later,
    left_out_margins,
    with_unknown_group,
)
from framescope.fit.stages import Stages
from framescope.model.calibration import Calibration
from framescope.model.second_stage import SecondStage
from framescope.text.kernels import in_threads

N_FOLDS = 10
N_CHOICE_FOLDS = 5
MIN_CHANCE = 1e-6
MIN_GAIN = 0.005
"""The share of the left-out log-loss that likeness must take away beside a further Gram matrix."""


class FramingClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A linear classifier for all labels of a codebook at once.

    Parameters:
        learner: ``ridge``, ``ridge-cd``, ``logistic``, or ``auto``: ridge up to 10,000 units, then ridge-cd.
        rule: ``samples-f1``, ``micro-f1``, ``macro-f1``, ``precision>=P`` or ``recall>=R``.
        codebook: the labels of the columns of y; None for labels without parents.
        n_jobs: joblib's jobs, for the learners ridge-cd and logistic.
        seed: of the folds.
        max_firing: the share of a feed's articles on which a label may fire; None for any.

    Attributes:
        coef_: (n_labels, n_features) float32, and intercept_: (n_labels,) float32.
        dual_coef_: weight of each unit, (n_units, n_labels), of the ridge learners; None of the logistic one,
            and with a feed.
        kept_: where a later fit can start, of the learner ridge-cd, without a feed; else None.
        learner_, penalty_: the learner that fitted, and the penalty that was chosen.
        margins_: what each article scores in a fit without its group, (n_articles, n_labels) float32.
        probabilities_, decisions_: the same for probabilities and label sets; their calibration and rule have
            not seen the article's fold of groups.
        calibration_, rule_: fitted on all left-out margins; they serve new texts.
        further_weight_: the weight that was chosen for further_gram.
        feed_: what became of a feed, None without one.
        feed_probabilities_, feed_decisions_: of the feed's articles, (n_feed, n_labels), by fits without the
            article, and a calibration and rule without its half of the feed.
        outlooks_: what the same recipe gives where other groups are left out, or what is later, by name.
        outlook_stages_: calibration and rule by outlook, fitted on all articles as they score there.
        classes_: the label ids, or the two classes of a 1-d y.
    """

    def __init__(
        self,
        learner: str = "auto",
        rule: str = "samples-f1",
        codebook: Codebook | None = None,
        n_jobs: int = 1,
        seed: int = 0,
        max_firing: float | None = None,
    ) -> None:
        self.learner = learner
        self.rule = rule
        self.codebook = codebook
        self.n_jobs = n_jobs
        self.seed = seed
        self.max_firing = max_firing

    def fit(
        self, X: Any, y: Any, *, groups: Any = None, known: Known = NOTHING_ELSE, feed: Feed | None = None
    ) -> Self:
        """Fit to features (n_units, n_features) and labels (n_units, n_labels), or a 1-d y of two classes.

        Args:
            X: sparse or dense features, or rows with values of 16 bits.
            y: closed label sets as an indicator matrix, or one label.
            groups: names of what must be left out together, (n_units,); None leaves out single units.
            known: what else is known of the units.
            feed: unlabelled articles that nearly all carry no label; see :mod:`framescope.fit.background`.
        """
        if isinstance(X, NarrowRows):
            y, self.n_features_in_ = validate_data(self, "no_validation", y, multi_output=True), X.shape[1]
        else:
            X, y = validate_data(self, X, y, accept_sparse="csr", multi_output=True, dtype=np.float32)
        truth = self._encode_labels(y)
        self.codebook_ = self.codebook or Codebook.flat(f"label{k:04d}" for k in range(truth.shape[1]))
        group_of = group_numbers(range(len(truth)) if groups is None else groups)
        units = known.units(X if isinstance(X, NarrowRows) else sp.csr_array(X), truth, group_of)
        if not units.groups.any():
            raise ValueError("one group only, or one sample; two are needed, to judge each by the other")
        if known.likeness is not None and feed is not None:
            raise ValueError("a feed has no likeness: leave out one of them")
        rows, in_scope = rows_to_fit(units, known.in_scope), known.in_scope
        scope = None if in_scope is None else in_scope[rows[rows < units.n_articles]]
        self.feed_, self._uses_likeness = None, True
        choice = None if known.further_gram is None else known.further_gram.choice(rows)
        to_fit = units.subset(rows)
        is_ridge = learner_for(len(rows), self.learner) == "ridge"
        if (
            is_ridge
            and known.gram is None
            and known.outlooks is not None
            and known.outlooks.periods is not None
        ):
            to_fit = replace(to_fit, known_gram=linear_gram(wide(to_fit.features)))
        alone, self.feed_ = self._fit_linear(to_fit, scope, feed, choice)
        if not self._uses_likeness:
            units, to_fit = (replace(some, likeness=None) for some in (units, to_fit))
        fitted = alone.spread(rows, units)
        self.learner_, self.penalty_ = fitted.learner, fitted.penalty
        self.coef_ = np.ascontiguousarray(fitted.weights.T, dtype=np.float32)
        self.dual_coef_ = fitted.dual_weights
        self.kept_ = fitted.kept
        self.intercept_ = fitted.intercept.astype(np.float32)
        self.margins_ = fitted.margins.astype(np.float32)
        self._fit_decisions(fitted, units.judged(), in_scope)
        self.outlooks_ = {}
        self.outlook_stages_: dict[str, SecondStage] = {}
        if known.outlooks is not None:
            to_fit = replace(
                to_fit.with_gram(self.further_weight_), near_penalty=None if choice is None else alone.penalty
            )
            for name, left_out in self._judge(alone, to_fit, known.outlooks.subset(rows), scope):
                self.outlooks_[name] = known.outlooks.spread(
                    name, left_out, rows[: to_fit.n_articles], units.n_articles
                )
        return self

    def _fit_linear(
        self, units: Units, in_scope: BoolArray | None, feed: Feed | None, choice: WeightChoice | None
    ) -> tuple[LinearFit, FeedFit | None]:
        options: dict[str, Any] = {"learner": self.learner, "n_jobs": self.n_jobs, "seed": self.seed}
        self.further_weight_ = 1.0
        if feed is None:
            if self.max_firing is not None:
                raise ValueError("max_firing is a share of a feed's articles: give a feed, too")
            if choice is None:
                return fit_linear(units, **options), None
            return self._weigh_gram(units, in_scope, choice, options), None
        if choice is not None:
            raise ValueError("a feed is known by its features only: leave out further_gram")
        if self.max_firing is not None and feed.features.shape[0] < n_needed(self.max_firing):
            raise TrainingError(
                f"the background has {feed.features.shape[0]} articles: expected {n_needed(self.max_firing)} "
                f"or more to keep each label to {self.max_firing:g} of them"
            )
        return fit_with_feed(units, feed, parents=self.codebook_.parents, in_scope=in_scope, **options)

    def _weigh_gram(
        self, units: Units, in_scope: BoolArray | None, choice: WeightChoice, options: dict[str, Any]
    ) -> LinearFit:
        """Fit with the weight of the further Gram matrix, and with or without likeness, that judge best."""
        near: float | None = None

        def attempt(weight: float) -> tuple[float, tuple[LinearFit, bool]]:
            nonlocal near
            fitted = fit_linear(replace(units.with_gram(weight), near_penalty=near), **options)
            near = fitted.penalty
            ways = [fitted, *choice.further_ways(fitted, units)]
            without = sum(self._left_out_loss(way, replace(units, likeness=None), in_scope) for way in ways)
            if units.likeness is None:
                return without, (fitted, False)
            loss = sum(self._left_out_loss(way, units, in_scope) for way in ways)
            uses_likeness = loss < (1 - MIN_GAIN) * without
            return loss if uses_likeness else without, (fitted, uses_likeness)

        best: tuple[LinearFit, bool]
        self.further_weight_, best = least(tuple(choice.weights), attempt, up=True)
        fitted, self._uses_likeness = best
        return fitted

    def _left_out_loss(self, fitted: LinearFit, units: Units, in_scope: BoolArray | None) -> float:
        """Return the log-loss of probabilities by a calibration that has not seen the article's fold."""
        articles = units.judged()
        stages = self._stages(fitted, articles, in_scope)
        start = stages.calibrate(np.arange(units.n_articles))
        folds = assign_folds(articles.groups, n_folds=N_CHOICE_FOLDS, rng=np.random.default_rng(self.seed))
        left_out = np.empty(articles.truth.shape)
        for fold in range(folds.max() + 1):
            held_out = folds == fold
            kept = np.flatnonzero(~with_near_duplicates(held_out, articles.near_duplicates))
            calibration = stages.calibrate(kept, start=start) if len(kept) else start
            left_out[held_out] = stages.probabilities(calibration, np.flatnonzero(held_out))
        chances = np.where(articles.truth, left_out, 1 - left_out)
        counted = np.ones(chances.shape, bool) if in_scope is None else in_scope
        return float(-np.log(np.maximum(chances[counted], MIN_CHANCE)).mean())

    def _encode_labels(self, y: Array) -> BoolArray:
        check_classification_targets(y)
        self.is_single_ = y.ndim == 1
        if not self.is_single_:
            self.classes_ = np.array(self.codebook.ids) if self.codebook else np.arange(y.shape[1])
            return np.asarray(y, dtype=bool)
        if type_of_target(y, input_name="y") != "binary":
            raise ValueError("Only binary classification is supported. The type of the target is multiclass.")
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise ValueError(f"one class only: {self.classes_[0]!r}; two classes are needed")
        return np.asarray(y == self.classes_[1])[:, np.newaxis]

    def _fit_decisions(self, fitted: LinearFit, articles: Units, in_scope: BoolArray | None) -> None:
        """Fit calibration and rule to all margins, and once more to each nine tenths for the tenth left.

        A tenth's near-duplicates are no part of its nine tenths.
        """
        stages = self._stages(fitted, articles, in_scope)
        self.calibration_, self.rule_ = stages.fit(np.arange(len(articles.truth)))
        if self.feed_ is not None:
            self.feed_probabilities_, self.feed_decisions_ = stages.judge_feed(self.calibration_, self.feed_)
        left_out = self._cross_fit(stages, articles, self.calibration_)
        self.probabilities_, self.decisions_ = left_out.probabilities, left_out.decisions

    def _cross_fit(self, stages: Stages, articles: Units, start: Calibration) -> LeftOut:
        """Judge each tenth of the groups by a calibration and a rule of the others."""
        left_out = LeftOut.blank(articles.truth.shape)
        folds = assign_folds(articles.groups, n_folds=N_FOLDS, rng=np.random.default_rng(self.seed))
        for fold in range(folds.max() + 1):
            held_out = folds == fold
            kept = ~with_near_duplicates(held_out, articles.near_duplicates)
            if not kept.any():
                raise TrainingError(NOTHING_LEFT)
            calibration, rule = stages.fit(np.flatnonzero(kept), start=start)
            probabilities = stages.probabilities(calibration, np.flatnonzero(held_out))
            left_out.put(held_out, probabilities, rule.decide(probabilities, self.codebook_))
        return left_out

    def _judge(
        self, fitted: LinearFit, units: Units, outlooks: Outlooks, in_scope: BoolArray | None
    ) -> Iterator[tuple[str, LeftOut]]:
        """Judge the articles in other ways; those in which nothing would be left to learn from are left out."""
        articles = units.judged()
        for name, margins, groups in left_out_margins(fitted, units, outlooks):
            judged, known, scope = replace(fitted, margins=margins), replace(articles, groups=groups), in_scope
            if name == outlooks.foreign and units.further_gram is None:
                judged, known, scope = with_unknown_group(judged, known, scope)
            stages = self._stages(judged, known, scope)
            start, rule = stages.fit(np.arange(known.n_articles))
            self.outlook_stages_[name] = SecondStage(start, rule)
            yield name, self._cross_fit(stages, known, start).first(units.n_articles)
        if outlooks.periods is not None:
            yield TIME, self._judge_later(units, outlooks.periods, in_scope)

    def _judge_later(self, units: Units, periods: Indices, in_scope: BoolArray | None) -> LeftOut:
        """Judge the articles of each period but the first by all that is earlier."""
        left_out = LeftOut.blank((units.n_articles, units.truth.shape[1]))

        def judge(earlier_and_later: tuple[Indices, Indices]) -> tuple[Indices, Float32, BoolArray]:
            earlier, later = earlier_and_later
            past = replace(units.subset(earlier), start=None)  # it knows what is later
            fitted = fit_linear(past, learner=self.learner_, n_jobs=self.n_jobs, seed=self.seed)
            known = None if in_scope is None else in_scope[earlier[: past.n_articles]]
            stages = self._stages(fitted, past.judged(), known)
            calibration, rule = stages.fit(np.arange(past.n_articles))
            margins = wide(units.features[later]) @ fitted.weights + fitted.intercept
            if units.further_gram is not None and fitted.dual_weights is not None:
                margins += units.further_gram[np.ix_(later, earlier)] @ fitted.dual_weights
            probabilities = calibration.probabilities(
                margins,
                self.codebook_.parents,
                in_scope=None if in_scope is None else in_scope[later],
                likeness=None if units.likeness is None else units.likeness[later],
            )
            return later, probabilities, rule.decide(probabilities, self.codebook_)

        n_jobs = self.n_jobs if len(units.truth) <= MAX_UNITS_AT_ONCE else 1
        for later, probabilities, decided in in_threads(judge, [*earlier_and_later(units, periods)], n_jobs):
            left_out.put(later, probabilities, decided)
        return left_out

    def _stages(self, fitted: LinearFit, articles: Units, in_scope: BoolArray | None) -> Stages:
        return Stages(
            fitted,
            articles.truth,
            articles.groups,
            in_scope,
            self.codebook_,
            self.rule,
            intercept=fitted.intercept.astype(np.float32),
            feed=self.feed_,
            max_firing=self.max_firing,
            likeness=articles.likeness,
        )

    def decision_function(self, X: Any) -> Float32:
        """Return margins: (n_units, n_labels) float32, or (n_units,) after a 1-d y."""
        margins = self._margins(X)
        return margins[:, 0] if self.is_single_ else margins

    def predict_proba(self, X: Any) -> Float32:
        """Return calibrated probabilities: (n_units, n_labels) float32, or of both classes after a 1-d y."""
        probabilities = self._probabilities(X)
        return np.hstack([1 - probabilities, probabilities]) if self.is_single_ else probabilities

    def predict(self, X: Any) -> Array:
        """Return label sets: (n_units, n_labels) int, or the class of each unit after a 1-d y."""
        probabilities = self._probabilities(X)
        decided = self.rule_.decide(probabilities, self.codebook_)
        return np.asarray(self.classes_[decided[:, 0].astype(int)] if self.is_single_ else decided.astype(int))

    def _probabilities(self, X: Any) -> Float32:
        margins = self._margins(X)
        probabilities: Float32 = self.calibration_.probabilities(
            margins, self.codebook_.parents, self.intercept_
        )
        return probabilities

    def _margins(self, X: Any) -> Float32:
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", reset=False, dtype=np.float32)
        # A dense product rounds a row differently with the rows around it; a sparse one does not.
        return np.asarray(sp.csr_array(X) @ self.coef_.T + self.intercept_, dtype=np.float32)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.target_tags.multi_output = True
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.multi_label = True
        return tags
