"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path

from framescope.errors import FramescopeError


def check_file(path: Path) -> None:
    """Refuse a place where :func:`write_whole` cannot write, before the work.

    Raises:
        FramescopeError: the folder is missing, or the path is a folder.
    """
    if not path.parent.is_dir():
        raise FramescopeError(f"{path}: cannot be written: there is no folder {path.parent}")
    if path.is_dir():
        raise FramescopeError(f"{path}: cannot be written: is a folder, expected a file name")


def write_whole(path: Path, pieces: Iterable[str]) -> None:
    """Write text as UTF-8 into a :func:`whole_file`; an existing file is replaced, a link stays a link.

    A device, such as /dev/stdout, is written to as it is.

    Raises:
        FramescopeError: the file cannot be written.
    """
    target = path.resolve()
    is_device = target.exists() and not target.is_file()
    try:
        with target.open("wb") if is_device else whole_file(target) as opened:
            opened.writelines(piece.encode() for piece in pieces)
    except OSError as error:
        raise FramescopeError(f"{path}: cannot be written: {error.strerror or error}") from error


@contextmanager
def whole_file(target: Path, *, staging: Path | None = None) -> Iterator[BufferedRandom]:
    """Open a file that is on the disk under its name when the block ends; one that is there is replaced.

    Until then it has a temporary name, ``.*.tmp``, in ``staging`` or else beside the target. After an error
    nothing is left of it.

    Raises:
        OSError: it cannot be written.
    """
    partial = (staging or target.parent) / f".{target.name}.{secrets.token_hex(4)}.tmp"
    try:
        with partial.open("x+b") as opened:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Make a folder that takes its name when the block ends; one that is there is replaced.

    Until then it has a temporary name beside the target. After an error nothing is left of it.

    Raises:
        OSError: it cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = _sibling(target, "new")
    staging.mkdir()
    try:
        yield staging
        sync_directory(staging)
        _move(staging, target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    sync_directory(target.parent)


def _sibling(target: Path, purpose: str) -> Path:
    return target.with_name(f".{target.name}.{purpose}-{secrets.token_hex(4)}")


def _move(staging: Path, target: Path) -> None:
    """Put a new folder in the place of the old one, if there is one."""
    if not target.exists() or not any(target.iterdir()):
        staging.rename(target)
        return
    old = _sibling(target, "old")
    target.rename(old)
    try:
        staging.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)  # what is left of it does no harm


def sync_directory(directory: Path) -> None:
    """Bring the names in a directory to the disk."""
    if os.name == "nt":  # Windows opens no directories
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
