"""Corpora that there is nothing to learn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from framescope.codebook import Codebook
from framescope.codebook_reading import parse_codebook
from framescope.corpus import duplicates
from framescope.corpus.duplicates import NearDuplicates, find_near_duplicates, normalize
from framescope.corpus.schema import Corpus
from framescope.errors import CorpusError, TrainingError
from framescope.training.material import with_evidence
from framescope.training.recipe import Recipe
from framescope.training.train import train
from recipes import BY_SOURCE, CODEBOOK, Make, probabilities, rows


def test_a_single_article_is_refused(make: Make) -> None:
    content = [row | {"article_id": "a"} for row in rows()]
    with pytest.raises(TrainingError, match=r"corpus\.jsonl: 64 unit.* of a single article: expected two"):
        train(make(content), Recipe())


def test_a_corpus_without_labels_is_refused(make: Make) -> None:
    content = [row | {"labels": [], "spans": []} for row in rows()]
    with pytest.raises(TrainingError, match="no unit has a label"):
        train(make(content), Recipe())


def test_one_label_everywhere_is_refused(make: Make) -> None:
    content = [row | {"labels": ["West: arms"], "spans": []} for row in rows()]
    with pytest.raises(TrainingError, match=r"every unit has the same label \(West, West: arms\)"):
        train(make(content), Recipe())


def test_a_single_group_is_refused(make: Make) -> None:
    content = [row | {"source": "only"} for row in rows()]
    with pytest.raises(TrainingError, match=r"every unit has the same source \('group only'\): expected two"):
        train(make(content), BY_SOURCE)


def test_units_without_a_group_are_left_out_by_article(make: Make) -> None:
    """They do not make one large group of strangers."""
    content = [row | {"source": ""} if number % 2 else row for number, row in enumerate(rows())]
    some = train(make(content), BY_SOURCE)
    assert some.warnings[-1] == "32 units have no source and are left out by article"
    assert "32 units have no source" in some.card


@pytest.mark.parametrize("change", [str, str.upper], ids=["equal", "in capitals"])
def test_a_text_that_every_source_prints_leaves_the_rest_alone(
    make: Make, change: Callable[[str], str]
) -> None:
    """The copies are left out together, the other articles of their sources are not."""
    shared = "Общият текст на агенцията излезе във всички вестници в един и същи ден."
    sources = sorted({row["source"] for row in rows()})
    copies = [
        {"id": f"copy{number}", "text": change(shared) if number % 2 else shared, "labels": ["West"],
         "lang": "bg", "source": source}
        for number, source in enumerate(sources)
    ]  # fmt: skip
    corpus = make([*rows(), *copies])
    trained = train(corpus, BY_SOURCE)
    alone = train(make(rows()), BY_SOURCE)
    here, there = (each.metrics["overall"]["fine"]["samples_f1"] for each in (trained, alone))
    assert here >= there - 0.1
    pairs = find_near_duplicates([normalize(text) for text in corpus.full_texts()]).pairs
    n_pairs = len(sources) * (len(sources) - 1) // 2
    assert sum(left >= len(rows()) for left, _ in pairs.tolist()) == n_pairs


def test_near_duplicates_are_searched_once(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the audit and for the fit."""
    searched = []

    def find(texts: Sequence[str]) -> NearDuplicates:
        searched.append(len(texts))
        return find_near_duplicates(texts)

    monkeypatch.setattr(duplicates, "find_near_duplicates", find)
    corpus = make(rows())
    train(corpus, BY_SOURCE)
    assert searched == [corpus.n_units]


def test_the_evidence_of_a_near_duplicate_goes_with_it() -> None:
    """Units 0 and 2 are alike; rows 3 and 4 are evidence of unit 2, row 5 of unit 1."""
    pairs = with_evidence(np.array([[0, 2]], np.int32), [2, 2, 1], 3)
    assert pairs.tolist() == [[0, 2], [0, 3], [0, 4]]


def test_labels_without_examples_are_refused_unless_allowed(make: Make) -> None:
    more = {label.id: label.parent for label in CODEBOOK.labels} | {f"unseen{k}": None for k in range(7)}
    corpus = make(rows(), Codebook.from_parents(more, name="more"))
    named = r"7 labels .* have no example: unseen0, unseen1, unseen2, unseen3, unseen4, \.\.\.: annotate"
    with pytest.raises(TrainingError, match=named):
        train(corpus, BY_SOURCE)
    trained = train(corpus, replace(BY_SOURCE, allow_unseen_labels=True))
    found = probabilities(trained, corpus.full_texts())
    assert found.shape == (64, 12)
    assert found[:, 5:].max() < 0.1


def test_texts_that_share_nothing_are_refused(make: Make) -> None:
    texts = ["αβγ δεζ", "жзи клм", "qwe rty", "नया गुट"]
    content = [{"id": t, "text": t, "labels": ["a"] if k % 2 else ["b"]} for k, t in enumerate(texts)]
    with pytest.raises(TrainingError, match="no feature occurs in 2 units"):
        train(make(content, None), Recipe())


def test_an_unknown_group_column_is_an_error_of_the_corpus(corpus: Corpus) -> None:
    with pytest.raises(CorpusError, match="outlet: no such column"):
        train(corpus, Recipe(group_by="outlet"))


def test_a_label_of_a_single_article_is_no_trouble(make: Make) -> None:
    """Left out, it leaves a corpus without labels."""
    content = [row | {"labels": ["West: arms"] if row["id"] == "bg4" else [], "spans": []} for row in rows()]
    codebook = parse_codebook({"name": "one", "labels": [{"id": "West: arms"}]}, "one.json")
    trained = train(make(content, codebook), BY_SOURCE)
    assert trained.metrics["overall"]["false_alarm_rate"] < 0.1
