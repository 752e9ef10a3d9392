"""What tests of clusters need beside the package."""

from __future__ import annotations

import importlib.util
import os
import shutil

import pytest


def needs(package: str, *, extra: str) -> None:
    """Skip a test, or fail where ``FRAMESCOPE_REQUIRE_CLUSTER`` is set, without a package."""
    if importlib.util.find_spec(package) is None:
        _miss(f"{package} is not installed: pip install 'framescope[{extra}]'")


def needs_program(name: str) -> None:
    """Skip a test, or fail where ``FRAMESCOPE_REQUIRE_CLUSTER`` is set, without a program."""
    if shutil.which(name) is None:
        _miss(f"there is no program {name}")


def _miss(message: str) -> None:
    if os.environ.get("FRAMESCOPE_REQUIRE_CLUSTER"):
        pytest.fail(message)
    pytest.skip(message)
