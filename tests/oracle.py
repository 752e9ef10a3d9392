"""The features of a text, read slowly and obviously: what the n-gram kernel must agree with.

A feature is a readable tuple: ("word", "анти"), ("pair", "мы", "они"), ("symbols", "!!"), ("chars", "^ан"),
where ^ is the boundary of a word. A span is a pair of character positions, its end exclusive.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby, pairwise
from math import log, sqrt

import numpy as np

from framescope.text.utf8 import Utf8Texts

Feature = tuple[str, ...]
Span = tuple[int, int]

MAX_WORD = 64
CHAR_GRAMS = (2, 3, 4, 5)
CLASSES = {"L": "word", "M": "word", "N": "word", "P": "symbols", "S": "symbols"}
STRESS = "\N{COMBINING GRAVE ACCENT}\N{COMBINING ACUTE ACCENT}"
CYRILLIC, LATIN = "асеорхуѕіјАВСЕНКМОРТХЅІЈ", "aceopxysijABCEHKMOPTXSIJ"
MASK = (1 << 64) - 1
TOP_BIT = 1 << 63


def character_class(character: str) -> str:
    """Return "word", "symbols", "separator" or "ignored"."""
    category = unicodedata.category(character)
    if category == "Cf" or character in "\N{VARIATION SELECTOR-15}\N{VARIATION SELECTOR-16}":
        return "ignored"
    return CLASSES.get(category[0], "separator")


def read_plainly(text: str) -> list[tuple[str, Span]]:
    """Return the characters of a text as they are read, each with the piece of the text that it stands for."""
    begins = [at for at, character in enumerate(text) if at == 0 or not may_join(character)]
    read: list[tuple[str, Span]] = []
    for begin, end in pairwise([*begins, len(text)] if text else []):
        composed = unicodedata.normalize("NFC", text[begin:end])
        while len(composed) > 1 and is_cyrillic(composed[0]) and composed[1] in STRESS:
            composed = composed[0] + composed[2:]
        read += [(character, (begin, end)) for character in composed]
    letters = without_grave("".join(character for character, _ in read))
    words = [(is_of_word, "".join(word)) for is_of_word, word in groupby(letters, key=is_of_a_word)]
    written = "".join(in_one_script(word) if is_of_word else word for is_of_word, word in words)
    if written == text:
        return [(character, (at, at + 1)) for at, character in enumerate(text)]
    return [(character, piece) for character, (_, piece) in zip(written, read, strict=True)]


def is_of_a_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def is_cyrillic(character: str) -> bool:
    return "\u0400" <= character <= "\u052f"


@lru_cache(1)
def joining() -> frozenset[str]:
    """Return the characters that composition may join to the one before and that are no marks."""
    syllables = [unicodedata.normalize("NFD", chr(code))[1:] for code in range(0xAC00, 0xD7A4)]
    pairs = (unicodedata.decomposition(chr(code)).split() for code in range(0x110000))
    return frozenset("".join(syllables)) | {chr(int(p[1], 16)) for p in pairs if len(p) == 2 and p[0][0] != "<"}


def may_join(character: str) -> bool:
    return unicodedata.combining(character) > 0 or character in joining()


def without_grave(text: str) -> str:
    """Return a text with е for ѐ and, but for the word ѝ, и for ѝ."""
    letters = list(text.replace("ѐ", "е").replace("Ѐ", "Е"))
    for at, letter in enumerate(letters):
        if letter in "ѝЍ" and any(
            is_of_a_word(near) for near in text[max(at - 1, 0) : at] + text[at + 1 : at + 2]
        ):
            letters[at] = "и" if letter == "ѝ" else "И"
    return "".join(letters)


def in_one_script(word: str) -> str:
    """Return a word in the script that no letter of the other stands against; as it is where both could be."""
    latin = [c for c in word if c.isascii() and c.isalpha()]
    cyrillic = [c for c in word if is_cyrillic(c)]
    if not any(
        is_cyrillic(a) != is_cyrillic(b) and {a, b} & {*latin}
        for a, b in pairwise(word)
        if {a, b} <= {*latin, *cyrillic}
    ):
        return word
    to_latin, to_cyrillic = dict(zip(CYRILLIC, LATIN, strict=True)), dict(zip(LATIN, CYRILLIC, strict=True))
    can_be_latin, can_be_cyrillic = all(c in to_latin for c in cyrillic), all(c in to_cyrillic for c in latin)
    if can_be_latin and (not can_be_cyrillic or len(latin) > len(cyrillic)):
        return "".join(to_latin.get(c, c) for c in word)
    if can_be_cyrillic and (not can_be_latin or len(cyrillic) > len(latin)):
        return "".join(to_cyrillic.get(c, c) for c in word)
    return word


def read_runs(text: str, *, is_plain: bool = False) -> Iterator[tuple[str, str, list[Span]]]:
    """Yield class and folded characters of each run, and the piece of the text that each stands for.

    A text that ``is_plain`` is taken as it is written.
    """
    as_written = [(character, (at, at + 1)) for at, character in enumerate(text)]
    folded = [
        (kind, part, piece)
        for character, piece in (as_written if is_plain else read_plainly(text))
        if (kind := character_class(character)) != "ignored"
        for part in character.casefold()
    ]
    for kind, run in groupby(folded, key=lambda entry: entry[0]):
        entries = list(run)
        for begin in range(0, len(entries), MAX_WORD):
            some = entries[begin : begin + MAX_WORD]
            yield kind, "".join(part for _, part, _ in some), [piece for _, _, piece in some]


def read_features(text: str) -> list[tuple[Feature, Span]]:
    """Return every feature of a text with its span, as often as it occurs."""
    features: list[tuple[Feature, Span]] = []
    last_word, last_first = "", 0
    for kind, run, pieces in read_runs(text):
        first, end = pieces[0][0], pieces[-1][1]
        if kind == "symbols":
            features.append((("symbols", run), (first, end)))
        if kind == "word":
            features.append((("word", run), (first, end)))
            if last_word:
                features.append((("pair", last_word, run), (last_first, end)))
            features += read_character_grams(run, pieces)
            last_word, last_first = run, first
    return features


def read_character_grams(word: str, pieces: list[Span]) -> Iterator[tuple[Feature, Span]]:
    """Yield the n-grams of a word between its boundaries."""
    marked, marked_pieces = f"^{word}^", [pieces[0], *pieces, pieces[-1]]
    for size in CHAR_GRAMS:
        for at in range(len(marked) - size + 1):
            span = (marked_pieces[at][0], marked_pieces[at + size - 1][1])
            yield ("chars", marked[at : at + size]), span


def is_character_gram(feature: Feature) -> bool:
    """Tell the block of character n-grams from the block of words, pairs and symbols."""
    return feature[0] == "chars"


@lru_cache(1 << 16)
def identify(feature: Feature) -> int:
    """Return the hash of a feature: FNV-1a over code points, mixed, its top bit telling the block."""
    kind, *strings = feature
    if kind == "chars":
        return finish(fnv(strings[0].replace("^", " "))) | TOP_BIT
    if kind == "pair":
        return finish((fnv(strings[0]) * 0x9E3779B97F4A7C15 & MASK) ^ fnv(strings[1])) & ~TOP_BIT
    return finish(fnv(strings[0])) & ~TOP_BIT


def fnv(string: str) -> int:
    """Return the 64-bit FNV-1a state after the code points of a string."""
    state = 0xCBF29CE484222325
    for character in string:
        state = (state ^ ord(character)) * 0x100000001B3 & MASK
    return state


def finish(state: int) -> int:
    """Spread the state over all 64 bits."""
    state = (state ^ (state >> 32)) * 0xD6E8FEB86659FD93 & MASK
    return state ^ (state >> 32)


def folded_codes(text: str) -> list[int]:
    """Return code points as the kernel holds them: symbols negated, separators 0, ignored ones left out."""
    sign = {"word": 1, "symbols": -1, "separator": 0}
    return [sign[kind] * ord(part) for kind, run, _ in read_runs(text, is_plain=True) for part in run]


def encode(*texts: str) -> Utf8Texts:
    """Return texts as the kernels take them, built without the code under test."""
    parts = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, parts)], dtype=np.int64)
    return Utf8Texts(np.frombuffer(b"".join(parts), np.uint8), offsets)


CHAR_SHARE = 0.45


def run_features(kind: str, run: str) -> list[Feature]:
    """Return what there is of a run by itself: its name, and a word's character n-grams, each occurrence."""
    grams = read_character_grams(run, [(0, 0)] * len(run)) if kind == "word" else ()
    return [(kind, run), *(feature for feature, _ in grams)]


