"""USE-multilingual's tokenizer, asked once for each word: its pieces never reach over a space."""

from __future__ import annotations

from collections.abc import Callable

MAX_WORDS = 1 << 17
MAX_CHARACTERS = 64
"""Of a word that is kept: longer ones come once."""
BOS, EOS, UNKNOWN = 1, 2, 0


class WordTokenizer:
    """Pieces of texts by those of their words, which are kept."""

    def __init__(self, pieces_of: Callable[[str], list[int]]) -> None:
        """``pieces_of`` gives the pieces of a text, and that of an unknown one for a text without any."""
        self._pieces_of = pieces_of
        self._known: dict[str, tuple[int, ...]] = {"": ()}

    def encode(self, text: str) -> list[int]:
        """Return the pieces of a text between those that begin and end it."""
        found = [BOS]
        for word in text.split(" "):
            pieces = self._known.get(word)
            found += self._learn(word) if pieces is None else pieces
        if len(found) == 1:
            found.append(UNKNOWN)
        found.append(EOS)
        return found

    def _learn(self, word: str) -> tuple[int, ...]:
        pieces = tuple(self._pieces_of(word))
        if len(self._known) < MAX_WORDS and len(word) <= MAX_CHARACTERS:
            self._known[word] = pieces
        return pieces
