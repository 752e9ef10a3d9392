"""The solution beside a bundle: what is read back, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from framescope.bundle.solution import Likeness, SavedSolution, load_solution, save_solution, solution_path
from framescope.corpus.duplicates import NearDuplicates
from framescope.errors import BundleError

ALIKE = Likeness(
    "a hash", NearDuplicates(np.array([[1, 2], [0, 2]], np.int32), is_complete=False), ["x", "y", "x"]
)
ITSELF = NearDuplicates(np.array([[1, 1]], np.int32), is_complete=True)
SOLUTION = SavedSolution(
    ids=["статия-1", "статья-2", "article-3"],
    labels=["блок", "запад"],
    penalty=0.3,
    truth=np.array([[1, 0], [0, 1], [1, 1]], bool),
    folds=np.array([1, 0, 1]),
    whole=np.array([[1, -2], [0.25, 4], [5, 6]], np.float16),
    without=np.arange(12).reshape(2, 3, 2).astype(np.float16),
    likeness=ALIKE,
)


def test_a_solution_is_read_back_as_it_was(tmp_path: Path) -> None:
    save_solution(SOLUTION, tmp_path / "model")
    assert [file.name for file in tmp_path.iterdir()] == ["model.solution.parquet"]
    loaded = load_solution(tmp_path / "model")
    assert (loaded.ids, loaded.labels, loaded.penalty) == (SOLUTION.ids, SOLUTION.labels, 0.3)
    for name in ("truth", "folds", "whole", "without"):
        assert getattr(loaded, name).tolist() == getattr(SOLUTION, name).tolist()
    assert loaded.without.dtype == np.float16
    likeness = loaded.likeness
    assert (likeness.texts, likeness.stories) == ("a hash", ["x", "y", "x"])
    assert (likeness.near.pairs.tolist(), likeness.near.is_complete) == ([[0, 2], [1, 2]], False)


def test_units_may_have_no_stories(tmp_path: Path) -> None:
    likeness = Likeness("", NearDuplicates(np.empty((0, 2), np.int32), is_complete=True), None)
    save_solution(replace(SOLUTION, likeness=likeness), tmp_path / "model")
    loaded = load_solution(tmp_path / "model").likeness
    assert (loaded.stories, loaded.near.pairs.shape, loaded.near.is_complete) == (None, (0, 2), True)


def test_a_model_without_a_solution_leaves_none_of_an_earlier_one(tmp_path: Path) -> None:
    save_solution(SOLUTION, tmp_path / "model")
    save_solution(None, tmp_path / "model")
    assert not list(tmp_path.iterdir())
    with pytest.raises(BundleError, match=r"model.solution.parquet: is missing: .* train without --from"):
        load_solution(tmp_path / "model")


@pytest.mark.parametrize(
    ("solution", "message"),
    [
        (replace(SOLUTION, penalty=-1.0), "a penalty above 0"),
        (replace(SOLUTION, labels=["x"]), "expected 1 numbers of 16 bits"),
        (replace(SOLUTION, likeness=replace(ALIKE, near=ITSELF)), "near-duplicates that are no later rows"),
        (replace(SOLUTION, whole=np.full((3, 2), np.nan, np.float16)), "not finite"),
    ],
)
def test_a_wrong_solution_is_refused(tmp_path: Path, solution: SavedSolution, message: str) -> None:
    save_solution(solution, tmp_path / "model")
    with pytest.raises(BundleError, match=rf"model.solution.parquet: cannot be read .*{message}"):
        load_solution(tmp_path / "model")


def test_a_damaged_solution_is_refused(tmp_path: Path) -> None:
    solution_path(tmp_path / "model").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(BundleError, match=r"cannot be read as a solution"):
        load_solution(tmp_path / "model")
    save_solution(SOLUTION, tmp_path / "model")
    path = solution_path(tmp_path / "model")
    pq.write_table(pq.read_table(path).drop_columns(["without 1"]), path)
    with pytest.raises(BundleError, match=r"cannot be read as a solution.*without 1"):
        load_solution(tmp_path / "model")
