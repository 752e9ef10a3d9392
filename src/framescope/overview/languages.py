"""Whether a model is as good in one language of a feed as in another, so that their shares can be compared."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from framescope.bundle.facts import Facts
from framescope.measure.reliability import Slope
from framescope.overview.contents import Remark

LEAST_DIFFERENCE = 0.15
"""Of the slopes of two languages, from which on they are told apart if it is beyond chance."""


def language_warnings(training: Facts, languages: Sequence[str]) -> Iterator[Remark]:
    """Yield why shares of these languages, two or more, cannot be compared, as far as training tells."""
    known = {*training.corpus.languages}
    unknown = [one for one in languages if one not in known and not one.startswith("(")]
    if known and unknown:
        yield Remark(
            "there are no training articles in %(languages)s, where the model finds less: such shares cannot "
            "be compared with those of other languages",
            {"languages": ", ".join(unknown)},
        )
    slopes = {
        language: Slope(found["slope"], tuple(found["slope_ci95"]))
        for language, section in training.metrics["by_language"].items()
        if language in languages and (found := section["calibration"])["slope_ci95"]
    }
    if len(slopes) > 1 and _differ(slopes := dict(sorted(slopes.items(), key=lambda one: one[1].value))):
        yield Remark(
            "the model is surer of itself in one language than in another (slopes: %(slopes)s; 1 is right): "
            "shares of these languages cannot be compared",
            {"slopes": ", ".join(f"{language} {slope.value:.2f}" for language, slope in slopes.items())},
        )


def _differ(slopes: dict[str, Slope]) -> bool:
    """Tell whether the first slope, the least, and the last are apart, or one is wrong by itself."""
    least, *_, greatest = slopes.values()
    halves = [(one.ci95[1] - one.ci95[0]) / 2 for one in (least, greatest) if one.ci95 is not None]
    is_apart = greatest.value - least.value > max(LEAST_DIFFERENCE, math.hypot(*halves))
    return is_apart or any(one.fault and one.is_sure for one in slopes.values())
