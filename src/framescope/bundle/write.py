"""Writing bundles: a directory that appears whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from framescope.bundle.config import CONFIG, FORMAT, config_of, parse_config
from framescope.bundle.facts import Facts
from framescope.bundle.layout import array_layouts, arrays_of, build_model
from framescope.bundle.manifest import MANIFEST, digest_of, entry_of
from framescope.errors import BundleError
from framescope.files import check_folder, recover_folder, whole_file, whole_folder
from framescope.model.fitted import Model

CARD = "README.md"
MIN_FREE_BYTES = 64 << 20
"""More than a model of 2^18 features and some dozens of labels takes."""


def save_bundle(model: Model, path: Path | str, *, card: str, training: Facts, force: bool = False) -> str:
    """Write a model to a new directory, or with ``force`` in the place of another bundle; return its digest.

    The directory appears whole or not at all, and the same arguments give the same bytes. ``card`` becomes
    README.md.

    Raises:
        BundleError: the output exists, cannot be written, or the model would not load again.
    """
    target = Path(path).resolve()
    check_output(target, force=force)
    config_bytes = _json(config_of(model, training))
    config = parse_config(config_bytes, target / CONFIG)
    found = arrays_of(model)
    arrays = {
        name: np.ascontiguousarray(found[name], layout.dtype) for name, layout in array_layouts(config).items()
    }
    if build_model(config, arrays, target).codebook.ids != model.codebook.ids:
        raise BundleError(f"{target}: cannot be saved: expected a codebook with children right after a parent")
    try:
        with whole_folder(target) as staging:
            files = {CONFIG: _write(staging / CONFIG, lambda file: file.write(config_bytes))}
            for name, array in arrays.items():
                files[name] = _write(staging / name, partial(np.lib.format.write_array, array=array))
            _write(staging / MANIFEST, lambda file: file.write(_json({"files": files})))
            _write(staging / CARD, lambda file: file.write(card.encode()))
    except OSError as error:
        raise BundleError(f"{target}: cannot be written: {error.strerror or error}") from error
    return digest_of(files)


def check_output(path: Path | str, *, force: bool = False) -> None:
    """Refuse a place where :func:`save_bundle` must or can not write, before the work of training.

    Raises:
        FramescopeError: the place is read-only or full.
        BundleError: something is there that is neither an empty directory nor, with ``force``, a bundle.
    """
    target = Path(path).resolve()
    if target.parent.is_dir():
        recover_folder(target)
    check_folder(target, n_bytes=MIN_FREE_BYTES)
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    if not force:
        raise BundleError(f"{target}: already exists: choose another place, or replace it with --force")
    if not _is_bundle(target):
        raise BundleError(f"{target}: is not a framescope bundle, so it is not replaced: choose another place")
    known = {CONFIG, MANIFEST, CARD, *_read_json(target / MANIFEST).get("files", {})}
    foreign = sorted({file.name for file in target.iterdir()} - known)
    if foreign:
        raise BundleError(
            f"{target}: holds {', '.join(foreign)}, not a part of the bundle, and is not replaced: "
            "move it away, or choose another place"
        )


def _write(file: Path, write: Callable[[Any], object]) -> dict[str, Any]:
    """Write a file to the disk and return its line in the manifest."""
    with whole_file(file) as opened:
        write(opened)
        opened.flush()
        return entry_of(opened)


def _is_bundle(directory: Path) -> bool:
    return _read_json(directory / CONFIG).get("format") == FORMAT


def _read_json(file: Path) -> dict[str, Any]:
    """Return the object that a file holds, an empty one where there is none."""
    try:
        content = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _json(content: Mapping[str, Any]) -> bytes:
    text = json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()
