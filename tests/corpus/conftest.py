"""Sample articles, and a writer of small files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parent / "samples"
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def samples() -> Path:
    return SAMPLES


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file below the test's folder, text as UTF-8 with its line ends as they are."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder with the real annotated corpora."""
    folder = Path(os.environ.get("FRAMESCOPE_CORPORA", REPOSITORY / "../shared/corpora"))
    if not folder.is_dir():
        pytest.skip(f"no annotated corpora in {folder}; set FRAMESCOPE_CORPORA")
    return folder
