"""Reading bundles: every file is opened once, checked, and then read or mapped from where it was opened."""

from __future__ import annotations

import hashlib
import io
import os
import reprlib
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

from framescope._types import Array
from framescope.bundle.config import CONFIG, REMEDY, Config, field, parse_config, parse_json
from framescope.bundle.facts import Facts
from framescope.bundle.layout import array_layouts, build_model, check_shape
from framescope.bundle.manifest import MANIFEST, digest_of, hash_of
from framescope.errors import BundleError
from framescope.features.block import ArrayLayout
from framescope.model.fitted import Model

MAX_MANIFEST_BYTES = 1 << 20
MAX_CONFIG_BYTES = 1 << 26
MAX_COPIED_BYTES = 1 << 16
"""Smaller arrays are copied, so that what becomes of their files does not matter."""


@dataclass(frozen=True, eq=False)
class Bundle:
    """A verified model and where it came from.

    ``digest`` is a hexadecimal SHA-256 over config and arrays; ``training`` tells how the model came about. The
    model's arrays are read-only, and large ones are mapped: their files must not be changed while it is in use.
    """

    model: Model
    digest: str
    training: Facts
    path: Path


def load_bundle(path: Path | str) -> Bundle:
    """Verify a bundle and map it into memory; nothing in it is run, unpickled or imported.

    Raises:
        BundleError: the bundle is damaged, incomplete, of an unknown format, or leads out of its directory.
    """
    root = Path(path)
    try:
        if not root.is_dir():
            found = "is not a directory" if root.exists() else "no such directory"
            raise BundleError(f"{root}: {found}: expected a bundle, as `framescope train` writes it")
        with _directory(root) as directory:
            files = _read_manifest(root, directory)
            config = parse_config(_read_config(root, files, directory), root / CONFIG)
            layouts = array_layouts(config)
            _check_names(files, {CONFIG, *layouts}, root)
            arrays = {
                name: _read_array(root, name, layout, entry=files[name], config=config, directory=directory)
                for name, layout in layouts.items()
            }
    except OSError as error:
        raise BundleError(f"{error.filename or root}: cannot be read: {error.strerror or error}") from error
    return Bundle(build_model(config, arrays, root), digest_of(files), config.training, root)


def read_file_names(path: Path) -> list[str]:
    """Return the names of the files that a bundle's manifest lists: plain ones, of this folder.

    Raises:
        BundleError: the manifest is missing or damaged.
    """
    with _directory(path) as directory:
        return sorted(_read_manifest(path, directory))


@contextmanager
def _directory(root: Path) -> Iterator[int | None]:
    """Open a directory, so that all files are of the same one though another takes its name meanwhile."""
    if os.open not in os.supports_dir_fd:
        yield None
        return
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _opened(root: Path, name: str, directory: int | None) -> Iterator[BufferedReader]:
    """Open a regular file that must be in the bundle."""
    file = root / name
    if not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(root)):
        raise BundleError(f"{file}: is a link that leads out of the bundle: replace it by the file itself")
    try:
        if directory is None:
            descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        else:
            descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK, dir_fd=directory)
    except FileNotFoundError as error:
        raise BundleError(f"{file}: is missing: {REMEDY}") from error
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from error
    with os.fdopen(descriptor, "rb") as opened:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise BundleError(f"{file}: is not a regular file: {REMEDY}")
        yield opened


def _read_manifest(root: Path, directory: int | None) -> dict[str, dict[str, Any]]:
    """Return sha256 and size_bytes of each file, as :func:`framescope.bundle.manifest.entry_of` does."""
    file = root / MANIFEST
    if not os.path.lexists(file):
        raise BundleError(f"{file}: is missing: {root} is not a bundle or was not copied whole: {REMEDY}")
    with _opened(root, MANIFEST, directory) as opened:
        data = _read_at_most(opened, MAX_MANIFEST_BYTES, file)
    files: dict[str, dict[str, Any]] = {}
    for name, entry in field(parse_json(data, file), "files", dict, file).items():
        if name in {"", ".", ".."} or set(name) & {"/", "\\", "\0"}:
            raise BundleError(f"{file}: expected plain file names, found {name!r}: do not trust this bundle")
        if not isinstance(entry, dict):
            raise BundleError(f"{file}: {name}: expected an object, found {reprlib.repr(entry)}: {REMEDY}")
        files[name] = {
            "sha256": field(entry, "sha256", str, file),
            "size_bytes": field(entry, "size_bytes", int, file),
        }
    return files


