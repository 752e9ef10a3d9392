"""What a run is asked to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from framescope.errors import FramescopeError
from framescope.formats.dialect import Dialect, Fields, Quoting
from framescope.results import Selection

FORMATS = ("parquet", "jsonl", "csv", "xlsx")
SHARD_BYTES = 32 << 20
MIN_SHARD_BYTES = 1 << 10


class ScoringError(FramescopeError):
    """A run that cannot begin or go on; what is done stays done."""


class Stopped(ScoringError):  # noqa: N818 - as in KeyboardInterrupt: asked for
    """A run that was asked to stop; the same call resumes it."""


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """How articles are read and what is written of them.

    A field is the name of a column; ``None`` stands for the usual name, where there is such a column. See
    :class:`~framescope.results.Selection` for ``top``, ``threshold`` and ``evidence``. A run stops once more
    than ``max_errors`` rows are rejected; 0 stops at the first, None never. Shards that were lost with a worker
    of a cluster are handed out again, ``retries`` times. ``keep`` are columns of the input that are carried
    through as text; ``("all",)`` stands for all but the id's. Of a model with a sentence encoder, n-grams by
    themselves judge what is clear to them: about all but ``encode_share`` of articles like those of training.
    URLs of the web lead to private networks only where ``allow_private`` is set.

    Raises:
        ScoringError: a value is out of range.
    """

    format: Literal["parquet", "jsonl", "csv", "xlsx"] = "parquet"
    text_field: str | None = None
    id_field: str | None = None
    title_field: str | None = None
    lang_field: str | None = None
    top: int | None = None
    threshold: float | None = None
    evidence: bool = False
    shard_bytes: int = SHARD_BYTES
    max_errors: int | None = None
    retries: int = 3
    keep: Sequence[str] | None = None
    delimiter: str | None = None
    quoting: Quoting | None = None
    encoding: str | None = None
    sheet: str | None = None
    encode_share: float = 1.0
    allow_private: bool = False

    def __post_init__(self) -> None:
        faults = {
            f"format: expected one of {', '.join(FORMATS)}, found {self.format!r}": self.format not in FORMATS,
            f"top: expected at least 1, found {self.top}": self.top is not None and self.top < 1,
            f"threshold: expected 0 to 1, found {self.threshold}": self.threshold is not None
            and not 0 <= self.threshold <= 1,
            f"shard_bytes: expected at least {MIN_SHARD_BYTES}, found {self.shard_bytes}": self.shard_bytes
            < MIN_SHARD_BYTES,
            f"max_errors: expected at least 0, found {self.max_errors}": self.max_errors is not None
            and self.max_errors < 0,
            f"encode_share: expected 0 to 1, found {self.encode_share}": not 0 <= self.encode_share <= 1,
            f"keep: expected names of columns, found {self.keep!r}": isinstance(self.keep, str),
            f"retries: expected at least 0, found {self.retries}": self.retries < 0,
        }
        for message, is_fault in faults.items():
            if is_fault:
                raise ScoringError(message)

    @property
    def fields(self) -> Fields:
        """The columns to read."""
        dialect = Dialect(self.delimiter, self.quoting, self.encoding, self.sheet)
        return Fields(
            self.text_field,
            self.id_field,
            self.title_field,
            self.lang_field,
            dialect=dialect,
            keep=tuple(self.keep or ()),
        )

    @property
    def selection(self) -> Selection:
        """The probabilities to write."""
        return Selection(self.top, self.threshold, self.evidence)

    def identity(self) -> dict[str, Any]:
        """Return what the output depends on, as JSON."""
        values = asdict(self) | {"keep": None if self.keep is None else list(self.keep)}
        left_out = {"max_errors", "retries"} | ({"allow_private"} if not self.allow_private else set())
        return {name: value for name, value in values.items() if name not in left_out}
