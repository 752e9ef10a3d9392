"""Terms: what is one, and what is said of what is none."""

from __future__ import annotations

import unicodedata

import pytest

from framescope.text.terms import TermWord, parse_term


def test_a_term_is_words_that_may_go_on() -> None:
    assert parse_term("Астана") == (TermWord("Астана", False),)
    assert parse_term("казах*") == (TermWord("казах", True),)
    assert parse_term(" южн*  кавказ* ") == (TermWord("южн", True), TermWord("кавказ", True))
    assert parse_term("G7 संघ*") == (TermWord("G7", False), TermWord("संघ", True))


def test_a_soft_hyphen_is_a_part_of_a_word_and_no_letter() -> None:
    assert parse_term("ка\u00adзах*") == (TermWord("ка\u00adзах", True),)
    with pytest.raises(ValueError, match=r"^expected 3 letters or more before '\*', found 2$"):
        parse_term("к\u00adа*")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_letters_are_counted_as_readers_count_them(form: str) -> None:
    """In two characters or in one, ``й`` is a letter."""
    assert parse_term(unicodedata.normalize(form, "йод*"))
    with pytest.raises(ValueError, match="found 2"):
        parse_term(unicodedata.normalize(form, "йо*"))


@pytest.mark.parametrize(
    ("term", "message"),
    [
        (3, "expected a string, found int"),
        (None, "expected a string, found NoneType"),
        ("", "is empty, expected a word"),
        (" \n", "is empty, expected a word"),
        ("*", r"expected 3 letters or more before '\*', found 0"),
        ("ру*", r"expected 3 letters or more before '\*', found 2"),
        ("южн* к*", r"expected 3 letters or more before '\*', found 1"),
        ("нагорно-карабах*", "'-' is no part of a word"),
        ("каза*стан", r"'\*' is no part of a word"),
        ("казах**", r"'\*' is no part of a word"),
        ("(a|b)", r"'\(' is no part of a word"),
        ("\u00ad", "expected words of 1 to 64 letters, found 0"),
        ("ж" * 65, "expected words of 1 to 64 letters, found 65"),
    ],
)
def test_what_is_no_term_is_refused(term: object, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        parse_term(term)
