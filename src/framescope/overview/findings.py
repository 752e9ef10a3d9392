"""The changes that are beyond noise, as a list to read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framescope.overview.contents import AVERAGE, BEFORE, FELL, OTHERS, ROSE, Overview
from framescope.overview.dimensions import LANG


@dataclass(frozen=True, slots=True)
class Finding:
    """A label whose share rose or fell in a cell, with the difference and its 95 % interval.

    ``by`` and ``key`` name the cell, ``against`` is as in :class:`framescope.overview.contents.Changes`.
    """

    by: tuple[str, ...]
    key: tuple[str, ...]
    label: str
    against: str
    rose: bool
    share: float
    difference: float
    low: float
    high: float
    p_value: float

    def __str__(self) -> str:
        """Return a sentence for people."""
        verb = (
            ("more" if self.rose else "less") if self.against == OTHERS else ("rose" if self.rose else "fell")
        )
        return (
            f"{', '.join(self.key)}: {self.label} {verb} {_AGAINST[self.against]}: {self.share:.1%} "
            f"({self.difference:+.1%}, {self.low:+.1%} to {self.high:+.1%})"
        )


_AGAINST = {BEFORE: "from the period before", AVERAGE: "against the average", OTHERS: "than the others"}


def findings_of(overview: Overview) -> list[Finding]:
    """Return the changes of all tables that are beyond noise, the surest first.

    Those of languages come last: a model may find more in one than in another.
    """
    found = []
    for changes in overview.changes:
        table = overview.table(*changes.by)
        if table is None:
            continue
        for cell, column in np.argwhere(np.isin(changes.word, (ROSE, FELL))).tolist():
            numbers = (changes.difference, changes.low, changes.high, changes.p_value)
            found.append(
                Finding(
                    changes.by,
                    table.keys[cell],
                    overview.labels[column].id,
                    changes.against,
                    bool(changes.word[cell, column] == ROSE),
                    float(table.share[cell, column]),
                    *(float(values[cell, column]) for values in numbers),
                )
            )
    return sorted(found, key=lambda one: (LANG in one.by, one.p_value, one.key, one.label))
