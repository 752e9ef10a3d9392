"""How many articles that nobody wrote for the starter corpus get a label of it: public corpora, and a feed."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.quality import CHECKOUT, corpora_folder
from framescope.bundle.read import load_bundle
from framescope.corpus.read import read_corpus
from framescope.model.fitted import Model
from framescope.text.article import full_text
from framescope.text.utf8 import Utf8Texts
from framescope.training.background import Background, FeedArticle
from framescope.training.recipe import Recipe
from framescope.training.train import Trained, train

SUMMARY = "share of real articles that the starter model labels, by corpus, language and label"
STARTER = CHECKOUT / "data" / "starter"
# What each corpus is read from, and the field that tells which rows are one article.
CORPORA = {
    "slavic_persuasion": (("train.jsonl", "dev.jsonl"), "article_id"),
    "unlp2025_manipulation": (("train.jsonl",), "id"),
    "narrative_frames": (("train.jsonl",), "id"),
    "kremlin_ru": (("feed.jsonl",), "id"),
}
N_LABELS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class RealArticle:
    """An article of a public corpus; ``half`` is 0 or 1, by the hash of its id."""

    corpus: str
    lang: str
    id: str
    text: str

    @property
    def half(self) -> int:
        """Which half of the articles it belongs to."""
        return hashlib.sha256(self.id.encode()).digest()[0] & 1


@dataclass(frozen=True)
class Given:
    """Articles and the finest labels that a model gives each.

    ``is_in_scope`` tells which name something of any label's scope; None where the codebook has no scopes.
    """

    articles: Sequence[RealArticle]
    labels: Sequence[tuple[str, ...]]
    is_in_scope: Sequence[bool] | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument(
        "model", nargs="?", metavar="MODEL", help="a model's folder; default: train the starter"
    )
    parser.add_argument(
        "--readers",
        type=Path,
        metavar="FILE",
        help="lines of JSON on articles about the codebook's region: id, and the labels of two readers: a, b "
        "(default: real/in_corpora.jsonl beside the folder of corpora, if it is there)",
    )
    parser.add_argument(
        "--background",
        action="store_true",
        help="train the starter with half of the articles as background, and judge the other half; both ways",
    )
    parser.add_argument("--max-firing", type=float, metavar="SHARE", help="of --background")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print and return what the model, or the starter model with a background, makes of the articles."""
    articles = list(real_articles(corpora_folder()))
    if not articles:
        print(f"skipped: {corpora_folder()} has none of {', '.join(CORPORA)} (set FRAMESCOPE_CORPORA)")
        return {}
    readers = read_readers(arguments.readers or corpora_folder().parent / "real" / "in_corpora.jsonl")
    if arguments.background:
        return measure_background(articles, readers, max_firing=arguments.max_firing, jobs=arguments.jobs)
    model = load_bundle(arguments.model).model if arguments.model else train_starter(arguments.jobs).model
    return report("all articles", judge(model, articles, jobs=arguments.jobs), readers)


def real_articles(folder: Path) -> Iterator[RealArticle]:
    """Yield the articles of the corpora that are there, fragments joined, in the order of the files."""
    for corpus, (names, id_field) in CORPORA.items():
        parts: dict[tuple[str, str], list[str]] = defaultdict(list)
        for path in (folder / corpus / name for name in names):
            for row in read_lines(path):
                parts[row[id_field], row["lang"]].append(full_text(row.get("title") or "", row["text"]))
        for (article_id, lang), texts in parts.items():
            yield RealArticle(corpus, lang, article_id, "\n".join(texts))


