"""What a reader of a bundle may want to know of its training."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from framescope.bundle.facts import CorpusFacts, Facts
from framescope.corpus.journal import state_of
from framescope.corpus.schema import Corpus, corpus_hash
from framescope.fit.classifier import FramingClassifier
from framescope.measure.prevalence import prevalence_figures
from framescope.model.fitted import Model
from framescope.training.background import Background, FiredArticle, background_facts, rank_articles
from framescope.training.fitting import Fitted, rounding_of
from framescope.training.judging import Judged
from framescope.training.material import Material
from framescope.training.recipe import Recipe
from framescope.training.review import rule_promise
from framescope.visible import name_of, visible

LIBRARIES = ("framescope", "scikit-learn", "numpy", "scipy", "numba")


def facts_of(material: Material, model: Model, fitted: Fitted, judged: Judged, *, recipe: Recipe) -> Facts:
    """Return what a reader of the bundle may want to know; nothing of it changes from day to day."""
    classifier = fitted.classifier
    return Facts(
        corpus=_corpus_facts(material.corpus),
        learner=classifier.learner_,
        penalty=classifier.penalty_,
        rule=recipe.rule,
        never_given=tuple(_never_given(model)),
        group_by=recipe.group_by,
        min_df=recipe.min_df,
        max_features=recipe.max_features,
        seed=recipe.seed,
        versions={name: version(name) for name in LIBRARIES},
        rounding=rounding_of(model, fitted),
        metrics=judged.metrics,
        outlooks=judged.outlooks,
        new_articles=judged.new_articles,
        coders=judged.coders,
        rule_promise=rule_promise(model.rule, material.truth, material.group_numbers, model.codebook),
        prevalence=prevalence_figures(model.codebook.ids, material.truth, classifier.probabilities_),
        meaning=None if fitted.meaning is None else fitted.meaning.facts(classifier),
    )


def _corpus_facts(corpus: Corpus) -> CorpusFacts:
    return CorpusFacts(
        name=" + ".join(map(_name_of, (corpus.path, *corpus.also))),
        sha256=corpus_hash(corpus),
        n_units=corpus.n_units,
        n_articles=len(set(corpus.column("article_id"))),
        n_left_out=corpus.n_left_out,
        n_spans=sum(len(spans) for spans in corpus.column("spans")),
        languages={code: n for code, n in sorted(Counter(corpus.languages()).items()) if code},
        states=[state for place in (corpus.path, *corpus.also) if (state := state_of(place))],
    )


def with_background(
    training: Facts, background: Background | None, classifier: FramingClassifier, recipe: Recipe
) -> tuple[Facts, list[FiredArticle]]:
    """Return the facts with those on the background, and its articles, those that fire most first."""
    feed = classifier.feed_
    if background is None or feed is None:
        return training, []
    decided = classifier.feed_decisions_
    facts = background_facts(
        background,
        feed,
        decided,
        classifier.codebook_,
        n_fitted=min(recipe.max_background, len(background.articles)),
        max_firing=recipe.max_firing,
    )
    fired = rank_articles(background, feed, decided, classifier.feed_probabilities_, classifier.codebook_)
    return replace(training, background=facts), fired


def _name_of(place: Path | str) -> str:
    """Return a file's or folder's name, which tells nothing of the machine; an ``hf:`` name as it stands."""
    return place if isinstance(place, str) else visible(name_of(place.resolve().name))


def _never_given(model: Model) -> list[str]:
    """Return the labels that neither reach a cut nor are brought by a child that does."""
    is_never = model.rule.never_given(model.codebook)
    return [label_id for label_id, never in zip(model.codebook.ids, is_never, strict=True) if never]
