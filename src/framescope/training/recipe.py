"""The whole recipe: an annotated corpus in; a model with its honest metrics and its card out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from framescope._types import BoolArray
from framescope.bundle.facts import CorpusFacts, Facts, Rounding
from framescope.bundle.record import TrainingRecord, save_record
from framescope.bundle.write import save_bundle
from framescope.corpus.audit import audit
from framescope.corpus.duplicates import near_duplicates_in
from framescope.corpus.schema import Corpus, corpus_hash
from framescope.corpus.scope import units_in_scope
from framescope.corpus.stories import STORY, groups_of
from framescope.errors import TrainingError
from framescope.features.first_block import FirstBlock
from framescope.features.scope import Scope
from framescope.features.vectorizer import NgramVectorizer
from framescope.fit.background import Feed
from framescope.fit.classifier import FramingClassifier
from framescope.fit.groups import Pairs, group_numbers, leave_out_blocks
from framescope.fit.outlooks import Outlooks
from framescope.fit.typicality import fit_typicality, left_out_counts
from framescope.measure.f1 import f1_rows
from framescope.measure.metrics import Outcomes, UnitInfo, calibration_warnings, evaluate
from framescope.measure.outlooks import N_NEW
from framescope.measure.shown import SCORES, number, score_row
from framescope.measure.top_ngrams import Ngram, as_json, top_ngrams
from framescope.model.fitted import Model, SecondStage, doubts_of
from framescope.model.typicality import DEFAULT_CUT, Typicality
from framescope.notebook import MAX_REPR, html_table, short
from framescope.progress import Progress, no_progress
from framescope.text.segments import Unit
from framescope.text.utf8 import Utf8Texts
from framescope.training.background import Background, FiredArticle, background_facts, rank_articles
from framescope.training.card import model_card
from framescope.training.meaning import WEIGHTS, Meaning, Tell, read_meaning, tell_nobody
from framescope.training.outlooks import LANGUAGE, judge_outlooks, language_groups, outlooks_of
from framescope.training.review import fit_review, rule_promise

DEFAULT_MAX_FEATURES = 1 << 18
N_LABELS_NAMED = 5
N_ROUNDED = 500  # articles whose decisions are compared with those of unrounded weights
LIBRARIES = ("framescope", "scikit-learn", "numpy", "scipy", "numba")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to fit.

    Args:
        learner: ``ridge``, ``ridge-cd``, ``logistic`` or ``auto``.
        rule: ``samples-f1``, ``micro-f1``, ``macro-f1``, ``precision>=P`` or ``recall>=R``.
        review: goals ``precision>=P`` for labels that are given; the first that can be promised sets from which
            probability on, and the rule's other labels are to review. Without, all are given.
        group_by: the column whose values are left out together; ``story`` leaves out what tells one story.
        min_df: keep features of at least so many units.
        max_features: keep at most so many features; None keeps all. With a background, twice as many, so that
            it does not crowd out those of annotated articles.
        max_background: fit at most so many articles of a background.
        max_firing: the share of a background's articles on which a label may fire; None for any.
        seed: of folds and samples.
        jobs: of joblib; the result does not depend on it.
        n_new: of how many new articles to say between which scores they will be.
        allow_unseen_labels: train although labels of the codebook have no example; nothing is learned of them
            but, with an encoder, how far a text resembles their description.
        encoders: sentence encoders to read with beside n-grams, as
            :func:`framescope.encoders.catalogue.parse_names` returns them; none by default.
        only_descriptions: of encoders, use only how far texts resemble the labels' descriptions.
        typicality: a text is unlike training if a smaller share of left-out articles is no more typical.
    """

    learner: str = "auto"
    rule: str = "samples-f1"
    review: tuple[str, ...] = ()
    group_by: str = STORY
    min_df: int = 2
    max_features: int | None = DEFAULT_MAX_FEATURES
    max_background: int = 2_000
    max_firing: float | None = None
    seed: int = 0
    jobs: int = 1
    n_new: int = N_NEW
    typicality: float = DEFAULT_CUT
    allow_unseen_labels: bool = False
    encoders: tuple[str, ...] = ()
    only_descriptions: bool = False


