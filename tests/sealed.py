"""Bundles that someone tampers with: files are changed, and the manifest vouches for them again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

VERIFIED = (
    "config.json",
    "ngrams.exponents.npy",
    "ngrams.hashes.npy",
    "ngrams.unknown.npy",
    "ngrams.worth.npy",
    "intercept.npy",
    "prior.npy",
    "ngrams.scales.npy",
    "ngrams.weights.npy",
)
"""The files that the manifest of the tiny model's bundle vouches for."""


def seal(bundle: Path) -> None:
    """Write the manifest anew, as someone would who tampers with a bundle."""
    names = ["config.json", *(path.name for path in bundle.glob("*.npy"))]
    contents = {name: (bundle / name).read_bytes() for name in names}
    write_manifest(
        bundle,
        {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
            for name, content in contents.items()
        },
    )


def write_manifest(bundle: Path, files: object) -> None:
    (bundle / "manifest.json").write_text(json.dumps({"files": files}), encoding="utf-8")


def manifest(bundle: Path) -> dict[str, Any]:
    files: dict[str, Any] = json.loads((bundle / "manifest.json").read_bytes())["files"]
    return files


def change_config(bundle: Path, change: Callable[[dict[str, Any]], object]) -> None:
    config = json.loads((bundle / "config.json").read_bytes())
    change(config)
    (bundle / "config.json").write_text(json.dumps(config), encoding="utf-8")
    seal(bundle)


def change_array(bundle: Path, name: str, change: Callable[[np.ndarray], np.ndarray]) -> None:
    np.save(bundle / name, change(np.load(bundle / name)), allow_pickle=True)
    seal(bundle)
