"""What is to be scored: files, folders, globs and URLs become a list of input files."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from framescope.batch.options import ScoringError
from framescope.errors import InputError
from framescope.visible import name_of

SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".txt": "txt",
}
ZIPPED = ("jsonl", "csv", "tsv", "txt")
VERSION_KEYS = ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "updated", "created")


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read: ``path`` is absolute or a URL, ``name`` relative to the folder that was asked for.

    A path is as the system has it; in a name, bytes that are not UTF-8 are escaped.

    ``version`` is the modification time or the etag: with path and size it tells one content from another.
    """

    path: str
    name: str
    size_bytes: int
    version: str

    @property
    def format(self) -> str:
        """A value of ``SUFFIXES``."""
        return SUFFIXES[_suffix(self.path)]

    @property
    def is_zipped(self) -> bool:
        """Whether the file is a gzip."""
        return self.path.lower().endswith(".gz")

    @property
    def stem(self) -> str:
        """The name without suffixes."""
        name = self.name[: -len(".gz")] if self.is_zipped else self.name
        return str(PurePosixPath(name).with_suffix(""))


def expand(inputs: Iterable[str | Path], *, output: Path | None = None) -> list[InputFile]:
    """Return the files of all inputs, each once: those of a folder or glob in the order of their paths.

    In a folder, files of other formats and those whose names begin with ``.`` or ``_`` are left out.

    Raises:
        ScoringError: an input is missing, of an unknown format, or a folder that the output lies in.
    """
    found: dict[str, InputFile] = {}
    resolved = None if output is None else output.resolve()
    for given in [str(one) for one in inputs]:
        files = list(_expand_url(given) if "://" in given else _expand_path(given, resolved))
        if not files:
            raise ScoringError(f"{given}: has no file of a known format: {_known()}")
        for file in files:
            found.setdefault(file.path, file)
    if not found:
        raise ScoringError("expected files, folders, globs or URLs to score, found none")
    return list(found.values())


@contextmanager
def open_input(file: InputFile) -> Iterator[IO[bytes]]:
    """Open a file for reading; a gzip is unpacked.

    Raises:
        InputError: the file is not the one that the run began with, or no intact gzip.
        OSError: it cannot be opened.
    """
    current = current_version(file)
    if current != (file.size_bytes, file.version):
        raise InputError.at(file.path, "was changed since the run began")
    with _open_url(file.path) if "://" in file.path else Path(file.path).open("rb") as opened:
        if file.is_zipped:
            try:
                with gzip.open(opened) as unpacked:
                    yield cast("IO[bytes]", unpacked)
            except (gzip.BadGzipFile, EOFError, zlib.error) as error:
                raise InputError.at(file.path, f"is not an intact gzip file: {error}") from error
        else:
            yield opened


def current_version(file: InputFile) -> tuple[int, str]:
    """Return the size and the version that a file has now.

    Raises:
        OSError: there is no such file.
    """
    if "://" not in file.path:
        return _local_version(Path(file.path))
    system, path = _file_system(file.path)
    return _remote_version(system.info(path))


def _expand_path(given: str, output: Path | None) -> Iterator[InputFile]:
    path = Path(given)
    if path.is_dir():
        root = path.resolve()
        if output is not None and output.is_relative_to(root):
            raise ScoringError(f"{output}: lies in the input {given}: choose an output outside of it")
        names = sorted(
            file.relative_to(path)
            for file in path.rglob("*")
            if file.is_file() and not any(part.startswith((".", "_")) for part in file.relative_to(path).parts)
        )
        yield from (_local(path / name, name.as_posix()) for name in names if _is_known(name.name))
    elif path.is_file():
        _check_format(given)
        yield _local(path, path.name)
    elif has_magic(given):
        for match in sorted(glob(given, recursive=True)):  # noqa: PTH207 - Path.glob takes no absolute pattern
            if Path(match).is_file() and _is_known(match):
                yield _local(Path(match), Path(match).name)
    else:
        raise ScoringError(f"{given}: no such file or folder")


def _expand_url(given: str) -> Iterator[InputFile]:
    system, path = _file_system(given)
    try:
        if has_magic(path):
            names = {match: PurePosixPath(match).name for match in system.glob(path)}
        elif system.isdir(path):
            names = {match: match.removeprefix(path).lstrip("/") for match in system.find(path)}
        else:
            _check_format(given)
            names = {path: PurePosixPath(path).name}
        for match in sorted(names):
            if _is_known(match):
                size_bytes, version = _remote_version(system.info(match))
                yield InputFile(system.unstrip_protocol(match), names[match], size_bytes, version)
    except OSError as error:
        raise ScoringError(f"{given}: cannot be read: {error.strerror or error}") from error


def _file_system(url: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs  # noqa: PLC0415 - local files do without

    try:
        system, path = url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise ScoringError(f"{url}: cannot be opened: {error}") from error
    return system, path


def _open_url(url: str) -> IO[bytes]:
    system, path = _file_system(url)
    return cast("IO[bytes]", system.open(path, "rb"))


def _local(path: Path, name: str) -> InputFile:
    absolute = path.absolute()
    return InputFile(os.path.normpath(absolute), name_of(name), *_local_version(absolute))


def _local_version(path: Path) -> tuple[int, str]:
    status = path.stat()
    return status.st_size, str(status.st_mtime_ns)


def _remote_version(info: dict[str, Any]) -> tuple[int, str]:
    version = next((str(info[key]) for key in VERSION_KEYS if info.get(key)), "")
    return int(info.get("size") or 0), version


def _suffix(path: str) -> str:
    return PurePosixPath(path.lower().removesuffix(".gz")).suffix


def _is_known(path: str) -> bool:
    kind = SUFFIXES.get(_suffix(path))
    return kind in ZIPPED if path.lower().endswith(".gz") else kind is not None


def _check_format(given: str) -> None:
    if not _is_known(given):
        raise ScoringError(f"{given}: its format is not known: {_known()}")


def _known() -> str:
    return f"expected {', '.join(SUFFIXES)}, with .gz after {', '.join(f'.{name}' for name in ZIPPED)}"