def read_readers(path: Path) -> dict[str, set[str]]:
    """Return the labels that either reader gave, by the id of the article; nothing where there is no file."""
    return {row["id"]: {*row["a"], *row["b"]} for row in read_lines(path)}


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file, if it is there."""
    if path.is_file():
        with path.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def train_starter(jobs: int, background: Background | None = None, max_firing: float | None = None) -> Trained:
    """Train as ``python train.py`` does."""
    recipe = Recipe(group_by="source", jobs=jobs, max_firing=max_firing)
    return train(read_corpus(STARTER), recipe, background=background)


def judge(model: Model, articles: Sequence[RealArticle], *, jobs: int) -> Given:
    """Return the finest labels that the model gives."""
    texts = Utf8Texts.encode([article.text for article in articles])
    output = model.run(texts, jobs=jobs)
    given = model.codebook.without_implied(output.decided)
    ids = np.array(model.codebook.ids)
    in_scope = None if output.in_scope is None else output.in_scope.any(axis=1).tolist()
    return Given(articles, [tuple(ids[row].tolist()) for row in given], in_scope)


def report(name: str, given: Given, readers: Mapping[str, set[str]]) -> dict[str, Any]:
    """Print and return the shares of labelled articles, in the region that readers judged and elsewhere."""
    rows = dict(shares(given, readers))
    total = {place: sum_up(row for key, row in rows.items() if key[2] == place) for place in ("out", "in")}
    print(name)
    for (corpus, lang, place), row in rows.items():
        print(f"  {corpus:24}{lang:4}{place:4}{row['n_labelled']:6} of {row['n_articles']:5}{_percent(row):>9}")
    for place, row in total.items():
        where = "the region" if place == "in" else "elsewhere"
        print(f"  {where:32}{row['n_labelled']:6} of {row['n_articles']:5}{_percent(row):>9}")
    if given.is_in_scope is not None:
        total["scope"] = {
            "n_labelled": sum(map(bool, given.labels)),  # out of scope none is
            "n_articles": sum(given.is_in_scope),
        }
        row = total["scope"]
        print(f"  {'in scope of any label':32}{row['n_labelled']:6} of {row['n_articles']:5}{_percent(row):>9}")
    counts = Counter(label for labels in given.labels for label in labels).most_common()
    for label, n in counts[:N_LABELS_SHOWN]:
        print(f"    {label:30}{n:6}")
    agreed = agreement(given, readers)
    if readers:
        print(
            f"  read by two readers: {agreed['n_found']} of {agreed['n_framed']} framed articles found, "
            f"{agreed['n_right']} of {agreed['n_given']} labels right, "
            f"alarms on {agreed['n_alarms']} of {agreed['n_quiet']} others"
        )
    print(flush=True)
    named = [{"corpus": key[0], "lang": key[1], "place": key[2], **row} for key, row in rows.items()]
    return {"rows": named, "total": total, "labels": dict(counts), "readers": agreed}


def shares(
    given: Given, readers: Mapping[str, set[str]]
) -> Iterator[tuple[tuple[str, str, str], dict[str, int]]]:
    """Yield corpus, language and place, with the numbers of articles and of labelled ones."""
    found: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    for article, labels in zip(given.articles, given.labels, strict=True):
        place = "in" if article.id in readers else "out"
        found[article.corpus, article.lang, place].append(bool(labels))
    for key, labelled in sorted(found.items()):
        yield key, {"n_labelled": sum(labelled), "n_articles": len(labelled)}


def sum_up(rows: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return the sums of rows."""
    total = {"n_labelled": 0, "n_articles": 0}
    for row in rows:
        total = {name: total[name] + row[name] for name in total}
    return total


def agreement(given: Given, readers: Mapping[str, set[str]]) -> dict[str, int]:
    """Return how the labels compare with those of the readers, on the articles that they read."""
    counts = dict.fromkeys(("n_framed", "n_found", "n_given", "n_right", "n_quiet", "n_alarms"), 0)
    for article, labels in zip(given.articles, given.labels, strict=True):
        if article.id not in readers:
            continue
        truth = readers[article.id]
        counts["n_framed" if truth else "n_quiet"] += 1
        counts["n_found"] += bool(truth & {*labels})
        counts["n_alarms"] += bool(labels) and not truth
        counts["n_given"] += len(labels)
        counts["n_right"] += len(truth & {*labels})
    return counts


def measure_background(
    articles: Sequence[RealArticle],
    readers: Mapping[str, set[str]],
    *,
    max_firing: float | None,
    jobs: int,
) -> dict[str, Any]:
    """Judge each half by the starter alone, and by the starter with the other half as background."""
    alone = train_starter(jobs)
    results: dict[str, Any] = {"alone": _left_out("the starter alone", alone)}
    for half in (0, 1):
        held_out = [article for article in articles if article.half == half]
        feed = [FeedArticle(article.id, article.text) for article in articles if article.half != half]
        trained = train_starter(jobs, Background.draw(feed), max_firing)
        results[f"half {half}"] = {
            "left_out": _left_out(f"with {len(feed)} articles as background", trained),
            "alone": report(
                f"half {half}, the starter alone", judge(alone.model, held_out, jobs=jobs), readers
            ),
            "background": report(
                f"half {half}, the other half as background", judge(trained.model, held_out, jobs=jobs), readers
            ),
        }
    return results


def _left_out(name: str, trained: Trained) -> dict[str, Any]:
    """Print and return the scores of the starter's own left-out articles, and facts on the background."""
    scores, calibration = trained.metrics["overall"], trained.metrics["calibration"]
    background = trained.training.background
    found = {
        "samples_f1": scores["fine"]["samples_f1"],
        "false_alarm_rate": scores["false_alarm_rate"],
        "ece": calibration["ece"],
        "log_loss": calibration["log_loss"],
        "weight": None if background is None else background.weight,
        "n_set_aside": None if background is None else background.n_set_aside,
        "per_1000": None if background is None else background.any_label["per_1000"],
    }
    told = ", ".join(f"{key} {value:.4g}" for key, value in found.items() if value is not None)
    print(f"{name}: left-out starter articles: {told}\n", flush=True)
    return found


def _percent(row: Mapping[str, int]) -> str:
    return f"{100 * row['n_labelled'] / row['n_articles']:.2f} %" if row["n_articles"] else "-"
