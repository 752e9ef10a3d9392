"""A feed in memory, for tests of what is made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from framescope._types import Integers
from framescope.codebook import Codebook
from framescope.overview.feed import LABELS, Batch, Mark
from framescope.text.arrow import strings
from framescope.text.article import full_text
from framescope.text.segments import Unit
from framescope.text.utf8 import Utf8Texts

CODEBOOK = Codebook.from_parents({"west": None, "divides": "west", "retreats": "west", "union": None}, name="w")


@dataclass
class MemoryFeed:
    """Rows with id, source, date, lang, title, text and labels; read in batches of three."""

    rows: Sequence[dict[str, Any]]
    kind: str = LABELS
    codebook: Codebook = CODEBOOK
    digest: str = ""
    unit: Unit = Unit.ARTICLE
    name: str = "memory"
    column_names: Sequence[str] = ("id", "source", "date", "lang", "title")
    has_texts: bool = True
    spans: dict[str, list[Mark]] = field(default_factory=dict)

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        for first in range(0, len(self.rows), 3):
            rows = self.rows[first : first + 3]
            truth = self.codebook.indicator([row["labels"] for row in rows])
            probabilities = truth.astype(np.float32) * [[row.get("p", 1.0)] for row in rows]
            hashes = np.array([hash(row["text"]) % 2**63 for row in rows], np.uint64)
            given = truth & np.array([[row.get("given", True)] for row in rows])
            unlike = np.array([row.get("unlike", False) for row in rows])
            kept = {name: strings([row.get(name) for row in rows]) for name in columns}
            yield Batch(probabilities.astype(np.float32), truth, given, unlike, hashes, kept)

    def look_up(self, rows: Integers, columns: Sequence[str]) -> pa.Table:
        return pa.table({name: strings([self.rows[k].get(name) for k in rows.tolist()]) for name in columns})

    def texts(self, rows: Integers) -> Sequence[str] | None:
        found = (self.rows[k] for k in rows.tolist())
        return [full_text(row.get("title"), row["text"]) for row in found] if self.has_texts else None

    def text_batches(self, rows: Integers) -> Iterator[Utf8Texts]:
        for row in rows:
            yield Utf8Texts.encode(self.texts(np.array([row])) or [])

    def marks(self, rows: Integers) -> Sequence[Sequence[Mark]]:
        return [self.spans.get(self.rows[k]["id"], []) for k in rows.tolist()]


@pytest.fixture(scope="session")
def feed_of() -> type[MemoryFeed]:
    return MemoryFeed
