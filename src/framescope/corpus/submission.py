"""Decisions as an official submission to subtask 2 of SemEval-2025 Task 10."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from framescope._types import BoolArray
from framescope.codebook import Codebook
from framescope.corpus.schema import Corpus

SUBMISSION_FORMAT = "semeval2025"
"""The format of the corpora that are submitted to: its reader keeps the column ``file``."""

OTHER = "Other"


def submission_lines(corpus: Corpus, decided: BoolArray, codebook: Codebook) -> Iterator[str]:
    """Yield a line for each unit: its file, narratives and sub-narratives.

    ``decided`` (n_units, n_labels) bool has the columns of the codebook.
    """
    for file, row in zip(corpus.column("file"), decided, strict=True):
        narratives, subnarratives = zip(*submission_pairs(row, codebook), strict=True)
        yield f"{file}\t{';'.join(narratives)}\t{';'.join(subnarratives)}\n"


def submission_pairs(decided: BoolArray, codebook: Codebook) -> list[tuple[str, str]]:
    """Return a unit's narratives with their sub-narratives, as a SemEval-2025 submission has them.

    A narrative without a sub-narrative pairs with its own ``Other``; no label at all is ``Other``, ``Other``.
    """
    given = [codebook.labels[column] for column in np.flatnonzero(decided)]
    with_children = {label.parent for label in given}
    pairs = [
        (label.parent or label.id, label.id if label.parent or label.id == OTHER else f"{label.id}: {OTHER}")
        for label in given
        if label.id not in with_children
    ]
    return pairs or [(OTHER, OTHER)]
