"""Kernels of :mod:`framescope.encoders.universal`: all of a forward pass but its matrix products."""

from __future__ import annotations

import numpy as np

from framescope._types import Float32, Integers
from framescope.text.kernels import kernel

WIDTH = 256  # of a branch
REASSOCIATE = {"reassoc", "contract"}  # sums in any order, so that they are taken several at a time


@kernel()
def first_layer(  # noqa: PLR0913, PLR0917 - arrays side by side
    table: Float32,
    further: Float32,
    rows: Integers,
    bounds: Integers,
    orders: Integers,
    bias: Float32,
    found: Float32,
) -> None:
    """Fill in the first layer of each branch: found (n_tokens, 3 * WIDTH).

    A row of ``table`` holds what a token is projected to, (3 * WIDTH,), and then its share of the layer for
    each branch and place of a window, (WIDTH,) each; rows past its end are those of ``further``. ``bounds``
    are (n_tokens, 2), the first token of a token's sentence and the one after its last; ``orders`` (3, 2) each
    branch's number of places and how many of them come before the token.
    """
    n_table = len(table)
    for token in range(len(rows)):
        own = table[rows[token]] if rows[token] < n_table else further[rows[token] - n_table]
        place = len(orders) * WIDTH
        for branch in range(len(orders)):
            out = found[token, branch * WIDTH : (branch + 1) * WIDTH]
            out[:] = bias[branch]
            for k in range(orders[branch, 0]):
                at = token - orders[branch, 1] + k
                if bounds[token, 0] <= at < bounds[token, 1]:
                    other = table[rows[at]] if rows[at] < n_table else further[rows[at] - n_table]
                    for c in range(WIDTH):
                        out[c] += other[place + c]
                place += WIDTH
            for c in range(WIDTH):
                out[c] = max(out[c], np.float32(0)) + own[branch * WIDTH + c]


@kernel()
def windows(layer: Float32, bounds: Integers, branch: int, before: int, found: Float32) -> None:
    """Fill in the neighbours of each token in a branch, zeros outside its sentence: (n_tokens, n * WIDTH)."""
    columns = slice(branch * WIDTH, (branch + 1) * WIDTH)
    for token in range(len(layer)):
        for k in range(found.shape[1] // WIDTH):
            at = token - before + k
            out = found[token, k * WIDTH : (k + 1) * WIDTH]
            if bounds[token, 0] <= at < bounds[token, 1]:
                out[:] = layer[at, columns]
            else:
                out[:] = 0


@kernel(fastmath=REASSOCIATE)
def add_normed(  # noqa: PLR0913, PLR0917 - arrays side by side
    embedded: Float32,
    layer: Float32,
    second: Float32,
    bias: Float32,
    sentences: Integers,
    eps: float,
    sums: Float32,
) -> None:
    """Add up each sentence's tokens, normed to mean 0 and width 1: sums (n_sentences, n_features).

    A token's features are what it is ``embedded`` as, and the second layer: its product, ``second``, with
    ``bias`` and the first layer.
    """
    n_embedded, n_layer = embedded.shape[1], layer.shape[1]
    n = n_embedded + n_layer
    features = np.empty(n, np.float32)
    for token in range(len(embedded)):
        features[:n_embedded] = embedded[token]
        for c in range(n_layer):
            features[n_embedded + c] = max(second[token, c] + bias[c], np.float32(0)) + layer[token, c]
        mean = np.float32(0)
        for c in range(n):
            mean += features[c]
        mean /= np.float32(n)
        square = np.float32(0)
        for c in range(n):
            features[c] -= mean
            square += features[c] * features[c]
        scale = np.float32(1) / np.sqrt(square / np.float32(n) + np.float32(eps))
        out = sums[sentences[token]]
        for c in range(n):
            out[c] += features[c] * scale
