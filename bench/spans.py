"""Passages that a model finds for a label beside the spans that annotators marked, on held-out articles."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.quality import CHECKOUT, corpora_folder, hold_out
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.evidence.contributions import Explanation
from framescope.evidence.passages import Smoothing, passages
from framescope.evidence.shares import running_sums
from framescope.measure.bootstrap import Bootstrap, percentile_interval, resample_sums
from framescope.predictor import Predictor
from framescope.text.segments import Unit, segments
from framescope.text.words import word_offsets
from framescope.training.recipe import Recipe
from framescope.training.train import train

SUMMARY = "passages found for given labels beside annotators' spans"
WIDTHS = (2.0, 4.0, 8.0, 16.0)
CUTS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
TUNING_SEED = 100
CORPORA = {"starter": ("data/starter", "source"), "unlp2025_manipulation": ("train.jsonl", "id")}

BoolArray = npt.NDArray[np.bool_]
Bounds = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Case:
    """A text, what annotators marked there, and the explanations of the labels that the marks are for."""

    text: str
    language: str
    marked: Bounds
    explanations: Sequence[Explanation]


Finder = Callable[[str, Explanation], Bounds]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--only", nargs="+", choices=CORPORA, default=list(CORPORA), help="corpora to measure")
    parser.add_argument("--seed", type=int, default=0, help="of the split (default 0)")
    parser.add_argument(
        "--tune", action="store_true", help="print the best width and cut on a part of the training part, too"
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print and return word-F1 on every corpus that is there."""
    results = {}
    for name in arguments.only:
        place, group_by = CORPORA[name]
        path = CHECKOUT / place if name == "starter" else corpora_folder() / name / place
        if not path.exists():
            print(f"{name}: skipped, {path.name} is not there (set FRAMESCOPE_CORPORA)\n")
            continue
        fitted_on, held_out = hold_out(read_corpus(path), group_by=group_by, seed=arguments.seed)
        if arguments.tune:
            _print_tuning(
                name, list(cases(*hold_out(fitted_on, group_by=group_by, seed=TUNING_SEED), group_by))
            )
        results[name] = measure(list(cases(fitted_on, held_out, group_by)))
        print_table(name, results[name])
    return results


def cases(fitted_on: Corpus, held_out: Corpus, group_by: str) -> Iterator[Case]:
    """Fit a model and yield what it says of the held-out articles' own labels.

    Where spans bear labels of the codebook there is a case for each label; other spans, such as
    "manipulation", are for all labels of their article.
    """
    trained = train(fitted_on, Recipe(group_by=group_by, allow_unseen_labels=True))
    with TemporaryDirectory() as folder:
        trained.save(Path(folder) / "model")
        predictor = Predictor.load(Path(folder) / "model")
        for row in held_out.table.to_pylist():
            for labels, marked in _marks(row, held_out.codebook.columns):
                explanations = [predictor.explain(row["text"], label) for label in labels]
                yield Case(row["text"], row["lang"], marked, explanations)


def _marks(row: dict[str, Any], columns: dict[str, int]) -> Iterator[tuple[list[str], Bounds]]:
    known = dict.fromkeys(span["label"] for span in row["spans"] if span["label"] in columns)
    for label in known:
        yield [label], [(span["start"], span["end"]) for span in row["spans"] if span["label"] == label]
    if row["spans"] and not known:
        yield row["labels"], [(span["start"], span["end"]) for span in row["spans"]]


def measure(found: Sequence[Case]) -> dict[str, Any]:
    """Return the word-F1 of passages and of the baselines, over all cases and by language."""
    languages = sorted({case.language for case in found})
    result: dict[str, Any] = {"n_cases": len(found), "systems": {}}
    for name, finder in FINDERS.items():
        sums = np.array([word_sums(case, finder) for case in found], dtype=np.float64)
        spread = resample_sums(sums, Bootstrap())
        scores = {"word_f1": _f1(sums.sum(axis=0)), "word_f1_ci95": percentile_interval(_f1(spread.T))}
        for language in languages:
            own = np.array([case.language == language for case in found])
            scores[language] = _f1(sums[own].sum(axis=0))
        result["systems"][name] = scores
    return result


def word_sums(case: Case, finder: Finder) -> tuple[int, int, int]:
    """Return how many words of a case are found and marked, found, marked."""
    words = word_offsets(case.text).tolist()
    marked = _covered(words, case.marked)
    found = np.zeros(len(words), dtype=bool)
    for explanation in case.explanations:
        found |= _covered(words, finder(case.text, explanation))
    return int((found & marked).sum()), int(found.sum()), int(marked.sum())


def _covered(words: Bounds, spans: Bounds) -> BoolArray:
    return np.array([any(start < e and end > s for s, e in spans) for start, end in words], dtype=bool)


def _f1(sums: npt.NDArray[np.float64]) -> Any:
    return 2 * sums[0] / np.maximum(sums[1] + sums[2], 1)


def found_passages(text: str, explanation: Explanation, smoothing: Smoothing | None = None) -> Bounds:
    """Return the bounds of what ``Predictor.find_spans`` returns."""
    sums = running_sums(len(text), *explanation.shares)
    spans = passages(text, explanation.label, sums, smoothing or Smoothing())
    return [(span.start, span.end) for span in spans]


def _whole_text(text: str, explanation: Explanation) -> Bounds:
    return [(0, len(text))]


def _best_sentence(text: str, explanation: Explanation) -> Bounds:
    return _best(segments(text, Unit.SENTENCE), explanation)


def _best_word(text: str, explanation: Explanation) -> Bounds:
    return _best(word_offsets(text).tolist(), explanation)


def _best(candidates: Bounds, explanation: Explanation) -> Bounds:
    """Return the candidate with the greatest sum of the contributions within it."""
    if not candidates:
        return []
    sums = [
        sum(part.value for part in explanation.contributions if start <= part.start and part.end <= end)
        for start, end in candidates
    ]
    return [candidates[int(np.argmax(sums))]]


FINDERS: dict[str, Finder] = {
    "framescope passages": found_passages,
    "whole text": _whole_text,
    "best sentence": _best_sentence,
    "best word": _best_word,
}


def _print_tuning(name: str, found: Sequence[Case]) -> None:
    """Print the word-F1 of every width and cut on cases of the training part."""
    print(f"{name}: {len(found)} cases of the training part, word-F1 by width (rows) and cut")
    print("  " + " " * 6 + "".join(f"{cut:>7}" for cut in CUTS))
    for width in WIDTHS:
        scores = []
        for cut in CUTS:
            smoothing = Smoothing(width, cut)
            finder = partial(found_passages, smoothing=smoothing)
            sums = [word_sums(case, finder) for case in found]
            scores.append(_f1(np.array(sums, dtype=np.float64).sum(axis=0)))
        print(f"  {width:6}" + "".join(f"{score:7.3f}" for score in scores))


def print_table(name: str, result: dict[str, Any]) -> None:
    """Print the scores of all systems on one corpus."""
    print(f"{name}: {result['n_cases']} held-out cases, word-F1")
    for system, scores in result["systems"].items():
        low, high = scores["word_f1_ci95"]
        languages = {key: value for key, value in scores.items() if not key.startswith("word_f1")}
        shown = ", ".join(f"{code} {value:.3f}" for code, value in languages.items())
        print(f"  {system:22}{scores['word_f1']:.3f} [{low:.3f}, {high:.3f}]   {shown}")
    print(flush=True)
