"""Equal and nearly equal texts."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from framescope.corpus import alike, duplicates
from framescope.corpus.duplicates import WORD, find_near_duplicates, normalize

VARIANTS = [
    "Комисията отложи гласуването за бюджета до края на март.",
    "Комисията отложи гласуването за бюджета до края на април.",
    "Дъждът спря чак привечер.",
    "सरकार ने नया कानून वापस ले लिया है।",
    "सरकार ने नया कानून वापस ले लिया।",
    "",
    "!",
]


def test_case_spacing_and_composition_make_no_difference() -> None:
    assert normalize("  Йод\n и\u0306од ") == "йод йод"
    assert normalize("Straße") == "strasse"
    assert normalize(" \n") == ""


def test_combining_signs_stay_in_their_word() -> None:
    assert WORD.findall("कि «ля-ля», да!") == ["कि", "ля", "ля", "да"]


def test_variants_of_a_sentence_are_near_duplicates() -> None:
    found = find_near_duplicates(VARIANTS)
    assert found.pairs.tolist() == [[0, 1], [3, 4]]
    assert (found.pairs.dtype, found.is_complete) == (np.int32, True)


def test_equal_texts_are_pairs_where_they_have_words() -> None:
    """Each copy of a text is alike to each copy of its near duplicate."""
    found = find_near_duplicates(["!", VARIANTS[0], VARIANTS[2], VARIANTS[1], "!", VARIANTS[0], VARIANTS[2]])
    assert sorted(map(tuple, found.pairs.tolist())) == [(1, 3), (1, 5), (2, 6), (3, 5)]


@pytest.mark.parametrize("texts", [[], [""], ["един"], ["", "!"]])
def test_few_or_empty_texts_have_no_pairs(texts: list[str]) -> None:
    assert find_near_duplicates(texts).pairs.shape == (0, 2)


@pytest.mark.parametrize("threshold", [0.3, 0.7, 0.95])
def test_the_search_misses_no_pair(threshold: float) -> None:
    """Compared with all cosines, over texts that share words to every degree."""
    rng = np.random.default_rng(5)
    words = np.array([f"дума{number}" for number in range(40)])
    texts = [" ".join(words[np.minimum(rng.zipf(1.4, rng.integers(1, 9)) - 1, 39)]) for _ in range(150)]
    vectorizer = TfidfVectorizer(token_pattern=WORD.pattern, sublinear_tf=True)
    cosines = np.triu((matrix := vectorizer.fit_transform(texts)) @ matrix.T.toarray(), 1)
    expected = {tuple(pair) for pair in np.argwhere(cosines > threshold + 1e-6).tolist()}
    allowed = {tuple(pair) for pair in np.argwhere(cosines > threshold - 1e-6).tolist()}
    found = {tuple(pair) for pair in find_near_duplicates(texts, threshold=threshold).pairs.tolist()}
    assert len(expected) > 100
    assert expected <= found <= allowed


def test_among_very_many_texts_common_words_alone_make_no_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every word of a pair is in more texts than are searched, time would grow with their square."""
    texts = ["стачка на пристанището", "стачка на пристанището утре", "рядка дума тук", "рядка дума тук днес"]
    texts += [f"{word} {number}" for word in ("стачка", "на", "пристанището", "утре") for number in range(4)]
    assert find_near_duplicates(texts).pairs.tolist() == [[0, 1], [2, 3]]
    monkeypatch.setattr(alike, "MANY_ROWS", 10)
    assert find_near_duplicates(texts).pairs.tolist() == [[0, 1], [2, 3]]
    monkeypatch.setattr(alike, "MAX_MEETING", 2)
    assert find_near_duplicates(texts).pairs.tolist() == [[2, 3]]


def test_the_search_ends_where_nobody_would_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "MAX_PAIRS", 10)
    sentence = " ".join(f"дума{number}" for number in range(30))
    found = find_near_duplicates([f"{sentence} {name}" for name in "абвгдежз"])
    assert (found.pairs.shape, found.is_complete) == ((10, 2), False)


def test_copies_of_a_text_do_not_hide_other_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the search ends, pairs of distinct texts have been found before."""
    monkeypatch.setattr(duplicates, "MAX_PAIRS", 5)
    found = find_near_duplicates([VARIANTS[2]] * 9 + VARIANTS[:2])
    assert found.pairs.tolist() == [[9, 10], [0, 1], [0, 2], [0, 3], [0, 4]]
    assert not found.is_complete
