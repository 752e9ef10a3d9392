"""Tables of cells: which there are, in what order, and what shares they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from framescope._types import BoolArray, Int32, Int64
from framescope.measure.implied_shares import implied_shares
from framescope.measure.prevalence import (
    Separation,
    Shares,
    adjusted_shares,
    counted_shares,
    is_beyond,
    mean_shares,
)
from framescope.overview.contents import MIN_ARTICLES, Cells
from framescope.overview.dimensions import Coder, PeriodCoder, order_of
from framescope.overview.feed import LABELS, Feed
from framescope.overview.gathered import Gathered, Sums

MAX_TABLE = 4_000_000
"""Cells times labels of a table; a larger one is left out."""


@dataclass(frozen=True, eq=False)
class Draft:
    """A table before its shares: ``groups`` is the number of each cell's row."""

    by: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    groups: Int64
    sums: Sums


def subsets(n_dimensions: int, found: Gathered, n_labels: int) -> list[tuple[int, ...]]:
    """Return the sets of dimensions that have a table, small ones first."""
    every = [places for size in range(n_dimensions + 1) for places in combinations(range(n_dimensions), size)]
    return [
        places
        for places in every
        if len(np.unique(found.cells[:, list(places)], axis=0)) * n_labels <= MAX_TABLE
    ]


def draft_of(found: Gathered, coders: Sequence[Coder], places: tuple[int, ...]) -> Draft:
    """Return the table by some dimensions, by their places; of periods alone, those without articles, too."""
    names = [coders[place].name for place in places]
    values = [coders[place].values() for place in places]
    codes, groups = np.unique(found.cells[:, list(places)], axis=0, return_inverse=True)
    keys = [tuple(each[code] for each, code in zip(values, row, strict=True)) for row in codes.tolist()]
    if len(places) == 1 and isinstance(coders[places[0]], PeriodCoder):
        keys += [(gap,) for gap in coders[places[0]].gaps()]  # type: ignore[attr-defined]
    order = _order(names, keys)
    rank = np.empty(len(keys), np.int64)
    rank[order] = np.arange(len(keys))
    groups = rank[groups.ravel()]
    return Draft(
        tuple(names), tuple(keys[place] for place in order), groups, found.sums.grouped(groups, len(keys))
    )


def _order(names: Sequence[str], keys: Sequence[tuple[str, ...]]) -> list[int]:
    """Return keys in order: periods in time, others by name, those in brackets last."""
    columns = list(zip(*keys, strict=True))
    places = []
    for name, column in zip(names, columns, strict=True):
        distinct = list(dict.fromkeys(column))
        place = dict(zip(distinct, order_of(name, distinct).tolist(), strict=True))
        places.append([place[value] for value in column])
    return sorted(range(len(keys)), key=lambda row: [place[row] for place in places])


def cells_of(draft: Draft, feed: Feed, separation: Separation | None, evidence: Int32) -> Cells:
    """Return a table with its shares; without a ``separation`` they are not corrected."""
    sums = draft.sums
    n = sums.n.astype(np.float64)
    counted = counted_shares(n, sums.n_decided.astype(np.float64))
    shares, beyond = _shares(sums, counted, separation, feed)
    return Cells(
        by=draft.by,
        keys=draft.keys,
        n=sums.n,
        n_unlike=sums.n_unlike,
        n_copies=sums.n_copies,
        share=shares.share,
        low=shares.low,
        high=shares.high,
        counted=counted.share,
        n_decided=sums.n_decided,
        n_given=sums.n_given,
        is_small=sums.n < MIN_ARTICLES,
        is_beyond=beyond,
        evidence=evidence,
    )


def _shares(sums: Sums, counted: Shares, separation: Separation | None, feed: Feed) -> tuple[Shares, BoolArray]:
    """Return the shares of cells, and which of them no correction is promised for."""
    if feed.kind == LABELS:
        return counted, np.zeros(counted.share.shape, bool)
    sample, codebook = sums.sample, feed.codebook
    if separation is None:
        return implied_shares(mean_shares(sample), codebook), np.zeros(counted.share.shape, bool)
    return implied_shares(adjusted_shares(sample, separation), codebook), is_beyond(sample, separation)
