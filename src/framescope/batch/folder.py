"""The output folder: where parts and their records are, which of them there are, and how they are written."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from framescope.batch.options import ScoringError
from framescope.files import whole_file

JOB, MANIFEST, REJECTED, LOCK, STOP, SHARDS = (
    "_job.json",
    "_manifest.json",
    "_rejected.jsonl",
    "_lock",
    "_stop",
    "_shards",
)

RECORD = {
    "sha256": str,
    "size_bytes": int,
    "n_scored": int,
    "n_rejected": int,
    "n_lines": int,
    "languages": dict,
    "n_unlike": int,
    "n_in_two_scripts": int,
    "languages_found": dict,
}
"""The fields of a shard's record."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The paths of an output. A part is done when both it and its record stand."""

    root: Path
    format: str

    def part(self, name: str) -> Path:
        """Return where a shard's rows stand."""
        return self.root / f"{name}.{self.format}"

    def record(self, name: str) -> Path:
        """Return where a shard's counts and hash stand."""
        return self.root / SHARDS / f"{name}.json"

    def read_record(self, name: str) -> dict[str, Any]:
        """Return what stands in a record; made for a million of them.

        Raises:
            ScoringError: it is missing or damaged.
        """
        path = f"{self.root}/{SHARDS}/{name}.json"
        record = read_json(path)
        for field, kind in RECORD.items():
            if type(record.get(field)) is not kind:
                raise ScoringError(f"{path}: {field}: expected {kind.__name__}, found {record.get(field)!r}")
        return record

    def part_bytes(self, name: str) -> int | None:
        """Return the size of a part, None if there is none; made for a million of them."""
        try:
            return os.stat(f"{self.root}/{name}.{self.format}").st_size  # noqa: PTH116 - a Path costs more than the call
        except FileNotFoundError:
            return None

    def rejected(self, name: str) -> Path:
        """Return where a shard's rejected rows stand, if it has any."""
        return self.root / SHARDS / f"{name}.rejected.jsonl"

    def ids(self, name: str) -> Path:
        """Return where the hashes of a shard's ids stand, if its rows have ids."""
        return self.root / SHARDS / f"{name}.ids"

    def failure(self, name: str) -> Path:
        """Return the file that says why a shard failed."""
        return self.root / SHARDS / f"{name}.failed"

    def is_done(self, name: str) -> bool:
        """Tell whether a shard's part stands."""
        return self.part(name).exists() and self.record(name).exists()

    def done(self) -> set[str]:
        """Return the names of all shards whose parts stand, from one look at each directory."""
        return _stems(self.root, f".{self.format}") & _stems(self.root / SHARDS, ".json")

    def failed(self) -> set[str]:
        """Return the names of all shards that failed."""
        return _stems(self.root / SHARDS, ".failed")

    def has_records(self) -> bool:
        """Tell whether any shard is done, in whatever format."""
        return bool(_stems(self.root / SHARDS, ".json"))

    def is_stopped(self) -> bool:
        """Tell whether the run was asked to stop."""
        return (self.root / STOP).exists()

    def stop(self) -> None:
        """Ask all workers to drop their shards."""
        (self.root / STOP).touch()

    def go_on(self) -> None:
        """Take back that the run is to stop."""
        (self.root / STOP).unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove what an earlier run left unfinished, and what this one will write anew."""
        self.clear_partial()
        for file in (self.root / SHARDS).glob("*.failed"):
            file.unlink(missing_ok=True)
        for name in (STOP, MANIFEST, REJECTED):
            (self.root / name).unlink(missing_ok=True)

    def clear_partial(self) -> None:
        """Remove files that workers died over."""
        for file in (self.root / SHARDS).glob(".*.tmp"):
            file.unlink(missing_ok=True)

    def try_writing(self) -> None:
        """Write a file and remove it.

        Raises:
            OSError: the folder is missing, full or not ours.
        """
        target = self.root / SHARDS / f".{secrets.token_hex(4)}.tmp"
        with self.new_file(target) as opened:
            opened.write(b"\n")
        target.unlink()

    def new_file(self, target: Path) -> AbstractContextManager[IO[bytes]]:
        """Open a file that takes its name, on the disk for good, when all of it is written."""
        return whole_file(target, staging=self.root / SHARDS)

    @property
    def plan(self) -> Path:
        """Where the slices stand, one a line."""
        return self.root / SHARDS / "plan.jsonl"

    def write_json(self, target: Path, content: Mapping[str, Any]) -> None:
        """Write an object, keys sorted."""
        with self.new_file(target) as opened:
            text = json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False)
            opened.write(encoded(f"{text}\n"))


def names_in(directory: Path) -> list[str]:
    """Return the names in a directory; nothing else is asked of the file system."""
    with os.scandir(directory) as entries:
        return [entry.name for entry in entries]


def _stems(directory: Path, suffix: str) -> set[str]:
    return {name[: -len(suffix)] for name in names_in(directory) if name.endswith(suffix)}


def read_json(path: Path | str) -> dict[str, Any]:
    """Return the object in a file that :meth:`Folder.write_json` wrote.

    Raises:
        ScoringError: it is not such a file.
    """
    try:
        content = json.loads(_read_bytes(path))
    except (OSError, ValueError, RecursionError) as error:
        raise ScoringError(f"{path}: cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise ScoringError(f"{path}: expected an object, found {type(content).__name__}")
    return content


def encoded(json_text: str) -> bytes:
    """Return JSON as UTF-8; what stands for bytes of a file's name that are not is escaped as JSON has it."""
    return json_text.encode(errors="backslashreplace")


def _read_bytes(path: Path | str) -> bytes:
    """Read a small file in a third of the time that a file object takes."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        content = b""
        while data := os.read(descriptor, 1 << 16):
            content += data
        return content
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
