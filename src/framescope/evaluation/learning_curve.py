"""What more annotated articles would bring: fits on growing shares of them, judged on the same ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from framescope._types import BoolArray, Float32, Indices
from framescope.bundle.facts import Facts
from framescope.corpus.duplicates import near_duplicates_in
from framescope.corpus.schema import Corpus
from framescope.corpus.scope import units_in_scope
from framescope.corpus.stories import groups_of
from framescope.fit.groups import assign_folds, group_numbers, with_near_duplicates
from framescope.measure.metrics import Outcomes, UnitInfo, evaluate
from framescope.text.utf8 import Utf8Texts
from framescope.training.recipe import Recipe
from framescope.training.train import fit_model

SHARES = (0.125, 0.25, 0.5, 1.0)
N_FOLDS = 4


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """F1 after learning from about ``n_units`` units, in the layout of ``evaluate``'s ``overall``."""

    share: float
    n_units: int
    scores: Mapping[str, Any]


def recipe_of(training: Facts) -> Recipe:
    """Return the recipe of a bundle."""
    return Recipe(
        learner=training.learner,
        rule=training.rule,
        group_by=training.group_by,
        min_df=training.min_df,
        max_features=training.max_features,
        seed=training.seed,
        allow_unseen_labels=True,
    )


def learning_curve(corpus: Corpus, recipe: Recipe, *, jobs: int = 1) -> list[LearningPoint]:
    """Judge every unit by fits on shares of the groups of the other three quarters, near-duplicates left out.

    A smaller share is part of every larger one. The points compare, for all are of the same units; the last is
    below the model's own scores, which learned from more.

    Raises:
        TrainingError: a share holds nothing to learn from.
    """
    groups = group_numbers(groups_of(corpus, recipe.group_by))
    rng = np.random.default_rng(recipe.seed)
    folds = assign_folds(groups, n_folds=N_FOLDS, rng=rng)
    rank = rng.permutation(groups.max() + 1)[groups]
    pairs = near_duplicates_in(corpus).pairs
    held_out = [folds == fold for fold in range(folds.max() + 1)]
    training = [
        [_first(np.flatnonzero(~with_near_duplicates(rows, pairs)), rank, share) for rows in held_out]
        for share in SHARES
    ]
    tasks = [
        delayed(_decide)(corpus, recipe, learned, np.flatnonzero(rows))
        for per_fold in training
        for learned, rows in zip(per_fold, held_out, strict=True)
    ]
    decided = iter(Parallel(n_jobs=jobs)(tasks))
    return [
        LearningPoint(
            share,
            round(np.mean([len(learned) for learned in per_fold])),
            _scores(corpus, recipe, held_out, [next(decided) for _ in held_out]),
        )
        for share, per_fold in zip(SHARES, training, strict=True)
    ]


def _first(rows: Indices, rank: Indices, share: float) -> Indices:
    """Return the rows of the first groups, by rank."""
    ranks = np.unique(rank[rows])
    n_groups = max(2, round(share * len(ranks)))
    return rows[np.isin(rank[rows], ranks[:n_groups])]


def _decide(corpus: Corpus, recipe: Recipe, learned: Indices, held_out: Indices) -> tuple[BoolArray, Float32]:
    model = fit_model(corpus.select(learned), recipe)
    texts = corpus.full_texts()
    in_scope = units_in_scope(corpus, corpus.codebook)
    output = model.run(
        Utf8Texts.encode(texts[row] for row in held_out),
        in_scope=None if in_scope is None else in_scope[held_out],
    )
    return output.decided, output.probabilities


def _scores(
    corpus: Corpus,
    recipe: Recipe,
    held_out: Sequence[BoolArray],
    decisions: Sequence[tuple[BoolArray, Float32]],
) -> Mapping[str, Any]:
    truth = corpus.codebook.indicator(corpus.column("labels"))
    outcomes = Outcomes(truth, np.zeros_like(truth), np.zeros(truth.shape, np.float32))
    for rows, (decided, probabilities) in zip(held_out, decisions, strict=True):
        outcomes.decided[rows], outcomes.probabilities[rows] = decided, probabilities
    units = UnitInfo.of(corpus, groups_of(corpus, recipe.group_by))
    scores: Mapping[str, Any] = evaluate(outcomes, units, codebook=corpus.codebook)["overall"]
    return scores
