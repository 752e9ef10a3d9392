"""A server in this process, with the tiny model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="needs framescope[serve]")

from serving import OWN
from starlette.testclient import TestClient

from framescope.predictor import Predictor
from framescope.serve.app import make_app
from framescope.serve.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(models=(), folder=tmp_path / "work")


@pytest.fixture
def client(settings: Settings, predictor: Predictor) -> Iterator[TestClient]:
    """A program on this computer."""
    with TestClient(make_app(settings, {"tiny": predictor}), base_url=OWN) as client:
        yield client
