"""The vector of an article is the mean of those of its sentences, by their length."""

from __future__ import annotations

import numpy as np
import pytest

from encoding import DIM, HashedWords
from framescope.encoders import catalogue
from framescope.encoders.articles import Embedder, embed, read_sentences, seconds_for
from framescope.encoders.encoder import EncoderFacts
from framescope.text.utf8 import Utf8Texts

TEXT = "Западът дели съюзниците. The bloc is weak!\n\nमौसम गर्म है।"


def test_a_text_is_the_mean_of_its_sentences_by_their_length(words: HashedWords) -> None:
    read = read_sentences(words, TEXT)
    parts = [TEXT[start:end] for start, end in read.offsets]
    assert parts == ["Западът дели съюзниците.", "The bloc is weak!", "मौसम गर्म है।"]
    expected = np.average(words.encode(parts), axis=0, weights=[24, 17, 13])
    np.testing.assert_allclose(embed(words, [TEXT])[0], expected, rtol=1e-6)


def test_a_text_without_a_sentence_is_the_mean_of_the_others(words: HashedWords) -> None:
    read = read_sentences(words, TEXT)
    first, second, third = words.encode([TEXT[start:end] for start, end in read.offsets])
    without_first, without_third = (17 * second + 13 * third) / 30, (24 * first + 17 * second) / 41
    expected = [without_first, (24 * first + 13 * third) / 37, without_third]
    np.testing.assert_allclose(read.means_without_each(), expected, rtol=1e-5, atol=1e-8)


def test_blank_texts_have_zeros(words: HashedWords) -> None:
    assert embed(words, ["", " \n"]).tolist() == [[0.0] * DIM] * 2
    assert embed(words, []).shape == (0, DIM)


def test_only_the_opening_is_read_where_the_encoder_says_so(words: HashedWords) -> None:
    words.n_characters = 24
    assert read_sentences(words, TEXT).offsets.tolist() == [[0, 24]]


def test_endless_sentences_are_cut_at_spaces(words: HashedWords, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists and tables have no full stops; the memory that they need would grow with them."""
    monkeypatch.setattr("framescope.encoders.articles.MAX_CHARACTERS", 10)
    text = "Блокът е слаб и стар. Западътнападасъюзниците да"
    read = read_sentences(words, text)
    parts = [text[start:end] for start, end in read.offsets]
    assert parts == ["Блокът е", "слаб и", "стар.", "Западътнап", "адасъюзниц", "ите да"]


def test_the_texts_around_change_nothing(words: HashedWords) -> None:
    texts = [TEXT, "Other words.", "", TEXT[:30]]
    together = embed(words, texts)
    for text, vector in zip(texts, together, strict=True):
        assert embed(words, [text])[0].tobytes() == vector.tobytes()


def test_few_texts_are_not_tried_first(words: HashedWords) -> None:
    assert seconds_for(words, [TEXT] * 3) == 0
    assert words.n_encoded == 0
    assert seconds_for(words, [TEXT] * 40) > 0


def test_texts_that_several_blocks_ask_for_are_encoded_once(
    words: HashedWords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(catalogue.ENCODERS, "words", lambda name, place: words)
    embedder, texts = Embedder((EncoderFacts.of(words),)), Utf8Texts.encode([TEXT, "Блок."])
    first = embedder.embed(texts)
    n_encoded = words.n_encoded
    assert embedder.embed(texts) is first
    assert words.n_encoded == n_encoded == 4
    assert embedder.embed(Utf8Texts.encode(["Блок."]))[0].tobytes() == first[1].tobytes()
