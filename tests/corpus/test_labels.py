"""Cells of labels in every spelling, and labels that are others joined."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framescope.codebook import Codebook
from framescope.corpus.conventions import Conventions
from framescope.corpus.labels import joined_labels, labels_of
from framescope.corpus.read import read_corpus
from framescope.errors import CorpusError

Write = Callable[[str, str | bytes], Path]


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        ("страх; съмнение", ["страх", "съмнение"]),
        ("['fear', 'loyalty']", ["fear", "loyalty"]),
        ('["fear", "страх"]', ["fear", "страх"]),
        ("['fear' 'loyalty'\n 'doubt']", ["fear", "loyalty", "doubt"]),
        ("array(['fear'], dtype=object)", ["fear"]),
        ("('fear',)", ["fear"]),
        ("{'fear', 'fear'}", ["fear"]),
        ("['it\\'s', \"war's\"]", ["it's", "war's"]),
        ("['\\u0441\\x41']", ["сA"]),
        ('{"choices": ["fear", "loyalty"]}', ["fear", "loyalty"]),
        ('"fear"', ["fear"]),
        ('"fear";"doubt"', ["fear", "doubt"]),
        ("[]", []),
        ("[ ]", []),
        ("()", []),
        ("set()", []),
        ("(other)", ["(other)"]),
        ('"Foreign" agents', ['"Foreign" agents']),
        ("None", ["None"]),
        (" ", []),
    ],
)
def test_a_cell_in_any_spelling_gives_its_labels(cell: str, labels: list[str]) -> None:
    assert labels_of(cell) == labels


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("[fear, loyalty]", "looks like a list, but is none"),
        ("['fear''loyalty']", "looks like a list, but is none"),
        ("[None]", "looks like a list, but is none"),
        ("['fear'", "looks like a list"),
        ("[1]", r"expected a list of labels, or labels joined by ; or \|, found \[1\] \(list\)"),
        ('{"fear": 1}', "expected a list of labels"),
        (["['fear']"], "is spelt like a list: write each label by itself"),
        (["fear\x00"], "label 'fear.x00' has a control character: remove it"),
        ("fear; \x1b[2Jdoubt", "has a control character: remove it"),
        ("['\\ud800']", "half of a surrogate pair"),
    ],
)
def test_what_is_no_cell_of_labels_is_refused(cell: object, message: str) -> None:
    if cell == "['fear'":
        assert labels_of(cell) == [cell]
        return
    with pytest.raises(ValueError, match=message):
        labels_of(cell)


names = st.text(st.characters(exclude_categories=("C",)), min_size=1).filter(
    lambda name: name.strip() == name and not set(name) & set(';|[]{}"')
)


@given(labels=st.lists(names, unique=True))
def test_every_spelling_of_a_list_gives_the_same_labels(labels: list[str]) -> None:
    assert labels_of(labels) == labels
    assert labels_of(json.dumps(labels)) == labels
    assert labels_of(json.dumps(labels, ensure_ascii=False)) == labels
    assert labels_of(repr(labels)) == labels
    assert labels_of(repr(tuple(labels))) == labels
    assert labels_of(json.dumps({"choices": labels})) == labels
    assert labels_of(";".join(f" {label} " for label in labels)) == labels


@given(cell=st.text() | st.lists(st.text(max_size=3)).map(repr))
def test_any_text_gives_labels_or_a_message(cell: str) -> None:
    try:
        labels = labels_of(cell)
    except ValueError as error:
        assert str(error)  # noqa: PT017
    else:
        assert all(label == label.strip() != "" for label in labels)


@pytest.mark.parametrize(
    ("found", "joined"),
    [
        (["fear", "fear, loyalty"], {"fear, loyalty": ","}),
        (["fear", "fear#loyalty"], {"fear#loyalty": "#"}),
        (["fear;loyalty", "fear | loyalty"], {"fear;loyalty": ";", "fear | loyalty": "|"}),
        (["a, b", "b, c", "a, c"], {"a, b": ",", "b, c": ",", "a, c": ","}),
        (["страх", "дълг", "страх дълг"], {"страх дълг": " "}),
        (["Crime, law", "Economy"], {}),
        (["Loaded Language", "Language"], {}),
        (["Discrediting the West, Diplomacy: Other", "Discrediting the West, Diplomacy: Weak"], {}),
    ],
)
def test_labels_that_are_others_joined_are_found(found: list[str], joined: dict[str, str]) -> None:
    assert joined_labels(found) == joined


def test_labels_that_a_codebook_names_are_not_joined() -> None:
    assert joined_labels(["fear, loyalty", "fear"], ["fear, loyalty", "fear"]) == {}


JOINED = 'id,text,labels\na,Първи,"fear, loyalty"\nb,Втори,fear\n'


def test_a_joined_label_is_refused_with_what_splits_it(write: Write) -> None:
    path = write("a.csv", JOINED)
    expected = (
        r"a\.csv:2: labels: label 'fear, loyalty' seems to be 'fear' and 'loyalty' in one: --label-sep.* ','"
    )
    with pytest.raises(CorpusError, match=expected):
        read_corpus(path)
    split = read_corpus(path, conventions=Conventions(label_separator=","))
    assert split.column("labels") == [["fear", "loyalty"], ["fear"]]
    assert read_corpus(path, skip_invalid=True).column("id") == ["b"]
    whole = read_corpus(path, codebook=Codebook.flat(["fear, loyalty", "fear"]))
    assert whole.column("labels") == [["fear, loyalty"], ["fear"]]


def test_a_separator_splits_lists_and_nothing_else_splits(write: Write) -> None:
    path = write("a.jsonl", '{"text": "т", "labels": ["a#b"]}\n{"text": "у", "labels": "a;c"}\n')
    corpus = read_corpus(path, conventions=Conventions(label_separator="#"))
    assert corpus.column("labels") == [["a", "b"], ["a;c"]]


@pytest.mark.parametrize(
    ("label", "hint"),
    [
        ("Fear", "near 'fear' (other capitals or spaces)"),
        ("fеar", "near 'fear' (letters of another script, or other signs)"),
        ("strах", ""),
        ("лоялност\u0438\u0306", "near 'лоялностй' (the same letters, composed in another way)"),
        ("faer", "near 'fear'"),
        ("fear#лоялностй", "--label-separator '#' splits it"),
    ],
)
def test_an_unknown_label_comes_with_the_one_that_is_near(write: Write, label: str, hint: str) -> None:
    path = write("a.jsonl", json.dumps({"text": "т", "labels": [label]}))
    with pytest.raises(CorpusError) as caught:
        read_corpus(path, codebook=Codebook.flat(["fear", "лоялностй"]))
    message = f"{path}:1: labels: label {label!r} is not in the codebook"
    assert str(caught.value) == (f"{message}: {hint}" if hint else message)


def test_without_a_codebook_the_labels_are_found(write: Write) -> None:
    path = write("a.csv", "text,labels\nДа,x\n")
    assert read_corpus(path).has_found_labels
    assert not read_corpus(path, codebook=Codebook.flat(["x"])).has_found_labels
