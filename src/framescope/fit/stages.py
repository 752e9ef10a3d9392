"""Calibration and rule, fitted to some of the articles that a linear fit has left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framescope._types import BoolArray, Float32, Indices
from framescope.codebook import Codebook
from framescope.fit.background import FeedFit
from framescope.fit.calibrate import FeedMargins, fit_calibration
from framescope.fit.floors import close_empty, raise_floors
from framescope.fit.linear import LinearFit
from framescope.fit.rules import fit_samples_f1, parse_rule
from framescope.model.calibration import Calibration
from framescope.model.decision import Rule


@dataclass(frozen=True, eq=False)
class Stages:
    """What calibration and rule are fitted to: left-out margins, truth, scope, all (n_articles, n_labels).

    Beside them the articles' groups, a feed, and the share of it to which the rule keeps each label.
    ``likeness``, of the same shape, tells how far articles resemble the labels' descriptions; None where the
    second stage does not ask.
    """

    fitted: LinearFit
    truth: BoolArray
    groups: Indices
    in_scope: BoolArray | None
    codebook: Codebook
    rule: str
    intercept: Float32
    feed: FeedFit | None = None
    max_firing: float | None = None
    likeness: Float32 | None = None

    def fit(
        self, rows: Indices, *, start: Calibration | None = None, feed_rows: Indices | None = None
    ) -> tuple[Calibration, Rule]:
        """Fit both to some articles, and to some of the feed's: by default to all that were fitted."""
        feed, truth = self._feed_of(feed_rows), self.truth[rows]
        calibration = self.calibrate(rows, start=start, feed_rows=feed_rows)
        probabilities = self.probabilities(calibration, rows)
        rule = parse_rule(self.rule)(probabilities, truth, self.codebook, self.groups[rows])
        if feed is not None and rule.cuts is None:
            rule = fit_samples_f1(probabilities, truth, self.codebook, self._of_feed(calibration, feed))
        if self.feed is not None:
            rule = self._keep_to_rate(rule, self._of_feed(calibration, self.feed.articles))
        return calibration, close_empty(rule, probabilities, truth, self.codebook)

    def calibrate(
        self, rows: Indices, *, start: Calibration | None = None, feed_rows: Indices | None = None
    ) -> Calibration:
        """Fit the calibration alone, as :meth:`fit` does."""
        return fit_calibration(
            self.fitted.margins[rows],
            self.truth[rows],
            parents=self.codebook.parents,
            link=self.fitted.link,
            in_scope=self._scope_of(rows),
            start=start,
            feed=self._feed_of(feed_rows),
            likeness=self._likeness_of(rows),
        )

    def _feed_of(self, rows: Indices | None) -> FeedMargins | None:
        return None if self.feed is None else self.feed.articles[self.feed.fitted if rows is None else rows]

    def probabilities(self, calibration: Calibration, rows: Indices) -> Float32:
        """Return the probabilities of some articles."""
        return calibration.probabilities(
            self.fitted.margins[rows],
            self.codebook.parents,
            in_scope=self._scope_of(rows),
            likeness=self._likeness_of(rows),
        )

    def judge_feed(self, start: Calibration, feed: FeedFit) -> tuple[Float32, BoolArray]:
        """Return probabilities and decisions on the feed, each half by what the other half has fitted."""
        shape = feed.articles.margins.shape
        judged, decided = np.empty(shape, np.float32), np.empty(shape, bool)
        is_even = np.arange(shape[0]) % 2 == 0
        everything = np.arange(len(self.truth))
        for half in (is_even, ~is_even):
            others = feed.fitted[~half[feed.fitted]]
            calibration, rule = self.fit(everything, start=start, feed_rows=others)
            probabilities = self._of_feed(calibration, feed.articles)
            rule = self._keep_to_rate(rule, probabilities[~half])
            judged[half] = probabilities[half]
            decided[half] = rule.decide(probabilities[half], self.codebook)
        return judged, decided

    def _of_feed(self, calibration: Calibration, feed: FeedMargins) -> Float32:
        return calibration.probabilities(
            feed.margins, self.codebook.parents, self.intercept, in_scope=feed.in_scope
        )

    def _keep_to_rate(self, rule: Rule, probabilities: Float32) -> Rule:
        if self.max_firing is None:
            return rule
        return raise_floors(rule, probabilities, self.codebook, max_firing=self.max_firing)

    def _scope_of(self, rows: Indices) -> BoolArray | None:
        return None if self.in_scope is None else self.in_scope[rows]

    def _likeness_of(self, rows: Indices) -> Float32 | None:
        return None if self.likeness is None else self.likeness[rows]
