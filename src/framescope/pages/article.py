"""What models say of one article, where and why: computed from predictors, without HTML."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from framescope._types import BoolArray, Float64
from framescope.articles import Article
from framescope.bundle.facts import CorpusFacts
from framescope.evidence.contributions import Contributions, contributions_of, explanation_of
from framescope.evidence.passages import passages
from framescope.evidence.shares import running_sums, value_of
from framescope.features.recognition import language_of
from framescope.messages import Say, msg
from framescope.pages.catalogues import Interface, say_in
from framescope.pages.evidence import Bounds, Evidence, evidence_of
from framescope.pages.marks import Passage
from framescope.pages.views import ArticleView, JudgedUnit, LabelView, ModelView, Shown
from framescope.pages.wording import (
    OUT_OF_SCOPE,
    care_in_words,
    meaning,
    promise_of,
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
N_TITLE = 90
N_SHOWN, N_AROUND = 320, 160
"""Characters of a title, of a passage, and of what is around it."""

MIN_NEAR = 0.2  # the probability from which a label that is not given is explained, too


def explain_article(
    article: Article,
    predictors: Sequence[Predictor],
    *,
    names_in: str | None = None,
    interface: str = Interface.EN,
    jobs: int = 1,
) -> ArticleView:
    """Run models over an article, each over what it judges, and explain the labels.

    Labels are named in the language ``names_in``, by default that of the interface, where the codebook has it,
    else in English, else by their ids.
    The text must have a word at least, and each model takes one of 26 letters.

    Raises:
        BundleError: a model does not say rightly what it judges.
    """
    words = _Words(names_in or str(interface), say_in(interface))
    explained = [
        _Explained(article, predictor, letter=letter, words=words, jobs=jobs)
        for letter, predictor in zip(string.ascii_uppercase[: len(predictors)], predictors, strict=True)
    ]
    return ArticleView(
        id=article.id,
        title=_title(article),
        lang=article.lang,
        source=article.source,
        date=article.date,
        text=article.text,
        has_heading=bool(article.title) and article.text.startswith(f"{article.title}\n"),
        paragraphs=tuple(segments(article.text, Unit.PARAGRAPH)),
        passages=tuple(passage for one in explained for passage in one.passages),
        models=tuple(one.view() for one in explained),
        interface=str(interface),
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """The language of the labels' names, and what says messages."""

    names_in: str
    say: Say


