"""Weights as whole numbers: how much rounding may cost, and the layout that the kernel reads."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from framescope.features.weights import CACHE_LINE, LANES, Rows, Weights

FINITE = st.floats(-1e6, 1e6, width=32, allow_subnormal=False)


@given(arrays(np.float32, st.tuples(st.integers(0, 9), st.integers(1, 5)), elements=FINITE))
def test_a_weight_is_off_by_half_a_step_at_most(weights: np.ndarray) -> None:
    """A step is a 127th of the greatest weight in its row, of weights as multiples of their label's scale.

    It may be greater by a quarter of a power of two.
    """
    narrow = Weights.narrow(weights)
    types = [array.dtype for array in (narrow.steps, narrow.exponents, narrow.scales)]
    assert types == [np.int8, np.int8, np.float32]
    scales = np.where(narrow.scales > 0, narrow.scales, 1)
    step = np.abs(weights / scales).max(axis=1, initial=0) / 127 * 2**0.25
    assert (np.abs(narrow.wide() - weights) / scales <= 0.501 * step[:, np.newaxis] + 1e-8).all()
    for column in range(weights.shape[1]):
        np.testing.assert_allclose(narrow.of(column), narrow.wide()[:, column], rtol=1e-6)


def test_weights_of_some_features_and_labels_are_those_of_all() -> None:
    weights = Weights.narrow(np.random.default_rng(0).normal(size=(7, 4)))
    features = np.array([5, 0, 6])
    expected = np.column_stack([weights.of(column)[features] for column in (3, 1)])
    np.testing.assert_array_equal(weights.at(features, [3, 1]), expected)
    assert weights.at(features, []).shape == (3, 0)
    assert weights.at(features[:0], [1]).shape == (0, 1)


def test_a_label_of_which_nothing_was_learned_has_weights_0() -> None:
    narrow = Weights.narrow(np.array([[0, 1], [0, -2], [0, 0]], np.float32))
    assert narrow.wide().tolist() == [[0, pytest.approx(1, abs=0.01)], [0, pytest.approx(-2, abs=0.02)], [0, 0]]


@pytest.mark.parametrize("n_labels", [1, 14, 15, 16, 25, 117])
def test_rows_hold_what_a_feature_has_and_begin_at_cache_lines(n_labels: int) -> None:
    rng = np.random.default_rng(0)
    weights = Weights.narrow(rng.normal(size=(7, n_labels)))
    packed = Rows.pack(weights)
    n_columns = packed.rows.shape[1]
    assert n_columns % LANES == 0
    assert n_labels + 1 <= n_columns < n_labels + 1 + LANES
    assert packed.rows.ctypes.data % CACHE_LINE == 0
    assert packed.rows.flags.c_contiguous
    np.testing.assert_array_equal(packed.rows[:, :n_labels], weights.steps)
    np.testing.assert_array_equal(packed.rows[:, n_labels:-1], 0)
    np.testing.assert_array_equal(packed.exponents, weights.exponents)
    np.testing.assert_array_equal(packed.rows[:, -1], weights.exponents)


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="the system does not tell what is in memory")
def test_packing_gives_the_memory_of_a_mapped_file_back(tmp_path: Path) -> None:
    """The kernel reads the packed rows alone; the file is read again where somebody asks for a weight."""
    file = tmp_path / "weights"
    steps = np.random.default_rng(0).integers(-127, 128, (1 << 12, 100)).astype(np.int8)
    steps.tofile(file)
    mapped = np.asarray(np.memmap(file, np.int8, mode="r", shape=steps.shape))
    rows = Rows.pack(Weights(mapped, np.zeros(len(steps), np.int8), np.ones(100, np.float32)))
    held = re.search(
        rf"{re.escape(str(file))}\n.*?Rss: +(\d+) kB", Path("/proc/self/smaps").read_text(), re.DOTALL
    )
    assert held
    assert held[1] == "0"
    np.testing.assert_array_equal(rows.rows[:, :100], steps)
    np.testing.assert_array_equal(mapped, steps)
