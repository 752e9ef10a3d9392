"""A finished output against its inputs: everything is counted, read and hashed again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from framescope.batch.inputs import InputFile, current_version, expand
from framescope.batch.job import job_identity, read_plan
from framescope.batch.manifest import manifest_of, read_records, rejected_lines
from framescope.batch.options import ScoreOptions, ScoringError
from framescope.batch.parts import JOB, LOCK, MANIFEST, REJECTED, SHARDS, STOP, Folder, read_json, sha256_of
from framescope.batch.readers import read
from framescope.batch.shards import Shard
from framescope.bundle import load_bundle
from framescope.errors import BundleError, InputError
from framescope.results import text_hashes


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is missing, extra, damaged, stale or failed."""

    kind: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.path}: {self.message}"


def verify(output: Path | str) -> list[Finding]:
    """Compare parts, records, manifest and rejected rows with the inputs; an empty list means all is well.

    Raises:
        ScoringError: there is no output of a run, or it is not known any more what was to be done.
    """
    root = Path(output).resolve()
    if not (root / JOB).exists():
        raise ScoringError(f"{output}: is no output of `framescope score`: {JOB} is missing")
    record = read_json(root / JOB)
    try:
        options = ScoreOptions(**record["options"])
        files = [InputFile(*entry) for entry in record["files"]]
        identity = job_identity(record["model_digest"], options)
        inputs, model = list(record["inputs"]), str(record["model"])
    except (KeyError, TypeError) as error:
        raise ScoringError(f"{root / JOB}: is damaged: {error}") from error
    folder = Folder(root, options.format)
    stale = [*_stale_inputs(files, inputs, root), *_stale_model(model, record["model_digest"])]
    changed = {finding.path for finding in stale}
    intact = [file for file in files if file.path not in changed]
    shards = read_plan(folder, files, identity)
    findings = [*stale, *_extra(folder, shards)]
    for shard in shards:
        is_readable = all(file in intact for file in shard.slice.files)
        findings += _check_shard(folder, shard, options, is_readable=is_readable)
    return [*findings, *_check_ends(folder, record, shards)]


def _stale_inputs(files: list[InputFile], inputs: list[str], root: Path) -> Iterator[Finding]:
    for file in files:
        try:
            if current_version(file) != (file.size_bytes, file.version):
                yield Finding("stale", file.path, "was changed since it was scored")
        except OSError:
            yield Finding("missing", file.path, "the input is gone")
    known = {file.path for file in files}
    for given in inputs:
        try:
            found = expand([given], output=root)
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


def _extra(folder: Folder, shards: list[Shard]) -> Iterator[Finding]:
    names = [shard.name for shard in shards]
    expected = {JOB, LOCK, MANIFEST, REJECTED, SHARDS, STOP, *(folder.part(name).name for name in names)}
    kinds = (folder.record, folder.rejected, folder.failure)
    beside = {folder.plan.name, *(kind(name).name for name in names for kind in kinds)}
    for directory, known in ((folder.root, expected), (folder.root / SHARDS, beside)):
        for path in sorted(directory.iterdir()) if directory.is_dir() else ():
            if path.name not in known:
                yield Finding("extra", str(path), "is no part of this output")


def _check_shard(
    folder: Folder, shard: Shard, options: ScoreOptions, *, is_readable: bool
) -> Iterator[Finding]:
    part, record_path = folder.part(shard.name), folder.record(shard.name)
    if not folder.is_done(shard.name):
        if folder.failure(shard.name).exists():
            yield Finding("failed", part.name, str(read_json(folder.failure(shard.name)).get("reason")))
        else:
            yield Finding(
                "missing", str(part if record_path.exists() else record_path), "the shard is not done"
            )
        return
    try:
        record = read_json(record_path)
    except ScoringError as error:
        yield Finding("damaged", str(record_path), str(error))
        return
    if part.stat().st_size != record.get("size_bytes") or sha256_of(part) != record.get("sha256"):
        yield Finding("damaged", str(part), "its bytes are not those that were written")
    elif is_readable:
        yield from _recount(part, shard, options, record)


def _recount(part: Path, shard: Shard, options: ScoreOptions, record: Mapping[str, Any]) -> Iterator[Finding]:
    """Read the shard again and compare ids and text hashes row by row."""
    n_scored = n_rejected = 0
    written = _written(part)
    try:
        for rows in read(shard.slice, options.fields):
            n_scored += len(rows.texts)
            n_rejected += len(rows.rejections)
            expected = zip(rows.ids.to_pylist(), text_hashes(rows.texts).to_pylist(), strict=True)
            for row in expected:
                if next(written, None) != row:
                    yield Finding("stale", str(part), f"row {row[0]!r} of the input is missing or another")
                    return
    except InputError as error:
        yield Finding("damaged", shard.slice.files[0].path, str(error))
        return
    if next(written, None) is not None:
        yield Finding("stale", str(part), "has more rows than the input")
    counts = {"n_scored": n_scored, "n_rejected": n_rejected}
    for name, count in counts.items():
        if record.get(name) != count:
            yield Finding(
                "damaged", str(part), f"{name} is {record.get(name)} in its record, {count} in the input"
            )


def _written(part: Path) -> Iterator[tuple[str, str]]:
    """Yield id and text hash of each row of a part."""
    if part.suffix == ".jsonl":
        with part.open(encoding="utf-8") as opened:
            for line in opened:
                row = json.loads(line)
                yield row["id"], row["text_hash"]
        return
    with pq.ParquetFile(part) as parquet:
        for batch in parquet.iter_batches(columns=["id", "text_hash"], use_threads=False):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _check_ends(folder: Folder, job: Mapping[str, Any], shards: list[Shard]) -> Iterator[Finding]:
    """Write manifest and rejected rows again, in the mind, and compare."""
    path = folder.root / MANIFEST
    try:
        records, failures = read_records(folder, shards)
        if not path.exists():
            yield Finding(
                "missing", str(path), f"the run is not finished: {len(records)} of {len(shards)} parts"
            )
            return
        content = read_json(path)
        content.pop("versions", None)
        if content != manifest_of(job, shards, records, failures):
            yield Finding("damaged", str(path), "does not tell what stands in the folder")
        rejected = folder.root / REJECTED
        if not rejected.exists():
            yield Finding("missing", str(rejected), "the list of rejected rows is gone")
            return
        with rejected.open("rb") as opened:
            if any(a != b for a, b in zip_longest(opened, rejected_lines(folder, shards, records))):
                yield Finding("damaged", str(rejected), "does not hold the rejected rows of all shards")
    except (ScoringError, KeyError, TypeError, pa.ArrowException) as error:
        yield Finding("damaged", str(path), f"cannot be compared: {error}")
