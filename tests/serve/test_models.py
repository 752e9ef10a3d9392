"""Which models a server loads, and under which names."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from framescope.predictor import Predictor
from framescope.serve.models import load_models
from framescope.serve.settings import SettingsError


def test_all_models_of_the_folder_are_loaded(
    predictor: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("b", "a"):
        shutil.copytree(predictor.bundle.path, tmp_path / "models" / name)
    (tmp_path / "models" / "no model").mkdir()
    assert list(load_models(())) == ["a", "b"]
    assert list(load_models(("b",))) == ["b"]


def test_two_models_of_one_name_are_refused(predictor: Predictor) -> None:
    path = str(predictor.bundle.path)
    with pytest.raises(SettingsError, match="two models are called 'tiny': rename the folder of one"):
        load_models((path, path))
