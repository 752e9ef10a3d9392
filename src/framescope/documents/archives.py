"""ZIP and TAR: every member that is known by its suffix; nothing is written to the disk."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile

from framescope.documents.document import MAX_DOCUMENT_BYTES, MAX_DOCUMENTS
from framescope.errors import InputError
from framescope.limits import FREE_BYTES
from framescope.visible import name_of

MAX_RATIO = 100
"""A ZIP may unpack to so many times its size, or to ``FREE_BYTES``: office documents are mostly tags."""

FAULTS = (
    BadZipFile,
    tarfile.TarError,
    zlib.error,
    LZMAError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    OSError,
    ValueError,
)


def read_zip(content: bytes, path: Path | str) -> Iterator[tuple[str, bytes]]:
    """Yield the names of files in a ZIP, and what they hold, in order of their names.

    Raises:
        InputError: it is damaged, encrypted, or unpacks to too much.
    """
    try:
        refuse_bomb(content, path)
        with ZipFile(BytesIO(content)) as archive:
            for info in sorted(archive.infolist(), key=lambda info: info.filename):
                if not info.is_dir() and not is_hidden(info.filename):
                    yield name_of(info.filename), archive.read(info)
    except FAULTS as error:
        raise InputError.at(path, f"is not an intact ZIP file: {error}") from error


def read_tar(content: bytes, path: Path | str) -> Iterator[tuple[str, bytes]]:
    """Yield the names of files in a TAR, perhaps packed, and what they hold, in the order of the archive.

    Raises:
        InputError: it is damaged, or unpacks to too much.
    """
    n_bytes = 0
    try:
        with tarfile.open(fileobj=BytesIO(content), mode="r:*") as archive:
            for number, member in enumerate(archive):
                n_bytes += member.size
                _check(number, n_bytes, len(content), path)
                opened = archive.extractfile(member) if member.isfile() else None
                if opened is not None and not is_hidden(member.name):
                    yield name_of(member.name), opened.read()
    except FAULTS as error:
        raise InputError.at(path, f"is not an intact TAR file: {error}") from error


def is_hidden(name: str) -> bool:
    """Tell whether a member, or a folder that it is in, is one that nobody means, such as ``__MACOSX``."""
    return any(part.startswith((".", "_")) for part in PurePosixPath(name).parts)


def refuse_bomb(content: bytes, path: Path | str) -> None:
    """Refuse a ZIP that unpacks to far more than any collection of articles does, by its own list of files.

    Raises:
        InputError: with the sizes.
        BadZipFile: it is no ZIP.
    """
    with ZipFile(BytesIO(content)) as archive:
        sizes = [info.file_size for info in archive.infolist()]
    _check(len(sizes), sum(sizes), len(content), path)


def _check(n_members: int, n_bytes: int, n_packed: int, path: Path | str) -> None:
    limit = min(max(FREE_BYTES, MAX_RATIO * n_packed), MAX_DOCUMENT_BYTES)
    if n_bytes > limit:
        raise InputError.at(path, f"unpacks to more than {limit:,} bytes: unpack it, and see what it holds")
    if n_members > MAX_DOCUMENTS:
        raise InputError.at(path, f"has more than {MAX_DOCUMENTS:,} files")
