"""Kernels: compiled once, kept on disk where that can be, and at work where it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from framescope.text import kernels

LABEL = (
    "from framescope.features.ngrams import locate\nfrom framescope.text.characters import character_tables\n"
)
LOCATE = f"{LABEL}print(len(locate('да', character_tables())[0]))"


def run(code: str, **environment: str) -> str:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    ).stdout


@pytest.mark.slow
def test_without_a_folder_for_the_cache_kernels_still_run() -> None:
    """Numba finds no locator there, which is an error of its own."""
    without = "from numba.core.caching import CacheImpl\nCacheImpl._locator_classes = []\n"
    assert run(without + LOCATE) == run(LOCATE) == "7\n"


@pytest.mark.slow
def test_what_was_compiled_is_found_by_the_next_process(tmp_path: Path) -> None:
    found = "from framescope.text.kernels import is_cached\nfrom framescope.features.ngrams import emit\n"
    told = run(f"{LOCATE}\n{found}print(is_cached(emit))", NUMBA_CACHE_DIR=str(tmp_path / "new"))
    assert told == "7\nTrue\n"
    assert run(f"{found}print(is_cached(emit))", NUMBA_CACHE_DIR=str(tmp_path / "new")) == "True\n"
    assert run(f"{found}print(is_cached(emit))", NUMBA_CACHE_DIR=str(tmp_path / "other")) == "False\n"


@pytest.mark.slow
def test_what_another_version_has_left_is_not_read(tmp_path: Path) -> None:
    """Its names may be gone: numba alone would fail at them, or go on with its parts."""
    older = "import framescope.text.kernels as kernels\nkernels._version = lambda: 'older'\n"
    assert run(older + LOCATE, NUMBA_CACHE_DIR=str(tmp_path)) == "7\n"
    for index in tmp_path.rglob("*.nbi"):
        index.write_bytes(index.read_bytes().replace(b"CharacterTables", b"CharacterTabler"))
    assert run(LOCATE, NUMBA_CACHE_DIR=str(tmp_path)) == "7\n"


def test_parts_are_where_the_version_of_the_cache_looks_for_them() -> None:
    package = Path(kernels.__file__).parents[1]
    folders = {file.parent.name for file in package.rglob("*.py") if "@part\n" in file.read_text("utf-8")}
    assert folders == set(kernels.PARTS_IN)
