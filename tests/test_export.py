"""A model as a scikit-learn pipeline: the same answers, and nothing loaded or replaced by accident."""

from __future__ import annotations

from pathlib import Path

import joblib
import numpy as np
import pytest

from framescope.bundle.read import load_bundle
from framescope.bundle.write import save_bundle
from framescope.errors import BundleError
from framescope.export import export_joblib, load_joblib
from framescope.model.fitted import Model
from framescope.predictor import Predictor
from tiny import FACTS

TEXTS = [
    "Нов блок подкопава ОДКБ, твърдят наблюдатели.",
    "",
    "नया गुट क्षेत्रीय सुरक्षा को कमज़ोर करता है।",
    "Запад стремится расколоть ОДКБ.",
]


@pytest.mark.parametrize("name", ["model", "model_with_cuts"])
def test_the_pipeline_answers_as_the_predictor(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    model: Model = request.getfixturevalue(name)
    save_bundle(model, tmp_path / "bundle", card="", training=FACTS)
    export_joblib(model, tmp_path / "model.joblib")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle", "model.joblib"]
    pipeline, predictor = (
        load_joblib(tmp_path / "model.joblib", trusted=True),
        Predictor.load(tmp_path / "bundle"),
    )
    np.testing.assert_allclose(pipeline.predict_proba(TEXTS), predictor.predict_proba(TEXTS), atol=2e-5)
    np.testing.assert_allclose(pipeline.decision_function(TEXTS), predictor.decision_function(TEXTS), atol=5e-5)
    assert pipeline.classes_.tolist() == list(predictor.labels)
    decided = [np.array(predictor.labels)[row].tolist() for row in pipeline.predict(TEXTS).astype(bool)]
    assert decided == [list(prediction.labels) for prediction in predictor.predict(TEXTS)]
    assert any(decided)


def test_the_file_outlives_the_bundle(bundle_path: Path, tmp_path: Path) -> None:
    """Arrays are copied, not mapped."""
    export_joblib(load_bundle(bundle_path).model, tmp_path / "model.joblib")
    expected = Predictor.load(bundle_path).predict_proba(TEXTS)
    bundle_path.rename(tmp_path / "gone")
    found = load_joblib(tmp_path / "model.joblib", trusted=True).predict_proba(TEXTS)
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_loading_needs_trust(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is not even opened."""
    export_joblib(model, tmp_path / "model.joblib")
    monkeypatch.setattr(joblib, "load", lambda path: pytest.fail("loaded"))
    with pytest.raises(BundleError, match=r"model\.joblib: a joblib file can run any code.*trusted=True"):
        load_joblib(tmp_path / "model.joblib")


def test_an_existing_file_is_replaced_only_by_force(model: Model, tmp_path: Path) -> None:
    target = tmp_path / "model.joblib"
    target.write_text("mine")
    with pytest.raises(BundleError, match=r"model\.joblib: already exists.*--force"):
        export_joblib(model, target)
    assert target.read_text() == "mine"
    export_joblib(model, target, force=True)
    assert load_joblib(target, trusted=True).predict(TEXTS).shape == (4, 6)


def test_a_place_that_cannot_be_written(model: Model, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"model\.joblib: cannot be written: No such file or directory"):
        export_joblib(model, tmp_path / "missing" / "model.joblib")
