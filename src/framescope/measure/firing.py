"""How often labels fire on articles that are expected to carry none."""

from __future__ import annotations

from math import sqrt

Z_95 = 1.959964


def share_interval(n_hits: int, n_articles: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, which is sane for no hit, too.

    Source: Wilson, Probable inference, the law of succession, and statistical inference (1927).

    >>> [round(end, 4) for end in share_interval(0, 1000)]
    [0.0, 0.0038]
    """
    share, z2 = n_hits / n_articles, Z_95**2
    middle = (share + z2 / (2 * n_articles)) / (1 + z2 / n_articles)
    half = Z_95 * sqrt(share * (1 - share) / n_articles + z2 / (4 * n_articles**2)) / (1 + z2 / n_articles)
    return max(0.0, middle - half), min(1.0, middle + half)
