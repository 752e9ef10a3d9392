"""framescope beside one-vs-rest logistic regression on the same features, on held-out articles."""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

from bench.peers import fit_peers
from bench.scores import Part, difference, score
from bench.stopwatch import Stopwatch
from framescope.codebook_reading import read_codebook
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.corpus.scope import units_in_scope
from framescope.features.vectorizer import NgramVectorizer
from framescope.fit import classifier
from framescope.fit.groups import group_numbers
from framescope.fit.learners import fit_linear
from framescope.fit.linear import LinearFit, Units
from framescope.measure.metrics import Outcomes
from framescope.model.fitted import Model
from framescope.text.utf8 import Utf8Texts
from framescope.training.recipe import Recipe
from framescope.training.train import Trained, train

SUMMARY = "held-out scores beside logistic regression on the same features"
CHECKOUT = Path(__file__).parents[1]
SHARE_HELD_OUT = 0.2
RULES = ("micro-f1", "macro-f1", "samples-f1")
# The rule that is made for a score, and the peer that is tuned for it.
DUELS = {"micro_f1": ("micro-f1", "one cut"), "macro_f1": ("macro-f1", "cut per label")}
COLUMNS = ("micro_f1", "macro_f1", "samples_f1", "false_alarm_rate", "brier", "log_loss", "ece")

Split = tuple[Corpus, Corpus]


@dataclass(frozen=True, slots=True)
class Task:
    """A corpus, what is held out of it together, and its published held-out part, if there is one.

    Paths are relative to the folder of corpora, or to the checkout for what belongs to it.
    """

    name: str
    train: str
    group_by: str
    dev: str | None = None
    codebook: str | None = None
    is_ours: bool = False


