"""What has changed between two samples: means, intervals by hand, and nothing where nothing has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from framescope.evaluation.drift import Drift, MeanChange, TextSample, drift, joined, sample_of
from framescope.model.fitted import Model
from framescope.text.utf8 import Utf8Texts
from tiny import SENTENCES

LABELS = ("bloc", "west")


def sample(n: int, *, mean: float = 0.3, typicality: float = 0.5, seed: int = 0) -> TextSample:
    rng = np.random.default_rng(seed)
    probabilities = np.column_stack([rng.normal(mean, 0.1, n), rng.normal(0.5, 0.1, n)])
    known = rng.normal(typicality, 0.2, n)
    return TextSample(
        probabilities.astype(np.float32),
        known.astype(np.float32),
        known < 0.1,
        np.column_stack([1 - known, 1 - known, np.full(n, np.nan)]),
    )


def change_of(found: Drift, measure: str, label: str = "") -> MeanChange:
    (change,) = (one for one in found.changes if (one.measure, one.label) == (measure, label))
    return change


def test_changes_are_differences_of_means_with_the_interval_of_welch() -> None:
    """Means .2 and .5, variances .02 of 2 and .01 / 3 of 4: the error is the root of .01 + .01 / 12."""
    old = TextSample(np.array([[0.1], [0.3]], np.float32), None, np.zeros(2, bool))
    new = TextSample(np.array([[0.45], [0.45], [0.55], [0.55]], np.float32), None, np.zeros(4, bool))
    found = change_of(drift(old, new, ["bloc"]), "mean probability", "bloc")
    half = 1.959964 * np.sqrt(0.01 + 0.01 / 12)
    assert (found.old, found.new, found.difference) == pytest.approx((0.2, 0.5, 0.3))
    assert found.ci95 == pytest.approx((0.3 - half, 0.3 + half), abs=1e-6)
    assert found.is_clear, "one measure: the interval is its own"


def test_what_has_changed_is_found_and_what_has_not_is_not() -> None:
    found = drift(sample(400), sample(400, mean=0.4, typicality=0.3, seed=1), LABELS)
    assert found.touched == ["bloc"]
    assert change_of(found, "typicality").is_clear
    assert change_of(found, "unlike training").difference > 0.05  # type: ignore[operator]
    assert change_of(found, "unknown words").difference == pytest.approx(0.2, abs=0.05)
    assert not change_of(found, "mean probability", "west").is_clear
    assert change_of(found, "unknown pairs of words").difference is None


def test_samples_of_one_kind_seldom_differ() -> None:
    """In 200 pairs with seven measures each, at most one in ten has a clear change."""
    n_alarms = sum(
        any(one.is_clear for one in drift(sample(200, seed=2 * k), sample(200, seed=2 * k + 1), LABELS).changes)
        for k in range(200)
    )
    assert n_alarms <= 20


def test_a_single_text_has_no_interval() -> None:
    found = drift(sample(50), sample(1, seed=1), LABELS)
    assert {(one.ci95, one.is_clear) for one in found.changes} == {(None, False)}


def test_what_one_sample_lacks_is_left_out() -> None:
    found = drift(replace(sample(9), unknown=None), sample(9), LABELS)
    assert {one.measure for one in found.changes} == {"typicality", "unlike training", "mean probability"}
    found = drift(replace(sample(9), typicality=None), sample(9), LABELS)
    assert "typicality" not in {one.measure for one in found.changes}


def test_samples_join() -> None:
    one, other = sample(3), sample(4, seed=1)
    both = joined([one, other])
    assert both.probabilities.tolist() == [*one.probabilities.tolist(), *other.probabilities.tolist()]
    assert joined([one, replace(other, typicality=None)]).typicality is None
    assert joined([one, replace(other, unknown=None)]).unknown is None


def test_a_sample_is_what_the_model_says(comparing_model: Model) -> None:
    texts = Utf8Texts.encode([SENTENCES[0], "Das ist ein deutscher Satz"])
    found = sample_of(comparing_model, texts)
    output = comparing_model.run(texts)
    assert found.probabilities.tobytes() == output.probabilities.tobytes()
    assert found.is_unlike.tolist() == [False, True]
    assert found.unknown is not None
    assert found.unknown[0].tolist() == [0, 0, 0]
    assert found.unknown[1, 0] == 1