@dataclass(frozen=True)
class Trained:
    """A model, the facts on it with its metrics on left-out decisions, and its card.

    ``record`` holds these decisions, for reports. ``fired`` are the articles of a background, those first that
    should be read first; they are not saved.
    """

    model: Model
    training: Facts
    card: str
    warnings: tuple[str, ...]
    record: TrainingRecord
    fired: tuple[FiredArticle, ...] = ()

    def __repr__(self) -> str:
        corpus, fine = self.training.corpus, self.metrics["overall"]["fine"]
        labels = f"{len(self.model.codebook.ids)} labels, {corpus.n_units:,} units"
        return short(f"Trained({corpus.name!r}, {labels}, left-out samples-F1 {number(fine['samples_f1'])})")

    def _repr_html_(self) -> str:
        corpus = self.training.corpus
        caption = f"{corpus.name}: {corpus.n_units:,} units; scores on articles left out of training"
        header = ("", "level", *SCORES.values(), "false alarms")
        rows = map(score_row, f1_rows(self.metrics))
        return html_table(caption, header, rows, more="; ".join(self.warnings)[:MAX_REPR])

    @property
    def metrics(self) -> Mapping[str, Any]:
        """The metrics of :func:`framescope.measure.metrics.evaluate` on left-out decisions."""
        return self.training.metrics

    def save(self, path: Path | str, *, force: bool = False) -> str:
        """Write the bundle, and the record beside it; return the bundle's digest.

        Raises:
            BundleError: the place is taken or cannot be written.
        """
        digest = save_bundle(self.model, path, card=self.card, training=self.training, force=force)
        save_record(self.record, path, digest)
        return digest


def train(
    corpus: Corpus,
    recipe: Recipe,
    *,
    background: Background | None = None,
    progress: Progress = no_progress,
    tell: Tell = tell_nobody,
) -> Trained:
    """Fit a model to a corpus and judge it on what was left out.

    Args:
        corpus: what :func:`framescope.corpus.read.read_corpus` returns.
        recipe: how.
        background: unlabelled articles of a feed, of which nearly none carries a label, as
            :func:`framescope.batch.feed.read_feed` returns them. See :mod:`framescope.fit.background`.
        progress: is entered around each stage with its name.
        tell: is called with how long encoding takes, before it begins.

    Raises:
        TrainingError: there is nothing to learn from the corpus, or the background cannot be used.
        EncoderError: an encoder cannot be used.
        CorpusError: it lacks the column ``group_by``.
    """
    truth = corpus.codebook.indicator(corpus.column("labels"))
    _check(corpus, truth, recipe)
    background = _check_background(background, corpus, recipe)
    with progress("Auditing the corpus"):
        near = near_duplicates_in(corpus)
        warnings = audit(corpus, group_by=_column(corpus, recipe), near=near).warnings()
    groups = _groups(corpus, recipe)
    units = UnitInfo.of(corpus, groups)
    warnings += _of_ungrouped(corpus, recipe)
    outlooks = outlooks_of(corpus, _evidence(corpus)[2])
    # One thread: the same bits on any number of cores, and a busy second core makes LAPACK 15 times slower.
    with threadpool_limits(1, user_api="blas"):
        meaning = _meaning(corpus, recipe, progress, tell)
        fitted = _fit(
            corpus,
            groups,
            near=near.pairs,
            recipe=recipe,
            background=background,
            outlooks=outlooks if background is None else None,
            meaning=meaning,
            progress=progress,
        )
        features, in_scope, classifier = fitted.features, fitted.in_scope, fitted.classifier
        with progress("Judging left-out articles"):
            metrics = evaluate(
                Outcomes(truth, classifier.decisions_, classifier.probabilities_, in_scope),
                units,
                codebook=corpus.codebook,
                prior=classifier.calibration_.prior,
            )
            figures = judge_outlooks(corpus, classifier.outlooks_, truth, outlooks, n_new=recipe.n_new)
        with progress("Comparing articles with the others"):
            typicality = _typicality(
                corpus, fitted.vectorizer, features, background, groups, near.pairs, recipe=recipe
            )
    warnings += calibration_warnings(metrics)
    numbers = group_numbers(groups)
    review, reviewed = fit_review(
        recipe.review, classifier.probabilities_, classifier.decisions_, truth, numbers
    )
    model = replace(_model_of(fitted, corpus, meaning), typicality=typicality, review=review)
    rounding = _rounding(model, classifier, features, in_scope, meaning)
    training = _facts(
        corpus, model, classifier, recipe=recipe, rounding=rounding, metrics=metrics, outlooks=figures
    )
    promise = rule_promise(model.rule, truth, numbers, corpus.codebook)
    training = replace(training, rule_promise=promise, review=reviewed)
    if meaning is not None:
        training = replace(training, meaning=meaning.facts(classifier))
    training, fired = _with_background(training, background, classifier, recipe)
    with progress("Ranking n-grams"):
        ranked = top_ngrams(model, features, texts=corpus.full_texts(), members=truth)
    record = _record(corpus, training, classifier, ranked=ranked, truth=truth, units=units)
    card = model_card(model, training, warnings)
    return Trained(model, training, card, tuple(warnings), record, tuple(fired))


