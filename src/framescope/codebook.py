"""The label tree: its columns, closing label sets upwards, and what texts must name for a label.

A label's scope are the terms, of all languages together, of which a text must name one for the label to be
possible. ``mentions`` lists them by language: on the label, on its parent or on the codebook; the nearest
holds, and an empty object lifts what would be inherited. A label with children has what it lists and what its
children have, for a child brings its parent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from framescope._types import BoolArray, Int32
from framescope.errors import CodebookError
from framescope.notebook import N_SHOWN, short

Mentions: TypeAlias = Mapping[str, tuple[str, ...]]
"""Terms by language, as :func:`~framescope.text.terms.parse_term` reads them."""


@dataclass(frozen=True, slots=True)
class Label:
    """A narrative, frame or technique, with what an annotator needs to apply it.

    ``mentions`` is None where the label's scope is that of its parent or of the codebook, and empty where it
    has none. ``is_catch_all`` marks a label for whatever no other label is for, such as "Other". ``disarm`` is
    the id of the technique of the DISARM framework that the label is, such as "T0023".
    """

    id: str
    parent: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    applies: str = ""
    excludes: str = ""
    mentions: Mentions | None = None
    is_catch_all: bool = False
    disarm: str = ""


@dataclass(frozen=True)
class Codebook:
    """A tree of labels, flat or two levels deep; a child implies its parent.

    ``labels`` lists every label once, a parent before its children. A label's position is its column in
    every array of scores, probabilities and decisions. ``rule`` tells annotators when a label applies;
    ``caution`` is what a reader of a model's figures must know of the corpus.
    """

    name: str
    labels: tuple[Label, ...]
    version: int = 1
    languages: tuple[str, ...] = ()
    rule: str = ""
    caution: str = ""
    mentions: Mentions | None = None

    def __repr__(self) -> str:
        ids = self.ids[:N_SHOWN]
        more = f", ... {len(self.ids) - N_SHOWN} more" if len(self.ids) > N_SHOWN else ""
        return short(f"Codebook({self.name!r}, {', '.join(map(repr, ids))}{more})")

    @classmethod
    def flat(cls, ids: Iterable[str], *, name: str = "labels") -> Codebook:
        """Return a one-level codebook with the distinct labels in sorted order."""
        return cls.from_parents(dict.fromkeys(sorted(set(ids))), name=name)

    @classmethod
    def from_parents(cls, parents: Mapping[str, str | None], *, name: str) -> Codebook:
        """Return a codebook from a mapping of every label to its parent (None on the first level)."""
        children: dict[str | None, list[str]] = {}
        for label, parent in parents.items():
            children.setdefault(parent, []).append(label)
        tree = (
            Label(label, parent)
            for top in children.get(None, [])
            for label, parent in [(top, None), *((child, top) for child in children.get(top, []))]
        )
        return cls(name, tuple(tree))

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Label ids, in column order."""
        return tuple(label.id for label in self.labels)

    @cached_property
    def columns(self) -> dict[str, int]:
        """The column of each label id."""
        return {label_id: column for column, label_id in enumerate(self.ids)}

    @cached_property
    def parents(self) -> Int32:
        """The parent's column of each label, -1 on the first level: (n_labels,) int32."""
        return np.array(
            [-1 if label.parent is None else self.columns[label.parent] for label in self.labels],
            dtype=np.int32,
        )

    @cached_property
    def coarse(self) -> Int32:
        """Columns of the first level."""
        return np.flatnonzero(self.parents < 0).astype(np.int32)

    @cached_property
    def fine(self) -> Int32:
        """Columns of the labels without children."""
        return np.setdiff1d(np.arange(len(self.labels)), self.parents).astype(np.int32)

    @cached_property
    def catch_all(self) -> Int32:
        """Columns of the labels that are marked as catch-alls or named "Other", and of their children."""
        is_one = [label.is_catch_all or label.id.casefold() == "other" for label in self.labels]
        of_one = np.array(is_one) | (np.array(is_one)[self.parents] & (self.parents >= 0))
        return np.flatnonzero(of_one).astype(np.int32)

    @property
    def is_flat(self) -> bool:
        """Whether no label has a parent."""
        return bool((self.parents < 0).all())

    @cached_property
    def scopes(self) -> tuple[frozenset[str] | None, ...]:
        """The scope of each label, in column order; None where any text will do."""
        scopes = [self._own_scope(label) for label in self.labels]
        for column, parent in enumerate(self.parents):
            if parent >= 0:
                scopes[parent] = _union(scopes[parent], scopes[column])
        return tuple(scopes)

    @property
    def has_scopes(self) -> bool:
        """Whether any label has a scope."""
        return any(scope is not None for scope in self.scopes)

    def _own_scope(self, label: Label) -> frozenset[str] | None:
        """Return the terms of the nearest ``mentions``."""
        parent = None if label.parent is None else self.labels[self.columns[label.parent]]
        listed = (label.mentions, None if parent is None else parent.mentions, self.mentions)
        nearest = next((mentions for mentions in listed if mentions is not None), None)
        return frozenset(term for terms in nearest.values() for term in terms) if nearest else None

    def close(self, ids: Iterable[str]) -> list[str]:
        """Return the labels and their parents, each once, in column order.

        Raises:
            CodebookError: a label is not in the codebook.
        """
        columns = set()
        for label_id in ids:
            if label_id not in self.columns:
                raise CodebookError.at(self.name, f"label {label_id!r} is not in the codebook")
            column = self.columns[label_id]
            columns.update({column, int(self.parents[column])} - {-1})
        return [self.ids[column] for column in sorted(columns)]

    def joined(self, other: Codebook, labels: Iterable[str]) -> Codebook:
        """Return the codebook with what further labels of another one are named, under their parents."""
        further = [other.labels[other.columns[label]] for label in other.close(labels)]
        parents = {label.id: label.parent for label in self.labels}
        for label in further:
            if label.id not in parents:
                # A parent that this codebook has as a child cannot have children: two levels are the most.
                is_child = label.parent is not None and parents[label.parent] is None
                parents[label.id] = label.parent if is_child else None
        is_same = len(parents) == len(self.labels)
        return self if is_same else Codebook.from_parents(parents, name=self.name)

    def closed(self, given: BoolArray) -> BoolArray:
        """Return label sets, (n_units, n_labels) bool, in which every label brings its parent."""
        closed = given.copy()
        for child in np.flatnonzero(self.parents >= 0):
            closed[:, self.parents[child]] |= given[:, child]
        return closed

    def without_implied(self, given: BoolArray) -> BoolArray:
        """Return label sets, (n_units, n_labels) bool, without the labels that a given child implies."""
        own = given.copy()
        for child in np.flatnonzero(self.parents >= 0):
            own[:, self.parents[child]] &= ~given[:, child]
        return own

    def finest(self, marked: BoolArray) -> tuple[str, ...]:
        """Return the ids of marked labels, (n_labels,) bool, that no marked child implies, in column order."""
        return self.named(self.without_implied(marked[np.newaxis])[0])

    def named(self, marked: BoolArray) -> tuple[str, ...]:
        """Return the ids of marked labels, in column order."""
        return tuple(self.ids[column] for column in np.flatnonzero(marked))

    def named_rows(self, marked: BoolArray) -> list[tuple[str, ...]]:
        """Return the ids of marked labels for each row of a matrix, (n_units, n_labels), in column order."""
        found: list[list[str]] = [[] for _ in range(len(marked))]
        rows, columns = np.nonzero(marked)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            found[row].append(self.ids[column])
        return list(map(tuple, found))

    def indicator(self, label_lists: Sequence[Iterable[str]]) -> BoolArray:
        """Return the closed label sets as a matrix: (n_units, n_labels) bool."""
        matrix = np.zeros((len(label_lists), len(self.labels)), dtype=bool)
        for row, ids in enumerate(label_lists):
            matrix[row, [self.columns[label_id] for label_id in self.close(ids)]] = True
        return matrix

    def to_json(self) -> dict[str, Any]:
        """Return the codebook in the layout that :func:`~framescope.codebook_reading.read_codebook` reads."""
        return {
            "name": self.name,
            "version": self.version,
            "languages": list(self.languages),
            "rule": self.rule,
            **({"caution": self.caution} if self.caution else {}),
            **_mentions_to_json(self.mentions),
            "labels": [
                {
                    **_label_to_json(top),
                    "children": [_label_to_json(c) for c in self.labels if c.parent == top.id],
                }
                for top in self.labels
                if top.parent is None
            ],
        }


def _union(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    return None if one is None or other is None else one | other


def _label_to_json(label: Label) -> dict[str, Any]:
    entry = {
        "id": label.id,
        "name": dict(label.names),
        "applies": label.applies,
        "excludes": label.excludes,
        "catch_all": label.is_catch_all,
        "disarm": label.disarm,
    }
    return {key: value for key, value in entry.items() if value} | _mentions_to_json(label.mentions)


def _mentions_to_json(mentions: Mentions | None) -> dict[str, Any]:
    """Return the entry of a label or a codebook, none where nothing is listed; an empty one says something."""
    if mentions is None:
        return {}
    return {"mentions": {language: list(terms) for language, terms in mentions.items()}}
