"""What training begins with: a corpus that can be learned from, its groups and its near-duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from framescope._types import BoolArray, Indices
from framescope.bundle.solution import Likeness
from framescope.corpus.duplicates import NearDuplicates, near_duplicates_in
from framescope.corpus.schema import Corpus, texts_hash
from framescope.corpus.stories import STORY, groups_of
from framescope.errors import TrainingError
from framescope.fit.groups import Pairs, group_numbers
from framescope.text.arrow import as_strings, join, text_sizes
from framescope.text.utf8 import Utf8Texts
from framescope.training.recipe import Recipe

N_LABELS_NAMED = 5


@dataclass(frozen=True, eq=False)
class Evidence:
    """Marked spans as units of their own: texts, closed labels, and the rows that they come from.

    They teach what carries a label as against what its articles are about. Spans of labels that the codebook
    does not have teach nothing here.
    """

    texts: list[str]
    labels: BoolArray
    unit_of: list[int]

    @classmethod
    def of(cls, corpus: Corpus) -> Evidence:
        """Take the marked spans of a corpus."""
        columns = zip(corpus.column("text"), corpus.column("spans"), strict=True)
        marked = [
            (text[span["start"] : span["end"]], span["label"], unit)
            for unit, (text, spans) in enumerate(columns)
            for span in spans
            if span["label"] in corpus.codebook.columns
        ]
        labels = corpus.codebook.indicator([[label] for _, label, _ in marked])
        return cls([text for text, _, _ in marked], labels, [unit for _, _, unit in marked])


@dataclass(frozen=True, eq=False)
class Material:
    """A corpus that can be learned from, and how its units hang together.

    ``truth`` is (n_units, n_labels), closed upwards; ``groups`` names each unit's group.
    """

    corpus: Corpus
    truth: BoolArray
    groups: list[str]
    near: NearDuplicates

    @classmethod
    def of(cls, corpus: Corpus, recipe: Recipe, known: Likeness | None = None) -> Material:
        """Take a corpus; what an earlier training knows of the same texts is not searched for again.

        Raises:
            TrainingError: there is nothing to tell apart.
            CorpusError: it lacks the column ``group_by``.
        """
        truth = corpus.codebook.indicator(corpus.column("labels"))
        _check(corpus, truth, recipe)
        near = near_duplicates_in(corpus) if known is None else known.near
        stories = known.stories if known is not None and _finds_stories(corpus, recipe) else None
        return cls(corpus, truth, _groups(corpus, recipe) if stories is None else [*stories], near)

    @property
    def texts(self) -> Sequence[str]:
        """Each unit's title and text."""
        return self.corpus.full_texts()

    def encoded(self) -> Utf8Texts:
        """Return the same texts as bytes, without a string of Python's for each."""
        titles, texts = (as_strings(self.corpus.table[name]) for name in ("title", "text"))
        return join(titles if text_sizes(titles).any() else None, texts)

    @cached_property
    def evidence(self) -> Evidence:
        """The corpus's marked spans."""
        return Evidence.of(self.corpus)

    @cached_property
    def group_numbers(self) -> Indices:
        """The number of each unit's group."""
        return group_numbers(self.groups)

    def likeness(self, recipe: Recipe) -> Likeness:
        """Return which units are alike."""
        stories = self.groups if _finds_stories(self.corpus, recipe) else None
        return Likeness(texts_hash(self.corpus), self.near, stories)

    def beside_evidence(self, of_units: Sequence[str]) -> list[str]:
        """Return what is said of each unit, and of each span of evidence what is said of its unit."""
        return [*of_units, *(of_units[unit] for unit in self.evidence.unit_of)]

    def near_with_evidence(self) -> Pairs:
        """Return the near-duplicates, and each unit beside the evidence of its near-duplicates."""
        return with_evidence(self.near.pairs, self.evidence.unit_of, self.corpus.n_units)


def with_evidence(pairs: Pairs, unit_of: Sequence[int], n_units: int) -> Pairs:
    """Return the pairs of near-duplicates, and of each unit with the evidence of its near-duplicates."""
    evidence_of: dict[int, list[int]] = {}
    for row, unit in enumerate(unit_of, start=n_units):
        evidence_of.setdefault(unit, []).append(row)
    further = [
        (one, row)
        for left, right in pairs.tolist()
        for one, other in ((left, right), (right, left))
        for row in evidence_of.get(other, [])
    ]
    return np.concatenate([pairs, np.array(further, np.int32).reshape(-1, 2)])


def grouping_column(corpus: Corpus, recipe: Recipe) -> str:
    """Return the column that groups come from: that of articles where they are put together to stories."""
    return "article_id" if _finds_stories(corpus, recipe) else recipe.group_by


def ungrouped_warnings(corpus: Corpus, recipe: Recipe) -> list[str]:
    """Return a warning of units that belong to no group, if there are any."""
    n_ungrouped = sum(value in {None, ""} for value in corpus.column(grouping_column(corpus, recipe)))
    told = f"{n_ungrouped} units have no {recipe.group_by} and are left out by article"
    return [told] if n_ungrouped else []


def _finds_stories(corpus: Corpus, recipe: Recipe) -> bool:
    """Tell whether units are grouped by the stories that are found."""
    return recipe.group_by == STORY and STORY not in corpus.table.column_names


def _groups(corpus: Corpus, recipe: Recipe) -> list[str]:
    """Return the name of each unit's group, of two or more."""
    groups = groups_of(corpus, recipe.group_by)
    if len(set(groups)) < 2:
        raise TrainingError(
            f"{corpus.path}: every unit has the same {recipe.group_by} ({groups[0]!r}): "
            "expected two groups or more, to judge each by the others"
        )
    return groups


def _check(corpus: Corpus, truth: BoolArray, recipe: Recipe) -> None:
    """Refuse a corpus that holds nothing to tell apart."""
    if corpus.n_units < 2 or len(set(corpus.column("article_id"))) < 2:
        raise TrainingError(
            f"{corpus.path}: {corpus.n_units} unit of a single article: expected two articles or more"
        )
    if not truth.any():
        raise TrainingError(
            f"{corpus.path}: no unit has a label: expected at least two label sets to tell apart"
        )
    if (truth == truth[0]).all():
        found = ", ".join(np.array(corpus.codebook.ids)[truth[0]])
        raise TrainingError(
            f"{corpus.path}: every unit has the same label ({found}): "
            "expected units with other labels, or without any"
        )
    if not recipe.allow_unseen_labels:
        _check_seen(corpus, truth)


def _check_seen(corpus: Corpus, truth: BoolArray) -> None:
    """Refuse labels without an example."""
    unseen = [corpus.codebook.ids[label] for label in np.flatnonzero(~truth.any(axis=0))]
    if unseen:
        named = ", ".join(unseen[:N_LABELS_NAMED]) + (", ..." if len(unseen) > N_LABELS_NAMED else "")
        raise TrainingError(
            f"{corpus.path}: {len(unseen)} labels of the codebook have no example: {named}: "
            "annotate some, take them out of the codebook, or train without them with --skip-invalid"
        )
