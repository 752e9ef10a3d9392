"""Other ways to judge a fit: without other groups of articles than it was tuned by, or on what came later.

How well a model does tomorrow depends on what tomorrow brings: more of the same, other outlets, other stories,
another language. One factorization of ridge regression tells what each unit would score without any of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from framescope._types import BoolArray, Float32, Float64, Indices
from framescope.errors import TrainingError
from framescope.features.narrow import wide
from framescope.fit.groups import group_numbers, leave_out_blocks, with_near_duplicates
from framescope.fit.linear import LinearFit, Units

TIME = "time"
"""The outlook on later articles by earlier ones."""


@dataclass(frozen=True)
class Outlooks:
    """Ways to judge: names of groups by outlook, (n_units,) each, and the period of each unit, (n_units,).

    Periods count from 0; -1 is for units without one, which are left out. The groups of the outlook
    ``foreign``, such as languages, stand for further ones of which training knows less or nothing: see
    :func:`with_unknown_group`.
    """

    groups: Mapping[str, Sequence[str]]
    periods: Indices | None = None
    foreign: str = ""

    def subset(self, rows: Indices) -> Outlooks:
        """Return the ways to judge some of the units, given by their ascending rows."""
        groups = {name: [names[row] for row in rows.tolist()] for name, names in self.groups.items()}
        return Outlooks(groups, None if self.periods is None else self.periods[rows], self.foreign)

    def spread(self, name: str, left_out: LeftOut, rows: Indices, n_articles: int) -> LeftOut:
        """Return what some articles got among all: the others, in which no label is possible, get none."""
        everything = LeftOut.blank((n_articles, left_out.decisions.shape[1]))
        everything.is_judged[:] = True
        if name == TIME and self.periods is not None:
            everything.is_judged[:] = self.periods[:n_articles] > 0
        everything.put(rows, left_out.probabilities, left_out.decisions)
        everything.is_judged[rows] = left_out.is_judged
        return everything


@dataclass(frozen=True, eq=False)
class LeftOut:
    """Probabilities and decisions of articles that were left out, (n_articles, n_labels), and which were."""

    probabilities: Float32
    decisions: BoolArray
    is_judged: BoolArray

    @classmethod
    def blank(cls, shape: tuple[int, ...]) -> LeftOut:
        """Return a place for decisions that are yet to be made."""
        return cls(np.zeros(shape, np.float32), np.zeros(shape, bool), np.zeros(shape[0], bool))

    def first(self, n_articles: int) -> LeftOut:
        """Return what the first so many articles got."""
        kept = slice(n_articles)
        return LeftOut(self.probabilities[kept], self.decisions[kept], self.is_judged[kept])

    def put(self, rows: BoolArray | Indices, probabilities: Float32, decisions: BoolArray) -> None:
        """Set what some articles got."""
        self.probabilities[rows], self.decisions[rows], self.is_judged[rows] = probabilities, decisions, True


def left_out_margins(
    fitted: LinearFit, units: Units, outlooks: Outlooks
) -> Iterator[tuple[str, Float64, Indices]]:
    """Yield each outlook's name, the articles' margins without their groups, and these groups.

    Outlooks are left out in which all units are of one group, or a group leaves nothing to learn from; and all
    of them after a learner that would have to fit again for each.
    """
    if fitted.solution is None:
        return
    for name, names in outlooks.groups.items():
        groups = group_numbers(names)
        if not groups[: units.n_articles].any():
            continue
        try:
            blocks = leave_out_blocks(groups, units.near_duplicates)
        except TrainingError:
            continue
        margins = fitted.solution.left_out_margins(blocks)
        of_articles = np.unique(groups[: units.n_articles], return_inverse=True)[1]
        yield name, margins[: units.n_articles], of_articles


def with_unknown_group(
    fitted: LinearFit, articles: Units, in_scope: BoolArray | None
) -> tuple[LinearFit, Units, BoolArray | None]:
    """Add one more group, of articles of which training knows no feature, so that they score the intercept.

    They are a sample of the others, as many as these have in a group, with their labels. Where all groups that
    were left out are related, as Slavic languages are, their margins tell much; then those of an unrelated one,
    which tell nothing, would pass for evidence that there is no label.
    """
    n_articles, sizes = len(articles.truth), np.bincount(articles.groups)
    rows = np.arange(0, n_articles, max(1, round(n_articles**2 / int(np.square(sizes).sum()))))
    blank = np.repeat(fitted.intercept[np.newaxis], len(rows), axis=0)
    everything = np.concatenate([np.arange(n_articles), rows])
    added = Units(
        sp.vstack(
            [wide(articles.features), sp.csr_array((len(rows), articles.features.shape[1]))], format="csr"
        ),
        articles.truth[everything],
        np.append(articles.groups, np.full(len(rows), len(sizes))),
        articles.near_duplicates,
        len(everything),
        likeness=None if articles.likeness is None else articles.likeness[everything],
    )
    margins = np.vstack([fitted.margins, blank])
    return replace(fitted, margins=margins), added, None if in_scope is None else in_scope[everything]


def earlier_and_later(units: Units, periods: Indices) -> Iterator[tuple[Indices, Indices]]:
    """Yield, for each period but the first, the units before it, without near-duplicates, and its articles.

    Periods before which no labels could be told apart are left out.
    """
    is_article = np.arange(len(periods)) < units.n_articles
    for period in range(1, int(periods.max()) + 1):
        later = (periods == period) & is_article
        alike = with_near_duplicates(periods >= period, units.near_duplicates)
        earlier = np.flatnonzero((periods >= 0) & (periods < period) & ~alike)
        known = units.truth[earlier[earlier < units.n_articles]]
        groups = units.groups[earlier]
        if later.any() and len(known) and (known != known[0]).any() and (groups != groups[0]).any():
            yield earlier, np.flatnonzero(later)
