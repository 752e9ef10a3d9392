"""How like the training texts are: by hand from the shares that are known, against left-out articles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from framescope._types import Int32
from framescope.model.fitted import Model
from framescope.text.utf8 import Utf8Texts
from tiny import SENTENCES, TYPICALITY


def counts(*rows: tuple[int, int, int, int, int, int]) -> Int32:
    return np.array(rows, np.int32)


def test_familiarity_is_what_is_lacking_in_deviations() -> None:
    """Words .1 below what is expected are one deviation of .1, n-grams .2 are two; pairs have 1 / sqrt(100)."""
    of = TYPICALITY.familiarity_of
    assert of(counts((100, 80, 100, 90, 100, 50))) == pytest.approx([0])
    assert of(counts((100, 70, 100, 90, 100, 50))) == pytest.approx([-1])
    assert of(counts((100, 70, 100, 70, 100, 40))) == pytest.approx([-np.sqrt(1 + 4 + 1)])
    assert of(counts((100, 100, 100, 100, 100, 100))) == pytest.approx([0]), (
        "what is known better does not count"
    )
    assert of(counts((1, 1, 5, 5, 0, 0))) == pytest.approx([0]), "a word has no pairs, which is no lack"


def test_typicality_is_the_share_of_left_out_articles_that_are_no_more_typical() -> None:
    found = TYPICALITY.of(
        counts((100, 80, 100, 90, 100, 50), (100, 65, 100, 90, 100, 50), (100, 5, 100, 90, 100, 50))
    )
    assert found.tolist() == [1, 3 / 8, 0], "none, 1.5 and 7.5 deviations"
    assert found.dtype == np.float32


def test_a_text_without_words_is_like_none() -> None:
    assert TYPICALITY.of(counts((0, 0, 0, 0, 0, 0))).tolist() == [0]


def test_what_is_expected_depends_on_the_length_within_that_of_left_out_articles() -> None:
    """Of 1 + 9 words the logarithm is ln 10; a longer text counts as the longest."""
    longer = replace(
        TYPICALITY, means=np.array([[0.0, 0.1, 0], [0, 0, 0], [0, 0, 0]]), lengths=(0.0, float(np.log(10)))
    )
    expected = -(0.1 * np.log(10)) / 0.1
    assert longer.familiarity_of(counts((9, 0, 0, 0, 0, 0), (10_000, 0, 0, 0, 0, 0))) == pytest.approx(
        [expected, expected]
    )


def test_unlike_training_is_what_is_below_the_cut() -> None:
    assert TYPICALITY.is_unlike(np.array([0.24, 0.25, 0.26], np.float32)).tolist() == [True, False, False]


def test_a_model_tells_it_of_every_text(model: Model) -> None:
    """Words of another language are known to nothing of the model."""
    texts = Utf8Texts.encode([SENTENCES[0], "Das ist ein deutscher Satz", ""])
    output = replace(model, typicality=TYPICALITY).run(texts)
    assert output.typicality is not None
    assert output.typicality.tolist()[1:] == [0, 0]
    assert output.is_unlike.tolist() == [False, True, True]


def test_a_model_without_it_tells_nothing(model: Model) -> None:
    output = model.run(Utf8Texts.encode(["Das ist ein deutscher Satz"]))
    assert output.typicality is None
    assert output.is_unlike.tolist() == [False]
