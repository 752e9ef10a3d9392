"""What systems compete on: labels, a training part, a held-out part, and articles to be timed on."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.news import own_articles, read_sentences, shuffled_articles, write_articles
from bench.quality import CHECKOUT, TASKS, Split, corpora_folder, splits_of
from bench.synthetic import DEFAULT_SHAPE, Shape, synthetic_corpus
from framescope.codebook import Codebook
from framescope.corpus.schema import Corpus

STARTER = CHECKOUT / "data" / "starter"


@dataclass(frozen=True)
class Contest:
    """``train`` and ``held_out`` are lines of JSON, with ``codebook.json`` and ``labels.json`` beside them.

    ``articles`` are sets of articles by name, lines of JSON; the first set counts.
    """

    about: str
    n_labels: int
    train: Path
    held_out: Path
    articles: dict[str, Path]


def techniques(folder: Path, *, n_bytes: int) -> Contest:
    """Return the contest on 25 persuasion techniques, or on the starter corpus where there are no corpora."""
    task, root = TASKS[0], corpora_folder()
    about = f"{task.name}, published split"
    if not (root / task.train).exists():
        task, root = TASKS[-1], CHECKOUT
        about = "data/starter, a fifth of the sources held out (FRAMESCOPE_CORPORA has no slavic_persuasion)"
    split = next(splits_of(task, root, n_seeds=1))
    codebook = split[0].codebook
    flat = Codebook.flat([codebook.ids[column] for column in codebook.fine])
    return write_contest(folder, about, split, flat, news(folder, n_bytes))


def narratives(folder: Path, *, n_bytes: int, shape: Shape = DEFAULT_SHAPE) -> Contest:
    """Return the contest on the synthetic corpus: 117 labels of two levels, and more articles of its words."""
    n_held_out = shape.n_articles // 4
    # However many are timed, so that the training part is always the same.
    n_timed = 4 * shape.n_articles
    corpus = synthetic_corpus(replace(shape, n_articles=shape.n_articles + n_held_out + n_timed))
    fitted_on, held_out, timed = (
        corpus.select(rows)
        for rows in np.split(np.arange(corpus.n_units), [shape.n_articles, shape.n_articles + n_held_out])
    )
    folder.mkdir(parents=True, exist_ok=True)
    articles = {"synthetic": write_articles(folder / "synthetic.jsonl", timed.full_texts())}
    about = f"{fitted_on.n_units:,} synthetic articles, {held_out.n_units} more held out"
    return write_contest(
        folder, about, (fitted_on, held_out), corpus.codebook, articles | news(folder, n_bytes)
    )


def news(folder: Path, n_bytes: int) -> dict[str, Path]:
    """Write articles of all corpora that are there: sentences shuffled and repeated, and each once."""
    sentences = read_sentences([STARTER, *filter(Path.is_dir, [corpora_folder()])])
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "shuffled": write_articles(folder / "shuffled.jsonl", shuffled_articles(sentences, n_bytes)),
        "once": write_articles(folder / "once.jsonl", own_articles(sentences)),
    }


def write_contest(
    folder: Path, about: str, split: Split, codebook: Codebook, articles: dict[str, Path]
) -> Contest:
    """Write both parts with closed label sets: every system learns and is judged on all columns."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_json(folder / "codebook.json", codebook.to_json())
    _write_json(folder / "labels.json", list(codebook.ids))
    train, held_out = folder / "train.jsonl", folder / "held-out.jsonl"
    for path, corpus in zip((train, held_out), split, strict=True):
        path.write_text("".join(_lines(corpus, codebook)), encoding="utf-8")
    return Contest(about, len(codebook.ids), train, held_out, articles)


def _lines(corpus: Corpus, codebook: Codebook) -> list[str]:
    """Return a unit a line; the text is what a model reads, labels outside the codebook are left out."""
    fields = [corpus.column(name) for name in ("id", "lang", "article_id", "labels")]
    return [
        json.dumps(
            {
                "id": unit,
                "lang": lang,
                "article_id": article,
                "text": text,
                "labels": codebook.close(label for label in labels if label in codebook.columns),
            },
            ensure_ascii=False,
        )
        + "\n"
        for text, unit, lang, article, labels in zip(corpus.full_texts(), *fields, strict=True)
    ]


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