def _read_config(root: Path, files: Mapping[str, Any], directory: int | None) -> bytes:
    if CONFIG not in files:
        raise BundleError(f"{root / MANIFEST}: expected an entry for {CONFIG}, found none: {REMEDY}")
    with _opened(root, CONFIG, directory) as opened:
        _compare_sizes(opened, files[CONFIG], root / CONFIG)
        content = _read_at_most(opened, MAX_CONFIG_BYTES, root / CONFIG)
    _compare_hashes(hashlib.sha256(content).hexdigest(), files[CONFIG], root / CONFIG)
    return content


def _read_at_most(opened: BufferedReader, n_bytes: int, file: Path) -> bytes:
    content = opened.read(n_bytes + 1)
    if len(content) > n_bytes:
        raise BundleError(f"{file}: expected at most {n_bytes:,} bytes, found more: do not trust this bundle")
    return content


def _check_names(files: Mapping[str, Any], expected: set[str], root: Path) -> None:
    """Check that the manifest, the directory and the config agree on which arrays there are."""
    listed = set(files)
    for name in sorted(listed ^ expected):
        found = "which is no part of this model" if name in listed else "but it has no entry"
        wanted = "no entry" if name in listed else "an entry"
        raise BundleError(f"{root / MANIFEST}: expected {wanted} for {name}, {found}: {REMEDY}")
    for file in sorted(root.glob("*.npy")):
        if file.name not in expected:
            raise BundleError(f"{file}: is not in the manifest, so nothing vouches for it: remove it")


def _read_array(
    root: Path,
    name: str,
    layout: ArrayLayout,
    *,
    entry: Mapping[str, Any],
    config: Config,
    directory: int | None,
) -> Array:
    """Verify an array's file and return the array, read-only: copied where it is small, else mapped."""
    with _opened(root, name, directory) as opened:
        _compare_sizes(opened, entry, root / name)
        is_mapped = entry["size_bytes"] > MAX_COPIED_BYTES
        source: BufferedReader | io.BytesIO = opened if is_mapped else io.BytesIO(opened.read(MAX_COPIED_BYTES))
        _compare_hashes(hash_of(source), entry, root / name)
        shape, offset = _read_header(source, layout, root / name)
        check_shape(shape, name, config, root)
        dtype = np.dtype(layout.dtype)
        n_bytes = offset + prod(shape) * dtype.itemsize
        if n_bytes != entry["size_bytes"]:
            raise BundleError(
                f"{root / name}: expected {n_bytes} bytes, as its header has it, "
                f"found {entry['size_bytes']}: {REMEDY}"
            )
        if is_mapped:
            return np.asarray(np.memmap(opened, dtype, mode="r", offset=offset, shape=shape))
        source.seek(offset)
        return np.frombuffer(source.read(), dtype).reshape(shape)


def _read_header(
    opened: BufferedReader | io.BytesIO, layout: ArrayLayout, file: Path
) -> tuple[tuple[int, ...], int]:
    """Return an array's shape and where its values begin, without touching them."""
    opened.seek(0)
    try:
        version = np.lib.format.read_magic(opened)
        if version != (1, 0):
            raise ValueError(f"version {version} of the format")
        shape, fortran_order, found = np.lib.format.read_array_header_1_0(opened)
    except (ValueError, SyntaxError, TokenError, RecursionError) as error:
        message = f"{file}: expected an array in the .npy format 1.0, found {error}: {REMEDY}"
        raise BundleError(message) from error
    if found != np.dtype(layout.dtype):
        raise BundleError(f"{file}: expected the type {layout.dtype}, found {found.str}: {REMEDY}")
    if fortran_order and len(shape) > 1:
        raise BundleError(f"{file}: expected the values row by row (C order), found Fortran order: {REMEDY}")
    return shape, opened.tell()


def _compare_sizes(opened: BufferedReader, entry: Mapping[str, Any], file: Path) -> None:
    n_bytes = os.fstat(opened.fileno()).st_size
    if n_bytes != entry["size_bytes"]:
        raise BundleError(
            f"{file}: expected {entry['size_bytes']} bytes, as the manifest has it, found {n_bytes}: {REMEDY}"
        )


def _compare_hashes(found: str, entry: Mapping[str, Any], file: Path) -> None:
    if found != entry["sha256"]:
        raise BundleError(
            f"{file}: expected the SHA-256 {entry['sha256'][:12]}... of the manifest, "
            f"found {found[:12]}...; the file was changed: {REMEDY}"
        )
