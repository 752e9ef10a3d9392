"""What choosing the articles to code gives: learning curves of chosen articles beside those of random ones."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
from sklearn.metrics import log_loss

from bench.quality import CHECKOUT, corpora_folder
from framescope._types import Indices
from framescope.articles import Article
from framescope.bundle.facts import Facts
from framescope.bundle.read import Bundle
from framescope.coding.choosing import next_to_code
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.corpus.scope import units_in_scope
from framescope.measure.f1 import Tally, codebook_levels, tally_units
from framescope.model.fitted import Model
from framescope.predictor import Predictor
from framescope.text.utf8 import Utf8Texts
from framescope.training.recipe import Recipe
from framescope.training.train import fit_model

SUMMARY = "F1 on held-out articles after coding what `framescope next` chooses, and after coding random ones"


class Scores(NamedTuple):
    """Micro-F1 of the finest labels, false alarms on articles without a label, and log-loss."""

    micro_f1: float
    false_alarms: float
    log_loss: float


Curve = dict[int, Scores]
"""Scores by the number of coded articles."""


@dataclass(frozen=True, slots=True)
class Task:
    """A corpus, how many articles are held out, and after how many coded ones to measure both ways, or one."""

    read: Callable[[], Corpus]
    group_by: str
    n_held_out: int
    n_coded: tuple[int, ...]
    n_random: tuple[int, ...] = ()


TASKS = {
    "starter": Task(
        lambda: read_corpus(CHECKOUT / "data" / "starter"),
        "source",
        600,
        (100, 150, 200, 250, 300, 350, 400, 450, 480),
        (800,),
    ),
    "unlp2025_manipulation": Task(
        lambda: read_corpus(corpora_folder() / "unlp2025_manipulation" / "train.jsonl"),
        "id",
        800,
        (100, 200, 300, 400, 500, 600, 700, 800),
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--only", nargs="+", choices=[*TASKS], default=[*TASKS], help="corpora to measure")
    parser.add_argument("--seeds", type=int, default=6, help="draws of held-out and first articles (default 6)")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print and return the mean scores by the number of coded articles, chosen and random, over draws."""
    results = {}
    for name in arguments.only:
        task = TASKS[name]
        if name != "starter" and not (corpora_folder() / name).exists():
            print(f"{name}: skipped, it is not in {corpora_folder()} (set FRAMESCOPE_CORPORA)\n")
            continue
        corpus = task.read()
        curves = [curves_of(corpus, task, seed, jobs=arguments.jobs) for seed in range(arguments.seeds)]
        results[name] = sum_up(curves)
        print_table(name, results[name])
    return results


def curves_of(corpus: Corpus, task: Task, seed: int, *, jobs: int) -> dict[str, Curve]:
    """Return the curves of random and chosen articles, from the same first ones, on the same held-out ones."""
    order = np.random.default_rng(seed).permutation(corpus.n_units)
    held_out, pool = order[: task.n_held_out], order[task.n_held_out :]
    trial = _Trial(corpus, task.group_by, held_out, jobs)
    at_random = {n: trial.score(trial.fit(pool[:n])) for n in (*task.n_coded, *task.n_random)}
    return {"random": at_random, "chosen": dict(_choose_and_score(trial, pool, task.n_coded))}


@dataclass(frozen=True, slots=True)
class _Trial:
    """What a draw fits and measures on."""

    corpus: Corpus
    group_by: str
    held_out: Indices
    jobs: int

    def fit(self, rows: Indices) -> Model:
        """Fit to some articles, whichever labels they have."""
        recipe = Recipe(group_by=self.group_by, jobs=self.jobs, allow_unseen_labels=True)
        return fit_model(self.corpus.select(np.sort(rows)), recipe)

    def score(self, model: Model) -> Scores:
        """Measure on the held-out articles."""
        corpus = self.corpus.select(self.held_out)
        in_scope = units_in_scope(corpus, corpus.codebook)
        output = model.run(Utf8Texts.encode(corpus.full_texts()), in_scope=in_scope, jobs=self.jobs)
        truth, levels = corpus.codebook.indicator(corpus.column("labels")), codebook_levels(corpus.codebook)
        tally = Tally(tally_units(truth, output.decided, levels).sum(axis=0), levels)
        fine, alarms = corpus.codebook.fine, output.decided[~truth.any(axis=1)].any(axis=1)
        return Scores(
            float(tally.f1_scores("fine")["micro_f1"]),
            float(alarms.mean()) if len(alarms) else math.nan,
            float(log_loss(truth[:, fine].ravel(), output.probabilities[:, fine].ravel())),
        )

    def articles(self, rows: Indices) -> list[Article]:
        """Return articles as a pool has them, with their rows for ids."""
        texts, languages = self.corpus.full_texts(), self.corpus.column("lang")
        return [Article(str(row), texts[row], languages[row]) for row in rows]


def _choose_and_score(trial: _Trial, pool: Indices, n_coded: Sequence[int]) -> Iterator[tuple[int, Scores]]:
    """Yield the scores after each step in which the model so far has chosen what to code."""
    coded = pool[: n_coded[0]]
    model = trial.fit(coded)
    yield n_coded[0], trial.score(model)
    for n in n_coded[1:]:
        predictor = Predictor(Bundle(model, "", cast("Facts", None), Path()))  # choosing asks nothing of facts
        left, labelled = trial.articles(np.setdiff1d(pool, coded)), trial.articles(coded)
        found = next_to_code(predictor, left, n - len(coded), labelled=labelled, seed=n)
        coded = np.concatenate([coded, [int(one.unit.id) for one in found]])
        model = trial.fit(coded)
        yield n, trial.score(model)


def sum_up(curves: Sequence[Mapping[str, Curve]]) -> dict[str, Any]:
    """Return the mean scores of each point over draws, and in how many choosing has the greater F1."""
    means: dict[str, dict[int, dict[str, float]]] = {}
    for name in ("random", "chosen"):
        by_number = {n: np.array([curve[name][n] for curve in curves]).mean(axis=0) for n in curves[0][name]}
        means[name] = {
            n: dict(zip(Scores._fields, found.tolist(), strict=True)) for n, found in by_number.items()
        }
    ahead = {
        n: sum(curve["chosen"][n].micro_f1 > curve["random"][n].micro_f1 for curve in curves)
        for n in curves[0]["chosen"]
    }
    return {"n_draws": len(curves), "mean": means, "n_ahead": ahead, "draws": curves}


def print_table(name: str, found: Mapping[str, Any]) -> None:
    """Print the mean scores of a corpus, random and chosen, and in how many draws choosing is ahead."""
    print(f"{name}: micro-F1 of the finest labels, false alarms, log-loss")
    print(f"  {'coded':>6}{'random':>24}{'chosen':>24}   ahead in F1")
    for n, scores in found["mean"]["random"].items():
        chosen = found["mean"]["chosen"].get(n)
        told = f"{_shown(chosen)}   {found['n_ahead'][n]} of {found['n_draws']}" if chosen else ""
        print(f"  {n:6}{_shown(scores)}{told}")
    print(flush=True)


def _shown(scores: Mapping[str, float]) -> str:
    return "".join(f"{value:8.3f}" for value in scores.values())
