"""One definition of a word: exact words of several scripts, and those that the n-gram kernel counts."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from framescope.features.ngrams import locate
from framescope.text import words as module
from framescope.text.characters import character_tables
from framescope.text.plain import plain
from framescope.text.words import are_inside, word_offsets, words_of
from oracle import MAX_WORD, identify, read_features

CHARACTERS = st.characters(exclude_categories=["Cs", "Cn"])
CHOSEN = [
    *["कमज़ोर", "क्ष", "ОД\u00adКБ", "и\u0306", "don't", "a_b", "ß" * 20, "漢字"],
    *["\u200d", "\ufe0f", "☺", " ", "\u2028", "।"],
]
TEXTS = st.lists(st.one_of(st.text(CHARACTERS, max_size=5), st.sampled_from(CHOSEN)), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n", []),
        ("?! — …", []),
        ("सरकार ने कमज़ोर गुट को क्षेत्रीय कहा।", ["सरकार", "ने", "कमज़ोर", "गुट", "को", "क्षेत्रीय", "कहा"]),
        ("Нов бло\u0301к: Йод и\u0306 ѝ", ["Нов", "бло\u0301к", "Йод", "и\u0306", "ѝ"]),
        ("«анти-ОДКБ»", ["анти", "ОДКБ"]),
        ("NATO's well-known don't, l’été", ["NATO", "s", "well", "known", "don", "t", "l", "été"]),
        ("COVID-19, 3.5 % от 2,000", ["COVID", "19", "3", "5", "от", "2", "000"]),
        ("a_b snake_case", ["a", "b", "snake", "case"]),
        ("ОД\u00adКБ क्\u200dष", ["ОД\u00adКБ", "क्\u200dष"]),
        ("\u00adОДКБ\u00ad \u200d", ["ОДКБ"]),
        ("漢字、かな 🪖блок🪖", ["漢字", "かな", "блок"]),
    ],
)
def test_words_are_runs_of_letters_marks_and_digits(text: str, expected: list[str]) -> None:
    assert words_of(text) == expected


def test_offsets_are_characters_with_exclusive_ends() -> None:
    found = word_offsets("🪖 ОД\u00adКБ कि!")
    assert found.tolist() == [[2, 7], [8, 10]]
    assert found.dtype == np.intp
    assert word_offsets("").shape == (0, 2)


def test_a_long_word_stays_whole() -> None:
    assert words_of(f"а {'я' * 1000}") == ["а", "я" * 1000]


@given(TEXTS)
def test_the_kernel_counts_the_same_words(text: str) -> None:
    """By the oracle of the kernel's tests, in a text that is plain: else a span holds all that is joined."""
    assume(plain(text) == text)
    features = read_features(text)
    offsets = [(start, end) for start, end in word_offsets(text).tolist()]
    if all(len(text[start:end].casefold()) <= MAX_WORD for start, end in offsets):
        assert offsets == [span for feature, span in features if feature[0] == "word"]


@given(TEXTS)
def test_the_kernel_hashes_the_same_words(text: str) -> None:
    """The compiled kernel itself: the hash of a word is where we see the word, once for each time."""
    assume(plain(text) == text)
    hashes, spans = locate(text, character_tables())
    places = set(zip(hashes.tolist(), map(tuple, spans.tolist()), strict=True))
    known = {identify(feature) for feature, _ in read_features(text) if feature[0] == "word"}
    counted = {place for hash_, place in places if hash_ in known}
    ours = {(start, end) for start, end in word_offsets(text).tolist()}
    if all(end - start <= MAX_WORD // 2 for start, end in ours):
        assert counted == ours


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ab c", [False, True, False, False, False]),
        ("कि", [False, True, False]),
        ("а-б", [False, False, False, False]),
        ("а\u00adб", [False, True, True, False]),
        ("", [False]),
    ],
)
def test_an_offset_is_inside_a_word_between_two_of_its_characters(text: str, expected: list[bool]) -> None:
    assert are_inside(word_offsets(text), range(len(text) + 1)).tolist() == expected


def test_examples() -> None:
    done = doctest.testmod(module)
    assert done.attempted > 0
    assert done.failed == 0
