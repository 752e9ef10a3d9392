"""Bundles: a fitted model as a directory of JSON and plain arrays, written whole and verified before use."""

from __future__ import annotations

import hashlib
import json
import os
import reprlib
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from framescope.bundle.config import FORMAT, REMEDY, Config, config_of, field, parse_config, parse_json
from framescope.errors import BundleError
from framescope.features.ngrams import CHAR_BLOCK
from framescope.features.vocabulary import Vocabulary
from framescope.features.weights import Weights
from framescope.model.calibration import Calibration
from framescope.model.decision import Rule
from framescope.model.fitted import Model

CONFIG, MANIFEST, CARD = "config.json", "manifest.json", "README.md"

Array = npt.NDArray[Any]


class _ArraySpec(NamedTuple):
    """What an array must be: its dtype, its axes, and which values are in order; None if all are."""

    dtype: str
    axes: tuple[str, ...]
    in_order: Callable[[Array], npt.NDArray[np.bool_]] | None = None
    expected: str = ""


def _distinct_words_first(hashes: Array) -> npt.NDArray[np.bool_]:
    order = np.argsort(hashes, kind="stable")
    is_in_order = hashes > 0
    is_in_order[order[1:]] &= hashes[order[1:]] > hashes[order[:-1]]
    is_in_order[1:] &= (hashes[1:] >= CHAR_BLOCK) >= (hashes[:-1] >= CHAR_BLOCK)
    return is_in_order


def _finite_from_0(scales: Array) -> npt.NDArray[np.bool_]:
    return (scales >= 0) & np.isfinite(scales)


ARRAYS = {
    "hashes.npy": _ArraySpec(
        "<u8", ("features",), _distinct_words_first, "distinct values above 0, those below 2^63 first"
    ),
    "idf.npy": _ArraySpec("<f4", ("features",), lambda a: (a > 0) & np.isfinite(a), "finite values above 0"),
    "weights.npy": _ArraySpec("|i1", ("features", "labels"), lambda a: a > -128, "values above -128"),
    "exponents.npy": _ArraySpec("|i1", ("features",)),
    "scales.npy": _ArraySpec("<f4", ("labels",), _finite_from_0, "finite values from 0 on"),
    "intercept.npy": _ArraySpec("<f4", ("labels",), np.isfinite, "finite values"),
    "prior.npy": _ArraySpec("<f8", ("labels",), lambda a: (a > 0) & (a < 1), "values between 0 and 1"),
    "cuts.npy": _ArraySpec("<f4", ("labels",), lambda a: a > -np.inf, "finite values or +inf"),
}


@dataclass(frozen=True, eq=False)
class Bundle:
    """A verified model and where it came from.

    ``digest`` is a hexadecimal SHA-256 over config and arrays; ``training`` holds facts on how the model came
    about, as JSON. The model's arrays are read-only and mapped: the files must stay while it is in use.
    """

    model: Model
    digest: str
    training: Mapping[str, Any]
    path: Path


def save_bundle(
    model: Model, path: Path | str, *, card: str, training: Mapping[str, Any], force: bool = False
) -> str:
    """Write a model to a new directory, or with ``force`` in the place of another bundle; return its digest.

    The directory appears whole or not at all, and the same arguments give the same bytes. ``card`` becomes
    README.md; ``training`` must be JSON.

    Raises:
        BundleError: the output exists, cannot be written, or the model would not load again.
    """
    target = Path(path).resolve()
    check_output(target, force=force)
    config = _json(config_of(model, training))
    arrays = _arrays_of(model)
    rebuilt = _build(parse_config(config, target / CONFIG), arrays, target)
    if rebuilt.codebook.ids != model.codebook.ids:
        raise BundleError(f"{target}: cannot be saved: expected a codebook with children right after a parent")
    try:
        with _staging(target) as staging:
            _write(staging / CONFIG, lambda file: file.write(config))
            for name, array in arrays.items():
                _write(staging / name, partial(np.lib.format.write_array, array=array))
            files = {name: _entry(staging / name) for name in (CONFIG, *arrays)}
            _write(staging / MANIFEST, lambda file: file.write(_json({"files": files})))
            _write(staging / CARD, lambda file: file.write(card.encode()))
            sync_directory(staging)
            _move(staging, target)
        sync_directory(target.parent)
    except OSError as error:
        raise BundleError(f"{target}: cannot be written: {error.strerror or error}") from error
    return _digest(files)


