"""The corpus in memory: its table, and the lists that are made of it once."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus, texts_hash


@pytest.fixture
def corpus(samples: Path) -> Corpus:
    return read_corpus(samples / "articles.jsonl")


def test_columns_are_made_into_lists_once(corpus: Corpus) -> None:
    assert corpus.column("text") is corpus.column("text")
    assert corpus.full_texts() is corpus.full_texts()
    assert corpus.full_texts()[0] == f"{corpus.column('title')[0]}\n{corpus.column('text')[0]}"


def test_texts_are_let_go_and_made_again(corpus: Corpus) -> None:
    texts, full, ids = corpus.column("text"), corpus.full_texts(), corpus.column("id")
    corpus.forget_texts()
    assert corpus.column("text") is not texts
    assert corpus.full_texts() is not full
    assert (corpus.column("text"), corpus.full_texts()) == (texts, full)
    assert corpus.column("id") is ids


def test_the_hash_of_texts_is_of_nothing_else(corpus: Corpus) -> None:
    """Neither labels nor how Arrow holds the columns change it; ids, titles and texts do."""
    table, known = corpus.table, texts_hash(corpus)
    labels = table.set_column(8, "labels", pa.array([[]] * corpus.n_units, table.schema.field("labels").type))
    assert texts_hash(replace(corpus, table=labels)) == known
    parts = pa.concat_tables([table.slice(0, 1), table.slice(1)])
    assert texts_hash(replace(corpus, table=parts)) == known
    for name in ("id", "article_id", "title", "text"):
        values = [*corpus.column(name)[:-1], "друго"]
        other = table.set_column(table.column_names.index(name), name, pa.array(values))
        assert texts_hash(replace(corpus, table=other)) != known


def test_a_row_has_all_columns(corpus: Corpus) -> None:
    assert [corpus.row(number) for number in range(corpus.n_units)] == corpus.table.to_pylist()


def test_rows_are_selected_in_the_order_asked_for(corpus: Corpus) -> None:
    """Lists of the whole corpus do not stay with its part."""
    ids = corpus.column("id")
    selected = corpus.select(np.array([2, 0]))
    assert selected.column("id") == [ids[2], ids[0]]
    assert (selected.n_units, selected.codebook, selected.path) == (2, corpus.codebook, corpus.path)
    assert corpus.select([]).n_units == 0


def test_other_processes_get_the_table_alone(corpus: Corpus) -> None:
    size = len(pickle.dumps(corpus))
    texts = corpus.full_texts()
    assert len(pickle.dumps(corpus)) == size
    again = pickle.loads(pickle.dumps(corpus))  # noqa: S301 - our own
    assert again.full_texts() == texts
