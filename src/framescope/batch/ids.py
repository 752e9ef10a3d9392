"""Ids that occur more than once in a run: shards leave the hashes of theirs, which are compared at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from framescope._types import UInt64
from framescope.batch.folder import Folder
from framescope.batch.readers import read
from framescope.batch.rows import ScorableRows
from framescope.batch.shards import Shard
from framescope.errors import InputError
from framescope.formats.dialect import Fields
from framescope.results import row_hashes
from framescope.text.arrow import join

MAX_IDS = 20_000_000
"""That are compared, with 8 bytes each; of more rows nobody is told."""


@dataclass(frozen=True, slots=True)
class RepeatedIds:
    """How many ids occur more than once, on how many rows, and the one of them that comes first."""

    n_ids: int
    n_rows: int
    first: str


class IdHashes:
    """The hashes of a shard's ids, of those files only in which rows have ids of their own."""

    def __init__(self) -> None:
        self._found: list[UInt64] = []

    def add(self, rows: ScorableRows) -> None:
        """Take the ids of a batch."""
        if rows.has_ids and len(rows.ids):
            self._found.append(row_hashes(join(None, rows.ids)))

    def write(self, folder: Folder, name: str) -> None:
        """Leave the hashes beside the shard's record, if there are any."""
        if self._found:
            with folder.new_file(folder.ids(name)) as opened:
                opened.write(np.concatenate(self._found).astype("<u8").tobytes())


def repeated_ids(folder: Folder, shards: Sequence[Shard], fields: Fields) -> RepeatedIds | None:
    """Return what ids occur more than once in the shards that are done; None if none, or of too many rows."""
    found = [shard for shard in shards if folder.ids(shard.name).exists()]
    if sum(folder.ids(shard.name).stat().st_size for shard in found) > 8 * MAX_IDS or not found:
        return None
    of_shards = [np.fromfile(folder.ids(shard.name), "<u8") for shard in found]
    hashes = np.concatenate(of_shards)
    values, counts = np.unique(hashes, return_counts=True)
    repeated = values[counts > 1]
    if len(repeated) == 0:
        return None
    first = int(np.flatnonzero(np.isin(hashes, repeated))[0])
    ends = np.cumsum([len(each) for each in of_shards])
    shard = int(np.searchsorted(ends, first, side="right"))
    begin = int(ends[shard]) - len(of_shards[shard])
    return RepeatedIds(
        len(repeated), int(counts[counts > 1].sum()), _id_at(found[shard], first - begin, fields)
    )


def _id_at(shard: Shard, row: int, fields: Fields) -> str:
    """Return an id of a shard, nothing if it cannot be read any more."""
    try:
        for rows in read(shard.slice, fields):
            ids = rows.ids if rows.has_ids else rows.ids[:0]
            if row < len(ids):
                return str(ids[row])
            row -= len(ids)
    except (InputError, pa.ArrowException):
        pass
    return ""
