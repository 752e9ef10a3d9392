"""What an earlier fit hands on: by rows, in larger corpora, and by labels."""

from __future__ import annotations

import numpy as np

from framescope.fit.start import Start

START = Start(
    penalty=0.3,
    truth=np.array([[1, 0], [0, 1], [1, 1]], bool),
    folds=np.array([1, 0, 1]),
    whole=np.array([[1, 2], [3, 4], [5, 6]], np.float16),
    without=np.array([[[1, 2], [0, 0], [5, 6]], [[0, 0], [3, 4], [0, 0]]], np.float16),
)


def test_some_units_keep_theirs() -> None:
    part = START.subset(np.array([0, 2]))
    assert part.penalty == 0.3
    assert part.folds.tolist() == [1, 1]
    assert part.truth.tolist() == [[True, False], [True, True]]
    assert part.whole.tolist() == [[1, 2], [5, 6]]
    assert part.without.tolist() == [[[1, 2], [5, 6]], [[0, 0], [0, 0]]]


def test_new_units_have_no_fold_and_no_weight() -> None:
    more = START.placed(np.array([0, 2, 3]), 5)
    assert more.folds.tolist() == [1, -1, 0, 1, -1]
    assert more.truth.astype(int).tolist() == [[1, 0], [0, 0], [0, 1], [1, 1], [0, 0]]
    assert more.whole.tolist() == [[1, 2], [0, 0], [3, 4], [5, 6], [0, 0]]
    assert more.without[1].tolist() == [[0, 0], [0, 0], [3, 4], [0, 0], [0, 0]]


def test_new_labels_have_no_weight_and_others_change_places() -> None:
    relabelled = START.with_labels(np.array([1, -1, 0]))
    assert relabelled.whole.tolist() == [[2, 0, 1], [4, 0, 3], [6, 0, 5]]
    assert relabelled.truth.astype(int).tolist() == [[0, 0, 1], [1, 0, 0], [1, 0, 1]]
    assert relabelled.without[1].tolist() == [[0, 0, 0], [4, 0, 3], [0, 0, 0]]
    assert START.whole.tolist() == [[1, 2], [3, 4], [5, 6]]
