"""A prediction as a line of JSON, as ``predict``, ``evaluate`` and ``score`` write it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping

N_DECIMALS = 6
PLACE = ("article_id", "start", "end")
"""The fields that tell where in an article a part is: in its text, without the title."""


def prediction_line(  # noqa: PLR0913 - what a line may tell
    unit_id: str,
    labels: Iterable[str],
    probabilities: Mapping[str, float],
    *,
    place: Mapping[str, str | int] | None = None,
    to_review: Collection[str] | None = None,
    out_of_scope: Iterable[str] | None = None,
    typicality: tuple[float, bool] | None = None,
    new_language: bool | None = None,
) -> str:
    """Return a prediction as one line of JSON, probabilities to six decimals.

    ``place`` tells ``article_id``, ``start`` and ``end`` of a unit that is part of an article. The labels that
    are not ``to_review`` are given; None, of a model without a review, writes neither. ``out_of_scope``
    are the labels of whose scope the article names nothing; None, of a codebook without scopes, is not written.
    Nor is ``typicality``, the share of training articles that are no more typical, and whether the text is
    unlike training, where it is None; nor whether it is in a ``new_language``, which training did not have.
    """
    rounded = {label: round(value, N_DECIMALS) for label, value in probabilities.items()}
    chosen = list(labels)
    row: dict[str, object] = {"id": unit_id, **(place or {}), "labels": chosen}
    if to_review is not None:
        row["given"] = [label for label in chosen if label not in to_review]
        row["to_review"] = [label for label in chosen if label in to_review]
    row["probabilities"] = rounded
    if out_of_scope is not None:
        row["out_of_scope"] = list(out_of_scope)
    if typicality is not None:
        row |= {"typicality": round(typicality[0], N_DECIMALS), "unlike_training": typicality[1]}
    if new_language is not None:
        row["new_language"] = new_language
    return json.dumps(row, ensure_ascii=False, allow_nan=False)
