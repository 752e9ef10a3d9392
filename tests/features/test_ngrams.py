"""The n-gram kernel against a slow reading of the same definition, and chosen texts with exact features."""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framescope.features.ngrams import MAX_GRAMS_PER_WORD, START, emit, fold, locate, n_codes_at_most
from framescope.text.characters import character_tables
from oracle import (
    TOP_BIT,
    Feature,
    Span,
    folded_codes,
    identify,
    is_character_gram,
    read_features,
    read_runs,
)

CHOSEN = [
    *["ß", "ŉ", "ΐ", "ﬃ", "İ", "ſ", "\N{KELVIN SIGN}", "ǅ", "Σ", "ς", "𐐀", "ꭰ", "Ⓐ"],  # foldings
    *["\N{SOFT HYPHEN}", "\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}", "\N{VARIATION SELECTOR-16}"],
    *["\N{COMBINING BREVE}", "и\N{COMBINING BREVE}", "हिन्दी", "क्ष", "ქართული", "ᲥᲐᲠᲗᲣᲚᲘ", "한국", "漢字", "ﷺ"],
    *["👩‍👩‍👧", "☺️", "🇧🇬", "«", "»", "--", "…", "’", "_", "٣", "Ⅷ", "a", "А", "мы", "они"],
    *[" ", "\n", "\t", "\0", "\N{NO-BREAK SPACE}", "\N{LINE SEPARATOR}", "ы" * 63, "ß" * 40, "!" * 65],
]
CHARACTERS = st.characters(exclude_categories=["Cs", "Cn"])
TEXTS = st.lists(st.one_of(st.text(CHARACTERS, max_size=4), st.sampled_from(CHOSEN)), max_size=25).map("".join)
JIT = settings(deadline=None, max_examples=200)  # the first example may compile


def located(text: str) -> list[tuple[int, Span]]:
    """Return the kernel's features as hashes with spans."""
    hashes, spans = locate(text, character_tables())
    return [(hash_, (first, end)) for hash_, (first, end) in zip(hashes.tolist(), spans.tolist(), strict=True)]


def spans_of_each(features: Iterable[tuple[Hashable, Span]]) -> Counter[tuple[Span, ...]]:
    """Return the spans of every distinct feature, without the features' names."""
    spans = defaultdict(list)
    for feature, span in features:
        spans[feature].append(span)
    return Counter(tuple(sorted(each)) for each in spans.values())


def assert_agrees(text: str) -> None:
    """Compare hashes and spans with the oracle's, as multisets; no two features share a hash."""
    expected = read_features(text)
    assert Counter(located(text)) == Counter((identify(feature), span) for feature, span in expected)
    features = {feature for feature, _ in expected}
    assert len({identify(feature) for feature in features}) == len(features)


def words_and_symbols(text: str) -> list[tuple[int, Span]]:
    return sorted(entry for entry in located(text) if entry[0] < TOP_BIT)


def identified(features: Iterable[tuple[Feature, Span]]) -> list[tuple[int, Span]]:
    return sorted((identify(feature), span) for feature, span in features)


def folded(text: str) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the kernel's codes of a text and the characters they came from."""
    data = np.frombuffer(text.encode(), np.uint8)
    codes, origins = np.empty((2, n_codes_at_most(len(data))), np.int32)
    n_codes = fold(data, 0, len(data), character_tables(), codes, origins)
    return codes[:n_codes], origins[:n_codes]


@JIT
@given(TEXTS)
def test_equal_features_and_only_they_share_a_hash(text: str) -> None:
    """Whatever the hash function is: features occur where and as often as the oracle finds them."""
    hashes, features = located(text), read_features(text)
    for is_chars in (False, True):
        kept = [(hash_, span) for hash_, span in hashes if (hash_ >= TOP_BIT) == is_chars]
        expected = [(feature, span) for feature, span in features if is_character_gram(feature) == is_chars]
        assert spans_of_each(kept) == spans_of_each(expected)


@JIT
@given(TEXTS)
def test_random_unicode_has_the_features_of_the_oracle(text: str) -> None:
    assert_agrees(text)


@JIT
@given(st.text(CHARACTERS, max_size=2))
def test_tiny_texts_have_the_features_of_the_oracle(text: str) -> None:
    assert_agrees(text)


