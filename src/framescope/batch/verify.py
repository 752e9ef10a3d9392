"""A finished output against its inputs: everything is counted, read and hashed again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from joblib import Parallel, delayed

from framescope.batch.folder import (
    JOB,
    LOCK,
    MANIFEST,
    REJECTED,
    SHARDS,
    STOP,
    Folder,
    names_in,
    read_json,
    sha256_of,
)
from framescope.batch.inputs import InputFile, current_version, expand, open_input
from framescope.batch.job import job_identity, read_plan
from framescope.batch.manifest import write_ends
from framescope.batch.options import ScoreOptions, ScoringError
from framescope.batch.readers import read
from framescope.batch.rows import ScorableRows
from framescope.batch.shards import WHOLE, Shard
from framescope.batch.spreadsheets import csv_ids, cut, xlsx_ids
from framescope.bundle.read import load_bundle
from framescope.errors import BundleError, InputError
from framescope.formats.cells import harmless
from framescope.results import text_hashes
from framescope.text.segments import Unit

KINDS = {"json", "rejected.jsonl", "failed", "ids"}
CHUNK = 256


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is missing, extra, damaged, stale or failed."""

    kind: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.path}: {self.message}"


def verify(output: Path | str, *, is_quick: bool = False, jobs: int | None = None) -> list[Finding]:
    """Compare parts, records, manifest and rejected rows with the inputs; an empty list means all is well.

    A quick look compares sizes of parts: it reads neither parts nor inputs. ``jobs`` and the backend are
    joblib's, as in :func:`~framescope.batch.job.score`, but for processes in place of threads.

    Raises:
        ScoringError: there is no output of a run, or its job file is damaged.
    """
    root = Path(output).resolve()
    if not (root / JOB).exists():
        raise ScoringError(f"{output}: is no output of `framescope score`: {JOB} is missing")
    record = read_json(root / JOB)
    try:
        options = ScoreOptions(**record["options"])
        files = [
            InputFile(path, name, n_bytes, version, options.allow_private)
            for path, name, n_bytes, version in record["files"]
        ]
        unit = Unit(record["unit"])
        identity = job_identity(record["model_digest"], options, unit)
        inputs, model = list(record["inputs"]), str(record["model"])
    except (KeyError, TypeError, ValueError) as error:
        raise ScoringError(f"{root / JOB}: is damaged: {error}") from error
    folder = Folder(root, options.format)
    stale = [
        *_stale_inputs(files, inputs, root, allow_private=options.allow_private),
        *_stale_model(model, record["model_digest"]),
    ]
    check = _Check(folder, options, unit, frozenset(finding.path for finding in stale), is_quick)
    shards = read_plan(folder, files, record, identity)
    chunks = (shards[first : first + CHUNK] for first in range(0, len(shards), CHUNK))
    found = Parallel(n_jobs=jobs, batch_size=1)(delayed(check.findings)(chunk) for chunk in chunks)
    ends = _check_ends(folder, record, shards)
    uncovered = () if is_quick else _uncovered(shards, check.stale)
    return [*stale, *uncovered, *_extra(folder, shards), *chain.from_iterable(found), *ends]


def _stale_inputs(
    files: list[InputFile], inputs: list[str], root: Path, *, allow_private: bool
) -> Iterator[Finding]:
    for file in files:
        try:
            if current_version(file) != (file.size_bytes, file.version):
                yield Finding("stale", file.path, "was changed since it was scored")
        except OSError:
            yield Finding("missing", file.path, "the input is gone")
    known = {file.path for file in files}
    for given in inputs:
        try:
            found = expand([given], output=root, allow_private=allow_private)
        except ScoringError:
            continue  # each of its files is already said to be gone
        yield from (
            Finding("stale", file.path, "is new and was not scored") for file in found if file.path not in known
        )


def _stale_model(path: str, digest: str) -> Iterator[Finding]:
    """A model that was moved away does no harm to what it scored; another one in its place is worth a word."""
    try:
        if load_bundle(path).digest != digest:
            yield Finding("stale", path, "is another model than the one that scored")
    except BundleError:
        return


def _uncovered(shards: list[Shard], stale: frozenset[str]) -> Iterator[Finding]:
    """Find Parquet files that go on behind their last slice; of other files the plan itself tells."""
    last = {shard.slice.files[-1]: shard.slice.end for shard in shards}
    for file, end in last.items():
        if file.format != "parquet" or end == WHOLE or file.path in stale:
            continue
        with suppress(pa.ArrowException, OSError, InputError, UnicodeError), open_input(file) as opened:
            n_groups = pq.ParquetFile(opened).metadata.num_row_groups
            if n_groups != end:
                message = f"has {n_groups} row groups, the plan {end}: rows are missing in the output"
                yield Finding("missing", file.path, message)


def _extra(folder: Folder, shards: list[Shard]) -> Iterator[Finding]:
    names = {shard.name for shard in shards}
    own = {JOB, LOCK, MANIFEST, REJECTED, SHARDS, STOP, folder.plan.name}
    for directory, kinds in ((folder.root, {folder.format}), (folder.root / SHARDS, KINDS)):
        for name in sorted(names_in(directory)):
            stem, _, kind = name.partition(".")
            if name not in own and (stem not in names or kind not in kinds):
                yield Finding("extra", str(directory / name), "is no part of this output")


