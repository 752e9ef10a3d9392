"""Serving starts fast: what a fresh interpreter loads for it, and what it does not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HEAVY = {"sklearn", "datasets", "pandas", "torch", "rich", "typer", "jinja2"}
SCIPY = {f"scipy.{part}" for part in ("sparse", "stats", "special", "optimize", "spatial")}

PREDICT = """
import sys
import pyarrow as pa
from framescope import Predictor, TextError

predictor = Predictor.load(sys.argv[1])
predictor.predict(["Нов блок", ""], jobs=2)
predictor.explain("Нов блок", "bloc")
buffers = pa.py_buffer(bytes([0, 0, 0, 0, 1, 0, 0, 0])), pa.py_buffer(b"a")
assert predictor.predict(pa.StringArray.from_buffers(1, *buffers)) == predictor.predict(["a"])
try:
    predictor.predict(pa.StringArray.from_buffers(1, *buffers, pa.py_buffer(bytes(1))))
except TextError as error:
    assert "is null" in str(error)
"""

PUBLIC = """
import framescope
from framescope import codebook, errors, predictor

assert framescope.Predictor is predictor.Predictor
assert framescope.Prediction is predictor.Prediction
assert framescope.Codebook is codebook.Codebook
assert framescope.BundleError is errors.BundleError
assert framescope.evaluate is __import__("framescope.evaluation.predictions", fromlist=["x"]).evaluate_model
assert framescope.__version__[0].isdigit()
assert all(hasattr(framescope, name) for name in framescope.__all__)
assert set(framescope.__all__) <= set(dir(framescope))
assert not hasattr(framescope, "nothing")
"""


def modules_after(code: str, *arguments: str) -> set[str]:
    """Return the modules that a fresh interpreter has after running code."""
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return set(json.loads(done.stdout))


def test_importing_the_package_loads_nothing() -> None:
    modules = modules_after("import framescope")
    assert not {"numpy", "numba", "pyarrow", "framescope.errors"} & modules


def test_importing_the_predictor_loads_nothing_heavy() -> None:
    modules = modules_after("import framescope.predictor")
    assert "numba" in modules
    assert not (HEAVY | SCIPY) & modules


def test_a_first_prediction_loads_nothing_heavy(bundle_path: Path) -> None:
    """Nor do threads, an explanation, Arrow texts and a null among them.

    With its first kernel numba itself loads scipy's linear algebra where that is installed.
    """
    assert not (HEAVY | SCIPY) & modules_after(PREDICT, str(bundle_path))


def test_only_a_model_with_scopes_loads_what_looks_for_terms(bundle_path: Path, scoped_path: Path) -> None:
    predict = "import sys\nfrom framescope import Predictor\nPredictor.load(sys.argv[1]).predict(['ОДКБ'])"
    assert "framescope.features.matching" not in modules_after(predict, str(bundle_path))
    modules = modules_after(predict, str(scoped_path))
    assert "framescope.features.matching" in modules
    assert not (HEAVY | SCIPY) & modules


def test_public_names_are_found_when_asked_for() -> None:
    assert "framescope.predictor" in modules_after(PUBLIC)
