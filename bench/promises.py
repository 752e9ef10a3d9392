"""Promised precision and recall beside MAPIE's risk control: how often other groups keep them."""

from __future__ import annotations

import argparse
from collections import defaultdict
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.quality import CHECKOUT, TASKS, Task, corpora_folder
from framescope.codebook_reading import read_codebook
from framescope.corpus.read import read_corpus
from framescope.corpus.stories import groups_of
from framescope.fit.groups import group_numbers
from framescope.fit.promises import Goal, parse_goal, promised_cut
from framescope.training.recipe import Recipe
from framescope.training.train import train

SUMMARY = "promised precision and recall beside MAPIE, on the other half of the groups"
GOALS = ("precision>=0.5", "precision>=0.6", "precision>=0.8", "precision>=0.9", "recall>=0.8")
CONFIDENCE = 0.9
CUTS = np.arange(0.01, 1, 0.01)

BoolArray = npt.NDArray[np.bool_]
Float32 = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    names = [task.name for task in TASKS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="corpora to measure")
    parser.add_argument("--halvings", type=int, default=200, help="random halvings of the groups (default 200)")
    parser.add_argument("--goals", nargs="+", default=GOALS, help="precision>=P or recall>=R")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print and return how often each system keeps each goal, and how many labels it gives."""
    if find_spec("mapie") is None:
        SYSTEMS.pop("MAPIE")
        print("MAPIE: skipped, it is not installed (pip install mapie)")
    results = {}
    for task in TASKS:
        folder = CHECKOUT if task.is_ours else corpora_folder()
        if task.name in arguments.only and (folder / task.train).exists():
            judged = left_out(task, jobs=arguments.jobs)
            results[task.name] = {
                goal: compare(*judged, goal=goal, n_halvings=arguments.halvings) for goal in arguments.goals
            }
            print_table(task.name, results[task.name])
    return results


def left_out(task: Task, *, jobs: int) -> tuple[Float32, BoolArray, Indices]:
    """Return probabilities of left-out units and their truth, of the fine labels, and the units' groups."""
    folder = CHECKOUT if task.is_ours else corpora_folder()
    codebook = read_codebook(folder / task.codebook) if task.codebook else None
    corpus = read_corpus(folder / task.train, codebook=codebook)
    trained = train(corpus, Recipe(group_by=task.group_by, jobs=jobs, allow_unseen_labels=True))
    fine = corpus.codebook.fine
    truth = corpus.codebook.indicator(corpus.column("labels"))[:, fine]
    return trained.record.probabilities[:, fine], truth, group_numbers(groups_of(corpus, task.group_by))


def compare(
    probabilities: Float32, truth: BoolArray, groups: Indices, *, goal: str, n_halvings: int
) -> dict[str, dict[str, float]]:
    """Let every system choose one cut for all labels on one half of the groups, and try it on the other.

    Of each: the share of halvings in which it ``promises`` anything, in which the other half ``falls_short`` of
    the goal over all labels, and, as MAPIE counts, on average over the units (``falls_short_by_unit``); and the
    labels that it gives to a half, and that are right.
    """
    wanted = parse_goal(goal)
    assert wanted is not None
    rng = np.random.default_rng(0)
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for _ in range(n_halvings):
        known = (rng.permutation(groups.max() + 1) % 2 == 0)[groups]
        for name, choose in SYSTEMS.items():
            cut = choose(probabilities[known], truth[known], groups[known], wanted)
            given = (probabilities[~known] >= cut) & (probabilities[~known] > 0)
            for measure, value in _measure(given, truth[~known], wanted).items():
                found[name][measure] += value / n_halvings
            found[name]["promises"] += np.isfinite(cut) / n_halvings
    return {name: dict(measures) for name, measures in found.items()}


def _measure(given: BoolArray, truth: BoolArray, goal: Goal) -> dict[str, float]:
    hits, of = (given & truth).sum(axis=1), (given if goal.measure == "precision" else truth).sum(axis=1)
    counted = of > 0
    shares = hits[counted] / of[counted]
    return {
        "falls_short": float(given.any() and hits.sum() < goal.least * of.sum()),
        "falls_short_by_unit": float(given.any() and shares.mean() < goal.least),
        "labels": float(given.sum()),
        "right": float(hits.sum()),
    }


def by_groups(probabilities: Float32, truth: BoolArray, groups: Indices, goal: Goal) -> float:
    """Return framescope's cut, infinity where it promises nothing."""
    return float(promised_cut(probabilities, truth, groups, goal))


def by_mapie(probabilities: Float32, truth: BoolArray, groups: Indices, goal: Goal) -> float:
    """Return MAPIE's cut, which knows units and no groups; infinity where it promises nothing.

    Source: Angelopoulos and others (2021), Learn then test; Bates and others (2021), Distribution-free,
    risk-controlling prediction sets.
    """
    # Lazily: only this benchmark needs it.
    from mapie.risk_control import MultiLabelClassificationController  # noqa: PLC0415

    del groups
    is_precision = goal.measure == "precision"
    controller = MultiLabelClassificationController(
        lambda rows: rows,
        risk=goal.measure,
        method="ltt" if is_precision else "rcps",
        target_level=goal.least,
        confidence_level=CONFIDENCE,
        rcps_bound=None if is_precision else "bernstein",
        predict_params=CUTS,
    )
    # It refuses units without a label, though false alarms on them count against a precision.
    rows = np.ones(len(truth), bool) if is_precision else truth.any(axis=1)
    controller._check_all_labelled = lambda y: None
    controller.calibrate(probabilities[rows].astype(np.float64), truth[rows].astype(int))
    best = np.ravel(controller.best_predict_param)
    return float(best[0]) if len(best) and best[0] is not None and np.isfinite(best[0]) else float("inf")


SYSTEMS = {"framescope": by_groups, "MAPIE": by_mapie}


def print_table(name: str, result: dict[str, Any]) -> None:
    """Print a corpus."""
    print(
        f"{name}: {'goal':<16}{'system':<12}{'promises':>9}{'short':>8}{'by unit':>9}{'labels':>8}{'right':>8}"
    )
    for goal, systems in result.items():
        for system, row in systems.items():
            shares = f"{row['promises']:>9.2f}{row['falls_short']:>8.2f}{row['falls_short_by_unit']:>9.2f}"
            print(f"{'':{len(name)}}  {goal:<16}{system:<12}{shares}{row['labels']:>8.0f}{row['right']:>8.0f}")
    print(flush=True)
