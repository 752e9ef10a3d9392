"""What n-grams add to margins, and where: against the oracle's features, one after the other."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framescope.features import locating
from framescope.features import ngrams as ngrams_module
from framescope.features.locating import add_up, ngram_contributions
from framescope.features.vocabulary import Vocabulary
from framescope.features.weights import Weights
from framescope.model.fitted import Model
from oracle import encode, identify, read_features

TEXTS = ("Нов блок, нов съюз!", "ОД\u00adКБ कमज़ोर गुट, कमज़ोर संघ", "", "zzzz 你好", "блок " * 9)


def by_hand(model: Model, text: str, column: int) -> dict[tuple[int, int], float]:
    """Add value * weight / occurrences of each known feature to its spans."""
    vocabulary, weights = model.ngrams.vocabulary, model.ngrams.weights
    _, indices, values = vocabulary.values(encode(text))
    value_of = dict(zip(vocabulary.hashes[indices].tolist(), zip(indices, values, strict=True), strict=True))
    features = [(identify(feature), span) for feature, span in read_features(text)]
    n_times = Counter(hash_ for hash_, _ in features)
    added: dict[tuple[int, int], float] = {}
    for hash_, span in features:
        if hash_ in value_of:
            feature, value = value_of[hash_]
            share = float(value) * float(weights.of(column)[feature]) / n_times[hash_]
            added[span] = added.get(span, 0.0) + share
    return dict(sorted(added.items()))


def assert_agrees(model: Model, text: str) -> None:
    spans, values = ngram_contributions(model.ngrams.vocabulary, model.ngrams.weights, text, [2, 0])
    for place, column in enumerate((2, 0)):
        expected = by_hand(model, text, column)
        assert [tuple(span) for span in spans.tolist()] == list(expected)
        assert values[:, place] == pytest.approx(list(expected.values()), abs=1e-6)


@pytest.mark.parametrize("text", TEXTS)
def test_chosen_texts(model: Model, text: str) -> None:
    assert_agrees(model, text)


@given(st.text("блокнОДКБकमज़ोर \u00ad,", max_size=40))
def test_any_text(model: Model, text: str) -> None:
    assert_agrees(model, text)


@given(st.text("блокнОДКБकमज़ोर \u00ad,\u0301", max_size=200))
def test_a_text_read_in_pieces_has_what_it_has_as_a_whole(model: Model, text: str) -> None:
    ngrams = model.ngrams
    whole = ngram_contributions(ngrams.vocabulary, ngrams.weights, text, [2, 0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ngrams_module, "LOCATED_AT_A_TIME", 1)
        patch.setattr(locating, "MAX_KEPT_CHARACTERS", 0)
        pieces = list(locating.ngram_pieces(ngrams.vocabulary, ngrams.weights, text, [2, 0]))
    assert len(pieces) >= min(len(text.split()), 1)
    spans, values = add_up(*(np.concatenate(own) for own in zip(*pieces, strict=True)))
    np.testing.assert_array_equal(spans, whole[0])
    np.testing.assert_allclose(values, whole[1], atol=1e-12)


def test_one_word_by_hand() -> None:
    """я counts 1 + ln(2) / 2 times: the word 1, its three n-grams 0.45 each. The comma adds to the length only.

    A weight of 1 is rounded by half a percent.
    """
    vocabulary = Vocabulary.learn(encode("я"), min_df=1)
    weights = Weights.narrow(np.ones((len(vocabulary), 1), np.float32))
    spans, values = ngram_contributions(vocabulary, weights, "я, я", [0])
    assert spans.tolist() == [[0, 1], [3, 4]]
    times = 1 + np.log(2) / 2
    margin = times * (1 + 3 * 0.45) / np.sqrt(times**2 * (1 + 3 * 0.45**2) + 1)
    assert values[:, 0] == pytest.approx([margin / 2] * 2, rel=0.01)
