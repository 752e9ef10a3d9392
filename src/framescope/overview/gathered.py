"""One pass over a feed: sums of probabilities and counts of labels for each cell, and who has which label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from framescope._types import Array, BoolArray, Float32, Float64, Int32, Int64, UInt64
from framescope.measure.prevalence import N_MOMENTS, ArticleSets
from framescope.overview.dimensions import Coder
from framescope.overview.feed import Batch, Feed, OverviewError

MAX_CELLS = 400_000
MAX_DIMENSIONS = 4
_SHIFT = 1 << 15
"""More than the values that a dimension may have; four of them are in one number of 64 bits."""
_MIX = np.uint64(0x9E3779B97F4A7C15)


class Sums(NamedTuple):
    """What cells add up to; arrays are (n_cells,) or (n_cells, n_labels).

    ``n`` are articles that count; ``n_unlike`` are unlike training, ``n_copies`` repeat a text of their outlet.
    """

    n: Int64
    n_unlike: Int64
    n_copies: Int64
    sums: Float64
    squares: Float64
    cubes: Float64
    fourths: Float64
    n_decided: Int64
    n_given: Int64

    @property
    def sample(self) -> ArticleSets:
        """What shares are estimated from."""
        powers = np.stack([self.sums, self.squares, self.cubes, self.fourths])
        return ArticleSets(self.n.astype(np.float64), powers)

    def grouped(self, groups: Array, n_groups: int) -> Sums:
        """Return the sums of groups of cells, by the number of each cell's group."""
        made = []
        for values in self:
            total = np.zeros((n_groups, *values.shape[1:]), values.dtype)
            np.add.at(total, groups, values)
            made.append(total)
        return Sums(*made)


@dataclass(frozen=True, eq=False)
class Entries:
    """A label that was decided on an article that counts, one each: arrays of one length."""

    row: Int32
    cell: Int32
    label: Int32
    probability: Float32
    is_given: BoolArray
    hash: UInt64


@dataclass(frozen=True, eq=False)
class Gathered:
    """What one pass has found.

    ``cells`` (n_cells, n_dimensions) holds the number of each cell's value in each dimension.
    """

    cells: Int32
    sums: Sums
    entries: Entries
    n_rows: int


def gather(feed: Feed, coders: Sequence[Coder], source: str | None) -> Gathered:
    """Read a feed once. Of texts that are equal, one of an outlet counts; ``source`` is its column."""
    if len(coders) > MAX_DIMENSIONS:
        raise OverviewError(f"--by: expected at most {MAX_DIMENSIONS} names, found {len(coders)}")
    columns = list(dict.fromkeys([*(coder.column for coder in coders), *([source] if source else [])]))
    known = _Cells(len(coders), len(feed.codebook.ids))
    seen = _Seen()
    entries: list[Entries] = []
    n_rows = 0
    for batch in filter(len, feed.batches(columns)):
        codes = np.column_stack([coder.codes(batch.columns) for coder in coders]) if coders else None
        cells = known.numbers(np.zeros((len(batch), 0), np.int32) if codes is None else codes)
        is_copy = ~seen.are_new(_keys(batch, source))
        counts = ~is_copy & ~batch.is_unlike
        known.add(cells, batch, counts, is_copy)
        entries.append(_entries(batch, cells, counts, n_rows))
        n_rows += len(batch)
    if not n_rows:
        raise OverviewError(f"{feed.name}: has no articles: expected one or more")
    return Gathered(known.codes(), known.sums(), _joined(entries), n_rows)


