"""One shard, from its bytes to its part: what a worker does."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import IO, Any

import numpy as np
import pyarrow as pa

from framescope._types import BoolArray
from framescope.batch.folder import Folder, encoded, sha256_of
from framescope.batch.ids import IdHashes
from framescope.batch.kept import names_of
from framescope.batch.options import ScoreOptions, ScoringError
from framescope.batch.readers import read
from framescope.batch.rows import CutRows, Rejection, ScorableRows
from framescope.batch.shards import Shard
from framescope.batch.writers import WRITERS
from framescope.errors import InputError
from framescope.files import sync_directory
from framescope.predictor import Predictor
from framescope.results import Results, result_schema, results_of
from framescope.text.arrow import numbers
from framescope.text.segments import Unit
from framescope.text.utf8 import Utf8Texts
from framescope.wide import WideTable

UNIT_COLUMNS = [("article_id", pa.large_string()), ("start", pa.int32()), ("end", pa.int32())]

_lock = Lock()


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker must know beside its shard: paths and options, so that it may be in another process."""

    model: str
    digest: str
    output: str
    options: ScoreOptions

    @property
    def folder(self) -> Folder:
        """Where the parts go."""
        return Folder(Path(self.output), self.options.format)


class _Dropped(Exception):  # noqa: N818 - no error: the run was asked to stop
    """The shard is left as if it had not been begun."""


@dataclass
class ShardCounts:
    """What a shard has come to so far."""

    n_scored: int = 0
    n_rejected: int = 0
    n_lines: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    n_unlike: int = 0
    n_in_two_scripts: int = 0
    languages_found: Counter[str] = field(default_factory=Counter)

    def add(self, rows: ScorableRows) -> None:
        """Count a batch."""
        self.n_scored += len(rows.texts)
        self.n_rejected += len(rows.rejections)
        self.n_lines += rows.n_lines
        if rows.languages is not None:
            counts = rows.languages.value_counts()
            for value, count in zip(*(counts.field(k).to_pylist() for k in (0, 1)), strict=True):
                self.languages[value or ""] += count

    def add_results(self, results: Results, texts: Utf8Texts) -> None:
        """Count texts that are unlike training, the languages of untagged ones of them, and mixed scripts."""
        self.n_in_two_scripts += texts.n_in_two_scripts
        self.n_unlike += int(results.is_unlike.sum())
        self.languages_found.update(results.languages.values())

    def to_json(self) -> dict[str, Any]:
        """Return the counts as they stand in a shard's record."""
        return {
            "n_scored": self.n_scored,
            "n_rejected": self.n_rejected,
            "n_lines": self.n_lines,
            "languages": dict(sorted(self.languages.items())),
            "n_unlike": self.n_unlike,
            "n_in_two_scripts": self.n_in_two_scripts,
            "languages_found": dict(sorted(self.languages_found.items())),
        }


def score_shard(job: Job, shard: Shard) -> None:
    """Write a shard's part, unless it stands; a file that cannot be read is noted as the shard's failure.

    Raises:
        ScoringError: the output cannot be written, the model is another one, or too many rows are rejected.
    """
    folder = job.folder
    if folder.is_done(shard.name) or folder.is_stopped():
        return
    try:
        try:
            _write_part(job, shard)
        except InputError as error:
            folder.write_json(folder.failure(shard.name), {"reason": str(error)})
        sync_directory(folder.root)
    except _Dropped:
        return
    except OSError as error:
        message = f"{job.output}: cannot be written: {error.strerror or error}"
        raise ScoringError(f"{message}: make room, then resume with the same command") from error


def open_model(path: str, digest: str) -> Predictor:
    """Return the model, mapped once in a process.

    Raises:
        BundleError: it cannot be loaded.
        ScoringError: it is not the one that the run began with.
    """
    with _lock:  # or threads that begin together would each verify it
        predictor = _open_model(path, digest)
    if predictor.digest != digest:
        raise ScoringError(f"{path}: was replaced by another model since the run began")
    return predictor


@lru_cache(maxsize=2)
def _open_model(path: str, digest: str) -> Predictor:
    del digest  # a model that was replaced is another entry
    return Predictor.load(path)


def _write_part(job: Job, shard: Shard) -> None:
    """Write rejected rows, part and record; the part comes last but for the record of it."""
    folder, tally, ids = job.folder, ShardCounts(), IdHashes()
    target = folder.part(shard.name)
    with ExitStack() as stack:
        rejected = _RejectedRows(job, shard, stack)
        opened = stack.enter_context(folder.new_file(target))

        def take(rows: ScorableRows) -> None:
            tally.add(rows)
            ids.add(rows)
            rejected.add(rows.rejections)

        _write_rows(job, shard, opened, take, tally)
    ids.write(folder, shard.name)
    record = {"sha256": sha256_of(target), "size_bytes": target.stat().st_size, **tally.to_json()}
    sync_directory(folder.root)
    folder.write_json(folder.record(shard.name), record)


