"""Scopes: which texts name a term, against a slow and obvious reader of words."""

from __future__ import annotations

import unicodedata
from itertools import groupby, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from framescope.codebook import Codebook, Label
from framescope.codebook_reading import parse_codebook
from framescope.features import vocabulary
from framescope.features.matching import PIECE_BYTES
from framescope.features.scope import Scope
from framescope.features.term_tree import N_CASED
from framescope.text.characters import CLASS_SHIFT, WORD, class_of
from framescope.text.utf8 import Utf8Texts
from oracle import character_class, encode, read_plainly


def scope_of(*terms: str, **others: list[str]) -> Scope:
    """Return the scope of a label with these terms; ``others`` are those of further labels."""
    labels = {"a": list(terms), **others}
    codebook = Codebook("c", tuple(Label(name, mentions={"bg": tuple(own)}) for name, own in labels.items()))
    scope = Scope.of(codebook)
    assert scope is not None
    return scope


def names(text: str, *terms: str) -> bool:
    """Tell whether a text names one of some terms."""
    return bool(scope_of(*terms).find(Utf8Texts.encode([text]))[0, 0])


def test_a_word_is_whole_and_a_prefix_goes_on() -> None:
    assert names("Преговори в Астана.", "астана")
    assert not names("Преговори в Астанай.", "астана")
    assert names("Преговори в Астанай.", "астана*")
    assert names("Преговори в Астана.", "астана*")
    assert not names("в Ястана", "стана*")
    assert not names("", "астана")
    assert names("астана", "астана")


def test_case_is_folded_on_both_sides() -> None:
    assert names("КАЗАХСТАНСКИ", "Казахстан*")
    assert names("GROSSE STRASSE", "straße")
    assert names("Straße", "STRASSE")


def test_a_word_ends_at_anything_but_letters_marks_and_digits() -> None:
    for text in ("«Баку»", "анти-Баку", "—Баку…", "Баку\n", "🇦🇿Баку", "x.Баку,", "東京、Баку。", "éБаку"):
        assert names(text, "баку") == (text != "éБаку"), text
    assert not names("Баку2", "баку")
    assert not names("Баку\u0306", "баку")


def test_stress_marks_and_look_alike_letters_hide_no_name() -> None:
    assert names("Баку\u0301", "баку")
    assert names("Кaзaхстан", "казахстан*")
    assert names("Казахстан", "кaзахстан*")


def test_soft_hyphens_and_joiners_are_looked_through() -> None:
    for text in ("ка\u00adзахстан", "\u00adказахстан", "казахста\u200dн", "к\u00adа\u00adз\u00adа\u00adх"):
        assert names(text, "казах*"), text
    assert not names("ру\u00adказах", "казах*")
    assert names("казахстан", "ка\u00adзах*")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("term_form", ["NFC", "NFD"])
def test_letters_in_one_character_or_two_are_the_same(form: str, term_form: str) -> None:
    for word, term in (("Йорданський", "йордан*"), ("Türkiye'nin", "türkiye"), ("Հայաստան", "հայաստան")):
        text, written = unicodedata.normalize(form, f"в {word} есть"), unicodedata.normalize(term_form, term)
        assert names(text, written), word
    assert not names(unicodedata.normalize(form, "Иорданський"), unicodedata.normalize(term_form, "йордан*"))


def test_devanagari_keeps_its_signs() -> None:
    text = "पश्चिम संघ को तोड़ना चाहता है, मंत्री ने कहा।"
    assert names(text, "संघ")
    assert names(text, "मंत्र*")
    assert not names(text, "मंत्र")
    for term in ("तोड़*", "तो\u095c*", "तो\u0921\u093c*"):
        for written in (text, text.replace("ड़", "\u095c"), text.replace("ड़", "\u0921\u093c")):
            assert names(written, term)


