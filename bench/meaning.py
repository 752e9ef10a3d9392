"""What sentence encoders add to n-grams: on articles left out of training, and on languages left out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bench.quality import CHECKOUT, TASKS, corpora_folder, train_each_rule
from framescope.codebook_reading import read_codebook
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.encoders.catalogue import parse_names
from framescope.evaluation.predictions import evaluate_model
from framescope.training.recipe import Recipe
from framescope.training.train import train

GROUPS = {"narrative_frames": "test_fold"}
"""Columns to leave out by, where it is not that of the other comparisons."""
SCORES = ("samples_f1", "micro_f1", "macro_f1")
STARTER = "starter"


def compare_encoders(names: str, only: Sequence[str], *, jobs: int) -> dict[str, Any]:
    """Print and return the scores of n-grams alone and with encoders, each rule by itself."""
    systems = {"n-grams": (), f"n-grams + {names}": parse_names(names)}
    results: dict[str, Any] = {}
    for task in TASKS:
        folder = CHECKOUT if task.is_ours else corpora_folder()
        if task.name not in only or not (folder / task.train).exists():
            continue
        codebook = read_codebook(folder / task.codebook) if task.codebook else None
        corpus = read_corpus(folder / task.train, codebook=codebook)
        group_by = GROUPS.get(task.name, task.group_by)
        print(f"{task.name}: {corpus.n_units} units, left out by {group_by}, finest labels", flush=True)
        results[task.name] = {
            system: _left_out(corpus, group_by, encoders, system, jobs) for system, encoders in systems.items()
        }
        if task.name == STARTER:
            results["languages"] = _languages_left_out(corpus, group_by, systems)
    return results


def _left_out(
    corpus: Corpus, group_by: str, encoders: tuple[str, ...], system: str, jobs: int
) -> dict[str, Any]:
    """Return the left-out scores of each rule."""
    found = {}
    for rule, trained, seconds in train_each_rule(corpus, group_by=group_by, jobs=jobs, encoders=encoders):
        fine, calibration = trained.metrics["overall"]["fine"], trained.metrics["calibration"]
        found[rule] = {
            **{score: fine[score] for score in SCORES},
            "log_loss": calibration["log_loss"],
            "ece": calibration["ece"],
            "weight": trained.training.meaning and trained.training.meaning.weight,
            "has_descriptions": trained.training.meaning and trained.training.meaning.has_descriptions,
            "fit_seconds": seconds,
        }
        _print_row(f"{system}, {rule}", found[rule])
    return found


def _languages_left_out(
    corpus: Corpus, group_by: str, systems: dict[str, tuple[str, ...]]
) -> dict[str, dict[str, Any]]:
    """Train without a language and judge it, by the second stage of other languages and by that of training."""
    found: dict[str, dict[str, Any]] = {}
    languages = np.array(corpus.languages())
    print("languages left out of training", flush=True)
    for system, encoders in systems.items():
        for language in sorted(set(corpus.languages()) - {""}):
            fitted_on, held_out = (
                corpus.select(np.flatnonzero(chosen))
                for chosen in (languages != language, languages == language)
            )
            model = train(fitted_on, Recipe(group_by=group_by, encoders=encoders)).model
            ways = {"": model}
            if model.abroad is not None:
                ways |= {" by training's second stage": replace(model, abroad=None)}
            for way, own in ways.items():
                metrics = evaluate_model(own, held_out).metrics
                row = {score: metrics["overall"]["fine"][score] for score in SCORES}
                row |= {name: metrics["calibration"][name] for name in ("log_loss", "ece")}
                found.setdefault(f"{system}{way}", {})[language] = row
                _print_row(f"{system}, {language}{way}", row)
    return found


def _print_row(head: str, row: dict[str, Any]) -> None:
    cells = [f"{name.replace('_', '-')} {value:.3f}" for name, value in row.items() if type(value) is float]
    print(f"  {head:60}" + "  ".join(cells), flush=True)
