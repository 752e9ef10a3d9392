"""What is left out together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framescope.errors import TrainingError
from framescope.fit.groups import assign_folds, group_numbers, leave_out_blocks, with_near_duplicates

NO_PAIRS = np.empty((0, 2), np.int32)


def blocks(groups: list[int], pairs: list[tuple[int, int]]) -> list[tuple[list[int], list[int]]]:
    found = leave_out_blocks(np.array(groups), np.array(pairs, np.int32).reshape(-1, 2))
    return [(read.tolist(), left_out.tolist()) for read, left_out in found]


def test_without_near_duplicates_groups_are_left_out_one_by_one() -> None:
    assert blocks([1, 0, 1, 2], []) == [([1], [1]), ([0, 2], [0, 2]), ([3], [3])]


def test_the_near_duplicates_of_a_group_are_left_out_with_it() -> None:
    """Unit 0 is like unit 3: group 0 goes without unit 3, but keeps unit 1 of the same group."""
    assert blocks([0, 2, 1, 2], [(0, 3)]) == [([0], [0, 3]), ([2], [2]), ([1, 3], [0, 1, 3])]


def test_something_must_be_left_to_learn_from() -> None:
    with pytest.raises(TrainingError, match="nothing is left to learn from"):
        blocks([0, 0, 1], [(0, 2), (1, 2)])


def test_likeness_does_not_chain() -> None:
    """0 is like 1 and 1 like 2; only the one in the middle goes without both."""
    assert blocks([0, 1, 2, 3], [(0, 1), (1, 2)]) == [
        ([0], [0, 1]),
        ([1], [0, 1, 2]),
        ([2], [1, 2]),
        ([3], [3]),
    ]


def test_likeness_within_a_group_changes_nothing() -> None:
    assert blocks([0, 0, 1], [(0, 1), (0, 1)]) == [([0, 1], [0, 1]), ([2], [2])]


def test_near_duplicates_go_with_what_is_held_out_and_theirs_do_not() -> None:
    """Unit 1 is held out; 0 and 2 are like it, 3 is like 2 only."""
    pairs = np.array([[0, 1], [1, 2], [2, 3]], np.int32)
    held_out = np.array([False, True, False, False, False])
    assert with_near_duplicates(held_out, pairs).tolist() == [True, True, True, False, False]
    assert with_near_duplicates(held_out, NO_PAIRS).tolist() == held_out.tolist()
    assert held_out.sum() == 1


def test_groups_are_numbered_in_order_of_their_names() -> None:
    """Names of any type, told apart by how they are written."""
    assert group_numbers(["Дума", "dw.com", "Дума", "भाषा"]).tolist() == [1, 0, 1, 2]
    assert group_numbers([2, 10, "2"]).tolist() == [1, 0, 1]


def test_folds_of_groups_of_many_sizes_are_balanced() -> None:
    """Largest first: 6, 5, 4, 3, 2 and 2 fill two folds with 11 each."""
    groups = np.repeat(np.arange(6), [2, 5, 3, 4, 6, 2])
    for seed in range(5):
        folds = assign_folds(groups, n_folds=2, rng=np.random.default_rng(seed))
        assert np.bincount(folds).tolist() == [11, 11]


@given(groups=st.lists(st.integers(0, 12), min_size=1, max_size=80), n_folds=st.integers(2, 10))
def test_folds_keep_groups_whole_and_differ_by_one_group_at_most(groups: list[int], n_folds: int) -> None:
    numbered = group_numbers(groups)
    folds = assign_folds(numbered, n_folds=n_folds, rng=np.random.default_rng(0))
    assert all(len(set(folds[numbered == group])) == 1 for group in numbered)
    sizes = np.bincount(folds)
    assert len(sizes) == min(n_folds, numbered.max() + 1)
    assert sizes.max() - sizes.min() <= np.bincount(numbered).max()


def test_the_seed_deals_the_folds() -> None:
    groups = np.arange(30)
    one, same, other = (
        assign_folds(groups, n_folds=5, rng=np.random.default_rng(seed)).tolist() for seed in (0, 0, 1)
    )
    assert one == same != other


def test_groups_stay_in_the_folds_that_they_had() -> None:
    """A group in that of its first unit; new ones fill the folds that are smallest."""
    groups = np.array([0, 0, 1, 2, 3, 4, 4])
    known = np.array([1, 0, 1, -1, 7, -1, -1])
    folds = assign_folds(groups, n_folds=3, rng=np.random.default_rng(0), known=known)
    assert folds[:3].tolist() == [1, 1, 1]
    assert np.bincount(folds).tolist() == [2, 3, 2]
    fresh = assign_folds(groups, n_folds=3, rng=np.random.default_rng(0))
    nothing = assign_folds(groups, n_folds=3, rng=np.random.default_rng(0), known=np.full(7, -1))
    assert fresh.tolist() == nothing.tolist()
