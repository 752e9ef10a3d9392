"""How good a fit is, on the articles that it left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

from framescope._types import BoolArray
from framescope.corpus.schema import Corpus
from framescope.fit.outlooks import Outlooks
from framescope.measure.agreement import coder_figures
from framescope.measure.metrics import Outcomes, UnitInfo, evaluate
from framescope.model.fitted import Model
from framescope.training.fitting import Fitted
from framescope.training.material import Material
from framescope.training.outlooks import judge_outlooks


@dataclass(frozen=True)
class Judged:
    """The metrics of left-out decisions, those of each outlook, and what to expect of new articles.

    ``units`` says what the articles are, and which are drawn together; ``coders`` how the coders of the corpus
    agree, and what they score beside the model.
    """

    units: UnitInfo
    metrics: dict[str, Any]
    outlooks: dict[str, Any]
    new_articles: dict[str, Any] | None
    coders: dict[str, Any] | None = None

    @classmethod
    def of(cls, fitted: Fitted, material: Material, outlooks: Outlooks, *, n_new: int) -> Self:
        """Judge a fit; ``n_new`` is of how many new articles to say between which scores they will be."""
        corpus, classifier = material.corpus, fitted.classifier
        units = UnitInfo.of(corpus, material.groups)
        left_out = Outcomes(material.truth, classifier.decisions_, classifier.probabilities_, fitted.in_scope)
        prior = classifier.calibration_.prior
        metrics = evaluate(left_out, units, codebook=corpus.codebook, prior=prior)
        truth, found = material.truth, classifier.outlooks_
        return cls(units, metrics, *judge_outlooks(corpus, found, truth, outlooks, n_new=n_new))

    def beside_coders(self, corpus: Corpus, decided: BoolArray, model: Model) -> Self:
        """Return the same with how coders agree, beside left-out decisions and the model's."""
        return replace(self, coders=coder_figures(corpus, corpus.codebook, decided, model))
