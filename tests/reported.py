"""A small model with the record of its training, and its corpus, for reports."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from framescope.codebook import Codebook
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.predictor import Predictor
from framescope.training.recipe import Recipe
from framescope.training.train import train

CODEBOOK = Codebook.from_parents(
    {"bloc": None, "anti-csto": "bloc", "union-expands": "bloc", "west": None, "west-divides": "west"},
    name="<b>tiny</b> & co",
)
PHRASES = {
    "anti-csto": {"bg": "Нов военен блок подкопава ОДКБ", "en": "A new military bloc undermines the CSTO"},
    "union-expands": {"bg": "Тюркският съюз се разширява", "en": "The Turkic union expands to the east"},
    "west-divides": {"bg": "Западът разделя съседите", "en": "The West divides the neighbours"},
    "": {"bg": "Реколтата от грозде беше добра", "en": "The grape harvest was good"},
}
SYLLABLES = {
    "bg": "ба ве го ди жа зо ку ли мо ну па ре со ту фи ха",
    "en": "ba ve go di ja zo ku li mo nu pa re so tu fi ha",
}
WRONG = {"bg-union-expands-7": "west-divides", "en-west-divides-7": "union-expands"}
HOSTILE = "<script>document.title='run'</script><img src=x onerror=alert(1)>"


@dataclass(frozen=True)
class Trained:
    """A saved model and what it was trained on."""

    predictor: Predictor
    corpus: Corpus
    path: Path
    corpus_path: Path


def rows(n_each: int = 8) -> list[dict[str, Any]]:
    """Return articles of four outlets; those of ``WRONG`` bear another's label, and markup in their titles."""
    rng = random.Random(3)  # noqa: S311 - sentences, not secrets
    found = []
    for label, phrases in PHRASES.items():
        for lang, phrase in phrases.items():
            for number in range(n_each):
                news = [sentence(lang, rng) for _ in range(3)]
                unit = f"{lang}-{label or 'none'}-{number}"
                given = WRONG.get(unit, label)
                found.append(
                    {
                        "id": unit,
                        "lang": lang,
                        "source": f"Outlet {number % 4}",
                        "title": f"{news[0]} {HOSTILE}" if unit in WRONG else news[0],
                        "text": f"{news[1]}. {phrase}! {news[2]} {number}.",
                        "labels": [given] if given else [],
                    }
                )
    return found


def sentence(lang: str, rng: random.Random) -> str:
    """Return eight words that say nothing and make no two articles alike."""
    return " ".join("".join(rng.choices(SYLLABLES[lang].split(), k=3)) for _ in range(8))


def write(path: Path, content: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content), encoding="utf-8")
    return path


def with_column(corpus: Corpus, name: str, values: Sequence[object]) -> Corpus:
    """Return a corpus with other values in one of its columns."""
    at = corpus.table.schema.get_field_index(name)
    field = corpus.table.schema.field(name)
    return replace(corpus, table=corpus.table.set_column(at, field, pa.array(values, field.type)))


def train_small(home: Path) -> Trained:
    """Train a model of 64 articles in two languages, grouped by source."""
    corpus_path = write(home / "articles.jsonl", rows())
    corpus = read_corpus(corpus_path, codebook=CODEBOOK)
    train(corpus, Recipe(group_by="source")).save(home / "model")
    (home / "codebook.json").write_text(json.dumps(CODEBOOK.to_json()), encoding="utf-8")
    return Trained(Predictor.load(home / "model"), corpus, home / "model", corpus_path)
