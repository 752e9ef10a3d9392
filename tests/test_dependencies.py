"""What the package declares is what continuous integration tries."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_minima_are_the_lower_bounds_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = dict(line.split(">=") for line in project["dependencies"])
    lines = (ROOT / "minima.txt").read_text(encoding="utf-8").splitlines()
    tried = dict(line.split("==") for line in lines if not line.startswith("#"))
    assert {name: _numbers(version) for name, version in declared.items()} == {
        name: _numbers(version) for name, version in tried.items()
    }


def _numbers(version: str) -> list[int]:
    """Return the parts of a version, without zeros at its end."""
    parts = [int(part) for part in re.findall(r"\d+", version)]
    while parts and not parts[-1]:
        parts.pop()
    return parts
