"""What tomorrow may look like: which ways a corpus allows, and what the card says of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framescope.codebook import Codebook
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.training.outlooks import outlooks_of
from framescope.training.recipe import Recipe
from framescope.training.train import train
from reported import rows

CODEBOOK = Codebook.from_parents(
    {"bloc": None, "anti-csto": "bloc", "union-expands": "bloc", "west": None, "west-divides": "west"}, name="c"
)


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Corpus]:
    def read(content: Sequence[dict[str, Any]]) -> Corpus:
        path = tmp_path / "corpus.jsonl"
        path.write_text("\n".join(json.dumps(row) for row in content), encoding="utf-8")
        return read_corpus(path, codebook=CODEBOOK)

    return read


def dated(content: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "date": f"2026-01-{1 + number % 28:02}T08:00"} for number, row in enumerate(content)]


def test_a_corpus_with_every_column_is_judged_in_every_way(make: Callable[..., Corpus]) -> None:
    """64 articles: two batches, four sources, two languages, dates in fifths; evidence goes with its row."""
    found = outlooks_of(make(dated(rows())), [63, 0])
    assert list(found.groups) == ["article", "source", "story", "language", "batch"]
    assert all(len(names) == 66 for names in found.groups.values())
    assert found.groups["batch"] == [*["batch 0"] * 50, *["batch 1"] * 14, "batch 1", "batch 0"]
    assert found.groups["source"][:2] == ["group Outlet 0", "group Outlet 1"]
    assert found.periods is not None
    assert np.bincount(found.periods[:64]).tolist() == [12, 12, 14, 12, 14]
    assert found.periods[64:].tolist() == found.periods[[63, 0]].tolist()


def test_groups_that_are_known_are_not_found_again(make: Callable[..., Corpus]) -> None:
    """The stories that units are left out by may take as long to find as all else."""
    corpus = make(rows())
    names = [f"story of {number // 8}" for number in range(corpus.n_units)]
    assert outlooks_of(corpus, [3], known={"story": names}).groups["story"] == [*names, names[3]]


def test_later_units_have_later_periods_and_a_day_is_in_one(make: Callable[..., Corpus]) -> None:
    content = [{**row, "date": f"2026-0{1 + number // 16}-01"} for number, row in enumerate(rows())]
    periods = outlooks_of(make(content), []).periods
    assert periods is not None
    assert periods.tolist() == sorted(periods.tolist())
    assert len(set(periods.tolist())) == 4


def test_columns_that_are_not_there_or_of_one_value_give_no_outlook(make: Callable[..., Corpus]) -> None:
    plain = [
        {"id": row["id"], "text": row["text"], "labels": row["labels"], "lang": "bg"} for row in rows()[:40]
    ]
    found = outlooks_of(make(plain), [])
    assert list(found.groups) == ["article", "story"]
    assert found.periods is None
    few = [{**row, "date": "2026-01-01" if number % 2 else "yesterday"} for number, row in enumerate(plain)]
    assert outlooks_of(make(few), []).periods is None


def test_batches_hold_whole_articles(make: Callable[..., Corpus]) -> None:
    content = [{**row, "article_id": f"a{number // 2}"} for number, row in enumerate(rows(16))]
    assert outlooks_of(make(content), []).groups["batch"] == [*["batch 0"] * 100, *["batch 1"] * 28]


def test_facts_and_card_show_them_side_by_side(make: Callable[..., Corpus]) -> None:
    trained = train(make(dated(rows())), Recipe(n_new=20))
    facts = trained.training
    assert facts.group_by == "story"
    assert list(facts.outlooks) == ["article", "source", "story", "language", "batch", "time"]
    assert facts.outlooks["story"]["fine"] == trained.metrics["overall"]["fine"]
    card = trained.card
    for name in ("articles", "sources", "languages", "batches of 50"):
        assert f"\n| {name} | " in card
    labelled = facts.outlooks["batch"]["without_catch_all"]["fine"]
    assert f"{labelled['samples_f1']:.3f} | {labelled['micro_f1']:.3f} |\n" in card
    assert "Where every article carries a label, and catch-alls such as Other do not count, expect" in card
    assert f"{labelled['samples_f1']:.3f} without its batch" in card
    assert facts.new_articles is not None
    low, high = facts.new_articles["fine"]["micro_f1"]
    assert "Of 20 new articles like these expect, in 19 of 20 cases, samples-F1 between" in card
    assert f"micro-F1 between {low:.2f} and {high:.2f}" in card
    assert json.loads(json.dumps(facts.to_json(), allow_nan=False)) == facts.to_json()


def test_by_default_articles_of_one_story_are_left_out_together(make: Callable[..., Corpus]) -> None:
    """Each label is told by a story of its own: without it, giving both everywhere is the best that is left."""
    words = {label: f"{label}-event in the town of {label}ville with {label}son" for label in CODEBOOK.ids[1:3]}
    content = [
        {"id": f"{label}{n}", "text": f"{words[label]} {n}x{n} {n}y", "labels": [label]}
        for n in range(8)
        for label in words
    ]
    corpus = replace(make(content), codebook=Codebook.flat(words))
    by_story = train(corpus, Recipe())
    by_article = train(corpus, Recipe(group_by="article_id"))
    assert by_story.training.outlooks["story"]["n_groups"] == 2
    assert by_article.metrics["overall"]["fine"]["micro_f1"] > 0.9
    assert by_story.metrics["overall"]["fine"]["micro_f1"] < 0.67
