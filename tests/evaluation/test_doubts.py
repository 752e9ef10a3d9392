"""Labels that were made wrong on purpose are found: the figures of docs/report.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from framescope.codebook import Codebook
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.measure.metrics import Outcomes
from framescope.measure.suspects import find_suspects
from framescope.training.recipe import Recipe
from framescope.training.train import train
from reported import with_column

pytestmark = pytest.mark.slow

Labels = Sequence[str]
Change = Callable[[Labels, Sequence[Labels], Codebook, np.random.Generator], Labels]


def swap(labels: Labels, given: Sequence[Labels], _codebook: Codebook, rng: np.random.Generator) -> Labels:
    """Return the labels of another article."""
    others = [other for other in given if {*other} != {*labels}]
    return others[rng.integers(len(others))]


def edit(labels: Labels, _given: Sequence[Labels], codebook: Codebook, rng: np.random.Generator) -> Labels:
    """Return the labels with one of the finest left out, added, or put in the place of another."""
    fine = [codebook.ids[column] for column in codebook.fine]
    own = [label for label in labels if label in fine]
    added = rng.choice([label for label in fine if label not in own])
    if not own:
        return codebook.close([added])
    left = [label for label in own if label != rng.choice(own)]
    return codebook.close([left, [*own, added], [*left, added]][rng.integers(3)])


def with_wrong_labels(corpus: Corpus, change: Change, seed: int) -> tuple[Corpus, set[int]]:
    """Change the labels of one article in twenty, and drop its spans, which tell the old ones."""
    rng = np.random.default_rng(seed)
    given = corpus.column("labels")
    rows = {*rng.permutation(corpus.n_units)[: corpus.n_units // 20].tolist()}
    wrong = [
        change(labels, given, corpus.codebook, rng) if row in rows else labels
        for row, labels in enumerate(given)
    ]
    spans = [[] if row in rows else marked for row, marked in enumerate(corpus.column("spans"))]
    return with_column(with_column(corpus, "labels", wrong), "spans", spans), rows


@pytest.mark.parametrize(("change", "least"), [(swap, 57), (edit, 45)])
def test_most_of_the_thirty_most_doubtful_are_wrong(change: Change, least: int) -> None:
    """Of sixty in two draws, 95 % where labels are swapped and 75 % where one is changed.

    And two in three of all that are wrong are among as many of the most doubtful. The ranking was chosen on the
    draws 0 to 9, and neighbouring ones missed a goal by one article on draws of their own: no room is to spare.
    """
    corpus = read_corpus(Path(__file__).parents[2] / "data" / "starter")
    n_first = n_found = n_wrong = 0
    for seed in (10, 11):
        changed, rows = with_wrong_labels(corpus, change, seed)
        record = train(changed, Recipe(group_by="source")).record
        truth = corpus.codebook.indicator(changed.column("labels"))
        outcomes = Outcomes(truth, record.decided, record.probabilities)
        found = [suspect.row for suspect in find_suspects(outcomes, corpus.codebook, n_suspects=len(rows))]
        n_first += len({*found[:30]} & rows)
        n_found += len({*found} & rows)
        n_wrong += len(rows)
    assert n_first >= least
    assert n_found >= 0.66 * n_wrong
