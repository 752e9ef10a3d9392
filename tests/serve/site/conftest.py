"""A person at a browser."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from person import Person

if TYPE_CHECKING:
    from starlette.testclient import TestClient

if find_spec("starlette") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def person(client: TestClient) -> Person:
    """A person who uses the server of the tests."""
    return Person(client)
