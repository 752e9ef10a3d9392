"""A ZIP with tables that was uploaded becomes a folder of its files, read as if each had been sent by itself.

The reader of archives takes articles, not tables, and holds all of a file in memory; a table in a folder is
read piece by piece, with its own columns, encoding and sheet.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from errno import ENOSPC
from http import HTTPStatus
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from framescope.documents.archives import FAULTS, is_hidden
from framescope.documents.document import MAX_DOCUMENTS
from framescope.formats.files import TABLES, suffix_of
from framescope.serve.names import distinct_name, harmless_name
from framescope.serve.problems import ServeError


def unpack_tables(path: Path, room: int) -> int:
    """Put a folder of its files in the place of a ZIP with tables, and return how many bytes these have.

    Any other file stays as it is, and has none here.

    Files of a format that is not known are left out, as everywhere in a folder.

    Raises:
        ServeError: 413, it unpacks to more than may be sent.
    """
    folder = path.with_name(f"{path.name}.folder")
    try:
        with ZipFile(path) as archive:
            members = [
                info for info in archive.infolist() if not info.is_dir() and not is_hidden(info.filename)
            ]
            if not any(suffix_of(Path(info.filename)) in TABLES for info in members):
                return 0
            n_bytes = _check(members, path, room)
            folder.mkdir()
            taken: set[str] = set()
            for info in sorted(members, key=lambda info: info.filename):
                _unpack(archive, info, folder, taken)
    except FAULTS as error:
        if isinstance(error, OSError) and error.errno == ENOSPC:
            raise
        shutil.rmtree(folder, ignore_errors=True)  # the job says what is wrong with the file
        return 0
    path.unlink()
    folder.rename(path)
    return n_bytes


def _check(members: Sequence[ZipInfo], path: Path, room: int) -> int:
    """Refuse what unpacks to too much, by the sizes that it tells itself: no more than these is ever read."""
    n_bytes = sum(info.file_size for info in members)
    if n_bytes > room or len(members) > MAX_DOCUMENTS:
        message = (
            f"{path.name}: unpacks to {len(members):,} files with {n_bytes:,} bytes: expected "
            f"{MAX_DOCUMENTS:,} files and {room:,} bytes at most: send it in parts"
        )
        raise ServeError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message)
    return n_bytes


def _unpack(archive: ZipFile, info: ZipInfo, folder: Path, taken: set[str]) -> None:
    try:
        name = harmless_name(info.filename)
    except ServeError:
        return
    target = folder / distinct_name(name, taken)
    taken.add(target.name.casefold())
    with archive.open(info) as member, target.open("xb") as opened:
        shutil.copyfileobj(member, opened)