def fit_model(corpus: Corpus, recipe: Recipe, *, progress: Progress = no_progress) -> Model:
    """Fit a model to a corpus as :func:`train` does, without judging it.

    Raises:
        TrainingError: there is nothing to learn from the corpus.
        CorpusError: it lacks the column ``group_by``.
    """
    truth = corpus.codebook.indicator(corpus.column("labels"))
    _check(corpus, truth, recipe)
    groups, near = _groups(corpus, recipe), near_duplicates_in(corpus).pairs
    with threadpool_limits(1, user_api="blas"):
        meaning = _meaning(corpus, recipe, progress, tell_nobody)
        fitted = _fit(corpus, groups, near=near, recipe=recipe, meaning=meaning, progress=progress)
    return _model_of(fitted, corpus, meaning)


def _of_ungrouped(corpus: Corpus, recipe: Recipe) -> list[str]:
    """Return a warning of units that belong to no group, if there are any."""
    n_ungrouped = sum(value in {None, ""} for value in corpus.column(_column(corpus, recipe)))
    told = f"{n_ungrouped} units have no {recipe.group_by} and are left out by article"
    return [told] if n_ungrouped else []


def _record(
    corpus: Corpus,
    training: Facts,
    classifier: FramingClassifier,
    *,
    ranked: Sequence[Sequence[Ngram]],
    truth: BoolArray,
    units: UnitInfo,
) -> TrainingRecord:
    """Return what is kept beside the bundle."""
    return TrainingRecord(
        corpus_sha256=training.corpus.sha256,
        ids=corpus.column("id"),
        probabilities=classifier.probabilities_,
        decided=classifier.decisions_,
        top_ngrams=dict(zip(corpus.codebook.ids, map(as_json, ranked), strict=True)),
        truth=truth,
        clusters=units.clusters,
        languages=units.languages,
        kinds=units.kinds,
    )


def _groups(corpus: Corpus, recipe: Recipe) -> list[str]:
    """Return the name of each unit's group, of two or more."""
    groups = groups_of(corpus, recipe.group_by)
    if len(set(groups)) < 2:
        raise TrainingError(
            f"{corpus.path}: every unit has the same {recipe.group_by} ({groups[0]!r}): "
            "expected two groups or more, to judge each by the others"
        )
    return groups


def _column(corpus: Corpus, recipe: Recipe) -> str:
    """Return the column that groups come from: that of articles where they are put together to stories."""
    is_found = recipe.group_by == STORY and STORY not in corpus.table.column_names
    return "article_id" if is_found else recipe.group_by


