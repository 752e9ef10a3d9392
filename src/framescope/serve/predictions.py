"""What models say of the documents of a request, as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from framescope.articles import Article
from framescope.errors import InputError
from framescope.pages.article import explain_article
from framescope.pages.catalogues import Interface
from framescope.prediction_line import N_DECIMALS, PLACE
from framescope.prediction_rows import prediction_rows
from framescope.predictor import Predictor
from framescope.serve.asked import BODY, article_in, articles_of, fields_of
from framescope.text.languages import unfamiliar
from framescope.text.segments import Unit


def answer_predict(name: str, predictor: Predictor, body: bytes, limit: int) -> tuple[bytes, int]:
    """Return the answer to ``POST /v1/models/{name}/predict``, and the number of documents.

    Raises:
        ServeError: the body is no JSON, or has more than ``limit`` documents.
        InputError: with the problems of all documents.
    """
    asked = fields_of(body, required={"documents": list}, optional={"spans": bool})
    articles = articles_of(asked["documents"], limit=limit)
    made = predictions(predictor, articles, with_spans=asked.get("spans", False))
    unknown = unfamiliar({article.lang for article in articles}, predictor.languages)
    answer = msgspec.json.encode(
        {
            "model": name,
            "digest": predictor.digest,
            "unknown_languages": unknown if predictor.languages else [],
            "predictions": made,
        }
    )
    return answer, len(articles)


def answer_explain(name: str, predictor: Predictor, body: bytes) -> bytes:
    """Return the answer to ``POST /v1/models/{name}/explain``: what ``framescope explain --json`` writes.

    Raises:
        ServeError: the body is no JSON.
        InputError: with the problems of the document.
    """
    asked = fields_of(body, required={"document": dict}, optional={"names_in": str, "interface": str})
    interface = asked.get("interface", Interface.EN)
    if interface not in set(Interface):
        raise InputError.at(
            BODY, f"expected {', '.join(Interface)}, found {interface!r:.60}", field="interface"
        )
    view = explain_article(
        article_in(asked["document"]), [predictor], names_in=asked.get("names_in"), interface=interface
    )
    return msgspec.json.encode({"model": name, "digest": predictor.digest, **view.to_json()})


def predictions(
    predictor: Predictor, articles: Sequence[Article], *, with_spans: bool = False
) -> list[dict[str, Any]]:
    """Return a prediction for each article or, of a model of parts of articles, for each part.

    Offsets of spans count code points in the document's text, without its title; ``weight`` is a passage's
    share of the margin.
    """
    by_id = iter(articles)
    found = []
    for row in prediction_rows(predictor, articles, n_decimals=N_DECIMALS):
        prediction = _prediction(row)
        if with_spans:
            n_before = next(by_id).n_before if predictor.unit == Unit.ARTICLE else -row["start"]
            prediction["spans"] = list(spans_of(predictor, row["text"], prediction["labels"], n_before))
        found.append(prediction)
    return found


def spans_of(predictor: Predictor, text: str, labels: Sequence[str], n_before: int) -> Iterator[dict[str, Any]]:
    """Yield the passages that speak for labels, by their offsets behind ``n_before`` characters of a text.

    Of labels of two levels, those of the second stand for their parents.
    """
    implied = {label.parent for label in predictor.codebook.labels if label.id in labels}
    for label in labels:
        for span in () if label in implied else predictor.find_spans(text, label):
            if span.end > n_before:
                start = max(span.start, n_before) - n_before
                weight = round(span.weight, N_DECIMALS)
                yield {"label": label, "start": start, "end": span.end - n_before, "weight": weight}


def _prediction(row: Mapping[str, Any]) -> dict[str, Any]:
    place = {name: row[name] for name in PLACE if name in row}
    typicality = row["typicality"]
    return {
        "id": row["id"],
        **place,
        "labels": row["labels"],
        "given": row.get("given", row["labels"]),
        "to_review": row.get("to_review", ()),
        "probabilities": row["probabilities"],
        **({"out_of_scope": row["out_of_scope"]} if "out_of_scope" in row else {}),
        "typicality": None if typicality is None else round(typicality, N_DECIMALS),
        "unlike_training": row["unlike_training"],
        "language": row["language"],
        "new_language": row.get("new_language", False),
    }
