"""A server in this process, with the tiny model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="needs framescope[serve]")

from serving import OWN
from starlette.testclient import TestClient

from framescope.bundle.write import save_bundle
from framescope.model.fitted import Model
from framescope.predictor import Predictor
from framescope.serve.app import make_app
from framescope.serve.settings import Settings
from tiny import FACTS


@pytest.fixture(scope="session")
def predictor(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    """The tiny model, saved once for all of these tests."""
    path = tmp_path_factory.mktemp("served") / "tiny"
    save_bundle(model, path, card="# Tiny\n", training=FACTS)
    return Predictor.load(path)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(models=(), folder=tmp_path / "work")


@pytest.fixture
def client(settings: Settings, predictor: Predictor) -> Iterator[TestClient]:
    """A program on this computer."""
    with TestClient(make_app(settings, {"tiny": predictor}), base_url=OWN) as client:
        yield client
