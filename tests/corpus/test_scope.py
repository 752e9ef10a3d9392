"""Which labels the units of a corpus are in scope of."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from framescope.codebook import Codebook
from framescope.codebook_reading import parse_codebook
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.corpus.scope import units_in_scope
from framescope.corpus.units import split_units

CODEBOOK = parse_codebook(
    {
        "labels": [
            {
                "id": "bloc",
                "mentions": {"bg": ["одкб"]},
                "children": [{"id": "turan", "mentions": {"bg": ["туран*"]}}],
            },
            {"id": "fear"},
        ]
    },
    "c.json",
)
Make = Callable[..., Corpus]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def read(*rows: dict[str, object]) -> Corpus:
        path = tmp_path / "articles.jsonl"
        lines = [json.dumps({"labels": [], **row}, ensure_ascii=False) + "\n" for row in rows]
        path.write_text("".join(lines), encoding="utf-8")
        return read_corpus(path, codebook=CODEBOOK)

    return read


def test_title_and_text_put_an_article_in_scope(make: Make) -> None:
    corpus = make({"title": "ОДКБ", "text": "Блок"}, {"text": "Велик Туран"}, {"text": "Дъжд"})
    found = units_in_scope(corpus, CODEBOOK)
    assert found is not None
    # bloc, turan, fear
    assert found.tolist() == [[True, False, True], [True, True, True], [False, False, True]]


def test_what_one_unit_of_an_article_names_counts_for_all(make: Make) -> None:
    rows = [
        {"id": "1", "article_id": "a", "text": "Туран расте."},
        {"id": "2", "article_id": "b", "text": "Дъжд."},
        {"id": "3", "article_id": "a", "text": "Хората се боят."},
    ]
    found = units_in_scope(make(*rows), CODEBOOK)
    assert found is not None
    assert found[:, 1].tolist() == [True, False, True]


def test_cutting_keeps_what_the_text_names_and_drops_the_title(make: Make) -> None:
    corpus = make({"id": "a", "title": "ОДКБ", "text": "Дъжд. Туран расте. Студ."})
    cut = split_units(corpus, "sentence")
    found = units_in_scope(cut, CODEBOOK)
    assert found is not None
    assert found.tolist() == [[True, True, True]] * 3
    no_text = split_units(make({"id": "a", "title": "ОДКБ", "text": "Дъжд. Студ."}), "sentence")
    found = units_in_scope(no_text, CODEBOOK)
    assert found is not None
    assert found.tolist() == [[False, False, True]] * 2


def test_the_codebook_that_is_asked_for_counts(make: Make) -> None:
    """A model's may differ from the corpus's."""
    corpus = make({"text": "Дъжд"})
    assert units_in_scope(corpus, Codebook.flat(["a"])) is None
