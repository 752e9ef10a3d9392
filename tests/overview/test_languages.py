"""Warnings where shares of two languages cannot be compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from framescope.overview.languages import language_warnings


def warned(predictor: Any, slopes: dict[str, tuple[float, float]], languages: str = "bg en") -> list[str]:
    """Return what is said of languages with slopes, each with half the width of its interval."""
    sections = {
        language: {"calibration": {"slope": slope, "slope_ci95": [slope - half, slope + half]}}
        for language, (slope, half) in slopes.items()
    }
    training = predictor.bundle.training
    facts = replace(
        training,
        corpus=replace(training.corpus, languages={"bg": 10, "en": 10}),
        metrics={**training.metrics, "by_language": sections},
    )
    return [str(one) for one in language_warnings(facts, languages.split())]


@pytest.mark.parametrize(
    ("bg", "en", "is_warned"),
    [
        ((1.0, 0.1), (1.05, 0.1), False),
        ((0.9, 0.2), (1.1, 0.2), False),
        ((0.9, 0.05), (1.1, 0.05), True),
        ((1.0, 0.01), (1.1, 0.01), False),
        ((1.3, 0.1), (1.25, 0.1), True),
    ],
    ids=["alike", "by chance", "apart", "hardly apart", "both too timid"],
)
def test_languages_are_told_apart_where_slopes_are(
    predictor: Any, bg: tuple[float, float], en: tuple[float, float], is_warned: bool
) -> None:
    found = warned(predictor, {"bg": bg, "en": en})
    first, second = sorted([("bg", bg[0]), ("en", en[0])], key=lambda one: one[1])
    shown = ", ".join(f"{language} {slope:.2f}" for language, slope in (first, second))
    expected = (
        f"the model is surer of itself in one language than in another (slopes: {shown}; 1 is right): "
        "shares of these languages cannot be compared"
    )
    assert found == [expected] * is_warned


def test_a_language_that_training_lacks_is_named(predictor: Any) -> None:
    assert warned(predictor, {}, "bg uk (no_lang)") == [
        "there are no training articles in uk, where the model finds less: such shares cannot be compared with "
        "those of other languages"
    ]


def test_languages_that_the_feed_lacks_do_not_count(predictor: Any) -> None:
    assert warned(predictor, {"bg": (0.5, 0.1), "en": (1.0, 0.1)}, "en ru")[1:] == []
