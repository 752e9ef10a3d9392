"""Articles as rows of predictions: one for each or, of a model of parts of articles, for each part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypedDict

from framescope.articles import Article
from framescope.prediction import Prediction, UnitPrediction
from framescope.prediction_line import PLACE
from framescope.predictor import Predictor
from framescope.text.segments import Unit, unit_ids


class _Options(TypedDict):
    languages: list[str]
    jobs: int
    n_decimals: int | None


def prediction_rows(
    predictor: Predictor, articles: Sequence[Article], *, jobs: int = 1, n_decimals: int | None = None
) -> Iterator[dict[str, Any]]:
    """Yield rows in the order of the articles; ``text`` is what the model read.

    Without ``given`` and ``to_review``, of a model without a review, all labels are given.
    """
    options: _Options = {
        "languages": [article.lang for article in articles],
        "jobs": jobs,
        "n_decimals": n_decimals,
    }
    if predictor.unit == Unit.ARTICLE:
        texts = [article.text for article in articles]
        predictions = predictor.predict(texts, **options)
        for article, made in zip(articles, predictions, strict=True):
            yield {"id": article.id, **_row(made, article.text, predictor)}
        return
    bodies = [article.body for article in articles]
    for article, units in zip(articles, predictor.predict_units(bodies, **options), strict=True):
        for unit_id, unit in zip(unit_ids(article.id, len(units)), units, strict=True):
            place = dict(zip(PLACE, (article.id, unit.start, unit.end), strict=True))
            yield {"id": unit_id, **place, **_row(unit, article.body[unit.start : unit.end], predictor)}


def _row(made: Prediction | UnitPrediction, text: str, predictor: Predictor) -> dict[str, Any]:
    scope = {"out_of_scope": made.out_of_scope} if predictor.codebook.has_scopes else {}
    parted = {"given": made.given, "to_review": made.to_review} if predictor.has_review else {}
    return {
        "labels": made.labels,
        **parted,
        "probabilities": made.probabilities,
        **scope,
        "typicality": made.typicality,
        "unlike_training": made.unlike_training,
        "language": made.language,
        **({"new_language": made.new_language} if predictor.tells_new_languages else {}),
        "text": text,
    }
