"""From the terms of scopes to the tables that :mod:`framescope.features.matching` reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import numpy as np

from framescope._types import Int64, UInt8, UInt64
from framescope.features.matching import (
    FREE,
    GRAM_BITS,
    N_AROUND,
    N_SHORT,
    Matcher,
    fill_slots,
    gram_hash,
    scope_bit,
)
from framescope.features.ngrams import fold, n_codes_at_most
from framescope.text.characters import CLASS_SHIFT, IGNORED, WORD, character_tables
from framescope.text.plain import plain
from framescope.text.terms import parse_term

Codes = tuple[int, ...]

N_LETTERS = 3  # so many tell one word from most others
N_ASCII = 0x80
N_CASED = 0x20000  # no character from here on is folded to another


def build_matcher(scopes: Sequence[Iterable[str]]) -> Matcher:
    """Return the tables of scopes, each a collection of terms."""
    tree = _Tree()
    for number, terms in enumerate(scopes):
        for term in sorted(terms):
            tree.add(term, number)
    return tree.matcher()


class _Tree:
    """A tree of terms that grows; ``openings`` are first words, and whether more letters may follow."""

    def __init__(self) -> None:
        self.steps: dict[tuple[int, int], int] = {}
        self.ends: list[tuple[list[int], list[int]]] = [([], [])]
        self.is_first: list[bool] = []
        self.is_last: list[bool] = []
        self.scopes: list[int] = []
        self.openings: set[tuple[Codes, bool]] = set()

    def add(self, term: str, scope: int) -> None:
        """Add the places of a term."""
        words = parse_term(term)
        for number, word in enumerate(words):
            place = len(self.scopes)
            self.is_first.append(number == 0)
            self.is_last.append(number == len(words) - 1)
            self.scopes.append(scope)
            codes = _folded(plain(word.letters))
            self.ends[self._node(codes)][0 if word.is_prefix else 1].append(place)
            if number == 0:
                self.openings.add((codes, word.is_prefix))

    def _node(self, codes: Codes) -> int:
        node = 0
        for code in codes:
            step = (node, code)
            if step not in self.steps:
                self.steps[step] = len(self.ends)
                self.ends.append(([], []))
            node = self.steps[step]
        return node

    def matcher(self) -> Matcher:
        """Return the tree, and what its words begin with, as the kernel reads them."""
        lists = [places for both in self.ends for places in both]
        keys = np.full(1 << (2 * len(self.steps)).bit_length(), FREE)
        nodes = np.zeros(len(keys), np.int32)
        parents, codes = (np.ascontiguousarray(axis) for axis in np.array(list(self.steps), np.int64).T)
        fill_slots(parents, codes, keys, nodes)
        heads, tails, grams = _first_bytes(self.openings)
        return Matcher(
            heads=heads,
            tails=tails,
            grams=grams,
            keys=keys,
            nodes=nodes,
            ends=self._ends(),
            bounds=np.cumsum([0, *map(len, lists)], dtype=np.int32),
            places=np.array([place for places in lists for place in places], np.int32),
            is_first=np.array(self.is_first, bool),
            is_last=np.array(self.is_last, bool),
            scopes=np.array(self.scopes, np.int32),
        )

    def _ends(self) -> UInt64:
        """Return the array ``ends`` of a :class:`Matcher`."""
        ends = [[self._bits(prefixes), self._bits(words)] for prefixes, words in self.ends]
        below = [prefixes | words for prefixes, words in ends]
        for (parent, _), node in reversed(self.steps.items()):  # a node is made after its parent
            below[parent] |= below[node]
        return np.array([[*both, all_of] for both, all_of in zip(ends, below, strict=True)], np.uint64).ravel()

    def _bits(self, places: Iterable[int]) -> int:
        """Return the bits of the scopes whose terms begin at some places."""
        bits = 0
        for place in places:
            bits |= int(scope_bit(self.scopes[place])) if self.is_first[place] else 0
        return bits


@cache
def _folded(word: str) -> Codes:
    """Return the code points of a word as the kernel reads them."""
    data = np.frombuffer(word.encode(), np.uint8)
    codes = np.empty(n_codes_at_most(len(data)), np.int32)
    return tuple(codes[: fold(data, 0, len(data), character_tables(), codes, None)].tolist())


def _first_bytes(openings: Iterable[tuple[Codes, bool]]) -> tuple[UInt8, ...]:
    """Return the tables ``heads``, ``tails`` and ``grams`` of a :class:`Matcher`."""
    tails = _may_be_ignored()
    heads, grams = tails.copy(), np.zeros(1 << GRAM_BITS, np.uint8)
    heads[N_ASCII:] = 0  # of a longer character the second byte is a part
    for codes, is_prefix in openings:
        for written in _written(codes, is_prefix):
            if len(written) >= N_SHORT:
                pairs = (written[k : k + 2] for k in range(0, N_AROUND, 2))
                grams[gram_hash(*(np.uint32(int.from_bytes(pair)) for pair in pairs))] = 1
            elif len(written) > 1:
                heads[written[0], written[1]] = 1
            else:
                heads[written[0]] = 1
    return heads.ravel(), tails.ravel(), grams


def _written(codes: Codes, is_prefix: bool, before: str = "") -> Iterator[bytes]:
    """Yield the bytes that texts may have for folded code points, cut after four or six."""
    written = before.encode()
    if not codes or len(written) >= N_AROUND or (len(written) >= N_SHORT and len(before) >= N_LETTERS):
        yield written[: N_AROUND if len(written) >= N_AROUND else N_SHORT]
        return
    for character in _folded_to(codes[0]):
        if "A" <= character <= "Z":
            continue  # the bytes are compared with small letters
        folded = _folded(character)
        n_equal = min(len(folded), len(codes))
        if folded[:n_equal] == codes[:n_equal] and (n_equal == len(folded) or is_prefix):
            yield from _written(codes[n_equal:], is_prefix, before + character)


@cache
def _folded_to(code: int) -> list[str]:
    """Return the characters whose folding begins with a code point."""
    codes, folded = _all_folded()
    return [chr(code) for code in codes[folded == code]] or [chr(code)]


@cache
def _all_folded() -> tuple[Int64, Int64]:
    """Return the letters that folding may change, and what they are folded to, to begin with."""
    codes = np.arange(N_CASED)
    entries = _entries(codes)
    codes = codes[entries >> CLASS_SHIFT & 3 == WORD]
    return codes, (codes + _entries(codes)) & (1 << CLASS_SHIFT) - 1


def _may_be_ignored() -> UInt8:
    """Tell with which two bytes, or with the second of which, a character may begin that folding drops."""
    codes = np.arange(0x110000)
    ignored = [chr(code).encode() for code in codes[_entries(codes) >> CLASS_SHIFT & 3 == IGNORED]]
    pairs = np.zeros((256, 256), np.uint8)
    for written in ignored:
        pairs[written[0], written[1]] = 1
        pairs[:, written[0]] = 1
    return pairs


def _entries(codes: Int64) -> Int64:
    tables = character_tables()
    entries = tables.entries[tables.pages[codes >> 8].astype(np.int64) << 8 | codes & 255]
    return np.asarray(entries, np.int64)
