"""The end of a run: rejected rows in input order, and the manifest that tells what was made of what."""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from framescope.batch.options import ScoringError
from framescope.batch.parts import MANIFEST, REJECTED, Folder, read_json
from framescope.batch.shards import Shard
from framescope.bundle import sync_directory
from framescope.results import HASH_NAME

VERSION = 1
PACKAGES = ("framescope", "numpy", "numba", "pyarrow")


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run has come to: rows in are ``n_scored`` and ``n_rejected``; ``failures`` are shards unread."""

    n_parts: int
    n_scored: int
    n_rejected: int
    failures: Mapping[str, str]
    languages: Mapping[str, int]
    unknown_languages: Mapping[str, int] = field(default_factory=dict)

    @property
    def n_rows(self) -> int:
        """Rows in the shards that could be read."""
        return self.n_scored + self.n_rejected


def write_manifest(folder: Folder, job: Mapping[str, Any], shards: Sequence[Shard]) -> Summary:
    """Write ``_rejected.jsonl`` and ``_manifest.json`` from what stands beside the parts."""
    records, failures = read_records(folder, shards)
    with folder.new_file(folder.root / REJECTED) as opened:
        for line in rejected_lines(folder, shards, records):
            opened.write(line)
    content = manifest_of(job, shards, records, failures) | {"versions": _versions()}
    folder.write_json(folder.root / MANIFEST, content)
    sync_directory(folder.root)
    return summary_of(records, failures)


def read_records(folder: Folder, shards: Sequence[Shard]) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Return the records of the parts that stand and the reasons of the failures, by shard.

    Raises:
        ScoringError: a record is damaged.
    """
    done = {one.name: read_json(folder.record(one.name)) for one in shards if folder.is_done(one.name)}
    failures = {
        shard.name: str(read_json(folder.failure(shard.name)).get("reason"))
        for shard in shards
        if shard.name not in done and folder.failure(shard.name).exists()
    }
    return done, failures


def summary_of(records: Mapping[str, Mapping[str, Any]], failures: Mapping[str, str]) -> Summary:
    """Add up the records."""
    languages: Counter[str] = Counter()
    for record in records.values():
        languages.update(record["languages"])
    return Summary(
        n_parts=len(records),
        n_scored=sum(record["n_scored"] for record in records.values()),
        n_rejected=sum(record["n_rejected"] for record in records.values()),
        failures=failures,
        languages=dict(sorted(languages.items())),
    )


def manifest_of(
    job: Mapping[str, Any],
    shards: Sequence[Shard],
    records: Mapping[str, Mapping[str, Any]],
    failures: Mapping[str, str],
) -> dict[str, Any]:
    """Return the manifest but for the versions: nothing in it depends on when or how fast the run was."""
    summary = summary_of(records, failures)
    return {
        "manifest_version": VERSION,
        "job": dict(job),
        "text_hash": HASH_NAME,
        "counts": {
            "n_shards": len(shards),
            "n_parts": summary.n_parts,
            "n_rows": summary.n_rows,
            "n_scored": summary.n_scored,
            "n_rejected": summary.n_rejected,
        },
        "languages": dict(summary.languages),
        "parts": {one.name: {**_entry(one), **records[one.name]} for one in shards if one.name in records},
        "errors": {
            one.name: {**_entry(one), "reason": failures[one.name]} for one in shards if one.name in failures
        },
    }


def rejected_lines(
    folder: Folder, shards: Sequence[Shard], records: Mapping[str, Mapping[str, Any]]
) -> Iterator[bytes]:
    """Yield the rejected rows of all shards; the lines of a slice are counted on from the slice before it.

    Behind a slice that failed nobody knows the number of a line, and it is left out.

    Raises:
        ScoringError: a shard's rejected rows are missing or damaged.
    """
    n_before: dict[str, int | None] = {}
    for shard in shards:
        path = shard.slice.files[0].path
        first = n_before.get(path, 0)
        record = records.get(shard.name)
        if record is None:
            n_before[path] = None
            continue
        n_before[path] = None if first is None else first + record["n_lines"]
        if record["n_rejected"]:
            yield from _renumbered(folder, shard.name, first)


def _renumbered(folder: Folder, name: str, n_before: int | None) -> Iterator[bytes]:
    path = folder.rejected(name)
    try:
        with path.open("rb") as opened:
            for line in opened:
                row = json.loads(line)
                if "line" in row:
                    row["line"] = None if n_before is None else row["line"] + n_before
                yield f"{json.dumps(row, ensure_ascii=False)}\n".encode()
    except (OSError, ValueError, TypeError) as error:
        raise ScoringError(f"{path}: cannot be read: {error}") from error


def _entry(shard: Shard) -> dict[str, Any]:
    piece = shard.slice
    return {"files": [file.path for file in piece.files], "begin": piece.begin, "end": piece.end}


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
