"""From a corpus to a fitted model: features, kernels and classifier, not yet judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from framescope._types import BoolArray
from framescope.bundle.facts import Rounding
from framescope.corpus.schema import Corpus
from framescope.corpus.scope import units_in_scope
from framescope.errors import TrainingError
from framescope.features.first_block import FirstBlock
from framescope.features.narrow import FeatureMatrix, first_rows, wide
from framescope.features.scope import Scope
from framescope.features.vectorizer import NgramVectorizer
from framescope.features.vocabulary import Vocabulary
from framescope.fit.background import Feed
from framescope.fit.classifier import FramingClassifier
from framescope.fit.gram import linear_gram
from framescope.fit.groups import leave_out_blocks
from framescope.fit.known import FurtherGram, Known
from framescope.fit.learners import MAX_RIDGE_UNITS, MAX_UNITS_AT_ONCE, learner_for
from framescope.fit.linear import is_fitted
from framescope.fit.outlooks import Outlooks
from framescope.fit.typicality import fit_typicality, left_out_counts
from framescope.model.fitted import Model, doubts_of
from framescope.model.second_stage import SecondStage
from framescope.model.typicality import Typicality
from framescope.progress import Progress
from framescope.text.kernels import in_threads
from framescope.text.utf8 import Utf8Texts
from framescope.training.background import Background
from framescope.training.earlier import Earlier
from framescope.training.kernel_weight import WEIGHTS, Fit, Taught, choose_weight
from framescope.training.landmarks import fit_by_landmarks
from framescope.training.material import Material
from framescope.training.meaning import Meaning, Tell, read_meaning
from framescope.training.memory import give_back
from framescope.training.outlooks import LANGUAGE, language_groups
from framescope.training.recipe import Recipe

MIN_LANGUAGES = 3
"""Languages of a corpus from which on n-grams by themselves tell how articles in a further one score."""
N_ROUNDED = 500  # articles whose decisions are compared with those of unrounded weights


class Fitted(NamedTuple):
    """The learned features, those of the units, for which labels these are in scope, and the fit.

    ``first`` is the fit of n-grams by themselves, where there is more.
    """

    vectorizer: NgramVectorizer
    features: FeatureMatrix
    in_scope: BoolArray | None
    classifier: FramingClassifier
    meaning: Meaning | None = None
    first: FramingClassifier | None = None


def fit_material(  # noqa: PLR0913 - one stage of training
    material: Material,
    recipe: Recipe,
    *,
    background: Background | None = None,
    outlooks: Outlooks | None = None,
    earlier: Earlier | None = None,
    progress: Progress,
    tell: Tell,
) -> Fitted:
    """Learn features and fit.

    Raises:
        TrainingError: no feature occurs often enough.
        EncoderError: an encoder cannot be used.
    """
    in_scope = units_in_scope(material.corpus, material.corpus.codebook, jobs=recipe.jobs)
    meaning = _meaning(material, in_scope, recipe, background, progress, tell)
    with progress("Reading features"):
        vocabulary = None if earlier is None else earlier.vocabulary
        vectorizer, feed = _learn_features(material, recipe, background, vocabulary)
        give_back()
        features = _features(vectorizer, material, recipe, is_alone=meaning is None and background is None)
    give_back()
    truth = np.vstack([material.truth, material.evidence.labels])
    units = Taught(features, truth, material.beside_evidence(material.groups))
    known = Known(
        near_duplicates=material.near_with_evidence(),
        n_articles=material.corpus.n_units,
        in_scope=in_scope,
        start=None if earlier is None else earlier.start(material),
    )

    def fit(
        units: Taught, known: Known, *, learner: str = recipe.learner, feed: Feed | None = None
    ) -> FramingClassifier:
        max_firing = None if feed is None else recipe.max_firing
        options = (learner, recipe.rule, material.corpus.codebook, recipe.jobs, recipe.seed, max_firing)
        return FramingClassifier(*options).fit(
            units.features, units.truth, groups=units.groups, known=known, feed=feed
        )

    with progress("Fitting"):
        if meaning is None:
            whole, first = fit(units, replace(known, outlooks=outlooks), feed=feed), None
        else:
            languages = language_groups(material.corpus)
            groups = None if languages is None else material.beside_evidence(languages)
            whole, first = _fit_meaning(fit, units, known, meaning, feed, outlooks, groups, recipe)
    return Fitted(vectorizer, first_rows(features, material.corpus.n_units), in_scope, whole, meaning, first)


def _fit_meaning(  # noqa: PLR0913, PLR0917 - one stage of training
    fit: Fit,
    units: Taught,
    known: Known,
    meaning: Meaning,
    feed: Feed | None,
    outlooks: Outlooks | None,
    languages: Sequence[str] | None,
    recipe: Recipe,
) -> tuple[FramingClassifier, FramingClassifier]:
    """Fit to what encoders see, too; return this fit and that of n-grams by themselves."""
    kernel = meaning.kernel
    if kernel is None:
        return fit(units, replace(known, likeness=meaning.likeness, outlooks=outlooks)), fit(units, known)
    more = replace(known, likeness=meaning.likeness if feed is None else None, outlooks=outlooks)
    if feed is None and len(kernel.units) <= MAX_RIDGE_UNITS and recipe.learner != "ridge-cd":
        jobs = recipe.jobs if len(kernel.units) <= MAX_UNITS_AT_ONCE else 1
        grams = in_threads(lambda gram: gram(), (lambda: linear_gram(wide(units.features)), kernel.gram), jobs)
        gram, further_gram = grams[0], FurtherGram(grams[1], WEIGHTS, languages)
        beside = replace(more, gram=gram, further_gram=further_gram)
        whole, first = in_threads(lambda what: fit(units, what), (beside, replace(known, gram=gram)), jobs)
        return whole, first
    weight, has_likeness = choose_weight(fit, units, more, kernel, languages, recipe.seed)
    more = more if has_likeness else replace(more, likeness=None)
    if weight:
        whole = fit_by_landmarks(
            fit, units, more, kernel, weight=weight, feed=feed, of_feed=meaning.of_feed, seed=recipe.seed
        )
    else:
        whole = fit(units, more, feed=feed)
    whole.further_weight_ = weight
    return whole, fit(units, known, feed=feed)


def model_of(fitted: Fitted, corpus: Corpus) -> Model:
    """Return what serves."""
    vectorizer, classifier, first = fitted.vectorizer, fitted.classifier, fitted.first
    further = [] if fitted.meaning is None else fitted.meaning.blocks(classifier)
    if further and first is not None:
        doubts = doubts_of(first.probabilities_, corpus.codebook)
        further.append(FirstBlock.learn(first.coef_.T, first.intercept_, doubts))
    return Model(
        codebook=corpus.codebook,
        blocks=(vectorizer.weigh(classifier.coef_.T), *further),
        intercept=classifier.intercept_,
        calibration=classifier.calibration_,
        rule=classifier.rule_,
        unit=corpus.unit,
        languages=tuple(sorted(set(corpus.languages()) - {""})),
        abroad=_abroad(classifier, corpus, has_encoder=bool(further)),
        first=SecondStage(first.calibration_, first.rule_) if further and first is not None else None,
    )


def typicality_of(
    fitted: Fitted, material: Material, recipe: Recipe, background: Background | None
) -> Typicality | None:
    """Compare each article, and each of a background, with what the others teach."""
    texts, features, vectorizer = material.texts, fitted.features, fitted.vectorizer
    of_feed = [] if background is None else background.texts[: recipe.max_background]
    alone = [np.array([row]) for row in range(len(texts), len(texts) + len(of_feed))]
    left_out = leave_out_blocks(material.group_numbers, material.near.pairs)
    counts = left_out_counts(
        vectorizer.vocabulary_,
        [*texts, *of_feed],
        sp.vstack([wide(features), vectorizer.transform(of_feed)], format="csr") if of_feed else features,
        blocks=[*left_out, *zip(alone, alone, strict=True)],
        min_df=recipe.min_df,
        rng=np.random.default_rng(recipe.seed),
    )
    return fit_typicality(counts, cut=recipe.typicality)


def rounding_of(model: Model, fitted: Fitted) -> Rounding:
    """Return how many decisions on left-out articles, a sample, there are, and how many rounding changes."""
    features, classifier, meaning = fitted.features, fitted.classifier, fitted.meaning
    rows = np.linspace(0, features.shape[0] - 1, min(N_ROUNDED, features.shape[0])).astype(int)
    exact = classifier.margins_[rows]
    rounded = exact + wide(features[rows]) @ (model.ngrams.weights.wide() - classifier.coef_.T)
    scope = None if fitted.in_scope is None else fitted.in_scope[rows]
    likeness = meaning.likeness[rows] if meaning is not None and model.descriptions is not None else None
    before, after = (model.conclude(margins, scope, likeness=likeness).decided for margins in (exact, rounded))
    return Rounding(int(before.sum()), int((before != after).sum()))


def _learn_features(
    material: Material, recipe: Recipe, background: Background | None, known: Vocabulary | None
) -> tuple[NgramVectorizer, Feed | None]:
    """Learn the n-grams of the corpus and of a background's part that is fitted; read the background.

    Those that are known are not learned again.
    """
    of_feed = [] if background is None else background.texts
    n_fitted = min(recipe.max_background, len(of_feed))
    vectorizer = NgramVectorizer(
        recipe.min_df, recipe.max_features_with(background=background is not None), recipe.jobs
    )
    if known is not None:
        vectorizer.vocabulary_ = known
        return vectorizer, None
    vectorizer.learn(
        Utf8Texts.encode([*material.texts, *of_feed[:n_fitted]]) if of_feed else material.encoded()
    )
    if not len(vectorizer.vocabulary_):
        raise TrainingError(
            f"{material.corpus.path}: no feature occurs in {recipe.min_df} units: expected more or longer texts"
        )
    if not of_feed:
        return vectorizer, None
    return vectorizer, _feed(vectorizer, of_feed, n_fitted, Scope.of(material.corpus.codebook))


def _features(
    vectorizer: NgramVectorizer, material: Material, recipe: Recipe, *, is_alone: bool
) -> FeatureMatrix:
    """Return the features of units and evidence: narrow where they are many, and alone."""
    parts = [material.encoded(), Utf8Texts.encode(material.evidence.texts)]
    is_large = learner_for(sum(map(len, parts)), recipe.learner) == "ridge-cd"
    return vectorizer.features_of(parts, narrow=is_large and is_alone)


def _feed(vectorizer: NgramVectorizer, texts: Sequence[str], n_fitted: int, scope: Scope | None) -> Feed:
    in_scope = None if scope is None else scope.find(Utf8Texts.encode(texts), jobs=vectorizer.n_jobs)
    return Feed(vectorizer.transform(texts), n_fitted, in_scope)


def _meaning(
    material: Material,
    in_scope: BoolArray | None,
    recipe: Recipe,
    background: Background | None,
    progress: Progress,
    tell: Tell,
) -> Meaning | None:
    """Return what encoders say of the units and of a background, None where there are no encoders."""
    if not recipe.encoders:
        return None
    return read_meaning(
        material.texts,
        is_fitted(material.truth, in_scope),
        material.evidence.texts,
        [] if background is None else background.texts,
        material.corpus.codebook,
        encoders=recipe.encoders,
        only_descriptions=recipe.only_descriptions,
        jobs=recipe.jobs,
        progress=progress,
        tell=tell,
    )


def _abroad(classifier: FramingClassifier, corpus: Corpus, *, has_encoder: bool) -> SecondStage | None:
    """Return the second stage for languages that the corpus does not have, None where nothing tells.

    Articles left out by language are judged by all languages but one, new languages by all: their margins are
    part of the way from those of training to those of the left-out articles. With n languages and an encoder,
    that is about (n - 1) / n of the way. N-grams carry less over, some (2 n - 1) / 2 n of it, and tell nothing
    of two languages only: either may be all that the other one knows.
    """
    left_out = classifier.outlook_stages_.get(LANGUAGE)
    n_languages = len({*corpus.languages()} - {""})
    if left_out is None or (not has_encoder and n_languages < MIN_LANGUAGES):
        return None
    home = SecondStage(classifier.calibration_, classifier.rule_)
    share = (n_languages - 1) / n_languages
    return home.towards(left_out, share if has_encoder else (1 + share) / 2)
