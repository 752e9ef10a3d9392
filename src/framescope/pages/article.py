"""What models say of one article, where and why: computed from predictors, without HTML."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from framescope._types import BoolArray, Float64
from framescope.articles import Article
from framescope.bundle.facts import CorpusFacts
from framescope.evidence.contributions import Contributions, contributions_of, explanation_of
from framescope.evidence.passages import passages
from framescope.evidence.shares import running_sums, value_of
from framescope.features.recognition import language_of
from framescope.files import write_whole
from framescope.notebook import html_table, short
from framescope.pages.base import render
from framescope.pages.evidence import Bounds, Evidence, evidence_of
from framescope.pages.marks import Mark, Passage, nest
from framescope.pages.wording import (
    OUT_OF_SCOPE,
    meaning,
    review_in_words,
    rule_in_words,
    scope_in_words,
    share_in_words,
    unlike_in_words,
)
from framescope.predictor import Predictor
from framescope.text.languages import unfamiliar
from framescope.text.segments import Unit, segments
from framescope.text.utf8 import Utf8Texts

MAX_MODELS = 26  # each has a letter
N_UNITS = 3
MIN_NEAR = 0.2  # the probability from which a label that is not given is explained, too


@dataclass(frozen=True, slots=True)
class JudgedUnit:
    """A unit of the article as a model saw it."""

    start: int
    end: int
    text: str
    probability: float
    is_given: bool


@dataclass(frozen=True, slots=True)
class LabelView:
    """A label on this article; ``lang`` is the language of its ``name``, "" where that is its id.

    ``probability`` is that of the article, or of the unit where it is greatest; ``share`` and ``meaning`` say
    it in words. Where the article names nothing of the label's scope it is 0. ``tag`` is the label's short name
    where it is highlighted; ``units`` are those where it is most probable, none where the unit is the article.
    A label that the rule gives is ``is_to_review`` where the model vouches for it in no unit.
    ``cut`` is the probability from which the label is given, where the rule has one. ``precision`` is the share
    of right decisions among those that gave the label to left-out units in training; None where the bundle does
    not know.
    """

    id: str
    name: str
    lang: str
    parent: str | None
    applies: str
    tag: str | None
    probability: float
    share: str
    meaning: str
    is_in_scope: bool
    is_given: bool
    is_to_review: bool
    n_given: int
    cut: float | None
    precision: float | None
    units: tuple[JudgedUnit, ...]
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model, what it judges, and all its labels in codebook order."""

    letter: str
    name: str
    unit: str
    n_units: int
    n_given: int
    rule: str
    rule_in_words: str
    review_in_words: str
    languages: tuple[str, ...]
    is_strange: bool
    n_unlike: int
    seems_in: str
    digest: str
    trained_on: str
    labels: tuple[LabelView, ...]

    @property
    def is_part(self) -> bool:
        """Whether a unit is a part of the article and not all of it."""
        return self.unit != Unit.ARTICLE

    @property
    def scope_in_words(self) -> str:
        """Which labels are not possible, those aside whose parent is not, and why."""
        outside = {view.id: view for view in self.labels if not view.is_in_scope}
        named = [view.name for view in outside.values() if view.parent not in outside]
        return scope_in_words(named, is_all=len(outside) == len(self.labels))

    @property
    def unlike_in_words(self) -> str:
        """That the article is unlike training, and which language it seems to be in; nothing if it is not."""
        return unlike_in_words(self.name, self.n_unlike, self.n_units, unit=self.unit, language=self.seems_in)

    @property
    def to_review(self) -> tuple[LabelView, ...]:
        """Those of the given labels that the model does not vouch for."""
        return tuple(view for view in self.given if view.is_to_review)

    @property
    def given(self) -> tuple[LabelView, ...]:
        """The labels that are given and not only implied by a child: those with a tag."""
        return tuple(view for view in self.labels if view.tag is not None)

    @property
    def explained(self) -> tuple[LabelView, ...]:
        """The given labels, then those that came near, most probable first."""
        views = [view for view in self.labels if view.evidence is not None]
        return tuple(sorted(views, key=lambda view: (view.tag is None, -view.probability)))


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article with its highlights; ``paragraphs`` are bounds in ``text``, the first one a title or not."""

    id: str
    title: str
    lang: str
    source: str
    date: str
    text: str
    has_heading: bool
    paragraphs: tuple[Bounds, ...]
    passages: tuple[Passage, ...]
    models: tuple[ModelView, ...]

    @property
    def blocks(self) -> tuple[tuple[str | Mark, ...], ...]:
        """Each paragraph in pieces, as the page shows it."""
        return tuple(nest(self.text, bounds, self.passages) for bounds in self.paragraphs)

    @property
    def tagged(self) -> dict[str, LabelView]:
        """The highlighted labels by their tags."""
        return {str(view.tag): view for model in self.models for view in model.given}

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        return asdict(self)

    def html(self) -> str:
        """Return the page."""
        return render("article.html.j2", article=self)

    def save(self, path: Path | str) -> None:
        """Write the page to a file.

        Raises:
            FramescopeError: it cannot be written.
        """
        write_whole(Path(path), [self.html()])

    def __repr__(self) -> str:
        given = ", ".join(label.name for model in self.models for label in model.given)
        return short(f"ArticleView({self.title!r}, given: {given or 'none'})")

    def _repr_html_(self) -> str:
        rows = [
            (model.name, label.name, f"{label.probability:.3f}", label.meaning)
            for model in self.models
            for label in model.given
        ]
        caption = self.title if rows else f"{self.title}: no label is given"
        return html_table(caption, ("model", "label", "probability", "which means"), rows)


def explain_article(
    article: Article, predictors: Sequence[Predictor], *, names_in: str = "en", jobs: int = 1
) -> ArticleView:
    """Run models over an article, each over what it judges, and explain the labels.

    Labels are named in the language ``names_in`` where the codebook has it, else in English, else by their ids.
    The text must have a word at least, and each model takes one of 26 letters.

    Raises:
        BundleError: a model does not say rightly what it judges.
    """
    explained = [
        _Explained(article, predictor, letter=letter, names_in=names_in, jobs=jobs)
        for letter, predictor in zip(string.ascii_uppercase[: len(predictors)], predictors, strict=True)
    ]
    return ArticleView(
        id=article.id,
        title=article.title or article.id,
        lang=article.lang,
        source=article.source,
        date=article.date,
        text=article.text,
        has_heading=bool(article.title) and article.text.startswith(f"{article.title}\n"),
        paragraphs=tuple(segments(article.text, Unit.PARAGRAPH)),
        passages=tuple(passage for one in explained for passage in one.passages()),
        models=tuple(one.view() for one in explained),
    )


class _Explained:
    """One model on one article: its units' probabilities and decisions, and the labels to highlight."""

    def __init__(
        self, article: Article, predictor: Predictor, *, letter: str, names_in: str, jobs: int
    ) -> None:
        self.article = article
        self.predictor = predictor
        self.letter = letter
        self.names_in = names_in
        self.unit = predictor.unit
        self.units = _units(article, self.unit)
        texts = [article.text[start:end] for start, end in self.units]
        # What the article names counts for each of its units.
        whole = article.text if self.unit == Unit.ARTICLE else article.body
        self.in_scope = predictor.in_scope([whole])[0]
        in_scope = np.broadcast_to(self.in_scope, (len(texts), len(self.in_scope)))
        output = predictor.bundle.model.run(
            Utf8Texts.encode(texts), in_scope=in_scope, languages=[article.lang] * len(texts), jobs=jobs
        )
        self.margins, self.probabilities, self.decided = output.margins, output.probabilities, output.decided
        self.n_unlike = int(output.is_unlike.sum())
        self.seems_in = "" if article.lang else self._language(language_of(article.text))
        self.is_vouched_for: BoolArray = np.asarray(output.given.any(axis=0))
        self.precisions = {
            label: row["precision"] for label, row in predictor.bundle.training.label_figures.items()
        }
        self.own = predictor.codebook.without_implied(self.decided)
        tagged = np.flatnonzero(self.own.any(axis=0)).tolist()
        self.tags = {column: f"{letter}{number}" for number, column in enumerate(tagged, start=1)}
        self.best = self.probabilities.argmax(axis=0)
        self.is_explained = self._is_explained()
        self.contributions = dict(self._contributions())

    def view(self) -> ModelView:
        """Return the model with its labels."""
        bundle, rule = self.predictor.bundle, self.predictor.rule
        languages = self.predictor.languages
        return ModelView(
            letter=self.letter,
            name=bundle.path.resolve().name,
            unit=self.unit,
            n_units=len(self.units),
            n_given=int(self.decided.any(axis=1).sum()),
            rule=rule.name,
            rule_in_words=rule_in_words(rule, self.predictor.codebook, self.unit),
            review_in_words=review_in_words(bundle.model.review),
            languages=languages,
            is_strange=bool(languages and self.article.lang) and self.article.lang not in languages,
            n_unlike=self.n_unlike,
            seems_in=self.seems_in,
            digest=bundle.digest,
            trained_on=_trained_on(bundle.training.corpus),
            labels=tuple(self._label(column) for column in range(len(self.predictor.labels))),
        )

    def passages(self) -> Iterator[Passage]:
        """Yield where labels stand: the words that carry one, or the unit where it is a part of the article."""
        for row, column in zip(*(ends.tolist() for ends in np.nonzero(self.own)), strict=True):
            start, end = self.units[row]
            text, probability = self.article.text[start:end], float(self.probabilities[row, column])
            sums = running_sums(len(text), *self.contributions[row].of(column))
            spans = [(0, len(text))] if self.is_part else self._spans(text, column, sums)
            for first, last in spans:
                yield Passage(
                    start + first,
                    start + last,
                    self.tags[column],
                    probability,
                    meaning(probability, self.unit),
                    value_of(sums, first, last),
                    is_unit=self.is_part,
                )

    @property
    def is_part(self) -> bool:
        """Whether a unit is a part of the article and not all of it."""
        return self.unit != Unit.ARTICLE

    def _language(self, code: str) -> str:
        """Return the code of a language of which the model has seen no article, "" for any other."""
        known = self.predictor.languages
        return code if self.n_unlike and code and known and unfamiliar([code], known) else ""

    def _spans(self, text: str, column: int, sums: Float64) -> list[Bounds]:
        """Return where the words that carry a label begin and end."""
        found = passages(text, self.predictor.labels[column], sums)
        return [(span.start, span.end) for span in found]

    def _is_explained(self) -> BoolArray:
        """Tell which labels are explained, those with a highlight and those that came near: (n_labels,)."""
        is_near = ~self.decided.any(axis=0) & (self.probabilities.max(axis=0) >= MIN_NEAR)
        return np.asarray(self.own.any(axis=0) | is_near)

    def _contributions(self) -> Iterator[tuple[int, Contributions]]:
        """Read each unit that explains labels, once for all of them."""
        for row, (start, end) in enumerate(self.units):
            columns = np.flatnonzero(self.own[row] | (self.is_explained & (self.best == row))).tolist()
            if columns:
                text = self.article.text[start:end]
                yield row, contributions_of(self.predictor.bundle.model, text, columns)

    def _label(self, column: int) -> LabelView:
        label = self.predictor.codebook.labels[column]
        lang = next((code for code in (self.names_in, "en") if label.names.get(code)), "")
        best = int(self.best[column])
        probability = float(self.probabilities[best, column])
        n_given = int(self.decided[:, column].sum())
        is_explained = bool(self.is_explained[column])
        return LabelView(
            id=label.id,
            name=label.names.get(lang, label.id),
            lang=lang,
            parent=label.parent,
            applies=label.applies,
            tag=self.tags.get(column),
            probability=probability,
            share=share_in_words(probability) if self.in_scope[column] else OUT_OF_SCOPE,
            meaning=meaning(probability, self.unit) if self.in_scope[column] else OUT_OF_SCOPE,
            is_in_scope=bool(self.in_scope[column]),
            is_given=n_given > 0,
            is_to_review=n_given > 0 and not self.is_vouched_for[column],
            n_given=n_given,
            cut=self.predictor.rule.cut_of(column),
            precision=self.precisions.get(label.id),
            units=tuple(self._best_units(column)) if self.is_part and is_explained else (),
            evidence=self._evidence(best, column) if is_explained else None,
        )

    def _best_units(self, column: int) -> Iterator[JudgedUnit]:
        for row in np.argsort(-self.probabilities[:, column], kind="stable")[:N_UNITS]:
            start, end = self.units[row]
            is_given = bool(self.decided[row, column])
            text = self.article.text[start:end]
            yield JudgedUnit(start, end, text, float(self.probabilities[row, column]), is_given)

    def _evidence(self, row: int, column: int) -> Evidence:
        start, end = self.units[row]
        text, margin = self.article.text[start:end], float(self.margins[row, column])
        explanation = explanation_of(
            self.predictor.bundle.model, self.contributions[row], column, margin=margin
        )
        return evidence_of(text, explanation, segments(text, Unit.SENTENCE))


def _units(article: Article, unit: Unit) -> list[Bounds]:
    """Return the bounds of what a model judges; an article is what it is, white space and all.

    Parts are of the body: titles are no units in training, either.
    """
    if unit == Unit.ARTICLE:
        return [(0, len(article.text))]
    before = article.n_before
    return [(before + start, before + end) for start, end in segments(article.body, unit)]


def _trained_on(corpus: CorpusFacts) -> str:
    """Return the facts on the training corpus in words."""
    return f"{corpus.name}: {corpus.n_units:,} units of {corpus.n_articles:,} articles"