def _check(corpus: Corpus, truth: BoolArray, recipe: Recipe) -> None:
    """Refuse a corpus that holds nothing to tell apart."""
    if corpus.n_units < 2 or len(set(corpus.column("article_id"))) < 2:
        raise TrainingError(
            f"{corpus.path}: {corpus.n_units} unit of a single article: expected two articles or more"
        )
    if not truth.any():
        raise TrainingError(
            f"{corpus.path}: no unit has a label: expected at least two label sets to tell apart"
        )
    if (truth == truth[0]).all():
        found = ", ".join(np.array(corpus.codebook.ids)[truth[0]])
        raise TrainingError(
            f"{corpus.path}: every unit has the same label ({found}): "
            "expected units with other labels, or without any"
        )
    unseen = [corpus.codebook.ids[label] for label in np.flatnonzero(~truth.any(axis=0))]
    if unseen and not recipe.allow_unseen_labels:
        named = ", ".join(unseen[:N_LABELS_NAMED]) + (", ..." if len(unseen) > N_LABELS_NAMED else "")
        raise TrainingError(
            f"{corpus.path}: {len(unseen)} labels of the codebook have no example: {named}: "
            "annotate some, take them out of the codebook, or train without them with --skip-invalid"
        )


def _check_background(background: Background | None, corpus: Corpus, recipe: Recipe) -> Background | None:
    """Return the background without what the corpus has, too; refuse one that cannot be used."""
    if background is None:
        if recipe.max_firing is not None:
            raise TrainingError(
                "a label's firing is kept to a share of a background: name one with --background"
            )
        return None
    if recipe.encoders:
        raise TrainingError(
            "sentence encoders cannot read a background yet: leave out --encoder or --background"
        )
    if corpus.unit is not Unit.ARTICLE:
        raise TrainingError(
            f"{corpus.path}: is cut into units of a {corpus.unit.value}, and a background has articles: "
            "leave out --unit, or the background"
        )
    return background.without_duplicates(corpus.full_texts())


class _Fitted(NamedTuple):
    """The learned features, those of the units, for which labels these are in scope, and the fit.

    ``first`` is the fit of n-grams by themselves, where there is more.
    """

    vectorizer: NgramVectorizer
    features: sp.csr_array
    in_scope: BoolArray | None
    classifier: FramingClassifier
    first: FramingClassifier | None = None


def _fit(  # noqa: PLR0913 - one stage of training
    corpus: Corpus,
    groups: Sequence[str],
    *,
    near: Pairs,
    recipe: Recipe,
    background: Background | None = None,
    outlooks: Outlooks | None = None,
    meaning: Meaning | None = None,
    progress: Progress,
) -> _Fitted:
    """Learn features and fit."""
    texts = corpus.full_texts()
    truth = corpus.codebook.indicator(corpus.column("labels"))
    evidence, evidence_labels, unit_of = _evidence(corpus)
    of_feed = [] if background is None else background.texts
    n_fitted = min(recipe.max_background, len(of_feed))
    with progress("Reading features"):
        vectorizer = NgramVectorizer(recipe.min_df, _max_features(recipe, background), recipe.jobs)
        vectorizer.fit([*texts, *of_feed[:n_fitted]])
        features = [vectorizer.transform(texts), vectorizer.transform(evidence)]
        feed = _feed(vectorizer, of_feed, n_fitted, Scope.of(corpus.codebook)) if of_feed else None
    if not len(vectorizer.vocabulary_):
        raise TrainingError(
            f"{corpus.path}: no feature occurs in {recipe.min_df} units: expected more or longer texts"
        )
    in_scope = units_in_scope(corpus, corpus.codebook, jobs=recipe.jobs)
    units: dict[str, Any] = {
        "X": sp.vstack(features, format="csr") if evidence else features[0],
        "y": np.vstack([truth, evidence_labels]),
        "groups": [*groups, *(groups[unit] for unit in unit_of)],
        "near_duplicates": _with_evidence(near, unit_of, len(texts)),
        "n_articles": len(texts),
        "in_scope": in_scope,
    }

    def fit(**more: Any) -> FramingClassifier:
        options = (recipe.learner, recipe.rule, corpus.codebook, recipe.jobs, recipe.seed, recipe.max_firing)
        return FramingClassifier(*options).fit(**units, **more)

    with progress("Fitting"):
        if meaning is None:
            return _Fitted(vectorizer, features[0], in_scope, fit(feed=feed, outlooks=outlooks))
        languages = language_groups(corpus)
        whole = fit(
            further_gram=meaning.gram,
            further_weights=WEIGHTS,
            further_groups=None
            if languages is None
            else [languages[u] for u in [*range(len(texts)), *unit_of]],
            likeness=meaning.likeness,
            outlooks=outlooks,
        )
        return _Fitted(vectorizer, features[0], in_scope, whole, fit())


