"""Which models a server loads, and under which names."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from framescope.bundle.manifest import MANIFEST
from framescope.predictor import Predictor
from framescope.serve.models import load_models
from framescope.serve.settings import SettingsError


def test_all_models_of_the_folder_are_loaded(
    predictor: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest comes first, and the second model of a training right after its first one."""
    monkeypatch.chdir(tmp_path)
    for age, name in enumerate(("b-techniques", "b", "a", "a-techniques", "old-techniques")):
        shutil.copytree(predictor.bundle.path, tmp_path / "models" / name)
        os.utime(tmp_path / "models" / name / MANIFEST, (1e9 - age, 1e9 - age))
    (tmp_path / "models" / "no model").mkdir()
    assert list(load_models(())) == ["b", "b-techniques", "a", "a-techniques", "old-techniques"]
    assert list(load_models(("a", "b"))) == ["a", "b"]


def test_two_models_of_one_name_are_refused(predictor: Predictor) -> None:
    path = str(predictor.bundle.path)
    with pytest.raises(SettingsError, match="two models are called 'tiny': rename the folder of one"):
        load_models((path, path))
