"""Articles cut into units, with the labels of their spans; corpora joined."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from framescope.codebook import Codebook
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from framescope.corpus.units import join_corpora, split_units
from framescope.errors import CorpusError

CODEBOOK = Codebook.from_parents({"bloc": None, "anti-csto": "bloc", "fear": None}, name="small")
TEXT = "Вечер. Блокът срещу Москва расте.\nНарод боится! So what?"
Make = Callable[..., Corpus]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def make_corpus(
        *rows: dict[str, Any], name: str = "articles.jsonl", codebook: Codebook = CODEBOOK
    ) -> Corpus:
        path = tmp_path / name
        lines = [json.dumps({"labels": [], **row}, ensure_ascii=False) + "\n" for row in rows]
        path.write_text("".join(lines), encoding="utf-8")
        return read_corpus(path, codebook=codebook)

    return make_corpus


def span(words: str, label: str) -> dict[str, Any]:
    start = TEXT.index(words)
    return {"start": start, "end": start + len(words), "label": label}


def article(**fields: Any) -> dict[str, Any]:
    return {"id": "a", "title": "Заглавие", "source": "Вестник", "text": TEXT, **fields}


def test_sentences_bear_the_labels_of_the_spans_that_overlap_them(make: Make) -> None:
    """A span over two sentences is cut at their border; the offsets count from the sentence's start."""
    spans = [span("Москва расте.\nНарод", "anti-csto"), span("боится", "fear")]
    corpus = split_units(make(article(labels=["bloc", "anti-csto", "fear"], spans=spans)), "sentence")

    assert corpus.column("id") == ["a#1", "a#2", "a#3", "a#4"]
    assert corpus.column("text") == ["Вечер.", "Блокът срещу Москва расте.", "Народ боится!", "So what?"]
    assert corpus.column("labels") == [[], ["anti-csto"], ["anti-csto", "fear"], []]
    assert corpus.column("spans") == [
        [],
        [{"start": 13, "end": 26, "label": "anti-csto"}],
        [{"start": 0, "end": 5, "label": "anti-csto"}, {"start": 6, "end": 12, "label": "fear"}],
        [],
    ]
    assert corpus.column("article_id") == ["a"] * 4
    assert corpus.column("source") == ["Вестник"] * 4
    assert corpus.column("title") == [""] * 4
    assert (corpus.unit, corpus.n_left_out) == ("sentence", 0)


def test_paragraphs(make: Make) -> None:
    corpus = split_units(make(article(labels=["fear"], spans=[span("So", "fear")])), "paragraph")
    assert corpus.column("text") == TEXT.split("\n")
    assert corpus.column("labels") == [[], ["fear"]]


def test_whole_articles_stay_as_they_are(make: Make) -> None:
    corpus = make(article(labels=["fear"]))
    assert split_units(corpus, "article") is corpus
    assert corpus.unit == "article"


def test_rows_that_have_been_cut_already_keep_their_own_annotation(make: Make) -> None:
    """A sentence by its length, and a passage of several sentences by its article."""
    sentence = {"id": "s", "text": "Сам.", "labels": ["fear"]}
    passage = article(labels=["bloc"], article_id="whole")
    corpus = split_units(make(sentence, passage), "sentence")
    assert corpus.column("id") == ["s", "a"]
    assert corpus.column("labels") == [["fear"], ["bloc"]]
    assert corpus.column("text") == ["Сам.", TEXT]


def test_an_article_with_a_label_that_no_span_bears_is_left_out(make: Make) -> None:
    """Its unlabelled sentences may be labelled ones; a span of an unknown label says nothing."""
    spans = [span("боится", "fear"), span("So", "note")]
    silent = article(id="silent", labels=["fear", "bloc"], spans=spans)
    flat = make(silent, article(labels=["fear"], spans=[span("So", "fear")]), codebook=None)
    corpus = split_units(flat, "sentence")
    assert set(corpus.column("article_id")) == {"a"}
    assert corpus.n_left_out == 1
    assert "silent: no span tells which sentence bears the label 'bloc'" in str(corpus.left_out[0])
    with pytest.raises(CorpusError, match="no span tells which paragraph bears the label 'fear'"):
        split_units(make(article(labels=["fear"])), "paragraph")


def test_a_span_of_a_child_places_its_parent(make: Make) -> None:
    corpus = split_units(make(article(labels=["bloc"], spans=[span("Вечер", "anti-csto")])), "sentence")
    assert corpus.column("labels")[0] == ["anti-csto"]


def test_joined_corpora_have_the_units_of_all(make: Make) -> None:
    first = make({"id": "1", "text": "Един", "labels": ["fear"], "genre": "op-ed"})
    second = make({"id": "2", "text": "Два", "labels": ["bloc"], "start": 0}, name="more.jsonl")
    corpus = join_corpora(first, [second])
    assert corpus.column("id") == ["1", "2"]
    assert corpus.column("labels") == [["fear"], ["bloc"]]
    assert corpus.also == (second.path,)
    assert "genre" not in corpus.table.column_names
    assert "kind" not in corpus.table.column_names


def test_joined_corpora_keep_the_kinds_that_any_has(make: Make) -> None:
    first = make({"id": "1", "text": "Един", "labels": ["fear"]})
    second = make({"id": "2", "text": "Два", "labels": [], "kind": "refuted"}, name="more.jsonl")
    assert join_corpora(first, [second]).column("kind") == [None, "refuted"]
    assert join_corpora(second, [first]).column("kind") == ["refuted", None]


def test_corpora_that_cannot_be_joined_are_refused(make: Make) -> None:
    first = make({"id": "1", "text": "Един", "labels": ["fear"]})
    same = make({"id": "1", "text": "Два", "labels": ["fear"]}, name="same.jsonl")
    with pytest.raises(CorpusError, match=r"same\.jsonl: id '1' stands in .*articles\.jsonl, too"):
        join_corpora(first, [same])
    other = make({"id": "2", "text": "Два", "labels": ["joy"]}, name="other.jsonl", codebook=None)
    with pytest.raises(CorpusError, match=r"other\.jsonl: its codebook .* has other labels than 'small'"):
        join_corpora(first, [other])


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ((7, 33), [[], ["fear"], [], []]),  # the sentence, exactly
        ((5, 33), [[], ["fear"], [], []]),  # and the full stop before it
        ((7, 35), [[], ["fear"], [], []]),  # and a letter after it
        ((7, 39), [[], ["fear"], ["fear"], []]),  # and a word after it
        ((8, 12), [[], ["fear"], [], []]),  # within a word
        ((5, 6), [["fear"], [], [], []]),  # a full stop alone
        ((30, 38), [[], [], ["fear"], []]),  # parts of two words: the longer one
    ],
)
def test_a_span_labels_the_units_with_which_it_shares_a_word(
    make: Make, marked: tuple[int, int], expected: list[list[str]]
) -> None:
    assert TEXT[7:33] == "Блокът срещу Москва расте."
    evidence = {"start": marked[0], "end": marked[1], "label": "fear"}
    corpus = split_units(make(article(labels=["fear"], spans=[evidence])), "sentence")
    assert corpus.column("labels") == expected
    assert [bool(spans) for spans in corpus.column("spans")] == [bool(labels) for labels in expected]