def test_a_phrase_is_words_one_after_the_other() -> None:
    for text in (
        "на Южном Кавказе",
        "Южный\nКавказ",
        "Южно-Кавказский",
        "южный, — кавказ",
        "на юге, южнокавказ южный кавказ",
    ):
        assert names(text, "южн* кавказ*"), text
    for text in ("Кавказ южный", "южный и кавказский", "южный", "кавказ", "южнокавказский"):
        assert not names(text, "южн* кавказ*"), text
    assert names("x new new york", "new york")
    assert names("a b c", "a b c")
    assert not names("a b b c", "a b c")
    assert names("нов новгородски мир", "нов* новгород* мир")


def test_a_phrase_does_not_go_on_in_the_next_text() -> None:
    found = scope_of("южн* кавказ*").find(Utf8Texts.encode(["южный", "кавказ", "южный кавказ"]))
    assert found[:, 0].tolist() == [False, False, True]


def test_every_label_has_its_own_terms() -> None:
    scope = scope_of("баку", b=["ереван*", "баку"], c=["баку"])
    found = scope.find(Utf8Texts.encode(["В Баку", "Ереванский", "Берлин", "Ереван и Баку"]))
    assert found.tolist() == [[1, 1, 1], [0, 1, 0], [0, 0, 0], [1, 1, 1]]
    assert scope.of_label[0] == scope.of_label[2], "equal scopes are looked for once"


def test_labels_without_a_scope_take_any_text_and_parents_what_their_children_take() -> None:
    content = {
        "mentions": {"bg": ["баку"]},
        "labels": [
            {"id": "a", "children": [{"id": "a1", "mentions": {"bg": ["ереван*"]}}, {"id": "a2"}]},
            {"id": "b", "children": [{"id": "b1", "mentions": {}}]},
            {"id": "c"},
        ],
    }
    scope = Scope.of(parse_codebook(content, "c.json"))
    assert scope is not None
    found = scope.find(Utf8Texts.encode(["Баку", "Ереван", "Берлин"]))
    # a, a1, a2, b, b1, c
    assert found.tolist() == [[1, 0, 1, 1, 1, 1], [1, 1, 0, 1, 1, 0], [0, 0, 0, 1, 1, 0]]
    assert found.dtype == bool
    assert scope.find(Utf8Texts.encode([])).shape == (0, 6)


def test_without_scopes_there_is_nothing_to_look_for() -> None:
    assert Scope.of(Codebook.flat(["a", "b"])) is None


@pytest.mark.parametrize("jobs", [1, 2])
def test_threads_and_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    texts = Utf8Texts.encode(["Баку", "", "x " * 300 + "Баку", "Берлин " * 200] * 7)
    scope = scope_of("баку", b=["берлин"])
    expected = scope.find(texts)
    assert expected[:4].tolist() == [[1, 0], [0, 0], [1, 0], [0, 1]]
    monkeypatch.setattr("framescope.features.scope.CHUNK_BYTES", 64)
    np.testing.assert_array_equal(scope.find(texts, jobs=jobs), expected)
    assert vocabulary.CHUNK_BYTES > 64


@pytest.mark.parametrize("word", ["Баку", "संघ", "x", "ка\u00adзах", "южный кавказ"])
def test_a_term_is_found_wherever_a_piece_ends(word: str) -> None:
    """Texts are read in pieces; no border cuts a word."""
    terms = ("баку", "संघ", "x", "казах", "южн* кавказ*")
    for n_before in range(PIECE_BYTES - 24, PIECE_BYTES + 4):
        assert names("," * n_before + word, *terms), n_before
        assert not names("y" * n_before + word, *terms), n_before


def test_no_character_past_the_table_of_foldings_is_folded() -> None:
    """What the tree takes for the characters that a letter may come from is complete."""
    for code in range(N_CASED, 0x110000):
        character = chr(code)
        if 0xE0000 <= code < 0xE1000 or not character.isprintable():
            continue
        assert character.casefold() == character


def test_cyrillic_and_latin_letters_are_what_the_bytes_say() -> None:
    """The kernel passes over what follows a letter of these, which it knows by their first byte."""
    assert all(class_of(chr(code)) == WORD for code in range(0x400, 0x480))
    for code in range(0x80):
        assert (class_of(chr(code)) == WORD) == chr(code).isalnum()
    assert CLASS_SHIFT == 21


