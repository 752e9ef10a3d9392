"""What rows say of their labels: columns of one label, lists of 0 and 1, and nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from framescope.corpus.conventions import Conventions, Empty
from framescope.corpus.read import read_corpus
from framescope.corpus.units import join_corpora
from framescope.errors import CorpusError

Write = Callable[[str, str | bytes], Path]
FEAR = Conventions(label_columns=("fear", "loyalty"))


@pytest.mark.parametrize(
    ("yes", "no"), [("1", "0"), ("yes", "no"), ("TRUE", "FALSE"), ("x", "-"), ("да", "не")]
)
def test_columns_of_one_label_each(write: Write, yes: str, no: str) -> None:
    """The codebook has all of them, in their order, also one that nothing bears."""
    path = write(
        "a.csv", f"id,text,fear,loyalty,note\na,Първи,{yes},{no},н\nb,Втори,{yes},,н\nc,Трети,{no},{no},\n"
    )
    corpus = read_corpus(path, conventions=FEAR)
    assert corpus.column("labels") == [["fear"], ["fear"], []]
    assert corpus.codebook.ids == ("fear", "loyalty")
    assert corpus.table.column_names[-1] == "note"


def test_an_x_alone_leaves_the_meaning_of_empty_rows_open(write: Write) -> None:
    path = write("a.csv", "id,text,fear,loyalty\na,Първи,x,\nb,Втори,,\n")
    with pytest.raises(
        CorpusError, match=r"a\.csv:3: 1 of 2 cells of fear, loyalty are empty: --empty none if"
    ):
        read_corpus(path, conventions=FEAR)
    none = read_corpus(path, conventions=Conventions(label_columns=FEAR.label_columns, empty=Empty.NONE))
    assert none.column("labels") == [["fear"], []]


def test_a_cell_that_says_neither_is_named(write: Write) -> None:
    path = write("a.csv", "id,text,fear,loyalty\na,Първи,1,maybe\n")
    with pytest.raises(
        CorpusError, match=r"a\.csv:2: loyalty: expected 0 or 1, yes or no, or x, found 'maybe'"
    ):
        read_corpus(path, conventions=FEAR)
    with pytest.raises(
        CorpusError, match=r"doubt: no such column; columns are: 'id', 'text', 'fear', 'loyalty'"
    ):
        read_corpus(path, conventions=Conventions(label_columns=("fear", "doubt")))


def test_without_labels_the_columns_that_may_be_labels_are_named(tmp_path: Path) -> None:
    rows = [
        {"text": "Първи", "fear": True, "loyalty": False, "n": 5},
        {"text": "Втори", "fear": False, "loyalty": True, "n": 1},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    with pytest.raises(CorpusError, match=r"labels: no such column; .*; --label-columns fear,loyalty if these"):
        read_corpus(tmp_path / "a.parquet")
    assert read_corpus(tmp_path / "a.parquet", conventions=FEAR).column("labels") == [["fear"], ["loyalty"]]


@pytest.mark.parametrize("values", [[1, 0], [True, False], [1.0, 0.0]])
def test_lists_of_0_and_1(tmp_path: Path, values: list[object]) -> None:
    table = pa.table({"text": ["Първи", "Втори"], "labels": [values, values[1:] * 2]})
    pq.write_table(table, tmp_path / "a.parquet")
    named = Conventions(label_names=("fear", "loyalty"))
    corpus = read_corpus(tmp_path / "a.parquet", conventions=named)
    assert corpus.column("labels") == [["fear"], []]
    assert corpus.codebook.ids == ("fear", "loyalty")
    with pytest.raises(CorpusError, match="name the places by --label-names"):
        read_corpus(tmp_path / "a.parquet")
    with pytest.raises(CorpusError, match="expected 0 or 1 for each of 3 --label-names"):
        read_corpus(tmp_path / "a.parquet", conventions=Conventions(label_names=("a", "b", "c")))


def test_uncoded_is_not_none(write: Write) -> None:
    """Null or missing: not judged. An empty list: judged, and no label; so is a row with evidence."""
    rows = [
        {"id": "a", "labels": ["x"]},
        {"id": "b", "labels": []},
        {"id": "c", "labels": None},
        {"id": "d"},
        {"id": "e", "labels": None, "spans": [{"start": 0, "end": 3, "label": "x"}]},
    ]
    path = write("a.jsonl", "\n".join(json.dumps({"text": "Нов блок", **row}) for row in rows))
    corpus = read_corpus(path)
    assert dict(zip(corpus.column("id"), corpus.column("labels"), strict=True)) == {
        "a": ["x"],
        "b": [],
        "e": [],
    }
    assert (corpus.n_units, corpus.n_uncoded, corpus.n_left_out) == (3, 2, 0)
    assert corpus.uncoded is not None
    assert corpus.uncoded["id"].to_pylist() == ["c", "d"]
    assert corpus.uncoded.schema.names == corpus.table.schema.names
    other = read_corpus(write("b.jsonl", '{"id": "f", "text": "т", "labels": "x"}\n{"id": "g", "text": "т"}'))
    assert join_corpora(corpus, [other]).n_uncoded == 3


def test_a_corpus_that_nobody_has_coded_is_refused(write: Write) -> None:
    with pytest.raises(CorpusError, match=r"no row is coded: all labels are null or missing"):
        read_corpus(write("a.jsonl", '{"text": "т", "labels": null}'))


@pytest.mark.parametrize("empty", Empty)
def test_empty_cells_are_asked_for(write: Write, empty: Empty) -> None:
    path = write("a.csv", "id,text,labels\na,Първи,x\nb,Втори,\nc,Трети,  \nd,Четвърти,[]\n")
    with pytest.raises(CorpusError) as caught:
        read_corpus(path, skip_invalid=True)
    assert str(caught.value) == (
        f"{path}:3: 2 of 4 cells of 'labels' are empty: --empty none if these rows have no label, "
        "--empty uncoded if nobody has judged them"
    )
    corpus = read_corpus(path, conventions=Conventions(empty=empty))
    assert corpus.n_uncoded == (2 if empty == Empty.UNCODED else 0)
    assert corpus.column("id") == (["a", "d"] if empty == Empty.UNCODED else ["a", "b", "c", "d"])


def test_what_else_is_wrong_is_said_with_the_question(write: Write) -> None:
    path = write("a.csv", "id,text,labels\na,Първи,x\nid,text,labels\nb,Втори,\n")
    with pytest.raises(CorpusError) as caught:
        read_corpus(path)
    assert [(problem.line, problem.message[:20]) for problem in caught.value.problems] == [
        (4, "1 of 2 cells of 'lab"),
        (3, "repeats the header, "),
    ]


def test_a_column_that_says_one_thing_only_is_no_label(write: Write) -> None:
    path = write("a.csv", "text,fear,seen\nПърви,1,x\nВтори,0,x\n")
    with pytest.raises(CorpusError, match=r"; --label-columns fear if these are labels$"):
        read_corpus(path)
