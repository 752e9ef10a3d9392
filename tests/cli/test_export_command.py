"""The command ``export-joblib``."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from commands import message_of, run, succeed
from framescope import Predictor
from framescope.export import load_joblib


def test_export_joblib_says_the_risk(model: Path, here: Path) -> None:
    result = succeed("export-joblib", model, "m.joblib")
    assert "can run any code" in result.stderr
    texts = ["Нов военен блок подкопава ОДКБ", ""]
    given = load_joblib("m.joblib", trusted=True).predict_proba(texts)
    assert np.allclose(given, Predictor.load(model).predict_proba(texts), atol=1e-5)
    assert "already exists" in message_of(run("export-joblib", model, "m.joblib"))
    succeed("export-joblib", model, "m.joblib", "--force")
