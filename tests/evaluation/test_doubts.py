"""Labels that were made wrong on purpose are found: the figures of docs/report.md."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.measure.metrics import Outcomes
from framescope.measure.suspects import find_suspects
from framescope.training.recipe import Recipe, train
from reported import with_column

pytestmark = pytest.mark.slow


def with_wrong_labels(corpus: Corpus, seed: int) -> tuple[Corpus, set[int]]:
    """Give one article in twenty the labels of another, and return their rows."""
    rng = np.random.default_rng(seed)
    given = corpus.column("labels")
    wrong = list(given)
    rows = rng.permutation(corpus.n_units)[: corpus.n_units // 20].tolist()
    for row in rows:
        others = [labels for labels in given if {*labels} != {*given[row]}]
        wrong[row] = others[rng.integers(len(others))]
    return with_column(corpus, "labels", wrong), {*rows}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_most_of_the_thirty_most_doubtful_are_wrong(seed: int) -> None:
    """And two in three of all that are wrong are among as many of the most doubtful."""
    corpus, rows = with_wrong_labels(read_corpus(Path(__file__).parents[2] / "data" / "starter"), seed)
    record = train(corpus, Recipe(group_by="source")).record
    truth = corpus.codebook.indicator(corpus.column("labels"))
    outcomes = Outcomes(truth, record.decided, record.probabilities)
    found = [suspect.row for suspect in find_suspects(outcomes, corpus.codebook, n_suspects=len(rows))]
    assert len({*found[:30]} & rows) >= 24
    assert len({*found} & rows) >= 0.65 * len(rows)
