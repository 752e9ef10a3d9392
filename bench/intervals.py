"""Whether held-out scores are within the intervals for new articles, and how far probabilities are off."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from bench.quality import CHECKOUT, corpora_folder
from framescope.codebook_reading import read_codebook
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.evaluation.predictions import evaluate_model
from framescope.fit.groups import assign_folds, group_numbers
from framescope.measure.metrics import Outcomes
from framescope.measure.reliability import calibration_error, calibration_noise
from framescope.training.recipe import Recipe
from framescope.training.train import train

SUMMARY = "how often held-out scores are within the intervals for new articles; calibration error there"
SCORES = ("samples_f1", "micro_f1", "macro_f1")
N_HALVINGS = 2
N_SOURCE_FOLDS = 6

Case = tuple[str, Corpus, Corpus, Recipe]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument(
        "--only", nargs="+", choices=list(CASES), default=list(CASES), help="corpora to measure"
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print and return each case's held-out scores beside both intervals, and how many are inside.

    Beside them, for each corpus, the calibration error of all its held-out probabilities.
    """
    cases, errors = [], {}
    for name in arguments.only:
        judged = [judge(case) for case in CASES[name]()]
        cases += [scores for scores, _ in judged]
        errors[name] = error_of([outcomes for _, outcomes in judged])
    covered = {score: _count(cases, score) for score in SCORES}
    for score, found in covered.items():
        print(
            f"{score}: in the interval for new articles {found['new_articles']}, in the card's {found['card']}"
        )
    for name, error in errors.items():
        print(f"{name}: held-out ECE {error['ece']:.4f}, {error['noise']:.4f} if all were exactly true")
    return {"cases": cases, "covered": covered, "calibration_error": errors}


def error_of(held_out: Sequence[Outcomes]) -> dict[str, float]:
    """Return the calibration error of probabilities that several models gave held-out articles.

    ``noise`` is what it would be on average, were all exactly true.
    """
    truth = np.vstack([one.truth for one in held_out])
    probabilities = np.vstack([one.probabilities for one in held_out])
    error, noise = calibration_error(truth, probabilities), calibration_noise(probabilities)
    if error is None or noise is None:
        raise ValueError("expected probabilities of 0.05 and more")
    return {"ece": error, "noise": noise}


def judge(case: Case) -> tuple[dict[str, Any], Outcomes]:
    """Train on one part and compare what its card promises with what the other part gives."""
    name, fitted_on, held_out, recipe = case
    trained = train(fitted_on, recipe)
    evaluation = evaluate_model(trained.model, held_out)
    truth = evaluation.codebook.indicator(held_out.column("labels"))
    found = evaluation.metrics["overall"]["fine"]
    expected = trained.training.new_articles
    left_out = trained.metrics["overall"]["fine"]
    scores = {
        score: {
            "left_out": left_out[score],
            "held_out": found[score],
            "card": left_out[f"{score}_ci95"],
            "new_articles": None if expected is None else expected["fine"][score],
        }
        for score in SCORES
    }
    print(name, *(f"{score} {_shown(row)}" for score, row in scores.items()), sep="\n  ", flush=True)
    return {"case": name, "scores": scores}, Outcomes(truth, evaluation.decided, evaluation.probabilities)


def slavic_cases() -> Iterator[Case]:
    """Yield the published split."""
    folder = corpora_folder() / "slavic_persuasion"
    codebook = read_codebook(folder / "codebook.json")
    parts = [read_corpus(folder / f"{part}.jsonl", codebook=codebook) for part in ("train", "dev")]
    yield "slavic_persuasion", parts[0], parts[1], _recipe(parts[1], "micro-f1")


def unlp_cases() -> Iterator[Case]:
    """Yield random halves, both ways."""
    corpus = read_corpus(corpora_folder() / "unlp2025_manipulation" / "train.jsonl")
    for seed in range(N_HALVINGS):
        halves = assign_folds(np.arange(corpus.n_units), n_folds=2, rng=np.random.default_rng(seed))
        yield from _fold_cases(f"unlp2025_manipulation {seed}", corpus, halves, "samples-f1")


def frames_cases() -> Iterator[Case]:
    """Yield the published folds."""
    corpus = read_corpus(corpora_folder() / "narrative_frames" / "train.jsonl")
    yield from _fold_cases("narrative_frames", corpus, corpus.column("test_fold"), "samples-f1")


def starter_cases() -> Iterator[Case]:
    """Yield folds of sources."""
    corpus = read_corpus(CHECKOUT / "data" / "starter")
    sources = group_numbers(corpus.groups("source"))
    folds = assign_folds(sources, n_folds=N_SOURCE_FOLDS, rng=np.random.default_rng(0))
    yield from _fold_cases("starter", corpus, folds, "samples-f1", group_by="source")


CASES = {"slavic": slavic_cases, "unlp": unlp_cases, "frames": frames_cases, "starter": starter_cases}


def _fold_cases(
    name: str, corpus: Corpus, folds: Sequence[Any], rule: str, group_by: str = "story"
) -> Iterator[Case]:
    fold_of = np.asarray(folds)
    for fold in sorted(set(fold_of.tolist())):
        fitted_on = corpus.select(np.flatnonzero(fold_of != fold))
        held_out = corpus.select(np.flatnonzero(fold_of == fold))
        yield f"{name} {fold}", fitted_on, held_out, _recipe(held_out, rule, group_by)


def _recipe(held_out: Corpus, rule: str, group_by: str = "story") -> Recipe:
    n_new = len(set(held_out.column("article_id")))
    return Recipe(rule=rule, group_by=group_by, n_new=n_new, allow_unseen_labels=True)


def _is_inside(row: dict[str, Any], name: str) -> bool:
    return row[name] is not None and row[name][0] <= row["held_out"] <= row[name][1]


def _count(cases: Sequence[dict[str, Any]], score: str) -> dict[str, str]:
    rows = [case["scores"][score] for case in cases]
    return {
        name: f"{sum(_is_inside(row, name) for row in rows)} of {len(rows)}"
        for name in ("new_articles", "card")
    }


def _shown(row: dict[str, Any]) -> str:
    intervals = [
        f"{name} [{row[name][0]:.3f}, {row[name][1]:.3f}]{'' if _is_inside(row, name) else ' MISSED'}"
        for name in ("new_articles", "card")
        if row[name] is not None
    ]
    return f"{row['left_out']:.3f} left out, {row['held_out']:.3f} held out; {'; '.join(intervals)}"
