"""The n-grams behind a label: their shares of the gap, how they are written, and which are left out."""

from __future__ import annotations

import numpy as np
import pytest

from framescope.features.ngrams import CHAR_BLOCK, locate
from framescope.measure.top_ngrams import Ngram, _distinct, feature_rows, top_ngrams
from framescope.model.fitted import Model
from framescope.text.characters import character_tables

TEXTS = [
    "Запад раскалывает союз.",
    "Запад и союз!",
    "The CSTO is fine.",
    "",
]
MEMBERS = np.zeros((4, 6), dtype=bool)
MEMBERS[:2, 0] = MEMBERS[2, 1] = MEMBERS[:, 2] = True


def best(model: Model, n_top: int = 20) -> list[tuple[Ngram, ...]]:
    return top_ngrams(model, feature_rows(model, TEXTS), texts=TEXTS, members=MEMBERS, n_top=n_top)


def test_gaps_are_shares_of_the_gap_between_mean_margins(model: Model) -> None:
    """Of all n-grams together, so of the positive ones a part: here compared one by one."""
    features = feature_rows(model, TEXTS).toarray()
    expected = (features[:2].mean(axis=0) - features[2:].mean(axis=0)) * model.ngrams.weights.of(0)
    found = best(model, n_top=10)[0]
    assert found
    assert [ngram.gap for ngram in found] == pytest.approx([expected[ngram.feature] for ngram in found])
    assert found[0].gap == pytest.approx(expected.max())
    assert [ngram.gap for ngram in found] == sorted((ngram.gap for ngram in found), reverse=True)


def test_ngrams_are_written_as_in_the_first_text_that_has_them(model: Model) -> None:
    for ngram in best(model)[0]:
        text = next(text for text in TEXTS if ngram.text in text)
        hashes, spans = locate(text, character_tables())
        places = spans[hashes == model.ngrams.vocabulary.hashes[ngram.feature]].tolist()
        assert ngram.text in [text[start:end] for start, end in places]
        assert ngram.is_part == (model.ngrams.vocabulary.hashes[ngram.feature] >= CHAR_BLOCK)


def test_texts_that_have_an_ngram_are_counted(model: Model) -> None:
    found = [ngram for ngrams in best(model, n_top=50)[:2] for ngram in ngrams]
    assert {ngram.n_texts for ngram in found} == {1, 2}


def test_what_speaks_by_its_absence_only_is_left_out(model: Model) -> None:
    """A negative weight on what only the others have gives a positive gap, too."""
    assert all(ngram.weight > 0 for ngrams in best(model, n_top=50) for ngram in ngrams)


def test_a_label_of_every_text_or_of_none_has_no_gap(model: Model) -> None:
    assert best(model)[2:4] == [(), ()]


def test_what_a_better_ngram_says_is_not_said_again() -> None:
    texts = [
        ("Союз", False),
        ("союз", True),
        ("юзн", True),
        ("союзн", True),
        ("новый союз", False),
        ("НАТО", False),
    ]
    ngrams = [Ngram(text, is_part, k, 1.0, 1.0, 1) for k, (text, is_part) in enumerate(texts)]
    assert [ngram.text for ngram in _distinct(ngrams, 5)] == ["Союз", "юзн", "НАТО"]
    assert [ngram.text for ngram in _distinct(ngrams, 1)] == ["Союз"]
