"""What a model makes of texts, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

from framescope._types import BoolArray, Float32


@dataclass(frozen=True, eq=False)
class Output:
    """What a model makes of texts; every array is (n_texts, n_labels).

    ``margins`` and ``probabilities`` are float32, ``decided`` is bool and closed upwards. ``in_scope`` tells
    for which labels a text names something of their scope, None where no label has one; for the others the
    probability is exactly 0, and no other probability is. ``typicality``, (n_texts,) float32, is the share of
    training articles, each without its group, that are no more typical, None where the model does not tell;
    ``is_unlike``, (n_texts,), marks texts that are unlike training, for which no probability is meant;
    ``languages`` are those that the ones without a code seem to be in, by their rows. ``is_foreign``,
    (n_texts,), marks texts whose probabilities come from the second stage for other languages.

    Of the decided labels the model vouches for those that are ``given``; the others are to review.
    """

    margins: Float32
    in_scope: BoolArray | None
    probabilities: Float32
    decided: BoolArray
    typicality: Float32 | None
    is_unlike: BoolArray
    given: BoolArray
    is_foreign: BoolArray
    languages: dict[int, str]
