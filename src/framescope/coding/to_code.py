"""An article, or a part of one, on its way to coders, with what a model makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from framescope.articles import Article
from framescope.prediction import Prediction, UnitPrediction
from framescope.predictor import Predictor
from framescope.text.segments import Unit, unit_ids


@dataclass(frozen=True, slots=True)
class ToCode:
    """What coders are to read, and what a model gives it.

    ``text`` is without the title, and with it ``read`` by the model; ``article_id`` is the id where the unit is
    an article. ``labels`` are closed upwards, ``probabilities`` are of all labels.
    """

    id: str
    article_id: str
    title: str
    text: str
    lang: str
    source: str
    read: str
    labels: tuple[str, ...]
    probabilities: Mapping[str, float]
    unlike_training: bool = False

    def spans(self, predictor: Predictor) -> list[dict[str, Any]]:
        """Return the passages that speak for the labels given, without parents of others, in the text."""
        implied = {label.parent for label in predictor.codebook.labels if label.id in self.labels}
        n_before = len(self.read) - len(self.text)
        return [
            {"start": max(span.start - n_before, 0), "end": span.end - n_before, "label": label}
            for label in self.labels
            if label not in implied
            for span in predictor.find_spans(self.read, label)
            if span.end > n_before
        ]


def to_code(predictor: Predictor, articles: Sequence[Article], *, is_cut: bool = False) -> list[ToCode]:
    """Return what a model makes of articles, or of each part of them that it judges.

    Where they are such parts already, ``is_cut``.
    """
    languages = [article.lang for article in articles]
    if is_cut or predictor.unit == Unit.ARTICLE:
        predictions = predictor.predict([each.text for each in articles], languages=languages)
        whole = zip(articles, predictions, strict=True)
        return [_made(each, made, each.id, each.body, each.text) for each, made in whole]
    bodies = [article.body for article in articles]
    cut = predictor.predict_units(bodies, languages=languages)
    return [part for article, units in zip(articles, cut, strict=True) for part in _parts(article, units)]


def _parts(article: Article, units: Sequence[UnitPrediction]) -> Iterator[ToCode]:
    for unit_id, unit in zip(unit_ids(article.id, len(units)), units, strict=True):
        text = article.body[unit.start : unit.end]
        yield _made(article, unit, unit_id, text, text)


def _made(article: Article, made: Prediction | UnitPrediction, unit_id: str, text: str, read: str) -> ToCode:
    return ToCode(
        unit_id,
        article.id,
        article.title if read != text else "",
        text,
        article.lang,
        article.source,
        read,
        tuple(made.labels),
        dict(made.probabilities),
        made.unlike_training,
    )
