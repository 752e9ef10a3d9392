"""A server in this process, with the tiny model; without ``framescope[serve]`` there are no such tests."""
# ruff: noqa: PLC0415 - what the extra brings

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from serving import OWN

from framescope.bundle.write import save_bundle
from framescope.model.fitted import Model
from framescope.predictor import Predictor
from tiny import FACTS

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from framescope.serve.settings import Settings

if find_spec("starlette") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def predictor(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    """The tiny model, saved once for all of these tests."""
    path = tmp_path_factory.mktemp("served") / "tiny"
    save_bundle(model, path, card="# Tiny\n", training=FACTS)
    return Predictor.load(path)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    from framescope.serve.settings import Settings

    return Settings(models=(), folder=tmp_path / "work")


@pytest.fixture
def client(settings: Settings, predictor: Predictor) -> Iterator[TestClient]:
    """A program on this computer."""
    from starlette.testclient import TestClient

    from framescope.serve.app import make_app

    with TestClient(make_app(settings, {"tiny": predictor}), base_url=OWN) as client:
        yield client
