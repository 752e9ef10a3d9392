"""New labels of a codebook, with 0 to 5 examples each beside labels that have theirs, on held-out articles.

Beside framescope: the cosine to the labels' descriptions, and logistic regression on the same vectors, which is
what SetFit does after fine-tuning the encoder. Fine-tuning is left out, as its models come from a hub: the row
is a stand-in for SetFit, and does not tell what fine-tuning gives.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score

from bench.quality import CHECKOUT, corpora_folder, hold_out
from framescope._types import BoolArray, Float32, Indices
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.corpus.scope import units_in_scope
from framescope.encoders.articles import embed
from framescope.encoders.cache import opened_cache
from framescope.encoders.catalogue import open_encoder, parse_names
from framescope.features.description_block import describe
from framescope.text.utf8 import Utf8Texts
from framescope.training.recipe import Recipe
from framescope.training.train import fit_model

SUMMARY = "new labels with 0 to 5 examples, beside descriptions and logistic regression on the same vectors"
PENALTY = 1.0  # of the head of SetFit
CUT = 0.5


@dataclass(frozen=True, slots=True)
class Task:
    """A corpus, what is held out of it together, of how many articles, and how many labels are new at once."""

    read: Callable[[], Corpus]
    group_by: str
    n_articles: int
    n_new: int


class Found(NamedTuple):
    """Scores of held-out articles, (n_articles, n_labels), and decisions where a system makes any."""

    scores: Float32
    decided: BoolArray | None


TASKS = {
    "starter": Task(lambda: read_corpus(CHECKOUT / "data" / "starter"), "source", 1_000, 7),
    "narrative_frames": Task(
        lambda: read_corpus(corpora_folder() / "narrative_frames" / "train.jsonl"), "test_fold", 1_000, 1
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--only", nargs="+", choices=TASKS, default=[*TASKS], help="corpora to measure")
    parser.add_argument("--encoder", metavar="NAME", default="default", help="what all read with")
    parser.add_argument("--shots", nargs="+", type=int, default=[0, 1, 2, 5], help="examples of a new label")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print and return the scores of new labels in every corpus that is asked for."""
    encoders = parse_names(arguments.encoder)
    results: dict[str, Any] = {}
    for name in arguments.only:
        task = TASKS[name]
        corpus = task.read()
        drawn = np.random.default_rng(0).permutation(corpus.n_units)[: task.n_articles]
        results[name] = measure(
            corpus.select(np.sort(drawn)), task, encoders, arguments.shots, jobs=arguments.jobs
        )
        print_table(name, results[name])
    return results


def measure(
    corpus: Corpus, task: Task, encoders: tuple[str, ...], shots: Sequence[int], *, jobs: int
) -> dict[str, Any]:
    """Return each system's scores by the number of examples: means over labels, each of which is new once."""
    known, held_out = hold_out(corpus, group_by=task.group_by, seed=0)
    truth = held_out.codebook.indicator(held_out.column("labels"))
    labels = np.array([label for label in corpus.codebook.fine if truth[:, label].any()])
    parts = np.array_split(np.random.default_rng(1).permutation(labels), max(1, len(labels) // task.n_new))
    figures: dict[str, dict[int, list[tuple[float, float]]]] = {}
    for part in parts:
        for n_shots in shots:
            few = with_few(known, part, n_shots)
            for system, found in run_systems(few, held_out, part, task.group_by, encoders, jobs).items():
                own = figures.setdefault(system, {}).setdefault(n_shots, [])
                own += [scores_of(truth[:, label], found, label) for label in part]
    means = {
        system: {n_shots: np.mean(own, axis=0).tolist() for n_shots, own in by_shots.items()}
        for system, by_shots in figures.items()
    }
    return {"n_known": known.n_units, "n_held_out": held_out.n_units, "n_labels": len(labels), "systems": means}


def with_few(corpus: Corpus, labels: Indices, n_shots: int) -> Corpus:
    """Leave out the articles of some labels but a few of each: they were never coded."""
    truth = corpus.codebook.indicator(corpus.column("labels"))[:, labels]
    rng = np.random.default_rng(2)
    kept = ~truth.any(axis=1)
    for column in truth.T:
        kept[rng.permutation(np.flatnonzero(column))[:n_shots]] = True
    return corpus.select(np.flatnonzero(kept))


def run_systems(
    few: Corpus, held_out: Corpus, labels: Indices, group_by: str, encoders: tuple[str, ...], jobs: int
) -> dict[str, Found]:
    """Return what each system makes of the held-out articles."""
    texts = Utf8Texts.encode(held_out.full_texts())
    recipes = {
        "n-grams": {},
        "--encoder": {"encoders": encoders},
        "--only-descriptions": {"encoders": encoders, "only_descriptions": True},
    }
    found = {}
    for system, options in recipes.items():
        recipe = Recipe(group_by=group_by, jobs=jobs, allow_unseen_labels=True, **options)
        output = fit_model(few, recipe).run(texts, jobs=jobs)
        found[system] = Found(output.probabilities, output.decided)
    found |= peers(few, held_out, labels, encoders[0])
    return found


def peers(few: Corpus, held_out: Corpus, labels: Indices, name: str) -> dict[str, Found]:
    """Return what the vectors of one encoder say without framescope, within the scopes of the labels."""
    encoder = open_encoder(name)
    with opened_cache(encoder) as cache:
        known, new = (embed(encoder, corpus.full_texts(), cache=cache) for corpus in (few, held_out))
    in_scope = units_in_scope(held_out, held_out.codebook)
    within = np.ones((len(new), len(held_out.codebook.ids)), bool) if in_scope is None else in_scope
    lengths = np.maximum(np.linalg.norm(new, axis=1, keepdims=True), 1e-12)
    cosines = (new / lengths) @ describe(encoder, few.codebook).T
    heads = np.zeros(within.shape, np.float32)
    truth = few.codebook.indicator(few.column("labels"))
    for label in labels:
        if truth[:, label].any():
            head = LogisticRegression(C=1 / PENALTY, max_iter=1_000).fit(known, truth[:, label])
            heads[:, label] = head.predict_proba(new)[:, 1]
    return {
        "nearest description": Found(np.where(within, cosines, -1).astype(np.float32), None),
        "logistic regression": Found(heads * within, (heads >= CUT) & within),
    }


def scores_of(truth: BoolArray, found: Found, label: int) -> tuple[float, float]:
    """Return average precision and F1 of one label, NaN where nothing is decided."""
    f1 = np.nan if found.decided is None else f1_score(truth, found.decided[:, label], zero_division=0)
    return float(average_precision_score(truth, found.scores[:, label])), float(f1)


def print_table(name: str, results: dict[str, Any]) -> None:
    """Print a row for each system."""
    sizes = f"{results['n_known']} articles, {results['n_held_out']} held out, {results['n_labels']} labels"
    print(f"{name}: {sizes}; average precision, F1 of a new label by its number of examples", flush=True)
    for system, by_shots in results["systems"].items():
        cells = (f"{n}: {precision:.3f} {f1:.3f}" for n, (precision, f1) in by_shots.items())
        print(f"  {system:22}" + "   ".join(cells), flush=True)