def test_hashes_never_change() -> None:
    """Saved models depend on these numbers."""
    pinned = {
        ("word", "a"): 3384403655233400689,
        ("chars", "^a"): 17182122877953567230,
        ("chars", "a^"): 11865070287901641193,
        ("chars", "^a^"): 9641249160053373052,
    }
    assert {feature: identify(feature) for feature in pinned} == pinned
    assert sorted(located("A")) == sorted((hash_, (0, 1)) for hash_ in pinned.values())


def test_all_features_of_a_short_text() -> None:
    """Words, their pair across a comma, symbol runs, and n-grams of 2 to 5 with boundaries."""
    assert sorted(located("Я, ты!")) == identified(
        [
            (("word", "я"), (0, 1)),
            (("chars", "^я"), (0, 1)),
            (("chars", "я^"), (0, 1)),
            (("chars", "^я^"), (0, 1)),
            (("symbols", ","), (1, 2)),
            (("word", "ты"), (3, 5)),
            (("pair", "я", "ты"), (0, 5)),
            (("chars", "^т"), (3, 4)),
            (("chars", "ты"), (3, 5)),
            (("chars", "ы^"), (4, 5)),
            (("chars", "^ты"), (3, 5)),
            (("chars", "ты^"), (3, 5)),
            (("chars", "^ты^"), (3, 5)),
            (("symbols", "!"), (5, 6)),
        ]
    )


@pytest.mark.parametrize(
    ("text", "features"),
    [
        ("", []),
        (" \r\n\t\0\N{NO-BREAK SPACE}", []),
        ("\N{SOFT HYPHEN}\N{ZERO WIDTH JOINER}", []),
        ("7", [(("word", "7"), (0, 1))]),
        (
            "Анти-ОДКБ",
            [
                (("word", "анти"), (0, 4)),
                (("symbols", "-"), (4, 5)),
                (("word", "одкб"), (5, 9)),
                (("pair", "анти", "одкб"), (0, 9)),
            ],
        ),
        (
            "«НАТО»!! ?",
            [
                (("symbols", "«"), (0, 1)),
                (("word", "нато"), (1, 5)),
                (("symbols", "»!!"), (5, 8)),
                (("symbols", "?"), (9, 10)),
            ],
        ),
        ("Straße", [(("word", "strasse"), (0, 6))]),
        ("ﬃ", [(("word", "ffi"), (0, 1))]),
        ("ΐ", [(("word", "ι\u0308\u0301"), (0, 1))]),
        ("İ", [(("word", "i\u0307"), (0, 1))]),
        ("\N{SOFT HYPHEN}co\N{SOFT HYPHEN}op\N{SOFT HYPHEN}", [(("word", "coop"), (1, 6))]),
        ("मैं हिन्दी", [(("word", "मैं"), (0, 3)), (("word", "हिन्दी"), (4, 10)), (("pair", "मैं", "हिन्दी"), (0, 10))]),
        ("ᲥᲐᲠᲗᲣᲚᲘ", [(("word", "ქართული"), (0, 7))]),
        ("и\N{COMBINING BREVE}", [(("word", "й"), (0, 2))]),
        (
            "ба\N{COMBINING ACUTE ACCENT} ба",
            [(("word", "ба"), (0, 3)), (("word", "ба"), (4, 6)), (("pair", "ба", "ба"), (0, 6))],
        ),
        ("👩‍👩‍👧 ☺️", [(("symbols", "👩👩👧"), (0, 5)), (("symbols", "☺"), (6, 7))]),
        ("!" * 70, [(("symbols", "!" * 64), (0, 64)), (("symbols", "!" * 6), (64, 70))]),
        (
            "ы" * 64 + "х",
            [
                (("word", "ы" * 64), (0, 64)),
                (("word", "х"), (64, 65)),
                (("pair", "ы" * 64, "х"), (0, 65)),
            ],
        ),
        (  # a cut through the expansion of one character, which stands on both sides
            "a" * 63 + "ß",
            [
                (("word", "a" * 63 + "s"), (0, 64)),
                (("word", "s"), (63, 64)),
                (("pair", "a" * 63 + "s", "s"), (0, 64)),
            ],
        ),
    ],
)
def test_words_pairs_and_symbols_of_chosen_texts(text: str, features: list[tuple[Feature, Span]]) -> None:
    assert words_and_symbols(text) == identified(features)
    assert_agrees(text)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("КОАЛИЦИЯ", "коалиция"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("STRASSE", "straße"),
        ("თბილისი", "ᲗᲑᲘᲚᲘᲡᲘ"),
        ("дезин\N{SOFT HYPHEN}формация", "дезинформация"),
        ("☺️", "☺"),
    ],
)
def test_case_and_format_characters_make_no_feature(text: str, same: str) -> None:
    assert sorted(hash_ for hash_, _ in located(text)) == sorted(hash_ for hash_, _ in located(same))


