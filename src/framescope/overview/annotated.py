"""An annotated corpus as a feed: with its own labels, or with what a model says of its texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from framescope._types import Integers
from framescope.codebook import Codebook
from framescope.corpus.schema import Corpus
from framescope.corpus.scope import units_in_scope
from framescope.overview.feed import LABELS, SCORED_CORPUS, Batch, Mark
from framescope.predictor import Predictor
from framescope.results import row_hashes
from framescope.text.arrow import as_text
from framescope.text.segments import Unit
from framescope.text.utf8 import Utf8Texts

BATCH_ROWS = 1 << 12


class CorpusFeed:
    """The units of a corpus; without a model, every label that people gave is certain."""

    def __init__(self, corpus: Corpus, predictor: Predictor | None = None, *, jobs: int = 1) -> None:
        self._corpus, self._predictor, self._jobs = corpus, predictor, jobs
        self.kind = LABELS if predictor is None else SCORED_CORPUS

    @property
    def name(self) -> str:
        """Where the corpus was read from."""
        path = self._corpus.path
        return path if isinstance(path, str) else path.resolve().name

    @property
    def codebook(self) -> Codebook:
        """The model's labels, or else those of the corpus."""
        return self._corpus.codebook if self._predictor is None else self._predictor.codebook

    @property
    def digest(self) -> str:
        """The model's digest."""
        return "" if self._predictor is None else self._predictor.digest

    @property
    def unit(self) -> Unit:
        """What a row is."""
        return self._corpus.unit

    @property
    def column_names(self) -> Sequence[str]:
        """The columns that articles have, those that are empty left out."""
        table = self._corpus.table
        return [
            name for name in table.column_names if name not in {"labels", "spans"} and _has_any(table[name])
        ]

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """Yield all units in order, with these columns."""
        in_scope = None
        if self._predictor is not None:
            in_scope = units_in_scope(self._corpus, self.codebook, jobs=self._jobs)
        for first in range(0, self._corpus.n_units, BATCH_ROWS):
            rows = range(first, min(first + BATCH_ROWS, self._corpus.n_units))
            texts = Utf8Texts.encode(self._corpus.full_texts()[row] for row in rows)
            table = self._corpus.table.slice(first, len(rows))
            kept = {name: as_text(table[name]) for name in columns}
            if self._predictor is None:
                truth = self.codebook.indicator(self._corpus.column("labels")[rows.start : rows.stop])
                certain = truth.astype(np.float32)
                yield Batch(certain, truth, truth, np.zeros(len(rows), bool), row_hashes(texts), kept)
            else:
                languages = self._corpus.column("lang")[rows.start : rows.stop]
                output = self._predictor.bundle.model.run(
                    texts,
                    in_scope=None if in_scope is None else in_scope[rows.start : rows.stop],
                    languages=languages,
                    jobs=self._jobs,
                )
                judged = (output.probabilities, output.decided, output.given, output.is_unlike)
                yield Batch(*judged, row_hashes(texts), kept)

    def look_up(self, rows: Integers, columns: Sequence[str]) -> pa.Table:
        """Return columns of some units, by their numbers."""
        taken = self._corpus.table.take(pa.array(rows))
        return pa.table({name: as_text(taken[name]) for name in columns})

    @property
    def has_texts(self) -> bool:
        """A corpus always has them."""
        return True

    def texts(self, rows: Integers) -> Sequence[str]:
        """Return some units, title and text joined."""
        every = self._corpus.full_texts()
        return [every[row] for row in rows.tolist()]

    def text_batches(self, rows: Integers) -> Iterator[Utf8Texts]:
        """Yield some units, title and text joined, some at a time."""
        for first in range(0, len(rows), BATCH_ROWS):
            yield Utf8Texts.encode(self.texts(rows[first : first + BATCH_ROWS]))

    def marks(self, rows: Integers) -> Sequence[Sequence[Mark]]:
        """Return the annotators' spans, unless a model judges."""
        if self._predictor is not None:
            return [()] * len(rows)
        return [self._marks(row) for row in rows.tolist()]

    def _marks(self, row: int) -> list[Mark]:
        shift = len(self._corpus.full_texts()[row]) - len(self._corpus.column("text")[row])
        bounds = [
            (span["label"], span["start"] + shift, span["end"] + shift)
            for span in self._corpus.column("spans")[row]
        ]
        return [Mark(label, start, end, end - start, is_whole=True) for label, start, end in bounds]


def _has_any(column: pa.ChunkedArray) -> bool:
    """Tell whether a column of strings has one that is not empty; others have something."""
    if not pa.types.is_string(column.type) and not pa.types.is_large_string(column.type):
        return bool(column.null_count < len(column))
    return bool(pc.any(pc.not_equal(column, "")).as_py())
