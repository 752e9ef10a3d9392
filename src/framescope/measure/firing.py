"""How often labels fire on articles that are expected to carry none."""

from __future__ import annotations

import numpy as np

from framescope._types import Float64

Z95 = 1.959964


def share_interval(n_hits: int, n_articles: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, which makes sense for no hit, too.

    Source: Wilson, Probable inference, the law of succession, and statistical inference (1927).

    >>> [round(end, 4) for end in share_interval(0, 1000)]
    [0.0, 0.0038]
    """
    low, high = score_interval(np.float64(n_hits / n_articles), np.float64(n_articles), Z95)
    return float(low), float(high)


def score_interval(share: Float64 | np.float64, n: Float64 | np.float64, z: float) -> tuple[Float64, Float64]:
    """Return the ends of Wilson's score intervals of shares among ``n``, at ``z`` standard deviations."""
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)
