"""Texts as one buffer: what is encoded, what is refused, how it is cut."""

from __future__ import annotations

import gc
import re
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framescope.errors import TextError
from framescope.text.utf8 import Utf8Texts


def decode(texts: Utf8Texts) -> list[str]:
    """Return the texts as strings."""
    return [
        texts.data[texts.offsets[row] : texts.offsets[row + 1]].tobytes().decode() for row in range(len(texts))
    ]


def test_texts_lie_one_after_the_other_as_utf8() -> None:
    """й takes two bytes, ह three, 🪖 four."""
    texts = Utf8Texts.encode(["aй", "", "ह🪖"])
    assert texts.data.tobytes() == "aйह🪖".encode()
    assert texts.data.dtype == np.uint8
    assert texts.offsets.tolist() == [0, 3, 3, 10]
    assert texts.offsets.dtype == np.int64
    assert len(texts) == 3


def test_an_iterator_of_texts_is_read_once() -> None:
    assert decode(Utf8Texts.encode(text for text in ["мы", "они"])) == ["мы", "они"]


def test_no_texts_have_no_length_and_no_chunks() -> None:
    texts = Utf8Texts.encode([])
    assert (len(texts), texts.offsets.tolist(), texts.chunks(10)) == (0, [0], [])


@pytest.mark.parametrize("text", ["", "Кой печели?"])
def test_one_string_instead_of_a_collection_is_refused(text: str) -> None:
    """Its characters would otherwise be read as texts."""
    message = f"expected a collection of texts, found one string: put {text!r} in a list"
    with pytest.raises(TextError, match=f"^{re.escape(message)}$"):
        Utf8Texts.encode(text)


@pytest.mark.parametrize(("found", "name"), [(None, "NoneType"), (b"a", "bytes"), (1.5, "float")])
def test_a_text_that_is_not_a_string_is_refused_with_its_row(found: object, name: str) -> None:
    with pytest.raises(TextError, match=f"^text 1: expected a string, found {name}$"):
        Utf8Texts.encode(["a", found])  # type: ignore[list-item]


def test_a_lone_surrogate_is_refused_with_its_row_and_place() -> None:
    with pytest.raises(TextError, match=r"^text 2: character 3 is a lone surrogate \('\\ud83e'\); decode"):
        Utf8Texts.encode(["a", "", "🪖й \ud83e"])


def test_chunks_begin_at_multiples_of_the_size() -> None:
    """Texts begin at bytes 0, 3, 6, 9, 19: in blocks 0, 0, 1, 1 and 3 of six bytes."""
    texts = Utf8Texts.encode(["abc", "def", "ghi", "j" * 10, "k"])
    assert [decode(chunk) for chunk in texts.chunks(6)] == [["abc", "def"], ["ghi", "j" * 10], ["k"]]


def test_chunks_are_views_of_the_buffer() -> None:
    texts = Utf8Texts.encode(["мы", "они"])
    chunks = texts.chunks(1)
    assert len(chunks) == 2
    assert all(chunk.data is texts.data and np.shares_memory(chunk.offsets, texts.offsets) for chunk in chunks)


@given(st.lists(st.text(max_size=6)), st.integers(1, 12), st.integers(1, 12))
def test_chunks_hold_all_texts_in_order(strings: list[str], size_bytes: int, smaller: int) -> None:
    """So do the chunks of chunks, whose first offset is not 0; none is empty."""
    chunks = Utf8Texts.encode(strings).chunks(size_bytes)
    parts = [part for chunk in chunks for part in chunk.chunks(smaller)]
    assert [text for chunk in chunks for text in decode(chunk)] == strings
    assert [text for part in parts for text in decode(part)] == strings
    assert all(len(part) > 0 for part in [*chunks, *parts])


@pytest.mark.parametrize("text", ["Нов блок", "за\u0301мок"])
def test_texts_leave_the_memory_as_soon_as_nobody_has_them(text: str) -> None:
    """Without a search for cycles, which comes after many batches only."""
    gc.disable()
    try:
        texts = Utf8Texts.encode([text])
        read = texts.plain()
        assert read.plain() is read
        assert texts.plain() is read
        gone = weakref.ref(texts), weakref.ref(read)
        del texts, read
        assert [each() for each in gone] == [None, None]
    finally:
        gc.enable()


def test_texts_with_words_of_two_scripts_are_counted() -> None:
    """Once each, whether their letters look alike or not; what a hyphen joins is no such word."""
    latin_o, unclear = "Р\u043fсия".replace("\u043f", "o"), "Windоwsът"
    texts = Utf8Texts.encode([latin_o, "Русия", "", f"{unclear} и {latin_o}", "IT-секторът Х5", "за\u0301мок"])
    assert texts.n_in_two_scripts == 2
    assert next(iter(texts.plain())) == "Росия"
    assert Utf8Texts.encode(["Русия", "Russia"]).n_in_two_scripts == 0