def count_runs(text: str) -> Counter[tuple[str, str]]:
    """Return how often each run of a text occurs."""
    return Counter((kind, run) for kind, run, _ in read_runs(text) if kind in {"word", "symbols"})


def count_pairs(text: str) -> Counter[Feature]:
    """Return how often each pair of successive words occurs."""
    words = [run for kind, run, _ in read_runs(text) if kind == "word"]
    return Counter(("pair", *pair) for pair in pairwise(words))


def learn(*texts: str, min_df: int) -> tuple[dict[Feature, float], tuple[float, float]]:
    """Return what each known feature is worth, and any other, a word or symbols and a character n-gram."""
    df = Counter(feature for text in texts for feature in {name for name, _ in read_features(text)})
    n_times = Counter(name for text in texts for run in count_runs(text) for name in run_features(*run))

    def idf(n_texts: int) -> float:
        return log((1 + len(texts)) / (1 + n_texts)) + 1

    worth = {
        feature: idf(n) * (CHAR_SHARE * n / n_times[feature] if is_character_gram(feature) else 1)
        for feature, n in df.items()
        if n >= min_df
    }
    return worth, (idf(1), CHAR_SHARE * idf(1))


def weigh(text: str, worth: dict[Feature, float], unknown: tuple[float, float]) -> dict[Feature, float]:
    """Return the value of each known feature of a text."""
    values: Counter[Feature] = Counter()
    square = 0.0
    for run, count in count_runs(text).items():
        for feature, n in Counter(run_features(*run)).items():
            value = frequency(count) * n * worth.get(feature, unknown[is_character_gram(feature)])
            square += value**2
            values[feature] += value
    for pair, count in count_pairs(text).items():
        if pair in worth:
            values[pair] = frequency(count) * worth[pair]
            square += values[pair] ** 2
    return {feature: value / sqrt(square) for feature, value in values.items() if feature in worth}


def frequency(count: int) -> float:
    """Return what something that occurs so often counts for."""
    return 1 + log(count) / 2
