"""Terms: the words, beginnings of words and phrases that a codebook lists for texts to name."""

from __future__ import annotations

from dataclasses import dataclass

from framescope.text.characters import IGNORED, WORD, class_of
from framescope.text.composed import composed

MIN_PREFIX = 3
"""Letters before a ``*``: fewer would begin too many innocent words."""

MAX_LETTERS = 64
ANY_ENDING = "*"


@dataclass(frozen=True, slots=True)
class TermWord:
    """A word of a term: its letters as they were written, and whether more letters may follow."""

    letters: str
    is_prefix: bool


def parse_term(term: object) -> tuple[TermWord, ...]:
    """Return the words of a term, which a text must have one after the other.

    >>> parse_term("южн* кавказ*")[1]
    TermWord(letters='кавказ', is_prefix=True)

    Raises:
        ValueError: it is no string, or one of its words is not made of letters and digits with at most a ``*``
            after three letters or more.
    """
    if not isinstance(term, str):
        raise ValueError(f"expected a string, found {type(term).__name__}")
    words = tuple(map(_parse_word, term.split()))
    if not words:
        raise ValueError("is empty, expected a word")
    return words


def _parse_word(word: str) -> TermWord:
    letters = word.removesuffix(ANY_ENDING)
    is_prefix = letters != word
    for character in letters:
        if class_of(character) not in {WORD, IGNORED}:
            raise ValueError(
                f"{character!r} is no part of a word: expected letters and digits, '*' after them at most, "
                "and a space between words"
            )
    # As many letters however they are written: й is one, whether it is one character or two.
    n_letters = sum(class_of(character) == WORD for character in composed(letters))
    if is_prefix and n_letters < MIN_PREFIX:
        raise ValueError(f"expected {MIN_PREFIX} letters or more before '*', found {n_letters}")
    if not 0 < n_letters <= MAX_LETTERS:
        raise ValueError(f"expected words of 1 to {MAX_LETTERS} letters, found {n_letters}")
    return TermWord(letters, is_prefix)