def _write_rows(
    job: Job, shard: Shard, opened: IO[bytes], take: Callable[[ScorableRows], None], tally: ShardCounts
) -> None:
    """Write the rows of a shard; each batch is passed to ``take`` before it is scored."""
    predictor = open_model(job.model, job.digest)
    schema = part_schema(predictor, job.options)
    writer = WRITERS[job.options.format](opened, schema, predictor.labels)
    try:
        for rows in read(shard.slice, job.options.fields, predictor.unit):
            if job.folder.is_stopped():
                raise _Dropped
            take(rows)
            columns = _columns(rows, predictor, job.options, tally)
            writer.write(pa.RecordBatch.from_arrays(columns, schema=schema))
        writer.close()
    except BaseException:
        writer.abandon()
        raise


def part_schema(predictor: Predictor, options: ScoreOptions) -> pa.Schema:
    """Return the columns of a part; a model of units tells the article of each, and where in it the unit is."""
    place = [] if predictor.unit == Unit.ARTICLE else UNIT_COLUMNS
    results = result_schema(predictor.bundle.model, options.selection)
    first, table = [("id", pa.large_string()), *place], WideTable(results.names, predictor.labels)
    taken = [*(name for name, _ in first), *results.names, *table.header]
    kept = [(name, pa.large_string()) for name in names_of(options.fields.keep, taken)]
    return pa.schema([*first, *kept, *results])


def _columns(
    rows: ScorableRows, predictor: Predictor, options: ScoreOptions, tally: ShardCounts
) -> list[pa.Array]:
    """Return the columns of a batch, by :func:`part_schema`, and count what is unlike training."""
    languages = None if rows.languages is None else rows.languages.to_pylist()
    if predictor.unit == Unit.ARTICLE:
        results = _results(rows.texts, predictor, options, languages=languages)
        tally.add_results(results, rows.texts)
        return [rows.ids, *_kept(rows, options), *results.columns]
    units = rows.cut(predictor.unit)
    place = [units.article_ids, *(numbers(np.ascontiguousarray(bound)) for bound in units.offsets.T)]
    in_scope = predictor.bundle.model.in_scope(rows.texts)
    if in_scope is not None:  # what an article names counts for each of its units
        in_scope = in_scope[units.article_of]
    if languages is not None:
        languages = [languages[row] for row in units.article_of.tolist()]
    results = _results(units.texts, predictor, options, in_scope=in_scope, languages=languages)
    tally.add_results(results, units.texts)
    return [units.ids, *place, *_kept(units, options), *results.columns]


def _results(
    texts: Utf8Texts,
    predictor: Predictor,
    options: ScoreOptions,
    *,
    in_scope: BoolArray | None = None,
    languages: Sequence[str | None] | None,
) -> Results:
    return results_of(
        predictor.bundle,
        texts,
        options.selection,
        in_scope=in_scope,
        languages=languages,
        encode_share=options.encode_share,
    )


def _kept(rows: ScorableRows | CutRows, options: ScoreOptions) -> list[pa.Array]:
    """Return the columns that are carried through; null where a file lacks one."""
    missing = pa.nulls(len(rows.texts), pa.large_string())
    return [rows.kept.get(name, missing) for name in options.fields.keep]


class _RejectedRows:
    """A shard's rejected rows on their way to a file that is made for the first of them."""

    def __init__(self, job: Job, shard: Shard, stack: ExitStack) -> None:
        self._job, self._shard, self._stack = job, shard, stack
        self._opened: IO[bytes] | None = None
        self._n_rows = 0

    def add(self, rejections: Any) -> None:
        """Write rejections.

        Raises:
            ScoringError: there are more than the run allows.
        """
        for rejection in rejections:
            self._n_rows += 1
            self._check(rejection)
            if self._opened is None:
                folder = self._job.folder
                self._opened = self._stack.enter_context(folder.new_file(folder.rejected(self._shard.name)))
            line = json.dumps(rejection.to_json(), ensure_ascii=False)
            self._opened.write(encoded(f"{line}\n"))

    def _check(self, rejection: Rejection) -> None:
        limit = self._job.options.max_errors
        if limit is None or self._n_rows <= limit:
            return
        count = f"more than {limit} rejected rows" if limit else "a row is rejected"
        # A shard that is not the file's first does not know how many lines stand before it.
        place = f" (line of the slice from byte {begin})" if (begin := self._shard.slice.begin) else ""
        unit = f", {rejection.unit} {rejection.number}{place}" if rejection.unit else ""
        raise ScoringError(f"{count}: {rejection.file}{unit}: {rejection.reason}")
