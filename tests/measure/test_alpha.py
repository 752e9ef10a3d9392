"""Krippendorff's alpha: by hand, and as nltk has it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from coded import Given, coded_rows, random_articles
from framescope.codebook import Codebook
from framescope.corpus.schema import Corpus
from framescope.measure.agreement import agreement
from framescope.measure.alpha import masi_distance

LABELS = ("а", "b", "c")
FLAT = Codebook.flat(LABELS, name="flat")


def nltk_alpha(triples: list[tuple[str, str, Any]], distance: str) -> float:
    """Return nltk's alpha; it divides by zero where both sets are empty, which are alike."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        metrics = pytest.importorskip("nltk.metrics")

    def masi(one: frozenset[str], other: frozenset[str]) -> float:
        return float(metrics.masi_distance(one, other)) if one | other else 0.0

    task = metrics.AnnotationTask(triples, distance=masi if distance == "masi" else metrics.binary_distance)
    return float(task.alpha())


def triples(articles: list[Given], value: Callable[[frozenset[str]], Any]) -> list[tuple[str, str, Any]]:
    return [
        (coder, f"a{number}", value(frozenset(labels)))
        for number, given in enumerate(articles)
        for coder, labels in given.items()
    ]


@pytest.mark.parametrize(("coders", "seed"), [("xy", 1), ("xyz", 2), ("vwxyz", 3)])
def test_alpha_is_that_of_nltk(read: Callable[..., Corpus], coders: str, seed: int) -> None:
    articles = random_articles(60, coders, LABELS, seed)
    found = agreement(read(coded_rows(*articles), codebook=FLAT))
    for label in found.labels:
        expected = nltk_alpha(triples(articles, lambda given, name=label.label: name in given), "binary")
        assert label.alpha == pytest.approx(expected, abs=1e-9)
    assert found.alpha == pytest.approx(nltk_alpha(triples(articles, lambda given: given), "masi"), abs=1e-9)
    for pair in found.pairs:
        own = [{c: given[c] for c in pair.coders if c in given} for given in articles]
        expected = nltk_alpha(triples([one for one in own if len(one) == 2], lambda given: given), "masi")
        assert pair.alpha == pytest.approx(expected, abs=1e-9)


def test_masi_is_that_of_nltk() -> None:
    metrics = pytest.importorskip("nltk.metrics")
    sets = np.array([[n >> bit & 1 for bit in range(4)] for n in range(1, 16)], dtype=bool)
    named = [frozenset(np.flatnonzero(one).tolist()) for one in sets]
    expected = [[metrics.masi_distance(one, other) for other in named] for one in named]
    np.testing.assert_allclose(masi_distance(sets, sets), expected, atol=1e-12)


def test_alpha_by_hand(read: Callable[..., Corpus]) -> None:
    """Of ten values five are 1, and one of five pairs differs: 1 - (10 - 1) * 1 / (5 * 5)."""
    given = [(["b"], ["b"]), (["b"], []), ([], []), ([], []), (["b"], ["b"])]
    articles = [{"x": one, "y": other} for one, other in given]
    found = agreement(read(coded_rows(*articles), codebook=Codebook.flat(["b"], name="one")))
    (label,) = found.labels
    assert label.alpha == pytest.approx(0.64)
    assert (label.percent_agreement, label.prevalence) == (0.8, 0.5)
    assert (found.alpha, found.same_sets) == (pytest.approx(0.64), 0.8)


def test_a_label_that_nobody_gave_has_no_alpha(read: Callable[..., Corpus]) -> None:
    articles = [{"x": ["b"], "y": ["b"]}, {"x": [], "y": ["b"]}]
    found = agreement(read(coded_rows(*articles), codebook=FLAT))
    assert [(one.label, one.alpha, one.ci95) for one in found.labels if one.label != "b"] == [
        ("c", None, None),
        ("а", None, None),
    ]


def test_intervals_hold_alpha_and_shrink_with_more_articles(read: Callable[..., Corpus]) -> None:
    widths = []
    for n in (40, 400):
        found = agreement(read(coded_rows(*random_articles(n, "xyz", LABELS, 4)), codebook=FLAT))
        for alpha, ends in [(found.alpha, found.ci95), *((one.alpha, one.ci95) for one in found.labels)]:
            assert alpha is not None
            assert ends is not None
            assert ends[0] < alpha < ends[1]
        assert found.ci95 is not None
        widths.append(found.ci95[1] - found.ci95[0])
    assert 2 < widths[0] / widths[1] < 5
