"""What rounding a model's weights changes on held-out texts, beside other narrow types."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from bench.quality import CHECKOUT, TASKS, corpora_folder, splits_of
from framescope.corpus.schema import Corpus
from framescope.features.weights import MAX_STEP, Weights
from framescope.text.utf8 import Utf8Texts
from framescope.training.recipe import Recipe
from framescope.training.train import fit_model

SUMMARY = "decisions that rounding the weights changes on held-out texts"
RULES = {"starter": "samples-f1", "slavic_persuasion": "micro-f1"}
OURS = "these, and int16 for a run (ours)"
LIMIT_SHARE = 0.005
LIMIT_F1 = 0.003

Float64 = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    names = [task.name for task in TASKS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="corpora to measure")
    parser.add_argument(
        "--rule", help="default: micro-f1 for slavic_persuasion, samples-f1 for starter, else macro-f1"
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print and return shares of changed decisions, and F1, by type of the weights."""
    results = {}
    for task in TASKS:
        folder = CHECKOUT if task.is_ours else corpora_folder()
        if task.name in arguments.only and (folder / task.train).exists():
            (fitted_on, held_out), *_ = splits_of(task, folder, n_seeds=1)
            rule = arguments.rule or RULES.get(task.name, "macro-f1")
            recipe = Recipe(rule=rule, group_by=task.group_by, jobs=arguments.jobs, allow_unseen_labels=True)
            results[task.name] = {"rule": rule, "types": measure(fitted_on, held_out, recipe)}
            _print(task.name, results[task.name])
    return results


def measure(fitted_on: Corpus, held_out: Corpus, recipe: Recipe) -> dict[str, Any]:
    """Fit once; decide about the held-out texts with weights of every type."""
    with _exact_weights() as exact:
        model = fit_model(fitted_on, recipe)
    texts = Utf8Texts.encode(held_out.full_texts())
    indptr, indices, values = model.ngrams.vocabulary.values(texts)
    features = sp.csr_array((values, indices, indptr), shape=(len(texts), len(model.ngrams.vocabulary)))
    truth, in_scope = held_out.codebook.indicator(held_out.column("labels")), model.in_scope(texts)

    def decide(margins: npt.NDArray[np.floating]) -> BoolArray:
        return model.conclude(margins.astype(np.float32), in_scope).decided

    decisions = {name: decide(features @ narrow(exact[0]) + model.intercept) for name, narrow in TYPES.items()}
    decisions[OURS] = decide(model.margins(texts))
    expected = decisions["float32"]
    found = {}
    for name, decided in decisions.items():
        found[name] = {
            "n_given": int(expected.sum()),
            "n_changed": int((decided != expected).sum()),
            "micro_f1": _micro_f1(truth, decided),
        }
    return found


@contextmanager
def _exact_weights() -> Iterator[list[Float64]]:
    """Keep the weights that training rounds."""
    kept: list[Float64] = []
    narrow = Weights.narrow

    def keep(weights: npt.NDArray[np.floating]) -> Weights:
        kept.append(np.array(weights, np.float64))
        return narrow(weights)

    with patch.object(Weights, "narrow", keep):
        yield kept


def _by_label(weights: Float64) -> Float64:
    """Round to int8 with a scale for each label alone."""
    scales = np.maximum(np.abs(weights).max(axis=0) / MAX_STEP, 1e-30)
    return np.rint(weights / scales) * scales


TYPES: dict[str, Callable[[Float64], Float64]] = {
    "float32": lambda weights: weights,
    "float16": lambda weights: weights.astype(np.float16).astype(np.float64),
    "int8, a scale for each label": _by_label,
    "int8, and for each feature": lambda weights: Weights.narrow(weights).wide().astype(np.float64),
}


def _micro_f1(truth: BoolArray, decided: BoolArray) -> float:
    return float(2 * (truth & decided).sum() / max(1, truth.sum() + decided.sum()))


def _print(name: str, result: dict[str, Any]) -> None:
    exact = result["types"]["float32"]
    print(f"{name}, rule {result['rule']}: {exact['n_given']} labels given to held-out texts")
    for kind, found in result["types"].items():
        share, loss = found["n_changed"] / max(1, exact["n_given"]), exact["micro_f1"] - found["micro_f1"]
        holds = (
            "" if share <= LIMIT_SHARE and abs(loss) <= LIMIT_F1 else ", more than the 0.5 % and 0.003 asked"
        )
        print(
            f"  {kind:36}{found['n_changed']:5} changed ({share:.2%}), micro-F1 {found['micro_f1']:.4f}{holds}"
        )
    print(flush=True)
