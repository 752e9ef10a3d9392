"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import ctypes
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from glob import escape
from io import BufferedRandom
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from framescope.errors import FramescopeError

LOCK_SECONDS = 0.1
_unfinished: set[Path] = set()
_finishing = Lock()


def check_file(path: Path) -> None:
    """Refuse a place where :func:`write_whole` cannot write, before the work.

    Raises:
        FramescopeError: the folder is missing, full or not to be written, or the path is a folder.
    """
    if not path.parent.is_dir():
        raise FramescopeError(f"{path}: cannot be written: there is no folder {path.parent}")
    if path.is_dir():
        raise FramescopeError(f"{path}: cannot be written: is a folder, expected a file name")
    if not path.exists() or path.is_file():  # a device is written to as it is
        check_folder(path)


def check_folder(target: Path, *, n_bytes: int = 1 << 20) -> None:
    """Refuse a place beside which nothing can be written, before the work; folders on the way are made then.

    Raises:
        FramescopeError: it is read-only, or has not so many bytes left.
    """
    folder = target.resolve().parent
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    probe = folder / f".{secrets.token_hex(4)}.tmp"
    try:
        probe.write_bytes(b"\n")
        probe.unlink()
        n_left = shutil.disk_usage(folder).free
    except OSError as error:
        raise FramescopeError(f"{target}: cannot be written: {error.strerror or error}") from error
    if n_left < n_bytes:
        raise FramescopeError(f"{target}: cannot be written: {n_left:,} bytes are left there: make room first")


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
            # Bytes of names that are not UTF-8 are escaped as in JSON, which is what such texts are.
            opened.writelines(piece.encode(errors="backslashreplace") for piece in pieces)
    except OSError as error:
        raise FramescopeError(f"{path}: cannot be written: {error.strerror or error}") from error


def write_bytes(path: Path, content: bytes) -> None:
    """Write a :func:`whole_file`.

    Raises:
        FramescopeError: it cannot be written.
    """
    try:
        with whole_file(path.resolve()) as opened:
            opened.write(content)
    except OSError as error:
        raise FramescopeError(f"{path}: cannot be written: {error.strerror or error}") from error


def write_json_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write an object a line, as :func:`write_whole` does.

    Raises:
        FramescopeError: the file cannot be written.
    """
    write_whole(path, (json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


@contextmanager
def whole_file(target: Path, *, staging: Path | None = None) -> Iterator[BufferedRandom]:
    """Open a file that is on the disk under its name when the block ends; one that is there is replaced.

    Until then it has a temporary name, ``.*.tmp``, in ``staging`` or else beside the target. After an error
    nothing is left of it.

    Raises:
        OSError: it cannot be written.
    """
    partial = (staging or target.parent) / f".{target.name}.{secrets.token_hex(4)}.tmp"
    _unfinished.add(partial)
    try:
        with partial.open("x+b") as opened:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        with _finishing:
            partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
        _unfinished.discard(partial)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Make a folder that takes its name when the block ends; one that is there is replaced.

    Until then it has a temporary name beside the target. After an error nothing is left of it; what a killed
    process left is recovered or removed by the next one.

    Raises:
        OSError: it cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    recover_folder(target)
    staging = _sibling(target, "new")
    _unfinished.add(staging)
    staging.mkdir()
    try:
        yield staging
        sync_directory(staging)
        with _finishing:
            _move(staging, target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        _unfinished.discard(staging)
    sync_directory(target.parent)


def scratch_folder() -> TemporaryDirectory[str]:
    """Make a folder for what is needed for a while; it goes when it is cleaned up, or the process ends."""
    folder = TemporaryDirectory(prefix="framescope-")
    _unfinished.add(Path(folder.name))
    return folder


def remove_unfinished() -> None:
    """Remove what this process has begun under temporary names, before it ends at once.

    Nothing gets its name after that; what is getting it at this moment is let finish.
    """
    if _finishing.acquire(timeout=LOCK_SECONDS):  # and is not given back
        for path in tuple(_unfinished):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def recover_folder(target: Path) -> None:
    """Put back the folder that a process which was killed had moved away, and remove what it had begun."""
    for purpose in ("old", "new"):
        for left in sorted(target.parent.glob(f".{escape(target.name)}.{purpose}-*")):
            if _is_alive(left.name.rpartition("-")[0].rpartition("-")[2]):
                continue
            if purpose == "old" and not target.exists():
                left.rename(target)
            else:
                shutil.rmtree(left, ignore_errors=True)


def _is_alive(process: str) -> bool:
    """Tell whether the process with this number may still be at work."""
    if os.name == "nt":  # where this signal would end it
        return True
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError, ValueError):
        return False
    except PermissionError:  # another user's
        pass
    return True


def _sibling(target: Path, purpose: str) -> Path:
    return target.with_name(f".{target.name}.{purpose}-{os.getpid()}-{secrets.token_hex(4)}")


def _move(staging: Path, target: Path) -> None:
    """Put a new folder in the place of the old one, if there is one."""
    if not target.exists() or not any(target.iterdir()):
        staging.rename(target)
        return
    if _exchange(staging, target):
        return  # what is in the staging place now is the old one
    old = _sibling(target, "old")
    target.rename(old)
    try:
        staging.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)  # what is left of it does no harm


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders take each other's names at once, where the system can; tell whether it did."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):  # not Linux
        return False
    here, both = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return bool(rename(here, os.fsencode(one), here, os.fsencode(other), both) == 0)


def sync_directory(directory: Path) -> None:
    """Bring the names in a directory to the disk."""
    if os.name == "nt":  # Windows opens no directories
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
