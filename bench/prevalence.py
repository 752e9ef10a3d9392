"""Shares of labels where they differ from those of training: error and coverage beside QuaPy's methods."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator

from bench.quality import CHECKOUT, TASKS, Task, corpora_folder
from framescope.codebook_reading import read_codebook
from framescope.corpus.read import read_corpus
from framescope.corpus.stories import groups_of
from framescope.fit.groups import group_numbers
from framescope.measure.prevalence import (
    ArticleSets,
    adjusted_shares,
    mean_shares,
    prevalence_figures,
    separation_of,
)
from framescope.text.utf8 import Utf8Texts
from framescope.training.recipe import Recipe
from framescope.training.train import train

SUMMARY = "estimated shares of labels under shifts, beside QuaPy's PACC and EMQ"
SHIFTS = (0.25, 0.5, 1.0, 2.0)
"""Of the share in training."""
LEAST = 20
"""Articles with and without a label, in the other third, too, from which on it is measured."""
N_DRAWN = (100, 400)
"""Articles of a draw."""

BoolArray = npt.NDArray[np.bool_]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Part:
    """What a model of two thirds of the groups says of these, left out, and of the other third."""

    left_out: Float32
    truth: BoolArray
    probabilities: Float32
    decided: BoolArray
    truth_of_others: BoolArray


@dataclass(frozen=True, eq=False)
class Draw:
    """Articles of the other third, among which a label has a shifted share."""

    shift: float
    label: int
    probabilities: Float64
    decided: BoolArray
    true: float


Estimate = tuple[float, float, float]
System = Callable[[Part], Callable[[Draw], Estimate]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--only", nargs="+", choices=[*NAMES], default=[*NAMES], help="corpora to measure")
    parser.add_argument("--draws", type=int, default=5, help="draws a label, shift and size (default 5)")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print and return errors and coverage on every corpus that is there, and the mean over these."""
    if find_spec("quapy") is None:
        for name in ("PACC", "EMQ"):
            SYSTEMS.pop(name, None)
        print('QuaPy: skipped, it is not installed (pip install -e ".[bench]")')
    results: dict[str, Any] = {}
    for task in TASKS:
        folder = CHECKOUT if task.is_ours else corpora_folder()
        if task.name in arguments.only and (folder / task.train).exists():
            results[task.name] = measure(parts_of(task, jobs=arguments.jobs), n_draws=arguments.draws)
            print_table(task.name, results[task.name])
    if results:
        results["mean"] = mean_of([*results.values()])
        print_table("mean", results["mean"])
    return results


def parts_of(task: Task, *, jobs: int) -> list[Part]:
    """Train on two thirds of the groups of a corpus, and judge the other, three times."""
    folder = CHECKOUT if task.is_ours else corpora_folder()
    codebook = read_codebook(folder / task.codebook) if task.codebook else None
    corpus = read_corpus(folder / task.train, codebook=codebook)
    truth = corpus.codebook.indicator(corpus.column("labels"))
    groups = group_numbers(groups_of(corpus, task.group_by))
    third = (np.random.default_rng(0).permutation(groups.max() + 1) % 3)[groups]
    made = []
    for held_out in range(3):
        known = third != held_out
        recipe = Recipe(group_by=task.group_by, jobs=jobs, allow_unseen_labels=True)
        trained = train(corpus.select(np.flatnonzero(known).tolist()), recipe)
        others = np.flatnonzero(~known)
        output = trained.model.run(Utf8Texts.encode(corpus.full_texts()[row] for row in others), jobs=jobs)
        left_out = trained.record.probabilities
        made.append(Part(left_out, truth[known], output.probabilities, output.decided, truth[others]))
    return made


def measure(parts: Sequence[Part], *, n_draws: int) -> dict[str, dict[str, dict[str, float]]]:
    """Return the mean absolute error, the coverage and the width of intervals, by system and shift."""
    found: dict[str, dict[str, list[tuple[float, float, float]]]] = {}
    for part in parts:
        systems = {name: system(part) for name, system in SYSTEMS.items()}
        for draw in draws_of(part, n_draws=n_draws):
            for name, estimate in systems.items():
                share, low, high = estimate(draw)
                row = (abs(share - draw.true), float(low <= draw.true <= high), high - low)
                found.setdefault(name, {}).setdefault(f"x{draw.shift:g}", []).append(row)
    return {
        name: {
            **{shift: _means(rows) for shift, rows in of_shifts.items()},
            "all": _means([row for rows in of_shifts.values() for row in rows]),
        }
        for name, of_shifts in found.items()
    }


def _means(rows: Sequence[tuple[float, float, float]]) -> dict[str, float]:
    error, coverage, width = np.mean(rows, axis=0).tolist()
    return {"error": error, "coverage": coverage, "width": width, "n": float(len(rows))}