class _Explained:
    """One model on one article: its units' probabilities and decisions, and the labels to highlight."""

    def __init__(
        self, article: Article, predictor: Predictor, *, letter: str, words: _Words, jobs: int
    ) -> None:
        self.article = article
        self.predictor = predictor
        self.letter = letter
        self.words = words
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
        self.passages = tuple(self._passages())

    def view(self) -> ModelView:
        """Return the model with its labels."""
        bundle, rule = self.predictor.bundle, self.predictor.rule
        languages, codebook = self.predictor.languages, self.predictor.codebook
        labels = tuple(self._label(column) for column in range(len(codebook.ids)))
        return ModelView(
            letter=self.letter,
            name=bundle.path.resolve().name,
            unit=self.unit,
            n_units=len(self.units),
            n_given=int(self.decided.any(axis=1).sum()),
            rule=rule.name,
            rule_in_words=rule_in_words(rule, codebook, self.unit, self.words.say),
            review_in_words=review_in_words(bundle.model.review, self.words.say),
            languages=languages,
            is_strange=bool(languages and self.article.lang) and self.article.lang not in languages,
            n_unlike=self.n_unlike,
            seems_in=self.seems_in,
            unlike_in_words=unlike_in_words(
                bundle.path.resolve().name,
                self.n_unlike,
                len(self.units),
                unit=self.unit,
                language=self.seems_in,
                say=self.words.say,
            ),
            digest=bundle.digest,
            trained_on=_trained_on(bundle.training.corpus, self.words.say),
            scope_in_words=_scope_in_words(labels, self.words.say),
            labels=labels,
        )

    def _passages(self) -> Iterator[Passage]:
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
                    meaning(probability, self.unit, self.words.say),
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
        lang = next((code for code in (self.words.names_in, "en") if label.names.get(code)), "")
        best = int(self.best[column])
        probability = float(self.probabilities[best, column])
        n_given = int(self.decided[:, column].sum())
        is_explained, precision = bool(self.is_explained[column]), self.precisions.get(label.id)
        promise, say = promise_of(self.predictor.rule), self.words.say
        is_possible, is_tagged = bool(self.in_scope[column]), column in self.tags
        is_to_review = n_given > 0 and not self.is_vouched_for[column]
        care = care_in_words(probability, precision, promise=promise, is_to_review=is_to_review, say=say)
        return LabelView(
            id=label.id,
            name=label.names.get(lang) or label.id.replace("_", " "),
            lang=lang,
            parent=label.parent,
            applies=label.applies,
            tag=self.tags.get(column),
            probability=probability,
            share=share_in_words(probability, say) if is_possible else say(OUT_OF_SCOPE),
            meaning=meaning(probability, self.unit, say) if is_possible else say(OUT_OF_SCOPE),
            is_in_scope=is_possible,
            is_given=n_given > 0,
            is_to_review=is_to_review,
            n_given=n_given,
            cut=self.predictor.rule.cut_of(column),
            precision=precision,
            care=tuple(care) if is_tagged else (),
            is_doubtful=precision is not None and precision < promise,
            shown=self._shown(column) if is_tagged else None,
            units=tuple(self._best_units(column)) if self.is_part and is_explained else (),
            evidence=self._evidence(best, column) if is_explained else None,
        )

    def _shown(self, column: int) -> Shown:
        """Return the passage that adds most to a label or, of parts, the most probable one that has it."""
        found = [passage for passage in self.passages if passage.tag == self.tags[column]]
        if not found:
            start, end = self.units[int(self.best[column])]
            return _shown(self.article.text, start, end)
        best = max(found, key=lambda passage: passage.probability if self.is_part else passage.value)
        return _shown(self.article.text, best.start, best.end)

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


def _shown(text: str, start: int, end: int) -> Shown:
    """Return a passage with the rest of its sentence; what is long is cut."""
    around = [
        bounds
        for bounds in segments(text, Unit.SENTENCE)
        if bounds[0] <= start < bounds[1] or bounds[0] < end <= bounds[1]
    ]
    first = min([start, *(bounds[0] for bounds in around)])
    last = max([end, *(bounds[1] for bounds in around)])
    passage = text[start:end] if end - start <= N_SHOWN else f"{text[start : start + N_SHOWN].rstrip()}…"
    before, after = text[first:start], text[end:last]
    return Shown(
        start,
        end,
        before if len(before) <= N_AROUND else f"…{before[-N_AROUND:]}",
        passage,
        after if len(after) <= N_AROUND else f"{after[:N_AROUND]}…",
    )


def _title(article: Article) -> str:
    """Return the title, else the first line, else the last part of the id, which may be a path."""
    first = next((line.strip() for line in article.text.splitlines() if line.strip()), "")
    title = article.title or (first if len(first) <= N_TITLE else f"{first[:N_TITLE].rstrip()}…")
    return title or PurePath(article.id).name


def _scope_in_words(labels: Sequence[LabelView], say: Say) -> str:
    outside = {view.id: view for view in labels if not view.is_in_scope}
    named = [view.name for view in outside.values() if view.parent not in outside]
    return scope_in_words(named, is_all=len(outside) == len(labels), say=say)


def _units(article: Article, unit: Unit) -> list[Bounds]:
    """Return the bounds of what a model judges; an article is what it is, white space and all.

    Parts are of the body: titles are no units in training, either.
    """
    if unit == Unit.ARTICLE:
        return [(0, len(article.text))]
    before = article.n_before
    return [(before + start, before + end) for start, end in segments(article.body, unit)]


def _trained_on(corpus: CorpusFacts, say: Say) -> str:
    """Return the facts on the training corpus in words."""
    told = say(msg("%(name)s: %(units)s units of %(articles)s articles"))
    counts = {"units": f"{corpus.n_units:,}", "articles": f"{corpus.n_articles:,}"}
    return told % {"name": corpus.name, **counts}
