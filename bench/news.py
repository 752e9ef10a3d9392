"""Articles to time systems on: sentences of the corpora at the lengths of news, shuffled or as they stand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

MEDIAN_BYTES = 4000
SIGMA = 0.6  # of the logarithm of an article's bytes
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")

Sentences = dict[str, list[str]]


def read_sentences(folders: Iterable[Path]) -> Sentences:
    """Return the sentences of all articles below the folders by language, in the order of the files.

    Sentences that a corpus also has as units of their own (``techniques.jsonl``) are not read twice.
    """
    sentences: Sentences = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.jsonl")):
            if path.name == "techniques.jsonl":
                continue
            with path.open(encoding="utf-8") as lines:
                for line in lines:
                    unit = json.loads(line)
                    text = " ".join(filter(None, [unit.get("title"), unit["text"]]))
                    sentences.setdefault(unit["lang"], []).extend(filter(None, SENTENCE_END.split(text)))
    return sentences


def shuffled_articles(sentences: Sentences, n_bytes: int, *, seed: int = 0) -> Iterator[str]:
    """Yield articles of one language each; no sentence comes again before all of its language have come."""
    rng = np.random.default_rng(seed)
    sizes = np.array([_size(own) for own in sentences.values()])
    streams = [_forever(own, rng) for own in sentences.values()]
    while n_bytes > 0:
        stream = streams[rng.choice(len(streams), p=sizes / sizes.sum())]
        article = next(_articles(stream, rng))
        n_bytes -= len(article.encode())
        yield article


def own_articles(sentences: Sentences, *, seed: int = 0) -> list[str]:
    """Return articles of all sentences, each once and beside its neighbours; only the articles are shuffled."""
    rng = np.random.default_rng(seed)
    articles = [article for own in sentences.values() for article in _articles(iter(own), rng)]
    return [articles[k] for k in rng.permutation(len(articles))]


def write_articles(path: Path, articles: Iterable[str]) -> Path:
    """Write lines of JSON with a ``text``."""
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in articles)
    return path


def _articles(sentences: Iterator[str], rng: np.random.Generator) -> Iterator[str]:
    """Cut a stream of sentences into articles of lognormal size."""
    article, left = [], MEDIAN_BYTES * rng.lognormal(sigma=SIGMA)
    for sentence in sentences:
        article.append(sentence)
        left -= len(sentence.encode()) + 1
        if left <= 0:
            yield " ".join(article)
            article, left = [], MEDIAN_BYTES * rng.lognormal(sigma=SIGMA)
    if article:
        yield " ".join(article)


def _forever(sentences: list[str], rng: np.random.Generator) -> Iterator[str]:
    while True:
        yield from (sentences[k] for k in rng.permutation(len(sentences)))


def _size(sentences: list[str]) -> int:
    return sum(len(sentence.encode()) for sentence in sentences)
