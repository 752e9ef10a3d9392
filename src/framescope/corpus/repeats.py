"""Which units have equal or nearly equal texts, within a corpus and across the line between two parts."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from framescope._types import Indices
from framescope.corpus.duplicates import NearDuplicates, normalize

N_EXAMPLES = 20

Ids = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repeats:
    """Groups of units with equal texts; ``examples`` holds the ids of the first groups."""

    n_groups: int
    n_units: int
    examples: tuple[Ids, ...]


@dataclass(frozen=True, slots=True)
class NearRepeats:
    """Pairs of distinct texts that share most of their words, titles included, and the units that have one."""

    n_pairs: int
    n_units: int
    is_complete: bool
    examples: tuple[Ids, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many units of ``left`` have a text that ``right`` has, or nearly has, and how many groups both have.

    ``n_groups`` is None where no column of groups was named; ``examples`` pairs ids of equal or near texts.
    """

    left: str
    right: str
    n_equal_texts: int
    n_near_texts: int
    n_groups: int | None
    examples: tuple[Ids, ...]


class TextIndex:
    """The distinct texts of some units: ``text_of`` maps each unit to its text, case and spacing aside.

    ``near`` are near-duplicates among the units; here they are pairs of distinct texts, by their numbers.
    """

    def __init__(self, texts: Sequence[str], ids: Sequence[str], near: NearDuplicates) -> None:
        normalized = [normalize(text) for text in texts]
        numbers = {text: number for number, text in enumerate(dict.fromkeys(normalized))}
        self.ids = ids
        self.text_of: Indices = np.array([numbers[text] for text in normalized], dtype=np.intp)
        pairs = np.sort(self.text_of[near.pairs], axis=1)
        distinct = np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0)
        self.near = NearDuplicates(distinct.astype(np.int32), near.is_complete)

    def equal_groups(self, units: Indices) -> list[Indices]:
        """Return the groups of two or more units with equal texts."""
        order = units[np.argsort(self.text_of[units], kind="stable")]
        groups = np.split(order, np.flatnonzero(np.diff(self.text_of[order])) + 1)
        return sorted((group for group in groups if len(group) > 1), key=lambda group: int(group[0]))

    def repeats(self, groups: Sequence[Indices]) -> Repeats:
        """Return groups of units as a finding."""
        examples = tuple(self._ids(group) for group in groups[:N_EXAMPLES])
        return Repeats(len(groups), sum(map(len, groups)), examples)

    def near_repeats(self, units: Indices) -> NearRepeats:
        """Return the near duplicates among some units."""
        pairs = self.near.pairs[np.isin(self.near.pairs, self.text_of[units]).all(axis=1)]
        n_units = int(np.isin(self.text_of[units], pairs).sum())
        first = self._first_unit(units)
        examples = tuple(self._ids([first[int(a)], first[int(b)]]) for a, b in pairs[:N_EXAMPLES])
        return NearRepeats(len(pairs), n_units, self.near.is_complete, examples)

    def overlap(
        self, left: tuple[str, Indices], right: tuple[str, Indices], groups: Sequence[Hashable] | None
    ) -> Overlap:
        """Compare two named sets of units; ``groups`` holds a value for every unit, "" or None for none."""
        left_texts, right_texts = self.text_of[left[1]], self.text_of[right[1]]
        is_equal = np.isin(left_texts, right_texts)
        both_ways = np.concatenate([self.near.pairs, self.near.pairs[:, ::-1]])
        across = both_ways[np.isin(both_ways[:, 0], left_texts) & np.isin(both_ways[:, 1], right_texts)]
        is_near = np.isin(left_texts, across[:, 0]) & ~is_equal
        partners = {int(a): int(b) for a, b in across[::-1]} | {
            int(text): int(text) for text in left_texts[is_equal]
        }
        first = self._first_unit(right[1])
        shared = left[1][is_equal | is_near][:N_EXAMPLES]
        return Overlap(
            left=left[0],
            right=right[0],
            n_equal_texts=int(is_equal.sum()),
            n_near_texts=int(is_near.sum()),
            n_groups=None if groups is None else len(_values(groups, left[1]) & _values(groups, right[1])),
            examples=tuple(self._ids([unit, first[partners[int(self.text_of[unit])]]]) for unit in shared),
        )

    def _first_unit(self, units: Indices) -> dict[int, int]:
        return {int(self.text_of[unit]): int(unit) for unit in units[::-1]}

    def _ids(self, units: Sequence[int] | Indices) -> Ids:
        return tuple(self.ids[unit] for unit in units)


def _values(groups: Sequence[Hashable], units: Indices) -> set[Hashable]:
    return {groups[unit] for unit in units} - {"", None}
