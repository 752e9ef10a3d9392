"""Margins shared out to characters: by hand."""

from __future__ import annotations

import numpy as np
import pytest

from framescope.evidence.shares import (
    greatest,
    running_sums,
    sums_of_pieces,
    value_of,
    values_by_stretch,
    values_of,
)

SPANS = np.array([(0, 3), (0, 8)])
VALUES = np.array([0.3, 0.8])


def test_a_contribution_is_shared_out_to_its_characters() -> None:
    sums = running_sums(12, SPANS, VALUES)
    assert sums == pytest.approx([0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.1, 1.1, 1.1, 1.1])


def test_a_stretch_adds_the_shares_of_its_characters() -> None:
    sums = running_sums(12, SPANS, VALUES)
    assert value_of(sums, 4, 8) == pytest.approx(0.4)
    assert value_of(sums, 5, 5) == 0
    assert values_of(sums, np.array([(0, 12), (2, 4), (8, 12)])) == pytest.approx([1.1, 0.3, 0])


def test_a_text_without_contributions_adds_nothing() -> None:
    nothing = (np.empty((0, 2), np.intp), np.empty(0))
    assert running_sums(0, *nothing).tolist() == [0.0]
    assert running_sums(2, *nothing).tolist() == [0.0, 0.0, 0.0]
    assert values_of(running_sums(2, *nothing), np.empty((0, 2), np.intp)).tolist() == []


def test_the_greatest_are_above_0_and_in_order() -> None:
    """Of equal values the first ones count."""
    assert greatest(np.array([0.0, 2, 5, -1, 2, 2]), 3).tolist() == [1, 2, 4]
    assert greatest(np.array([0.0, -1, 3]), 3).tolist() == [2]
    assert greatest(np.empty(0), 3).tolist() == []


def test_pieces_add_up_to_what_the_whole_has() -> None:
    pieces = [(SPANS[:1], VALUES[:1]), (np.empty((0, 2), np.intp), np.empty(0)), (SPANS[1:], VALUES[1:])]
    assert sums_of_pieces(12, pieces) == pytest.approx(running_sums(12, SPANS, VALUES))


def test_what_stretches_add_to_each_label_from_pieces() -> None:
    """Spans that reach over a stretch, or lie before or behind it, count with their characters in it."""
    stretches = np.array([(2, 4), (5, 6), (9, 12)])
    values = np.column_stack([VALUES, -2 * VALUES])
    pieces = [(SPANS[:1], values[:1]), (SPANS[1:], values[1:]), (np.array([(12, 14)]), np.ones((1, 2)))]
    expected = values_of(running_sums(12, SPANS, VALUES), stretches)
    found = values_by_stretch(pieces, stretches, 2)
    assert found[:, 0] == pytest.approx(expected)
    assert found[:, 1] == pytest.approx(-2 * expected)
    assert values_by_stretch(pieces, stretches[:0], 2).shape == (0, 2)
