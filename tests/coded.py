"""Articles by coders."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from framescope.codebook import Codebook

Given = Mapping[str, Sequence[str]]
"""The labels that each coder gave to an article."""

BOOK = Codebook.from_parents({"urw": None, "fear": "urw", "doubt": "urw", "cc": None}, name="book")


def coded_rows(*articles: Given) -> list[dict[str, Any]]:
    return [
        {
            "id": f"a{number}",
            "text": f"😀 Западът дели, статия {number}.",
            "annotations": [{"coder": coder, "labels": list(labels)} for coder, labels in given.items()],
        }
        for number, given in enumerate(articles, start=1)
    ]


def random_articles(n: int, coders: Sequence[str], labels: Sequence[str], seed: int) -> list[Given]:
    """Return articles that most of the coders coded, with labels on which they often agree."""
    rng = random.Random(seed)  # noqa: S311 - labels, not secrets
    found: list[Given] = []
    for _ in range(n):
        usual = [label for label in labels if rng.random() < 0.4]
        own = [coder for coder in coders if rng.random() < 0.8]
        found.append({c: [x for x in labels if (x in usual) != (rng.random() < 0.2)] for c in own})
    return found
