"""Intervals for new articles hold on held-out ones, where probabilities are nearer to the truth than before."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest
from bench.intervals import SCORES, Case, error_of, frames_cases, judge, starter_cases, unlp_cases
from bench.quality import corpora_folder

pytestmark = [pytest.mark.slow, pytest.mark.corpora]

ECE_BEFORE = {"narrative_frames": 0.0360, "unlp2025_manipulation": 0.0166, "starter": 0.0423}
"""On the same articles, before n-grams counted with their runs and parents had a step of their own."""


@pytest.fixture(autouse=True)
def _corpora() -> None:
    if not corpora_folder().exists():
        pytest.skip("the corpora are not here")


def cases() -> Iterator[Case]:
    """Yield the four folds of frames, two halves of UNLP and three folds of the starter's sources."""
    yield from frames_cases()
    yield from islice(unlp_cases(), 2)
    yield from islice(starter_cases(), 3)


def test_intervals_for_new_articles_hold_in_four_of_five_cases() -> None:
    """Of each score; and of three corpora the calibration error on held-out articles has fallen."""
    judged = [judge(case) for case in cases()]
    for score in SCORES:
        rows = [found["scores"][score] for found, _ in judged]
        n_inside = sum(row["new_articles"][0] <= row["held_out"] <= row["new_articles"][1] for row in rows)
        assert n_inside >= 0.8 * len(rows), score
    for name, before in ECE_BEFORE.items():
        error = error_of([outcomes for found, outcomes in judged if found["case"].startswith(name)])
        assert error["ece"] < before, name
