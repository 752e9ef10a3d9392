"""A prediction as a line of JSON, as ``predict``, ``evaluate`` and ``score`` write it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

N_DECIMALS = 6


def prediction_line(
    unit_id: str,
    labels: Iterable[str],
    probabilities: Mapping[str, float],
    *,
    place: Mapping[str, str | int] | None = None,
    out_of_scope: Iterable[str] | None = None,
    typicality: tuple[float, bool] | None = None,
) -> str:
    """Return a prediction as one line of JSON, probabilities to six decimals.

    ``place`` tells ``article_id``, ``start`` and ``end`` of a unit that is part of an article. ``out_of_scope``
    are the labels of whose scope the article names nothing; None, of a codebook without scopes, is not written.
    Nor is ``typicality``, the share of training articles that are no more typical, and whether the text is
    unlike training, where it is None.
    """
    rounded = {label: round(value, N_DECIMALS) for label, value in probabilities.items()}
    row: dict[str, object] = {"id": unit_id, **(place or {}), "labels": list(labels), "probabilities": rounded}
    if out_of_scope is not None:
        row["out_of_scope"] = list(out_of_scope)
    if typicality is not None:
        row |= {"typicality": round(typicality[0], N_DECIMALS), "unlike_training": typicality[1]}
    return json.dumps(row, ensure_ascii=False, allow_nan=False)