def _feed(vectorizer: NgramVectorizer, texts: Sequence[str], n_fitted: int, scope: Scope | None) -> Feed:
    in_scope = None if scope is None else scope.find(Utf8Texts.encode(texts), jobs=vectorizer.n_jobs)
    return Feed(vectorizer.transform(texts), n_fitted, in_scope)


def _max_features(recipe: Recipe, background: Background | None) -> int | None:
    if recipe.max_features is None or background is None:
        return recipe.max_features
    return 2 * recipe.max_features


def _with_evidence(pairs: Pairs, unit_of: Sequence[int], n_units: int) -> Pairs:
    """Return the pairs of near-duplicates, and of each unit with the evidence of its near-duplicates."""
    evidence_of: dict[int, list[int]] = {}
    for row, unit in enumerate(unit_of, start=n_units):
        evidence_of.setdefault(unit, []).append(row)
    further = [
        (one, row)
        for left, right in pairs.tolist()
        for one, other in ((left, right), (right, left))
        for row in evidence_of.get(other, [])
    ]
    return np.concatenate([pairs, np.array(further, np.int32).reshape(-1, 2)])


def _evidence(corpus: Corpus) -> tuple[list[str], BoolArray, list[int]]:
    """Return the marked spans as units of their own: texts, closed labels, and the rows they come from.

    They teach what carries a label as against what its articles are about. Spans of labels that the codebook
    does not have teach nothing here.
    """
    marked = [
        (text[span["start"] : span["end"]], span["label"], unit)
        for unit, (text, spans) in enumerate(zip(corpus.column("text"), corpus.column("spans"), strict=True))
        for span in spans
        if span["label"] in corpus.codebook.columns
    ]
    labels = corpus.codebook.indicator([[label] for _, label, _ in marked])
    return [text for text, _, _ in marked], labels, [unit for _, _, unit in marked]


def _meaning(corpus: Corpus, recipe: Recipe, progress: Progress, tell: Tell) -> Meaning | None:
    """Return what encoders say of the units, None where there are no encoders."""
    if not recipe.encoders:
        return None
    return read_meaning(
        corpus.full_texts(),
        _evidence(corpus)[0],
        corpus.codebook,
        encoders=recipe.encoders,
        only_descriptions=recipe.only_descriptions,
        progress=progress,
        tell=tell,
    )


def _model_of(fitted: _Fitted, corpus: Corpus, meaning: Meaning | None) -> Model:
    vectorizer, classifier, first = fitted.vectorizer, fitted.classifier, fitted.first
    further = [] if meaning is None else meaning.blocks(classifier)
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
        abroad=_abroad(classifier, corpus) if further else None,
        first=SecondStage(first.calibration_, first.rule_) if further and first is not None else None,
    )