def test_every_assigned_character_is_decoded_and_folded() -> None:
    """One text of all of them, of one to four bytes each, with the position of each."""
    text = "".join(
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character) not in {"Cn", "Cs"}
    )
    codes, origins = folded(text)
    assert codes.tolist() == folded_codes(text)
    assert origins.tolist() == [at for _, _, pieces in read_runs(text, is_plain=True) for at, _ in pieces]


def test_room_for_folded_codes_is_enough_and_used_up_by_the_worst_character() -> None:
    """ΐ takes two bytes and folds to three code points; no character needs more room for its bytes."""
    codes, _ = folded("ΐ" * 1000)
    assert len(codes) == n_codes_at_most(2000) == 3000
    assert max(len(chr(code).casefold()) / len(chr(code).encode()) for code in range(0xD800)) == 1.5
    assert [n_codes_at_most(n_bytes) for n_bytes in (0, 1, 3)] == [0, 1, 4]


@JIT
@given(TEXTS, st.integers(MAX_GRAMS_PER_WORD, 3 * MAX_GRAMS_PER_WORD))
def test_small_buffers_give_the_stream_of_a_large_one(text: str, size: int) -> None:
    """Same hashes and spans in the same order; a pair may begin in one buffer and end in the next."""
    codes, _ = folded(text)
    large = emitted(codes, 5 * len(codes) + MAX_GRAMS_PER_WORD)
    assert len(large) <= 1
    assert joined(emitted(codes, size)) == joined(large)


def test_a_buffer_is_filled_as_often_as_a_long_text_needs() -> None:
    """One-letter words have 5 features, the first has 4; a buffer that just fits a longest word takes one."""
    codes, _ = folded("я " * 10_000)
    batches = emitted(codes, MAX_GRAMS_PER_WORD)
    assert [len(batch) for batch in batches[:3]] == [4, 5, 5]
    assert sum(map(len, batches)) == 49_999
    assert joined(batches) == joined(emitted(codes, 1 << 16))


def emitted(codes: npt.NDArray[np.int32], size: int) -> list[list[tuple[int, int, int]]]:
    """Return what each call of ``emit`` writes into a buffer of some size: hash and span in ``codes``."""
    hashes, spans = np.empty(size, np.uint64), np.empty((size, 2), np.int32)
    resume, batches = START, []
    while resume[0] < len(codes):
        (at, last_word, its_first), n_hashes = emit(codes, len(codes), resume, hashes, spans)
        resume = at, np.uint64(last_word), its_first
        assert n_hashes <= size
        batches.append(list(zip(hashes[:n_hashes].tolist(), *spans[:n_hashes].T.tolist(), strict=True)))
    return batches


def joined(batches: list[list[tuple[int, int, int]]]) -> list[tuple[int, int, int]]:
    return [entry for batch in batches for entry in batch]


@pytest.mark.slow
def test_a_long_word_is_read_in_pieces() -> None:
    """100,000 letters are 1,562 pieces of 64 and one of 32; a piece of n letters has 4 n - 2 n-grams."""
    text = "".join(chr(ord("а") + position * position % 32) for position in range(100_000))
    hashes, spans = locate(text, character_tables())
    assert len(hashes) == 1_563 + 1_562 + 1_562 * (4 * 64 - 2) + (4 * 32 - 2)
    assert spans.max() == 100_000
    assert_agrees(text[:10_000])


@pytest.mark.slow
def test_a_word_of_10_megabytes_is_located() -> None:
    """5,000,000 letters are 78,125 pieces of 64."""
    hashes, spans = locate("я" * 5_000_000, character_tables())
    assert len(hashes) == 78_125 + 78_124 + 78_125 * 254
    assert len(np.unique(hashes)) == 1 + 1 + 4 + 4 + 4  # word, pair, n-grams: at the start, the end, within
    assert spans.max() == 5_000_000
