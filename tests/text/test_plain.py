"""Texts as they are read: canonical equivalents, stress marks and look-alike letters, and what stays."""

from __future__ import annotations

import sys
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framescope.text.plain import mixed_words, plain, sources
from framescope.text.utf8 import Utf8Texts
from oracle import read_plainly

ACUTE, GRAVE = "\N{COMBINING ACUTE ACCENT}", "\N{COMBINING GRAVE ACCENT}"
ODD = [
    ACUTE,
    GRAVE,
    "\N{COMBINING BREVE}",
    "\N{COMBINING DOT BELOW}",
    "ѝ",
    "Ѝ",
    "ѐ",
    "й",
    "и",
    "е",
    "о",
    "o",
    "x",
    "ж",
    "r",
]
TEXTS = st.lists(
    st.one_of(
        st.sampled_from([*ODD, " ", "1", "„", "№", "👍", "ệ", "각", "ক", "\u09be"]),
        st.characters(exclude_categories=["Cs", "Cn"]),
    ),
    max_size=20,
).map("".join)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("и\N{COMBINING BREVE}од", "йод"),
        (f"Казахста{ACUTE}н", "Казахстан"),
        (f"зна{GRAVE}че и вѐче", "значе и вече"),
        ("каза ѝ, Ѝ каза", "каза ѝ, Ѝ каза"),
        (f"и{GRAVE}стина, „и{GRAVE}“", "истина, „ѝ“"),
        (f"cafe{ACUTE}", "café"),
        ("e\N{COMBINING DOT BELOW}\N{COMBINING CIRCUMFLEX ACCENT}", "ệ"),
        ("Кaзaхcтaн", "Казахстан"),
        ("Вrussels", "Вrussels".replace("В", "B")),
        ("VIPка и IT-отдел", "VIPка и IT-отдел"),
        ("SMSка", "SMSка".replace("SMS", "ЅМЅ")),
        ("сoр", "сор"),
        ("оo", "оo"),
        ("наTO", "наTO".replace("TO", "ТО")),
    ],
)
def test_what_is_read(text: str, read: str) -> None:
    assert plain(text) == read
    assert list(Utf8Texts.encode(["а", text, "б"]).plain()) == ["а", read, "б"]


def test_texts_that_are_plain_are_not_copied() -> None:
    texts = Utf8Texts.encode(["„Къде?“ — каза ѝ № 5 за 3 € 👍🏽 ☺️™", "naïve ταῦτα", "中文。かな", "हिन्दी"])
    assert texts.plain() is texts


def test_the_plain_texts_are_found_once() -> None:
    texts = Utf8Texts.encode([f"да{ACUTE}"])
    assert texts.plain() is texts.plain() is texts.plain().plain()


@given(TEXTS)
def test_texts_are_read_as_by_a_slow_reader(text: str) -> None:
    """Every character, and the piece of the text that it stands for; a text that the kernel passes is plain."""
    expected = read_plainly(text)
    assert plain(text) == "".join(character for character, _ in expected)
    if plain(text) != text:
        np.testing.assert_array_equal(sources(text), [piece for _, piece in expected])
    assert list(Utf8Texts.encode([text]).plain(jobs=2)) == [plain(text)]


@given(TEXTS, st.sampled_from(["NFD", "NFC"]))
def test_canonical_equivalents_are_read_alike(text: str, form: str) -> None:
    assert plain(unicodedata.normalize(form, text)) == plain(text)


@pytest.mark.slow
def test_every_character_that_composition_changes_is_seen() -> None:
    """Alone, and as a mark on a letter."""
    codes = (code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) not in {"Cn", "Cs"})
    texts = [text for code in codes for text in (chr(code), f"a{chr(code)}", f"и{chr(code)}")]
    separators = {"\u2000", "\u2001"}
    read = [text if text[-1] in separators else plain(text) for text in texts]
    assert list(Utf8Texts.encode(texts).plain()) == read


def test_words_of_two_scripts_are_told() -> None:
    assert mixed_words("Съюзът на Рoсия, IT-секторът и SMSка") == ["Рoсия", "SMSка"]
    assert mixed_words("Съюзът и the union") == []