def check_output(path: Path | str, *, force: bool = False) -> None:
    """Refuse a place where :func:`save_bundle` must not write, before the work of training.

    Raises:
        BundleError: something stands there that is neither an empty directory nor, with ``force``, a bundle.
    """
    target = Path(path).resolve()
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    if not force:
        raise BundleError(f"{target}: already exists: choose another place, or replace it with --force")
    if not _is_bundle(target):
        raise BundleError(f"{target}: is not a framescope bundle, so it is not replaced: choose another place")
    foreign = sorted({file.name for file in target.iterdir()} - {CONFIG, MANIFEST, CARD, *ARRAYS})
    if foreign:
        raise BundleError(
            f"{target}: holds {', '.join(foreign)}, not a part of the bundle, and is not replaced: "
            "move it away, or choose another place"
        )


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
        files = _read_manifest(root)
        config = parse_config(_read_config(root, files), root / CONFIG)
        _check_names(files, config, root)
        arrays = {name: _map(root, name, files[name], config) for name in _names(config)}
    except OSError as error:
        raise BundleError(f"{error.filename or root}: cannot be read: {error.strerror or error}") from error
    return Bundle(_build(config, arrays, root), _digest(files), config.training, root)


def _names(config: Config) -> tuple[str, ...]:
    """Return the names of the arrays that a model of this config has."""
    return tuple(name for name in ARRAYS if config.has_cuts or name != "cuts.npy")


def _arrays_of(model: Model) -> dict[str, Array]:
    arrays: dict[str, Array | None] = {
        "hashes.npy": model.vocabulary.hashes,
        "idf.npy": model.vocabulary.idf,
        "weights.npy": model.weights.steps,
        "exponents.npy": model.weights.exponents,
        "scales.npy": model.weights.scales,
        "intercept.npy": model.intercept,
        "prior.npy": model.calibration.prior,
        "cuts.npy": model.rule.cuts,
    }
    return {
        name: np.ascontiguousarray(array, dtype=ARRAYS[name].dtype)
        for name, array in arrays.items()
        if array is not None
    }


def _build(config: Config, arrays: Mapping[str, Array], root: Path) -> Model:
    """Check the arrays' shapes and values, and put the model together."""
    for name, array in arrays.items():
        _check_shape(array.shape, name, config, root)
        _check_values(array, ARRAYS[name], root / name)
    return Model(
        config.codebook,
        # A copy that can be written: one numba type with the idf of training, so kernels compile once.
        Vocabulary(arrays["hashes.npy"], arrays["idf.npy"].copy()),
        Weights(arrays["weights.npy"], arrays["exponents.npy"], arrays["scales.npy"]),
        arrays["intercept.npy"],
        Calibration(np.array(config.coefficients), arrays["prior.npy"], config.link),
        Rule(config.rule, arrays.get("cuts.npy"), config.empty),
        config.languages,
    )


def _check_shape(found: tuple[int, ...], name: str, config: Config, root: Path) -> None:
    sizes = {"features": config.n_features, "labels": len(config.codebook.ids)}
    shape = tuple(sizes[axis] for axis in ARRAYS[name].axes)
    if found != shape:
        raise BundleError(
            f"{root / name}: expected the shape {shape}, as {CONFIG} has it, found {found}: {REMEDY}"
        )


def _check_values(array: Array, spec: _ArraySpec, file: Path) -> None:
    if spec.in_order is None:
        return
    in_order = spec.in_order(array)
    if not in_order.all():
        place = tuple(int(index[0]) for index in np.nonzero(~in_order))
        raise BundleError(f"{file}: expected {spec.expected}, found {array[place]} at {list(place)}: {REMEDY}")


# Writing


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    """Make a directory beside the target, on the same file system; whatever is left of it is removed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = _sibling(target, "new")
    staging.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _sibling(target: Path, purpose: str) -> Path:
    return target.with_name(f".{target.name}.{purpose}-{secrets.token_hex(4)}")


def _write(file: Path, write: Callable[[Any], object]) -> None:
    with file.open("xb") as opened:
        write(opened)
        opened.flush()
        os.fsync(opened.fileno())


def sync_directory(directory: Path) -> None:
    """Bring the names in a directory to the disk."""
    if os.name == "nt":  # Windows opens no directories
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _move(staging: Path, target: Path) -> None:
    """Let the new bundle stand where the old one, if any, stood."""
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
    shutil.rmtree(old, ignore_errors=True)  # the new bundle stands: what is left of the old one does no harm


def _is_bundle(directory: Path) -> bool:
    try:
        content = json.loads((directory / CONFIG).read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and content.get("format") == FORMAT


def _entry(file: Path) -> dict[str, Any]:
    """Return a file's line in the manifest."""
    with file.open("rb") as opened:
        return {
            "sha256": hashlib.file_digest(opened, "sha256").hexdigest(),
            "size_bytes": os.fstat(opened.fileno()).st_size,
        }