class _Cells:
    """Cells in the order in which they were met, and what they add up to."""

    def __init__(self, n_dimensions: int, n_labels: int) -> None:
        self._n_dimensions, self._n_labels = n_dimensions, n_labels
        self._known: dict[int, int] = {}
        self._sums: Sums | None = None

    def numbers(self, codes: Int32) -> Int64:
        """Return the number of each article's cell."""
        keys = np.zeros(len(codes), np.int64)
        for column in codes.T:
            keys = keys * _SHIFT + column
        distinct, places = np.unique(keys, return_inverse=True)
        numbers = [self._known.setdefault(int(key), len(self._known)) for key in distinct]
        if len(self._known) > MAX_CELLS:
            raise OverviewError(
                f"there are more than {MAX_CELLS:,} cells: leave one out of --by, or take month for week"
            )
        return np.array(numbers, np.int64)[places]

    def add(self, cells: Int64, batch: Batch, counts: BoolArray, is_copy: BoolArray) -> None:
        """Add the articles of a batch to their cells."""
        order = np.argsort(cells, kind="stable")
        starts = np.flatnonzero(np.diff(cells[order], prepend=-1))
        weight = counts[order, np.newaxis]
        probabilities = batch.probabilities[order].astype(np.float64) * weight
        is_unlike = batch.is_unlike & ~is_copy

        def summed(values: Array, kind: type[np.generic] = np.int64) -> Array:
            return np.add.reduceat(values, starts, axis=0, dtype=kind)

        found = Sums(
            n=summed(counts[order]),
            n_unlike=summed(is_unlike[order]),
            n_copies=summed(is_copy[order]),
            sums=summed(probabilities, np.float64),
            squares=summed(probabilities**2, np.float64),
            cubes=summed(probabilities**3, np.float64),
            fourths=summed(probabilities**4, np.float64),
            n_decided=summed(batch.decided[order] & weight),
            n_given=summed(batch.given[order] & weight),
        )
        self._sums = self._grown()
        for total, values in zip(self._sums, found, strict=True):
            np.add.at(total, cells[order][starts], values)

    def codes(self) -> Int32:
        """Return the numbers of the cells' values: (n_cells, n_dimensions)."""
        keys = np.array(list(self._known), np.int64)
        columns = [keys // _SHIFT**place % _SHIFT for place in range(self._n_dimensions)]
        return np.column_stack([keys, *columns[::-1]])[:, 1:].astype(np.int32)

    def sums(self) -> Sums:
        """Return what the cells add up to."""
        return self._grown()

    def _grown(self) -> Sums:
        """Return the sums with a row for each cell that is known."""
        n, old = len(self._known), self._sums
        if old is None:
            counts, of_labels = np.zeros(n, np.int64), np.zeros((n, self._n_labels), np.int64)
            made = [counts, *(of_labels.astype(np.float64) for _ in range(N_MOMENTS)), of_labels]
            return Sums._make([counts.copy(), counts.copy(), *made, of_labels.copy()])
        return old.grouped(np.arange(len(old.n)), n)


class _Seen:
    """The texts that were met, by their hashes."""

    def __init__(self) -> None:
        self._keys = np.zeros(0, np.uint64)

    def are_new(self, keys: UInt64) -> BoolArray:
        """Tell which of them are met for the first time."""
        distinct, first = np.unique(keys, return_index=True)
        places = np.searchsorted(self._keys, distinct)
        is_known = np.zeros(len(distinct), bool)
        inside = places < len(self._keys)
        is_known[inside] = self._keys[places[inside]] == distinct[inside]
        new = np.zeros(len(keys), bool)
        new[first[~is_known]] = True
        self._keys = np.insert(self._keys, places[~is_known], distinct[~is_known])
        return new


def _keys(batch: Batch, source: str | None) -> UInt64:
    """Return what is equal for equal texts of one outlet."""
    if source is None:
        return batch.hashes
    coded = batch.columns[source].dictionary_encode()
    values = [hash_of(value) for value in coded.dictionary.to_pylist()]
    codes = coded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    return np.asarray(batch.hashes ^ np.array([*values, 0], np.uint64)[codes] * _MIX)


def hash_of(value: str) -> int:
    """Return 64 bits of a name, the same in every process."""
    return int.from_bytes(blake2b(value.encode(errors="replace"), digest_size=8).digest(), "little")


def _entries(batch: Batch, cells: Int64, counts: BoolArray, n_before: int) -> Entries:
    rows, labels = np.nonzero(batch.decided & counts[:, np.newaxis])
    return Entries(
        (rows + n_before).astype(np.int32),
        cells[rows].astype(np.int32),
        labels.astype(np.int32),
        batch.probabilities[rows, labels],
        batch.given[rows, labels],
        batch.hashes[rows],
    )


def _joined(every: Sequence[Entries]) -> Entries:
    return Entries(
        *(
            np.concatenate([getattr(one, name) for one in every])
            for name in ("row", "cell", "label", "probability", "is_given", "hash")
        )
    )
