"""What is to be scored: files, folders, globs and URLs become a list of input files."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from glob import glob, has_magic
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from framescope.article_ids import from_common_folder, stem_of
from framescope.batch.options import ScoringError
from framescope.batch.remote import file_system
from framescope.documents.read import SUFFIXES as DOCUMENTS
from framescope.documents.web import is_web
from framescope.errors import InputError
from framescope.formats.files import TABLES
from framescope.visible import name_of

DOCUMENT = "document"
SUFFIXES = {**TABLES, ".txt": "txt", **dict.fromkeys(DOCUMENTS, DOCUMENT)}
ZIPPED = ("jsonl", "csv", "tsv", "txt", DOCUMENT)
VERSION_KEYS = ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "updated", "created")


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read: ``path`` is absolute or a URL, ``name`` relative to the folder that has all inputs.

    A path is as the system has it; in a name, bytes that are not UTF-8 are escaped.

    ``version`` is the modification time or the etag: with path and size it tells one content from another.
    ``allow_private`` tells that a URL may lead to a private network.
    """

    path: str
    name: str
    size_bytes: int
    version: str
    allow_private: bool = False

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
        return stem_of(self.name)


def expand(
    inputs: Iterable[str | Path], *, output: Path | None = None, allow_private: bool = False
) -> list[InputFile]:
    """Return the files of all inputs, each once: those of a folder or glob in the order of their paths.

    In a folder, files of other formats and those whose names begin with ``.`` or ``_`` are left out.

    Raises:
        ScoringError: an input is missing, of an unknown format, in a private network that is not allowed, or a
            folder that the output lies in.
    """
    found: dict[str, InputFile] = {}
    folders: dict[str, str] = {}
    resolved = None if output is None else output.resolve()
    for given in [str(one) for one in inputs]:
        is_url = "://" in given
        folder, files = _expand_url(given, allow_private) if is_url else _expand_path(given, resolved)
        if not files:
            raise ScoringError(f"{given}: has no file of a known format: {_known()}")
        for file in files:
            if found.setdefault(file.path, file) is file:
                folders[file.path] = folder
    if not found:
        raise ScoringError("expected files, folders, globs or URLs to score, found none")
    return _with_distinct_names(list(found.values()), folders)


def _with_distinct_names(files: list[InputFile], folders: Mapping[str, str]) -> list[InputFile]:
    """Put before each name what tells its folder from those of the other inputs."""
    distinct = list(dict.fromkeys(folders.values()))
    prefixes = dict(zip(distinct, from_common_folder(distinct), strict=True))
    return [
        replace(file, name=prefix + file.name) if (prefix := prefixes[folders[file.path]]) else file
        for file in files
    ]


def check_format(given: str) -> None:
    """Refuse a file by its name.

    Raises:
        ScoringError: its suffix is not one that is read.
    """
    if not _is_known(given):
        raise ScoringError(f"{given}: its format is not known: {_known()}")


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
    with _open_url(file) if "://" in file.path else Path(file.path).open("rb") as opened:
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
    system, path = file_system(file.path, allow_private=file.allow_private)
    return _remote_version(system.info(path))


def _expand_path(given: str, output: Path | None) -> tuple[str, list[InputFile]]:
    """Return the folder that was meant, and its files, named from there."""
    path = Path(given)
    if path.is_dir():
        root = path.resolve()
        if output is not None and output.is_relative_to(root):
            raise ScoringError(f"{output}: lies in the input {given}: choose an output outside of it")
        names = sorted(file.relative_to(path) for file in path.rglob("*") if file.is_file())
        files = [path / name for name in names if not _is_hidden(name) and _is_known(name.name)]
        return _files_in(path, files)
    if path.is_file():
        check_format(given)
        return _files_in(path.parent, [path])
    if has_magic(given):
        n_plain = next(k for k, part in enumerate(path.parts) if has_magic(part))
        found = map(Path, sorted(glob(given, recursive=True)))  # noqa: PTH207 - Path.glob takes no absolute pattern
        files = [match for match in found if match.is_file() and _is_known(match.name)]
        return _files_in(Path(*path.parts[:n_plain]), files)
    raise ScoringError(f"{given}: no such file or folder")


def _files_in(folder: Path, files: Iterable[Path]) -> tuple[str, list[InputFile]]:
    root = Path(os.path.normpath(folder.absolute()))
    return root.as_posix(), [_local(file, root) for file in files]


def _is_hidden(name: Path) -> bool:
    return any(part.startswith((".", "_")) for part in name.parts)


def _expand_url(given: str, allow_private: bool) -> tuple[str, list[InputFile]]:
    """Return the folder that was meant, and its files, named from there."""
    system, path = file_system(given, allow_private=allow_private)
    try:
        if has_magic(path):
            parts = path.split("/")
            folder = "/".join(parts[: next(k for k, part in enumerate(parts) if has_magic(part))])
            matches = system.glob(path)
        elif system.isdir(path):
            folder, matches = path.rstrip("/"), system.find(path)
        else:
            check_format(given)
            if is_web(given) and SUFFIXES[_suffix(given)] == DOCUMENT:
                raise ScoringError(f"{given}: pages of the web are read by predict and explain: save it first")
            folder, matches = path.rpartition("/")[0], [path]
        known = (_remote(system, match, folder) for match in sorted(matches) if _is_known(match))
        files = [replace(file, allow_private=allow_private) for file in known]
    except OSError as error:
        cause = error.__cause__ or error  # a file system may say "not found" of whatever happens
        raise ScoringError(f"{given}: cannot be read: {error.strerror or cause}") from error
    return str(system.unstrip_protocol(folder)), files


def _remote(system: Any, path: str, folder: str) -> InputFile:
    size_bytes, version = _remote_version(system.info(path))
    name = path.removeprefix(folder).lstrip("/")
    return InputFile(system.unstrip_protocol(path), name, size_bytes, version)


def _open_url(file: InputFile) -> IO[bytes]:
    system, path = file_system(file.path, allow_private=file.allow_private)
    return cast("IO[bytes]", system.open(path, "rb"))


def _local(path: Path, root: Path) -> InputFile:
    absolute = Path(os.path.normpath(path.absolute()))
    name = absolute.relative_to(root).as_posix()
    return InputFile(str(absolute), name_of(name), *_local_version(absolute))


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


def _known() -> str:
    return f"expected {', '.join(SUFFIXES)}, with .gz after {', '.join(f'.{name}' for name in ZIPPED)}"