def _json(content: Mapping[str, Any]) -> bytes:
    text = json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def _digest(files: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the manifest's entries in the one canonical spelling."""
    return hashlib.sha256(json.dumps(files, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


# Reading


def _read_manifest(root: Path) -> dict[str, dict[str, Any]]:
    """Return sha256 and size_bytes of each file, as :func:`_entry` does."""
    file = root / MANIFEST
    if not os.path.lexists(file):
        raise BundleError(f"{file}: is missing: {root} is not a bundle or was not copied whole: {REMEDY}")
    content = parse_json(_inside(root, MANIFEST).read_bytes(), file)
    files: dict[str, dict[str, Any]] = {}
    for name, entry in field(content, "files", dict, file).items():
        if name in {"", ".", ".."} or set(name) & {"/", "\\", "\0"}:
            raise BundleError(f"{file}: expected plain file names, found {name!r}: do not trust this bundle")
        if not isinstance(entry, dict):
            raise BundleError(f"{file}: {name}: expected an object, found {reprlib.repr(entry)}: {REMEDY}")
        files[name] = {
            "sha256": field(entry, "sha256", str, file),
            "size_bytes": field(entry, "size_bytes", int, file),
        }
    return files


def _read_config(root: Path, files: Mapping[str, Any]) -> bytes:
    if CONFIG not in files:
        raise BundleError(f"{root / MANIFEST}: expected an entry for {CONFIG}, found none: {REMEDY}")
    content = _inside(root, CONFIG).read_bytes()
    found = {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    _compare(found, files[CONFIG], root / CONFIG)
    return content


def _check_names(files: Mapping[str, Any], config: Config, root: Path) -> None:
    """Check that the manifest, the directory and the config agree on which arrays there are."""
    expected = {CONFIG, *_names(config)}
    listed = set(files)
    for name in sorted(listed ^ expected):
        found = "which is no part of this model" if name in listed else "but it has no entry"
        wanted = "no entry" if name in listed else "an entry"
        raise BundleError(f"{root / MANIFEST}: expected {wanted} for {name}, {found}: {REMEDY}")
    for file in sorted(root.glob("*.npy")):
        if file.name not in expected:
            raise BundleError(f"{file}: is not in the manifest, so nothing vouches for it: remove it")


def _map(root: Path, name: str, entry: Mapping[str, Any], config: Config) -> Array:
    """Verify an array's file and return the array, mapped and read-only."""
    file = _inside(root, name)
    _compare(_entry(file), entry, root / name)
    dtype = np.dtype(ARRAYS[name].dtype)
    shape, fortran_order, found, offset = _read_header(file)
    if found != dtype:
        raise BundleError(f"{file}: expected the type {dtype.str}, found {found.str}: {REMEDY}")
    if fortran_order and len(shape) > 1:
        raise BundleError(f"{file}: expected the values row by row (C order), found Fortran order: {REMEDY}")
    _check_shape(shape, name, config, root)
    n_bytes = offset + prod(shape) * dtype.itemsize
    if n_bytes != entry["size_bytes"]:
        raise BundleError(
            f"{file}: expected {n_bytes} bytes, as its header has it, found {entry['size_bytes']}: {REMEDY}"
        )
    return np.asarray(np.memmap(file, dtype, mode="r", offset=offset, shape=shape))


def _read_header(file: Path) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Return shape, Fortran order, dtype and the header's length, without touching the values."""
    with file.open("rb") as opened:
        try:
            version = np.lib.format.read_magic(opened)
            if version != (1, 0):
                raise ValueError(f"version {version} of the format")
            shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(opened)
        except (ValueError, SyntaxError, TokenError, RecursionError) as error:
            message = f"{file}: expected an array in the .npy format 1.0, found {error}: {REMEDY}"
            raise BundleError(message) from error
        return shape, fortran_order, dtype, opened.tell()


def _inside(root: Path, name: str) -> Path:
    """Return the path of a file that must be in the bundle."""
    file = root / name
    if not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(root)):
        raise BundleError(f"{file}: is a link that leads out of the bundle: replace it by the file itself")
    if not file.is_file():
        found = "is not a regular file" if file.exists() else "is missing"
        raise BundleError(f"{file}: {found}: {REMEDY}")
    return file


def _compare(found: Mapping[str, Any], entry: Mapping[str, Any], file: Path) -> None:
    if found["size_bytes"] != entry["size_bytes"]:
        raise BundleError(
            f"{file}: expected {entry['size_bytes']} bytes, as the manifest has it, "
            f"found {found['size_bytes']}: {REMEDY}"
        )
    if found["sha256"] != entry["sha256"]:
        raise BundleError(
            f"{file}: expected the SHA-256 {entry['sha256'][:12]}... of the manifest, "
            f"found {found['sha256'][:12]}...; the file was changed: {REMEDY}"
        )
