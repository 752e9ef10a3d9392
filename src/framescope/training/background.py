"""The background: unlabelled articles of the user's own feed, drawn, freed of duplicates, and reported on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from framescope._types import BoolArray, Float32
from framescope.bundle.facts import BackgroundFacts, FiringFigures
from framescope.codebook import Codebook
from framescope.corpus.duplicates import find_near_duplicates, normalize
from framescope.corpus.schema import Corpus
from framescope.errors import TrainingError
from framescope.fit.background import FeedFit
from framescope.measure.firing import share_interval
from framescope.text.segments import Unit
from framescope.training.recipe import Recipe

MAX_ARTICLES = 10_000


@dataclass(frozen=True, slots=True)
class FeedArticle:
    """An article of a feed: what a model reads of it, title included, its id, and the file it comes from."""

    id: str
    text: str
    path: str = ""


@dataclass(frozen=True)
class Background:
    """Distinct articles of a feed in random order, of ``n_read`` in all.

    ``n_duplicates`` counts those left out as near-duplicates of the articles of training, or of one another.
    """

    articles: Sequence[FeedArticle]
    n_read: int
    n_duplicates: int = 0

    @classmethod
    def draw(cls, articles: Iterable[FeedArticle], *, seed: int = 0, max_articles: int = MAX_ARTICLES) -> Self:
        """Draw articles whatever their order, each text once; blank ones are passed over.

        Their order is that of a hash of seed and text. The first are taken, so only these are held in memory.
        """
        n_read = 0
        drawn: dict[bytes, FeedArticle] = {}
        for article in articles:
            if not article.text.strip():
                continue
            n_read += 1
            key = hashlib.sha256(f"{seed}\n{normalize(article.text)}".encode()).digest()
            drawn.setdefault(key, article)
            if len(drawn) >= 2 * max_articles:
                drawn = dict(sorted(drawn.items())[:max_articles])
        return cls([drawn[key] for key in sorted(drawn)[:max_articles]], n_read)

    @property
    def texts(self) -> list[str]:
        """The texts, titles included."""
        return [article.text for article in self.articles]

    def without_duplicates(self, texts: Sequence[str]) -> Self:
        """Leave out near-duplicates of texts that a model learns from, and of earlier articles.

        Raises:
            TrainingError: nothing is left.
        """
        n_texts = len(texts)
        everything = [normalize(text) for text in (*texts, *self.texts)]
        is_kept = np.ones(len(everything), bool)
        for first, second in sorted(find_near_duplicates(everything).pairs.tolist()):
            if second >= n_texts and is_kept[first]:
                is_kept[second] = False
        kept = [article for article, keep in zip(self.articles, is_kept[n_texts:], strict=True) if keep]
        if not kept:
            raise TrainingError(
                f"the background has {self.n_read} articles, all of them near-duplicates of the corpus: "
                "expected articles that nobody has annotated"
            )
        return replace(self, articles=kept, n_duplicates=self.n_duplicates + len(self.articles) - len(kept))


@dataclass(frozen=True, slots=True)
class FiredArticle:
    """What a fit without an article of the feed says of it; ``labels`` are those given, with their parents.

    ``probability`` is that of ``most_likely``, the most probable of the finest labels.
    """

    id: str
    path: str
    labels: tuple[str, ...]
    most_likely: str
    probability: float
    is_set_aside: bool


def rank_articles(
    background: Background,
    fit: FeedFit,
    decided: BoolArray,
    probabilities: Float32,
    codebook: Codebook,
) -> list[FiredArticle]:
    """Return all articles, those with a label first, each part by its greatest probability, descending."""
    ids = np.array(codebook.ids)
    best = codebook.fine[np.argmax(probabilities[:, codebook.fine], axis=1)]
    greatest = np.take_along_axis(probabilities, best[:, None], axis=1)[:, 0]
    is_aside = np.isin(np.arange(len(decided)), fit.set_aside)
    order = np.lexsort((-greatest, ~decided.any(axis=1)))
    return [
        FiredArticle(
            id=background.articles[row].id,
            path=background.articles[row].path,
            labels=tuple(ids[decided[row]].tolist()),
            most_likely=str(ids[best[row]]),
            probability=float(greatest[row]),
            is_set_aside=bool(is_aside[row]),
        )
        for row in order.tolist()
    ]


def usable_background(background: Background | None, corpus: Corpus, recipe: Recipe) -> Background | None:
    """Return the background without what the corpus has, too.

    Raises:
        TrainingError: it cannot be used with this corpus or recipe, or the recipe needs one and there is none.
    """
    if background is None:
        if recipe.max_firing is not None:
            raise TrainingError(
                "a label's firing is kept to a share of a background: name one with --background"
            )
        return None
    if recipe.only_descriptions:
        raise TrainingError(
            "nothing tells how far a background resembles the labels' descriptions: leave out "
            "--only-descriptions or --background"
        )
    if corpus.unit is not Unit.ARTICLE:
        raise TrainingError(
            f"{corpus.path}: is cut into units of a {corpus.unit.value}, and a background has articles: "
            "leave out --unit, or the background"
        )
    return background.without_duplicates(corpus.full_texts())


def background_facts(
    background: Background,
    fit: FeedFit,
    decided: BoolArray,
    codebook: Codebook,
    *,
    n_fitted: int,
    max_firing: float | None,
) -> BackgroundFacts:
    """Return what a reader of a bundle may want to know of the feed; nothing of its texts."""
    return BackgroundFacts(
        sha256=_hash(background),
        n_read=background.n_read,
        n_duplicates=background.n_duplicates,
        n_articles=len(background.articles),
        n_fitted=n_fitted,
        n_set_aside=len(fit.set_aside),
        weight=fit.weight,
        max_firing=max_firing,
        any_label=_figures("", np.asarray(decided.any(axis=1))),
        per_label=[_figures(label, column) for label, column in zip(codebook.ids, decided.T, strict=True)],
    )


def _figures(label: str, fired: BoolArray) -> FiringFigures:
    n_fired = int(fired.sum())
    low, high = share_interval(n_fired, len(fired))
    return FiringFigures(
        label=label, n_fired=n_fired, per_1000=1000 * n_fired / len(fired), ci95=[1000 * low, 1000 * high]
    )


def _hash(background: Background) -> str:
    digest = hashlib.sha256()
    for text in background.texts:
        digest.update(hashlib.sha256(text.encode()).digest())
    return digest.hexdigest()
