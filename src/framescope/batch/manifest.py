"""The end of a run: rejected rows in input order, and the manifest that tells what was made of what."""

from __future__ import annotations

import json
import platform
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from framescope.batch.folder import MANIFEST, REJECTED, Folder, encoded, read_json
from framescope.batch.ids import RepeatedIds
from framescope.batch.options import ScoringError
from framescope.batch.shards import Shard
from framescope.files import sync_directory
from framescope.results import HASH_NAME

VERSION = 3
PACKAGES = ("framescope", "numpy", "numba", "pyarrow")
COUNTS = ("n_shards", "n_parts", "n_rows", "n_scored", "n_rejected", "n_unlike", "n_in_two_scripts")

MAX_REASONS = 1000

_DIGITS = re.compile(r"\d+")

Write = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run has come to: rows in are ``n_scored`` and ``n_rejected``; ``failures`` are shards unread.

    ``reasons`` say why rows were rejected, the commonest first; those that differ in numbers alone are one.
    ``repeated_ids`` is None if no id occurs twice, or there are more rows than are compared.
    ``n_unlike`` texts are unlike training; ``languages_found`` are those that they seem to be in where no code
    tells it. ``n_in_two_scripts`` have words of Latin and Cyrillic letters side by side.
    """

    n_parts: int
    n_scored: int
    n_rejected: int
    failures: Mapping[str, str]
    languages: Mapping[str, int]
    n_unlike: int
    n_in_two_scripts: int
    languages_found: Mapping[str, int]
    unknown_languages: Mapping[str, int] = field(default_factory=dict)
    known_languages: Collection[str] = ()
    reasons: Mapping[str, int] = field(default_factory=dict)
    repeated_ids: RepeatedIds | None = None

    @property
    def n_rows(self) -> int:
        """Rows in the shards that could be read."""
        return self.n_scored + self.n_rejected


def write_manifest(folder: Folder, job: Mapping[str, Any], shards: Sequence[Shard]) -> Summary:
    """Write ``_rejected.jsonl`` and ``_manifest.json`` from what stands beside the parts."""
    root = folder.root
    with folder.new_file(root / REJECTED) as rejected, folder.new_file(root / MANIFEST) as manifest:
        summary = write_ends(folder, job, shards, manifest=manifest.write, rejected=rejected.write)
        manifest.write(versions())
    sync_directory(root)
    return summary


def write_ends(
    folder: Folder, job: Mapping[str, Any], shards: Sequence[Shard], *, manifest: Write, rejected: Write
) -> Summary:
    """Write rejected rows, and the manifest but for :func:`versions`, in one go over the records.

    Nothing in them depends on when or how fast the run was. Of the records one at a time is held.

    Raises:
        ScoringError: a record or a shard's rejected rows are missing or damaged.
    """
    done, failed, lines = folder.done(), folder.failed(), _LineNumbers()
    counts, languages, found, reasons = Counter[str](), Counter[str](), Counter[str](), _Reasons()
    errors: dict[str, Any] = {}
    head = {"manifest_version": VERSION, "job": dict(job), "text_hash": HASH_NAME}
    manifest(encoded(f'{_json(head)[:-1]},\n"parts": {{'))
    for shard in shards:
        if shard.name in done:
            record = folder.read_record(shard.name)
            _add(record, counts)
            languages.update(record["languages"])
            found.update(record["languages_found"])
            entry = _json({**_entry(shard), **record})
            manifest(encoded(f"{',' if counts['n_parts'] > 1 else ''}\n {_json(shard.name)}: {entry}"))
            for row in lines.renumbered(folder, shard, record):
                reasons.add(str(row.get("reason")))
                rejected(encoded(f"{json.dumps(row, ensure_ascii=False)}\n"))
            continue
        lines.lose(shard)
        if shard.name in failed:
            reason = str(read_json(folder.failure(shard.name)).get("reason"))
            errors[shard.name] = {**_entry(shard), "reason": reason}
    counts["n_shards"], counts["n_rows"] = len(shards), counts["n_scored"] + counts["n_rejected"]
    tail = {"errors": errors, "counts": {name: counts[name] for name in COUNTS}, "languages": languages}
    tail["languages_found"] = found
    manifest(encoded(f"\n}},\n{_json(tail)[1:-1]}"))
    failures = {name: entry["reason"] for name, entry in errors.items()}
    return Summary(
        n_parts=counts["n_parts"],
        n_scored=counts["n_scored"],
        n_rejected=counts["n_rejected"],
        failures=failures,
        languages=dict(sorted(languages.items())),
        n_unlike=counts["n_unlike"],
        n_in_two_scripts=counts["n_in_two_scripts"],
        languages_found=dict(sorted(found.items())),
        reasons=reasons.commonest(),
    )


def versions() -> bytes:
    """Return the end of the manifest: versions, which an update of the package changes."""
    found = {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
    return f',\n"versions": {_json(found)}}}\n'.encode()


_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


def _add(record: Mapping[str, Any], counts: Counter[str]) -> None:
    counts["n_parts"] += 1
    for name in ("n_scored", "n_rejected", "n_unlike", "n_in_two_scripts"):
        counts[name] += record[name]


def _entry(shard: Shard) -> dict[str, Any]:
    piece = shard.slice
    return {"files": [file.path for file in piece.files], "begin": piece.begin, "end": piece.end}


class _Reasons:
    """Why rows were rejected: reasons that differ in numbers alone count as the first of them."""

    def __init__(self) -> None:
        self._counts = Counter[str]()
        self._first: dict[str, str] = {}

    def add(self, reason: str) -> None:
        """Count a row."""
        kind = _DIGITS.sub("0", reason)
        if kind in self._first or len(self._first) < MAX_REASONS:
            self._counts[self._first.setdefault(kind, reason)] += 1

    def commonest(self) -> dict[str, int]:
        """Return reasons and numbers of rows, the commonest first."""
        return dict(self._counts.most_common())


class _LineNumbers:
    """The lines of each file before a slice; None behind a slice that failed, as nobody knows them."""

    def __init__(self) -> None:
        self._n_before: dict[str, int | None] = {}

    def lose(self, shard: Shard) -> None:
        """Pass a slice without a record."""
        self._n_before[shard.slice.files[0].path] = None

    def renumbered(self, folder: Folder, shard: Shard, record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Pass a slice and yield its rejected rows, their lines counted on from the slice before it.

        Raises:
            ScoringError: they are missing or damaged.
        """
        path = shard.slice.files[0].path
        n_before = self._n_before.get(path, 0)
        self._n_before[path] = None if n_before is None else n_before + record["n_lines"]
        if record["n_rejected"]:
            yield from _renumbered(folder.rejected(shard.name), n_before)


def _renumbered(path: Path, n_before: int | None) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as opened:
            for line in opened:
                row = json.loads(line)
                if "line" in row:
                    row["line"] = None if n_before is None else row["line"] + n_before
                yield row
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise ScoringError(f"{path}: cannot be read: {error}") from error
