"""What an overview says of itself."""

from __future__ import annotations

import numpy as np

from framescope.measure.prevalence import Separation
from framescope.overview.sayings import poorly_told


def test_labels_of_which_a_model_knows_too_little_are_named() -> None:
    """One of many articles that is told well, one of few, one that is hardly told, and one of none."""
    means_with, means_without = np.array([0.8, 0.8, 0.5, 0.5]), np.array([0.1, 0.1, 0.45, 0.5])
    known = Separation(
        np.array([200.0, 4, 200, 0]),
        np.array([800.0, 6, 800, 1000]),
        np.stack([means_with, means_with**2 + 0.04, means_with, means_with]),
        np.stack([means_without, means_without**2 + 0.04, means_without, means_without]),
    )
    (found,) = poorly_told(known, ["a", "few", "close", "none"])
    assert found.labels == ("few", "close")
    assert str(found).startswith(
        "however many articles there are, shares of 2 of 4 labels are known to 10 points"
    )
    assert [*poorly_told(Separation.certain(2), ["a", "b"])] == []
