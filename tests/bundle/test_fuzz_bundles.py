"""Bundles whose parts were changed and sealed again: they load and give finite numbers, or are refused."""

from __future__ import annotations

import io
import json
import resource
import shutil
import sys
from functools import partial
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

import numpy as np
import pytest

from framescope.bundle.read import load_bundle
from framescope.errors import FramescopeError
from framescope.predictor import Predictor
from fuzz import N_INPUTS, SEED, damaged, in_parts, json_bytes, mutated
from sealed import seal

pytestmark = pytest.mark.slow

TEXTS = ["The West wants to break the CSTO, the minister said.", ""]
MAX_SECONDS = 10.0
MAX_GROWTH_BYTES = 600_000_000
EXTREMES = (0, 1, -1, 127, -128, 3.4e38, -3.4e38, 1e-45, 1e9, float("nan"), float("inf"))


def changed_array(rng: Random, content: bytes) -> bytes:
    """Return an array with other values, another type, another shape, or a damaged header."""
    array = np.load(io.BytesIO(content))
    how = rng.randrange(5)
    with np.errstate(all="ignore"):
        if how == 0:
            array.flat[rng.randrange(array.size)] = np.array(rng.choice(EXTREMES)).astype(array.dtype)
        elif how == 1:
            array[...] = np.array(rng.choice(EXTREMES)).astype(array.dtype)
        elif how == 2:
            array = array.astype(rng.choice(["<f4", "<f8", "<i8", "|i1", "<u8", ">f4", "<c16", "<U3"]))
        elif how == 3:
            array = rng.choice([array[:-1], array.T, array.ravel(), array[:0], np.concatenate([array, array])])
        else:
            return damaged(rng, content)
    written = io.BytesIO()
    np.save(written, array)
    return written.getvalue()


def change(rng: Random, bundle: Path, parts: dict[str, bytes]) -> None:
    """Change one part or two of a bundle that is whole, and seal it."""
    for name in rng.sample(sorted(parts), rng.randrange(1, 3)):
        if name.endswith(".npy"):
            made = changed_array(rng, parts[name])
        elif rng.random() < 0.9:
            made = json_bytes(_of_config(rng, json.loads(parts[name])))
        else:
            made = damaged(rng, parts[name])
        (bundle / name).write_bytes(made)
    seal(bundle)


def _of_config(rng: Random, config: dict[str, Any]) -> Any:
    key = rng.choice(list(config))
    return {**config, key: mutated(rng, config[key])}


def use(bundle: Path) -> None:
    """Load a bundle, predict and explain with it: the numbers are finite."""
    predictor = Predictor.load(bundle)
    for prediction in predictor.predict(TEXTS):
        values = list(prediction.probabilities.values())
        assert all(0 <= value <= 1 for value in values)  # NaN is not
        json.dumps(values, allow_nan=False)


@pytest.mark.parametrize("fixture", ["bundle_path", "scoped_path", "comparing_path"])
def test_sealed_again(fixture: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    bundle: Path = request.getfixturevalue(fixture)
    use(bundle)
    in_parts(partial(check_sealed, bundle, tmp_path), N_INPUTS // 30 + 1)


def check_sealed(whole: Path, folder: Path, first: int, end: int) -> None:
    """Change a copy of a bundle as often as asked, and use it each time; at last it is what it was."""
    bundle = folder / f"from-{first}"
    shutil.copytree(whole, bundle)
    parts = {path.name: path.read_bytes() for path in bundle.iterdir() if path.suffix in {".npy", ".json"}}
    del parts["manifest.json"]
    use(bundle)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(first, end):
        seed, begin = f"{SEED}-{number}", process_time()
        change(Random(seed), bundle, parts)  # noqa: S311 - the same again
        try:
            use(bundle)
        except FramescopeError:
            pass
        except Exception as error:
            raise AssertionError(f"seed {seed}: {type(error).__name__}: {error}") from error
        assert process_time() - begin < MAX_SECONDS, seed
        for name, content in parts.items():
            (bundle / name).write_bytes(content)
    unit = 1 if sys.platform == "darwin" else 1024
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit < MAX_GROWTH_BYTES
    seal(bundle)
    assert load_bundle(bundle).training.learner == "ridge"
