"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
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
    """Write text as UTF-8 under a temporary name, then give it its own; an existing file is replaced.

    A device, such as /dev/stdout, is written to as it is.

    Raises:
        FramescopeError: the file cannot be written.
    """
    target = path.resolve()
    partial = target.with_name(f".{target.name}.partial-{secrets.token_hex(4)}")
    try:
        if target.exists() and not target.is_file():
            _write(target, pieces, mode="w")
            return
        try:
            _write(partial, pieces, mode="x")
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise FramescopeError(f"{path}: cannot be written: {error.strerror or error}") from error


def _write(path: Path, pieces: Iterable[str], *, mode: str) -> None:
    with path.open(mode, encoding="utf-8", newline="") as opened:
        opened.writelines(pieces)


def sync_directory(directory: Path) -> None:
    """Bring the names in a directory to the disk."""
    if os.name == "nt":  # Windows opens no directories
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
