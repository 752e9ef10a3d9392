"""What an overview is made of: articles in batches, with what a model or people say of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from framescope._types import BoolArray, Float32, Integers, UInt64
from framescope.codebook import Codebook
from framescope.errors import FramescopeError
from framescope.text.segments import Unit
from framescope.text.utf8 import Utf8Texts

SCORES, LABELS, SCORED_CORPUS = "scores", "labels", "scored corpus"
"""What labels come from: the output of score, people, or a model that is run on a corpus."""


class OverviewError(FramescopeError):
    """Articles of which no overview can be made."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Some articles: what was decided on them, and their columns as strings.

    Arrays are (n_rows, n_labels); ``given`` are the decided labels that are vouched for. ``hashes`` tell which
    texts are equal.
    """

    probabilities: Float32
    decided: BoolArray
    given: BoolArray
    is_unlike: BoolArray
    hashes: UInt64
    columns: Mapping[str, pa.Array]

    def __len__(self) -> int:
        return len(self.is_unlike)


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of an article, title and text joined, that carries a label: ``article[start:end]``.

    ``is_whole`` tells a passage from a single word of one.
    """

    label: str
    start: int
    end: int
    weight: float
    is_whole: bool


class Feed(Protocol):
    """Articles that can be read more than once.

    ``kind`` is one of those above; ``digest`` is that of the model, "" where there is none.
    """

    @property
    def name(self) -> str:
        """What it was read from, for people."""

    @property
    def kind(self) -> str:
        """What its labels come from."""

    @property
    def codebook(self) -> Codebook:
        """The labels, in column order."""

    @property
    def digest(self) -> str:
        """The digest of the model that gave the labels, "" of people's."""

    @property
    def unit(self) -> Unit:
        """What a row is."""

    @property
    def column_names(self) -> Sequence[str]:
        """The columns that articles have beside their labels."""

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """Yield all articles in order, with these columns."""

    def look_up(self, rows: Integers, columns: Sequence[str]) -> pa.Table:
        """Return columns of some articles, by their numbers, ascending."""

    @property
    def has_texts(self) -> bool:
        """Whether texts are at hand."""

    def texts(self, rows: Integers) -> Sequence[str] | None:
        """Return some articles, title and text joined; None where texts are not at hand."""

    def text_batches(self, rows: Integers) -> Iterator[Utf8Texts]:
        """Yield what :meth:`texts` gives, some articles at a time, where texts are at hand."""

    def marks(self, rows: Integers) -> Sequence[Sequence[Mark]]:
        """Return what is known to carry labels in some articles."""