# What folding, composition and the kernel's shortcuts treat in their own ways.
PIECES = [
    *["а", "б", "А", "Б", "a", "b", "A", "k", "K", "K", "s", "ſ", "S", "ß", "ẞ", "ﬁ", "f", "i", "I", "İ", "ı"],
    *[
        "й",
        "и\u0306",
        "и",
        "\u0306",
        "é",
        "e\u0301",
        "e",
        "ё",
        "ж",
        "Ж",
        "क",
        "\u093c",
        "क़",
        "\u0958",
        "ि",
        "中",
    ],
    *["\u00ad", "\u200d", "\ufe0f", "\u2060", "\ufeff", "\U000e0020"],
    *[" ", "\n", "\u00a0", ".", "-", "—", "«", "…", "_", "😀", "҂", "۔", "0", "٣", "Ⱥ", "ⱥ", "𐐀", "𐐨"],
]
LETTERS = [piece for piece in PIECES if all(class_of(character) == WORD for character in piece)]
words = st.lists(st.sampled_from(LETTERS), min_size=1, max_size=6).map("".join)
terms = st.lists(words, min_size=1, max_size=3).map(" ".join)


def folded(text: str) -> list[str]:
    """Return the folded words of a text as it is read."""
    read = [character for character, _ in read_plainly(text)]
    marked = [
        (character_class(c), part) for c in read for part in c.casefold() if character_class(c) != "ignored"
    ]
    return ["".join(part for _, part in run) for kind, run in groupby(marked, lambda m: m[0]) if kind == "word"]


def is_named(term: str, text: str) -> bool:
    """Tell whether a text names a term, word by word."""
    wanted = [("".join(folded(word.removesuffix("*"))), word.endswith("*")) for word in term.split()]
    found = folded(text)
    return any(
        all(
            word == letters or (is_prefix and word.startswith(letters))
            for word, (letters, is_prefix) in zip(found[at : at + len(wanted)], wanted, strict=True)
        )
        for at in range(len(found) - len(wanted) + 1)
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Draw terms, and texts that hold parts of them."""
    known = draw(st.lists(terms, min_size=1, max_size=4))
    marked = [
        " ".join(
            f"{word}*" if len(unicodedata.normalize("NFC", word)) > 2 and draw(st.booleans()) else word
            for word in term.split()
        )
        for term in known
    ]
    parts = st.sampled_from([*PIECES, *known, *(word for term in known for word in term.split())])
    pads = st.sampled_from(["", "x" * (PIECE_BYTES - 5), "ж " * (PIECE_BYTES // 3)])
    texts = st.tuples(pads, st.lists(parts, max_size=12)).map(lambda both: both[0] + "".join(both[1]))
    return marked, draw(st.lists(texts, min_size=1, max_size=4))


@pytest.mark.slow
@given(cases())
@example((["ss"], ["ß", "ẞs", "ſs", "aß"]))
@example((["fia*"], ["ﬁa", "FIAT", "ﬁ"]))
@example((["a"], ["a\u00ad", "\u00ada", "b\u00ada", "—a", "é\u00ada", "«\u00ad\u00ada"]))
@example((["क़"], ["\u0958", "क\u093c", "क"]))
def test_terms_are_found_where_a_slow_reader_finds_them(case: tuple[list[str], list[str]]) -> None:
    marked, texts = case
    found = scope_of(marked[0], **{f"l{k}": [term] for k, term in enumerate(marked[1:])}).find(encode(*texts))
    expected = [[is_named(term, text) for term in marked] for text in texts]
    assert found.tolist() == expected


def test_the_slow_reader_is_right() -> None:
    assert is_named("южн* кавказ*", "На Южном, Кавказе")
    assert not is_named("ab", "abc")
    assert [*pairwise(folded("Й—straße"))] == [("й", "strasse")]


def test_a_buffer_of_arrow_is_read_in_place() -> None:
    """Texts need not begin where the buffer does."""
    whole = encode("южный", "Баку", "Ереван")
    part: Any = Utf8Texts(whole.data, whole.offsets[1:])
    assert scope_of("баку").find(part)[:, 0].tolist() == [True, False]
