"""How long others take to fit the same units, and how good they are on units that nobody has seen."""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.linear_model import SGDClassifier
from sklearn.multiclass import OneVsRestClassifier

from bench.growth import Gauge, shape_of
from bench.runners.tuning import best_cut
from bench.synthetic import synthetic_codebook, synthetic_rows
from framescope.codebook_reading import read_codebook
from framescope.corpus.read import read_corpus
from framescope.features.vectorizer import NgramVectorizer
from framescope.text.utf8 import Utf8Texts
from framescope.training.recipe import DEFAULT_MAX_FEATURES, Recipe
from framescope.training.train import train

N_TESTED = 5_000
KINDS = ("words", "subwords")
ALPHAS = (3e-6, 1e-5, 3e-5, 1e-4)

BoolArray = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.floating]


def race(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print and return processor seconds and F1 of ours, of SGD on the same features, and of fastText."""
    n_units, results = arguments.units[0], {}
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as scratch:
        folder = Path(scratch)
        _write(folder, n_units, arguments.labels)
        codebook = read_codebook(folder / "codebook.json")
        corpus, other = (read_corpus(folder / f"{part}.jsonl", codebook=codebook) for part in ("train", "test"))
        truth, tested = (codebook.indicator(part.column("labels")) for part in (corpus, other))
        results["framescope"] = _ours(corpus, other, tested, arguments.jobs)
        _print("framescope, all of training", results["framescope"])
        results["SGD"] = _sgd(corpus.full_texts(), truth, other.full_texts(), tested)
        _print("SGDClassifier, features and one fit", results["SGD"])
        for kind in KINDS:
            results[f"fastText {kind}"] = _fasttext(arguments.rivals, kind, folder, tested)
            _print(f"fastText {kind}, one fit", results[f"fastText {kind}"])
    return results


def _write(folder: Path, n_units: int, n_labels: int) -> None:
    """Write the first units to train on, others to test on, and the labels."""
    shape = shape_of(n_units + N_TESTED, n_labels)
    codebook = synthetic_codebook(shape)
    content = {"name": "synthetic", "labels": [{"id": one.id, "parent": one.parent} for one in codebook.labels]}
    (folder / "codebook.json").write_text(json.dumps(content), encoding="utf-8")
    (folder / "labels.json").write_text(json.dumps(list(codebook.ids)), encoding="utf-8")
    rows = synthetic_rows(shape)
    for part, size in (("train", n_units), ("test", N_TESTED)):
        with (folder / f"{part}.jsonl").open("w", encoding="utf-8") as lines:
            for _ in range(size):
                row = next(rows)
                closed = codebook.indicator([row["labels"]])[0]
                row["labels"] = [codebook.ids[column] for column in np.flatnonzero(closed)]
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")


def _ours(corpus: Any, other: Any, tested: BoolArray, jobs: int) -> dict[str, Any]:
    gauge, begun = Gauge(), time.process_time()
    trained = train(corpus, Recipe(rule="micro-f1", jobs=jobs, allow_unseen_labels=True), progress=gauge)
    seconds = time.process_time() - begun
    model = trained.model
    found = model.probabilities(model.margins(Utf8Texts.encode(other.full_texts())))
    fit = gauge.stages["Fitting"]["cpu_seconds"]
    return {"cpu_seconds": seconds, "fitting": fit, **_f1(tested, model.decide(found))}


def _sgd(texts: list[str], truth: BoolArray, others: list[str], tested: BoolArray) -> dict[str, Any]:
    """Fit one-vs-rest logistic regressions by SGD; alpha and cut are those of the best F1 on a fifth."""
    begun = time.process_time()
    vectorizer = NgramVectorizer(2, DEFAULT_MAX_FEATURES).fit(texts)
    features = vectorizer.transform(texts)
    seconds = time.process_time() - begun
    held_out = np.random.default_rng(0).random(len(truth)) < 0.2
    tuned = {}
    for alpha in ALPHAS:
        model = _fit_sgd(features[~held_out], truth[~held_out], alpha)
        tuned[alpha] = best_cut(truth[held_out], model.decision_function(features[held_out]))
    alpha = max(tuned, key=lambda alpha: tuned[alpha][1])
    begun = time.process_time()
    model = _fit_sgd(features, truth, alpha)
    fit = time.process_time() - begun
    scores = model.decision_function(vectorizer.transform(others))
    return {
        "cpu_seconds": seconds + fit,
        "fitting": fit,
        "alpha": alpha,
        **_f1(tested, scores >= tuned[alpha][0]),
    }


def _fit_sgd(features: sp.csr_array, truth: BoolArray, alpha: float) -> OneVsRestClassifier:
    learner = SGDClassifier(loss="log_loss", alpha=alpha, max_iter=20, random_state=0)
    return OneVsRestClassifier(learner, n_jobs=1).fit(features, truth.astype(np.int8))


def _fasttext(python: str, kind: str, folder: Path, tested: BoolArray) -> dict[str, Any]:
    scores = folder / "scores.npy"
    files = [str(folder / "train.jsonl"), str(folder / "test.jsonl"), str(scores)]
    command = [python, "-m", "bench.runners.once", kind, *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - named by the user
    if done.returncode:
        raise RuntimeError(done.stderr)
    found = json.loads(done.stdout.splitlines()[-1])
    return {**found, "fitting": found["cpu_seconds"], **_f1(tested, np.load(scores) >= found["cut"])}


def _f1(truth: BoolArray, decided: BoolArray) -> dict[str, float]:
    hits, given = (truth & decided).sum(axis=0), truth.sum(axis=0) + decided.sum(axis=0)
    return {
        "micro_f1": float(2 * hits.sum() / max(given.sum(), 1)),
        "macro_f1": float((2 * hits / np.maximum(given, 1)).mean()),
    }


def _print(name: str, found: dict[str, Any]) -> None:
    setting = {key: found[key] for key in ("alpha", "dim", "bucket", "lr") if key in found}
    print(
        f"{name}: {found['cpu_seconds']:.1f} cpu-s, of which fitting {found['fitting']:.1f}; on {N_TESTED:,} "
        f"others micro-F1 {found['micro_f1']:.3f}, macro-F1 {found['macro_f1']:.3f} {setting or ''}",
        flush=True,
    )