def draws_of(part: Part, *, n_draws: int) -> Iterator[Draw]:
    """Yield articles of the other third, drawn so that a label has a quarter to the double of its share."""
    rng = np.random.default_rng(1)
    for label in range(part.truth.shape[1]):
        has, is_known = part.truth_of_others[:, label], part.truth[:, label]
        if min(has.sum(), (~has).sum(), is_known.sum(), (~is_known).sum()) < LEAST:
            continue
        for shift in SHIFTS:
            for n_drawn in N_DRAWN * n_draws:
                n_with = round(min(shift * is_known.mean(), 0.95) * n_drawn)
                rows = np.concatenate([_drawn(rng, has, n_with), _drawn(rng, ~has, n_drawn - n_with)])
                probabilities = part.probabilities[rows, label].astype(np.float64)
                yield Draw(shift, label, probabilities, part.decided[rows, label], n_with / n_drawn)


def _drawn(rng: np.random.Generator, members: BoolArray, n: int) -> npt.NDArray[np.intp]:
    rows = np.flatnonzero(members)
    return rng.choice(rows, n, replace=n > len(rows))


def ours(part: Part) -> Callable[[Draw], Estimate]:
    """Return framescope's shrunken adjusted mean."""
    labels = [str(label) for label in range(part.truth.shape[1])]
    figures = prevalence_figures(labels, part.truth, part.left_out)
    known = [separation_of([figures[label]]) for label in range(len(labels))]

    def estimate(draw: Draw) -> Estimate:
        found = adjusted_shares(ArticleSets.of(draw.probabilities[:, np.newaxis]), known[draw.label])
        return float(found.share[0, 0]), float(found.low[0, 0]), float(found.high[0, 0])

    return estimate


def mean_probability(_part: Part) -> Callable[[Draw], Estimate]:
    """Return the mean probability."""

    def estimate(draw: Draw) -> Estimate:
        found = mean_shares(ArticleSets.of(draw.probabilities[:, np.newaxis]))
        return float(found.share[0, 0]), float(found.low[0, 0]), float(found.high[0, 0])

    return estimate


def counting(_part: Part) -> Callable[[Draw], Estimate]:
    """Return the share of decisions."""
    return lambda draw: (float(draw.decided.mean()),) * 3


class _Known(BaseEstimator):  # type: ignore[misc]
    """In place of a classifier: QuaPy is handed probabilities, and asks whether there are these methods."""

    def __init__(self) -> None:
        self.classes_ = np.array([0, 1])

    def fit(self, *_data: object) -> None:
        """Do nothing."""

    def predict_proba(self, *_data: object) -> None:
        """Do nothing."""


def pacc(part: Part) -> Callable[[Draw], Estimate]:
    """Return QuaPy's probabilistic adjusted count."""
    # Lazily, as below: only this benchmark needs it.
    from quapy.method.aggregative import PACC  # noqa: PLC0415

    fitted = {}

    def estimate(draw: Draw) -> Estimate:
        if draw.label not in fitted:
            method = PACC(_Known(), fit_classifier=False, val_split=None)
            method.aggregation_fit(_both(part.left_out[:, draw.label]), part.truth[:, draw.label].astype(int))
            fitted[draw.label] = method
        return (float(fitted[draw.label].aggregate(_both(draw.probabilities))[1]),) * 3

    return estimate


def emq(part: Part) -> Callable[[Draw], Estimate]:
    """Return QuaPy's expectation maximization."""
    from quapy.method.aggregative import EMQ  # noqa: PLC0415

    def estimate(draw: Draw) -> Estimate:
        prior = part.truth[:, draw.label].mean()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says where it stops before it has converged
            shares, _ = EMQ.EM(np.array([1 - prior, prior]), _both(draw.probabilities))
        return (float(shares[1]),) * 3

    return estimate


def _both(probabilities: Float32 | Float64) -> Float64:
    """Return probabilities of no and of yes, none of them 0, which EMQ cannot divide by."""
    yes = np.clip(probabilities.astype(np.float64), 1e-9, 1 - 1e-9)
    return np.column_stack([1 - yes, yes])


SYSTEMS: dict[str, System] = {
    "framescope": ours,
    "PACC": pacc,
    "EMQ": emq,
    "mean probability": mean_probability,
    "decisions": counting,
}
NAMES = ("starter", "slavic_persuasion", "unlp2025_manipulation", "narrative_frames")


def mean_of(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the mean over corpora."""
    return {
        name: {
            shift: {
                key: float(np.mean([one[name][shift][key] for one in results if shift in one[name]]))
                for key in results[0][name][shift]
            }
            for shift in results[0][name]
        }
        for name in results[0]
    }


def print_table(name: str, result: Mapping[str, Any]) -> None:
    """Print a corpus."""
    shifts = [*next(iter(result.values()))]
    heads = "".join(f"{shift:>8}" for shift in shifts)
    print(f"{name}: mean absolute error{heads}   coverage   width")
    for system, of_shifts in result.items():
        errors = "".join(f"{of_shifts[shift]['error']:>8.4f}" for shift in shifts)
        every = of_shifts["all"]
        intervals = f"{every['coverage']:>11.3f}{every['width']:>8.3f}" if every["width"] else ""
        print(f"{'':{len(name)}}  {system:<19}{errors}{intervals}")
    print(flush=True)