def _abroad(classifier: FramingClassifier, corpus: Corpus) -> SecondStage | None:
    """Return the second stage for languages that the corpus does not have, None where nothing tells.

    Articles left out by language are judged by all languages but one, new languages by all: with n languages,
    their margins are about (n - 1) / n of the way from those of training to those of the left-out articles.
    """
    left_out = classifier.outlook_stages_.get(LANGUAGE)
    if left_out is None:
        return None
    n_languages = len({*corpus.languages()} - {""})
    home = SecondStage(classifier.calibration_, classifier.rule_)
    return home.towards(left_out, (n_languages - 1) / n_languages)


def _typicality(  # noqa: PLR0913 - one stage of training
    corpus: Corpus,
    vectorizer: NgramVectorizer,
    features: sp.csr_array,
    background: Background | None,
    groups: Sequence[str],
    near: Pairs,
    *,
    recipe: Recipe,
) -> Typicality | None:
    """Compare each article, and each of a background, with what the others teach."""
    texts = corpus.full_texts()
    of_feed = [] if background is None else background.texts[: recipe.max_background]
    alone = [np.array([row]) for row in range(len(texts), len(texts) + len(of_feed))]
    counts = left_out_counts(
        vectorizer.vocabulary_,
        [*texts, *of_feed],
        sp.vstack([features, vectorizer.transform(of_feed)], format="csr") if of_feed else features,
        blocks=[*leave_out_blocks(group_numbers(groups), near), *zip(alone, alone, strict=True)],
        min_df=recipe.min_df,
        rng=np.random.default_rng(recipe.seed),
    )
    return fit_typicality(counts, cut=recipe.typicality)


def _rounding(
    model: Model,
    classifier: FramingClassifier,
    features: sp.csr_array,
    in_scope: BoolArray | None,
    meaning: Meaning | None,
) -> Rounding:
    """Return how many decisions on left-out articles, a sample, there are, and how many rounding changes."""
    rows = np.linspace(0, features.shape[0] - 1, min(N_ROUNDED, features.shape[0])).astype(int)
    exact = classifier.margins_[rows]
    rounded = exact + features[rows] @ (model.ngrams.weights.wide() - classifier.coef_.T)
    scope = None if in_scope is None else in_scope[rows]
    likeness = meaning.likeness[rows] if meaning is not None and model.descriptions is not None else None
    before, after = (model.conclude(margins, scope, likeness=likeness).decided for margins in (exact, rounded))
    return Rounding(int(before.sum()), int((before != after).sum()))


def _facts(  # noqa: PLR0913 - what a reader may want to know
    corpus: Corpus,
    model: Model,
    classifier: FramingClassifier,
    *,
    recipe: Recipe,
    rounding: Rounding,
    metrics: dict[str, Any],
    outlooks: tuple[dict[str, Any], dict[str, Any] | None],
) -> Facts:
    """Return what a reader of the bundle may want to know; nothing of it changes from day to day."""
    return Facts(
        corpus=CorpusFacts(
            name=" + ".join(map(_name_of, (corpus.path, *corpus.also))),
            sha256=corpus_hash(corpus),
            n_units=corpus.n_units,
            n_articles=len(set(corpus.column("article_id"))),
            n_left_out=corpus.n_left_out,
            n_spans=sum(len(spans) for spans in corpus.column("spans")),
            languages={code: n for code, n in sorted(Counter(corpus.languages()).items()) if code},
        ),
        learner=classifier.learner_,
        penalty=classifier.penalty_,
        rule=recipe.rule,
        never_given=tuple(_never_given(model)),
        group_by=recipe.group_by,
        min_df=recipe.min_df,
        max_features=recipe.max_features,
        seed=recipe.seed,
        versions={name: version(name) for name in LIBRARIES},
        rounding=rounding,
        metrics=metrics,
        outlooks=outlooks[0],
        new_articles=outlooks[1],
    )


def _with_background(
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
    return place if isinstance(place, str) else place.resolve().name


def _never_given(model: Model) -> list[str]:
    """Return the labels that neither reach a cut nor are brought by a child that does."""
    is_never = model.rule.never_given(model.codebook)
    return [label_id for label_id, never in zip(model.codebook.ids, is_never, strict=True) if never]
