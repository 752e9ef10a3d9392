"""One fit of fastText, timed, with the setting of the best F1 on an inner split, and its scores of others."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.runners.fasttext import RUNNERS, SIZES, FastText
from bench.runners.tuning import Units, choose, read_units

SETTINGS = ((SIZES[0], 0.1), (SIZES[0], 0.2), (SIZES[0], 0.5), (SIZES[1], 0.2))


def fit_once(kind: str, train: Path, test: Path, scores_file: Path) -> dict[str, Any]:
    """Return the setting, its cut and the processor seconds of the last fit; write the scores of the test."""
    system, units = RUNNERS[kind](), read_units(train)
    fitted_on, held_out = units.inner_split()
    (size, rate), cut = choose(
        SETTINGS, lambda setting: _scores(system, fitted_on, setting, held_out), held_out.truth
    )
    begun = time.process_time()
    model = system._fit(units, size, rate)
    seconds = time.process_time() - begun
    np.save(scores_file, system._scores(model, read_units(test)))
    return {"dim": size[0], "bucket": size[1], "lr": rate, "cut": cut, "cpu_seconds": seconds}


def _scores(
    system: FastText, units: Units, setting: tuple[tuple[int, int], float], others: Units
) -> npt.NDArray[np.float32]:
    """Return the scores of other units, 0 where a rate is too high for fastText."""
    try:
        return system._scores(system._fit(units, *setting), others)
    except RuntimeError:  # "Encountered NaN"
        return np.zeros(others.truth.shape, np.float32)


if __name__ == "__main__":
    kind, *files = sys.argv[1:]
    print(json.dumps(fit_once(kind, *map(Path, files))))