@dataclass(frozen=True, slots=True)
class _Check:
    """How shards are looked at; what is ``stale`` is not read again."""

    folder: Folder
    options: ScoreOptions
    unit: Unit
    stale: frozenset[str]
    is_quick: bool

    def findings(self, shards: Sequence[Shard]) -> list[Finding]:
        """Return what is wrong with some shards."""
        return [finding for shard in shards for finding in self._shard(shard)]

    def _shard(self, shard: Shard) -> Iterator[Finding]:
        folder, name = self.folder, shard.name
        part, record_path, size_bytes = folder.part(name), folder.record(name), folder.part_bytes(name)
        try:
            record = folder.read_record(name)
        except ScoringError as error:
            if size_bytes is not None and record_path.exists():
                yield Finding("damaged", str(record_path), str(error))
            else:
                yield self._undone(name)
            return
        if size_bytes is None:
            yield self._undone(name)
        elif size_bytes != record.get("size_bytes") or self._is_changed(part, record):
            yield Finding("damaged", str(part), "its bytes are not those that were written")
        elif not self.is_quick and not self.stale.intersection(file.path for file in shard.slice.files):
            yield from self._recount(part, shard, record)

    def _is_changed(self, part: Path, record: Mapping[str, Any]) -> bool:
        return not self.is_quick and sha256_of(part) != record.get("sha256")

    def _undone(self, name: str) -> Finding:
        part, record, failure = self.folder.part(name), self.folder.record(name), self.folder.failure(name)
        if failure.exists():
            return Finding("failed", part.name, str(read_json(failure).get("reason")))
        return Finding("missing", str(part if record.exists() else record), "the shard is not done")

    def _recount(self, part: Path, shard: Shard, record: Mapping[str, Any]) -> Iterator[Finding]:
        """Read the shard again and compare ids and text hashes row by row."""
        n_scored = n_rejected = 0
        kind = part.suffix.removeprefix(".")
        written, as_written = WRITTEN[kind](part), AS_WRITTEN.get(kind, str)
        try:
            for rows in read(shard.slice, self.options.fields, self.unit):
                n_scored += len(rows.texts)
                n_rejected += len(rows.rejections)
                for row_id, text_hash in _expected(rows, self.unit):
                    if next(written, None) != (as_written(row_id), text_hash):
                        yield Finding("stale", str(part), f"row {row_id!r} of the input is missing or another")
                        return
            if next(written, None) is not None:
                yield Finding("stale", str(part), "has more rows than the input")
        except InputError as error:
            yield Finding("damaged", shard.slice.files[0].path, str(error))
            return
        except (ValueError, KeyError, TypeError, RecursionError, pa.ArrowException) as error:
            yield Finding("damaged", str(part), f"has no rows of ours: {error}")
            return
        for name, count in {"n_scored": n_scored, "n_rejected": n_rejected}.items():
            if record.get(name) != count:
                told = f"{name} is {record.get(name)} in its record, {count} in the input"
                yield Finding("damaged", str(part), told)


def _expected(rows: ScorableRows, unit: Unit) -> Iterator[tuple[str, str]]:
    """Yield id and text hash of what a model of this unit judges."""
    judged = rows if unit == Unit.ARTICLE else rows.cut(unit)
    yield from zip(judged.ids.to_pylist(), text_hashes(judged.texts).to_pylist(), strict=True)


def _ids_of_lines(part: Path) -> Iterator[tuple[str, str]]:
    with part.open(encoding="utf-8") as opened:
        for line in opened:
            row = json.loads(line)
            yield row["id"], row["text_hash"]


def _ids_of_parquet(part: Path) -> Iterator[tuple[str, str]]:
    with pq.ParquetFile(part) as parquet:
        for batch in parquet.iter_batches(columns=["id", "text_hash"], use_threads=False):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


WRITTEN: dict[str, Callable[[Path], Iterator[tuple[str, str]]]] = {
    "parquet": _ids_of_parquet,
    "jsonl": _ids_of_lines,
    "csv": csv_ids,
    "xlsx": xlsx_ids,
}
"""By format: id and text hash of each row of a part."""

AS_WRITTEN: dict[str, Callable[[str], str]] = {"csv": harmless, "xlsx": cut}
"""What becomes of an id in a format, where it changes."""


def _check_ends(folder: Folder, job: Mapping[str, Any], shards: list[Shard]) -> Iterator[Finding]:
    """Compare manifest and rejected rows with what would be written now."""
    path, rejected_path = folder.root / MANIFEST, folder.root / REJECTED
    if not path.exists():
        n_done = len(folder.done().intersection(shard.name for shard in shards))
        yield Finding("missing", str(path), f"the run is not finished: {n_done} of {len(shards)} parts")
        return
    if not rejected_path.exists():
        yield Finding("missing", str(rejected_path), "the list of rejected rows is gone")
    with ExitStack() as stack:
        manifest, rejected = (_Comparison(stack, one) for one in (path, rejected_path))
        try:
            write_ends(folder, job, shards, manifest=manifest.write, rejected=rejected.write)
        except (ScoringError, KeyError, TypeError) as error:
            yield Finding("damaged", str(path), f"cannot be compared: {error}")
            return
        if not manifest.is_same or not manifest.rest().startswith(b',\n"versions": {'):
            yield Finding("damaged", str(path), "does not tell what stands in the folder")
        if rejected_path.exists() and (not rejected.is_same or rejected.rest()):
            yield Finding("damaged", str(rejected_path), "does not hold the rejected rows of all shards")


class _Comparison:
    """A file that is compared with what would be written now."""

    def __init__(self, stack: ExitStack, path: Path) -> None:
        self._opened = stack.enter_context(path.open("rb")) if path.exists() else BytesIO()
        self.is_same = True

    def write(self, expected: bytes) -> None:
        """Compare the next bytes."""
        self.is_same = self.is_same and self._opened.read(len(expected)) == expected

    def rest(self) -> bytes:
        """Return what was not compared."""
        return self._opened.read()