TASKS = (
    Task(
        "slavic_persuasion",
        "slavic_persuasion/train.jsonl",
        "article_id",
        dev="slavic_persuasion/dev.jsonl",
        codebook="slavic_persuasion/codebook.json",
    ),
    Task("unlp2025_manipulation", "unlp2025_manipulation/train.jsonl", "id"),
    Task("narrative_frames", "narrative_frames/train.jsonl", "id"),
    Task("starter", "data/starter", "source", is_ours=True),
    Task(
        "starter_techniques",
        "data/starter/techniques.jsonl",
        "source",
        codebook="data/starter/techniques.json",
        is_ours=True,
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    names = [task.name for task in TASKS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="corpora to measure")
    parser.add_argument(
        "--seeds", type=int, default=3, help="random splits where no split is published (default 3)"
    )
    parser.add_argument(
        "--encoder", metavar="NAME[,NAME]", help="compare n-grams with and without these encoders, left out"
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print and return the scores on every corpus that is there."""
    if arguments.encoder:
        from bench.meaning import compare_encoders  # noqa: PLC0415 - it builds on this module

        return compare_encoders(arguments.encoder, arguments.only, jobs=arguments.jobs)
    results = {}
    for task in TASKS:
        if task.name not in arguments.only:
            continue
        folder = CHECKOUT if task.is_ours else corpora_folder()
        if not (folder / task.train).exists():
            print(f"{task.name}: skipped, {task.train} is not in {folder} (set FRAMESCOPE_CORPORA)\n")
            continue
        splits = splits_of(task, folder, n_seeds=arguments.seeds)
        results[task.name] = {
            "split": "published split" if task.dev else f"{arguments.seeds} random splits, mean ± deviation",
            **measure(splits, group_by=task.group_by, jobs=arguments.jobs),
        }
        print_table(task.name, results[task.name])
    return results


def corpora_folder() -> Path:
    """Return the folder that holds the annotated corpora."""
    return Path(os.environ.get("FRAMESCOPE_CORPORA", CHECKOUT.parent / "shared" / "corpora"))


def splits_of(task: Task, folder: Path, *, n_seeds: int) -> Iterator[Split]:
    """Yield training and held-out parts: the published one, or one for each seed."""
    codebook = read_codebook(folder / task.codebook) if task.codebook else None
    corpus = read_corpus(folder / task.train, codebook=codebook)
    if task.dev:
        yield corpus, read_corpus(folder / task.dev, codebook=codebook)
        return
    for seed in range(n_seeds):
        yield hold_out(corpus, group_by=task.group_by, seed=seed)


def hold_out(corpus: Corpus, *, group_by: str, seed: int) -> Split:
    """Split a corpus by random groups, a fifth of them held out."""
    groups = group_numbers(corpus.column(group_by))
    n_groups = groups.max() + 1
    drawn = np.random.default_rng(seed).permutation(n_groups)[: max(1, round(SHARE_HELD_OUT * n_groups))]
    is_held_out = np.isin(groups, drawn)
    return _subset(corpus, ~is_held_out), _subset(corpus, is_held_out)


def _subset(corpus: Corpus, chosen: npt.NDArray[np.bool_]) -> Corpus:
    return corpus.select(np.flatnonzero(chosen))


def measure(splits: Iterator[Split], *, group_by: str, jobs: int) -> dict[str, Any]:
    """Fit every system to each training part and score it on the held-out part; fine labels only."""
    parts: dict[str, list[Part]] = defaultdict(list)
    seconds: dict[str, list[float]] = defaultdict(list)
    left_out: dict[str, list[dict[str, Any]]] = defaultdict(list)
    facts: dict[str, list[Any]] = defaultdict(list)
    languages: list[npt.NDArray[np.str_]] = []
    for fitted_on, held_out in splits:
        languages.append(np.array(held_out.column("lang")))
        facts["n_units"].append([fitted_on.n_units, held_out.n_units])
        for rule, trained, fit_seconds in train_each_rule(fitted_on, group_by=group_by, jobs=jobs):
            name = f"framescope {rule}"
            parts[name].append(_part_of(trained.model, held_out, group_by))
            seconds[name].append(fit_seconds)
            left_out[name].append(trained.metrics["overall"])
            facts["penalty"].append(trained.training.penalty)
        _measure_peers(fitted_on, held_out, group_by=group_by, jobs=jobs, into=(parts, seconds, facts))
    return {
        **facts,
        "systems": {
            name: {**score(own), "fit_seconds": float(np.mean(seconds[name]))} for name, own in parts.items()
        },
        "languages": _by_language(parts, languages),
        "out_of_fold": {name: _mean_f1(metrics) for name, metrics in left_out.items()},
        "ahead": {
            name: difference(parts[f"framescope {rule}"], parts[f"logistic, {peer}"], name)
            for name, (rule, peer) in DUELS.items()
        },
    }


def _by_language(
    parts: dict[str, list[Part]], languages: Sequence[npt.NDArray[np.str_]]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return every system's scores on the units of each language; nothing for a single language."""
    codes = np.unique(np.concatenate(languages)).tolist()
    return {
        code: {
            name: score([part.subset(own == code) for part, own in zip(each, languages, strict=True)])
            for name, each in parts.items()
        }
        for code in (codes if len(codes) > 1 else [])
    }


def train_each_rule(
    corpus: Corpus, *, group_by: str, jobs: int, encoders: tuple[str, ...] = ()
) -> Iterator[tuple[str, Trained, float]]:
    """Yield each rule with its model and the seconds of its fit, features apart."""
    with _one_linear_fit() as linear:
        for rule in RULES:
            stopwatch = Stopwatch()
            recipe = Recipe(
                rule=rule, group_by=group_by, jobs=jobs, allow_unseen_labels=True, encoders=encoders
            )
            trained = train(corpus, recipe, progress=stopwatch)
            shared = linear.seconds["fit"] if rule != RULES[0] else 0.0
            yield rule, trained, stopwatch.seconds["Fitting"] + shared


@contextmanager
def _one_linear_fit() -> Iterator[Stopwatch]:
    """Let several runs on one corpus share the weights and margins, which do not depend on the rule.

    Fits differ by their units, and by the weight of a further Gram matrix.
    """
    stopwatch = Stopwatch()
    known: dict[tuple[int, float], LinearFit] = {}

    def fit_once(units: Units, *, learner: str, n_jobs: int, seed: int) -> LinearFit:
        key = (len(units.truth), 0.0 if units.further_gram is None else float(np.trace(units.further_gram)))
        if key not in known:
            with stopwatch("fit"):
                known[key] = fit_linear(units, learner=learner, n_jobs=n_jobs, seed=seed)
        return known[key]

    with patch.object(classifier, "fit_linear", fit_once):
        yield stopwatch


def _part_of(model: Model, held_out: Corpus, group_by: str) -> Part:
    in_scope = units_in_scope(held_out, model.codebook)
    output = model.run(Utf8Texts.encode(held_out.full_texts()), in_scope=in_scope)
    return _fine_part(held_out, group_by, output.decided, output.probabilities)


def _fine_part(
    held_out: Corpus, group_by: str, decided: npt.NDArray[np.bool_], probabilities: npt.NDArray[np.float32]
) -> Part:
    """Return the outcomes of the fine labels, out of the columns of all labels."""
    fine = held_out.codebook.fine
    truth = held_out.codebook.indicator(held_out.column("labels"))
    outcomes = Outcomes(truth[:, fine], decided[:, fine], probabilities[:, fine])
    return Part(outcomes, [str(group) for group in held_out.column(group_by)])


def _measure_peers(
    fitted_on: Corpus,
    held_out: Corpus,
    *,
    group_by: str,
    jobs: int,
    into: tuple[dict[str, list[Part]], dict[str, list[float]], dict[str, list[Any]]],
) -> None:
    """Fit the peers to the features that framescope reads, and to nothing but the fine labels."""
    parts, seconds, facts = into
    codebook = fitted_on.codebook
    truth = codebook.indicator(fitted_on.column("labels"))[:, codebook.fine]
    groups = [str(group) for group in fitted_on.column(group_by)]
    vectorizer = NgramVectorizer(n_jobs=jobs)
    features = vectorizer.fit_transform(fitted_on.full_texts())
    new = vectorizer.transform(held_out.full_texts())
    stopwatch = Stopwatch()
    with stopwatch("fit"):
        peers = fit_peers(features, truth, groups, jobs=jobs)
    for name, peer in peers.items():
        probabilities = np.zeros((held_out.n_units, len(codebook.ids)), dtype=np.float32)
        decided = np.zeros(probabilities.shape, dtype=bool)
        probabilities[:, codebook.fine] = peer.probabilities(new)
        decided[:, codebook.fine] = peer.decide(probabilities[:, codebook.fine])
        parts[f"logistic, {name}"].append(_fine_part(held_out, group_by, decided, probabilities))
        seconds[f"logistic, {name}"].append(stopwatch.seconds["fit"])
        facts[f"C, {name}"].append(peer.strength)


def _mean_f1(sections: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the scores of left-out decisions, averaged over the splits; the intervals' ends likewise."""
    fine = [section["fine"] for section in sections]
    return {name: np.mean([scores[name] for scores in fine], axis=0).tolist() for name in fine[0]}


def print_table(name: str, result: dict[str, Any]) -> None:
    """Print the scores of all systems on one corpus."""
    n_train, n_held_out = np.mean(result["n_units"], axis=0)
    print(f"{name}: {n_train:.0f} training and {n_held_out:.0f} held-out units, {result['split']}")
    _print_row("", [column.replace("_", "-") for column in COLUMNS] + ["fit s"])
    for system, scores in result["systems"].items():
        cells = [_cell(scores, column) for column in COLUMNS]
        _print_row(system, [*cells, f"{scores['fit_seconds']:.1f}"])
        _print_row("", [_interval(scores, column) for column in COLUMNS])
    for system, scores in result["out_of_fold"].items():
        _print_row(f"{system}, out of fold", [_cell(scores, column) for column in COLUMNS[:3]])
        _print_row("", [_interval(scores, column) for column in COLUMNS[:3]])
    for code, systems in result["languages"].items():
        for system, scores in systems.items():
            cells = [f"{_cell(scores, column)} {_interval(scores, column)}" for column in COLUMNS[:2]]
            print(f"  {code}: {system:32} micro-F1 {cells[0]}, macro-F1 {cells[1]}")
    for column, ahead in result["ahead"].items():
        rule, peer = DUELS[column]
        spread = "" if ahead[f"{column}_sd"] is None else f" ± {ahead[f'{column}_sd']:.3f}"
        print(
            f"  {column.replace('_', '-')}: framescope {rule} is {ahead[column]:+.3f}{spread} ahead of "
            f"logistic, {peer} {_interval(ahead, column)}"
        )
    print(flush=True)


def _print_row(head: str, cells: Sequence[str]) -> None:
    print(f"  {head:36}" + "".join(f"{cell:>17}" for cell in cells))


def _cell(scores: dict[str, Any], name: str) -> str:
    if scores[name] is None:
        return "-"
    spread = scores.get(f"{name}_sd")
    return f"{scores[name]:.3f}" + ("" if spread is None else f" ± {spread:.3f}")


def _interval(scores: dict[str, Any], name: str) -> str:
    interval = scores.get(f"{name}_ci95")
    return "" if interval is None else f"[{interval[0]:.3f}, {interval[1]:.3f}]"
