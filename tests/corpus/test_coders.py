"""What several coders gave: kept by coder, and resolved into one label set."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from framescope.codebook import Codebook
from framescope.corpus.conventions import Conventions, Empty, Resolve
from framescope.corpus.read import read_corpus
from framescope.corpus.resolving import resolved, ties
from framescope.corpus.schema import Corpus, FieldNames
from framescope.corpus.units import split_units
from framescope.errors import CorpusError
from framescope.text.segments import Unit

Write = Callable[[str, str | bytes], Path]

TEXT = "Пазете се 😀: те ни делят."
BOOK = Codebook.from_parents({"urw": None, "fear": "urw", "doubt": "urw", "cc": None}, name="book")


def by(coder: object, *labels: str, **more: object) -> dict[str, Any]:
    return {"coder": coder, "labels": list(labels), **more}


def lines(write: Write, *rows: object, name: str = "a.jsonl") -> Path:
    return write(name, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def article(*annotations: object, article_id: str = "a", **more: object) -> dict[str, Any]:
    return {"id": article_id, "text": TEXT, "annotations": list(annotations), **more}


def coded(corpus: Corpus, row: int = 0) -> list[tuple[str, list[str]]]:
    return [(one["coder"], one["labels"]) for one in corpus.column("coders")[row]]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (Resolve.MAJORITY, (["fear"], [])),
        (Resolve.UNION, (["fear", "doubt", "cc"], [])),
        (Resolve.INTERSECTION, ([], [])),
    ],
)
def test_labels_of_three_coders(how: Resolve, expected: object) -> None:
    assert resolved([["fear", "doubt"], ["fear"], ["cc"]], how) == expected


def test_a_label_of_half_of_the_coders_is_a_tie_of_the_majority_only() -> None:
    halves = [["fear"], ["fear"], [], ["doubt"]]
    assert resolved(halves, Resolve.MAJORITY) == ([], ["fear"])
    assert resolved(halves, Resolve.UNION) == (["fear", "doubt"], [])
    assert resolved(halves, Resolve.INTERSECTION) == ([], [])


def test_coders_of_two_children_agree_on_the_parent() -> None:
    assert resolved([["fear"], ["doubt"], ["urw"]], Resolve.MAJORITY, BOOK) == (["urw"], [])
    assert resolved([["fear"], ["urw", "fear"], []], Resolve.MAJORITY, BOOK) == (["fear"], [])
    assert resolved([["fear"], ["doubt"]], Resolve.MAJORITY, BOOK) == (["urw"], ["fear", "doubt"])


def test_annotations_are_kept_by_coder_and_the_majority_decides(write: Write) -> None:
    path = lines(
        write,
        article(by("anna", "fear"), by("Боян", "fear", "doubt"), by(3, "fear", "cc")),
        article(by("anna"), by("Боян", "doubt"), article_id="b"),
    )
    corpus = read_corpus(path)
    assert corpus.column("id") == ["a"]
    assert corpus.column("labels") == [["fear"]]
    assert coded(corpus) == [("anna", ["fear"]), ("Боян", ["fear", "doubt"]), ("3", ["fear", "cc"])]
    assert ties(corpus) == ["b: 1 of 2 coders gave 'doubt'"]
    assert corpus.uncoded is not None
    assert corpus.uncoded["id"].to_pylist() == ["b"]
    assert corpus.n_left_out == 0
    assert "annotations" not in corpus.table.column_names


@pytest.mark.parametrize(("how", "labels"), [("union", ["fear", "doubt"]), ("intersection", ["fear"])])
def test_the_way_to_resolve_is_the_users(write: Write, how: str, labels: list[str]) -> None:
    path = lines(write, article(by("anna", "fear"), by("Боян", "fear", "doubt")))
    assert read_corpus(path, conventions=Conventions(resolve=Resolve(how))).column("labels") == [labels]


def test_labels_beside_the_coders_are_the_labels_unless_a_way_is_named(write: Write) -> None:
    path = lines(write, article(by("anna", "fear"), by("Боян", "fear"), labels=["doubt"]))
    assert read_corpus(path).column("labels") == [["doubt"]]
    assert coded(read_corpus(path)) == [("anna", ["fear"]), ("Боян", ["fear"])]
    conventions = Conventions(resolve=Resolve.MAJORITY)
    assert read_corpus(path, conventions=conventions).column("labels") == [["fear"]]


def test_spans_of_labels_that_are_not_kept_go(write: Write) -> None:
    """One label marked by two coders keeps both spans; an emoji before them counts one."""
    first = by("anna", "fear", spans=[{"start": 0, "end": 9, "label": "fear"}])
    second = by("Боян", "fear", "cc", spans=[{"start": 16, "end": 18, "label": "cc"}])
    third = by("в", "fear", spans=[{"start": 13, "end": 24, "label": "fear", "text": "те ни делят"}])
    corpus = read_corpus(lines(write, article(first, second, third)))
    assert corpus.column("spans") == [
        [{"start": 0, "end": 9, "label": "fear"}, {"start": 13, "end": 24, "label": "fear"}]
    ]
    assert [len(one["spans"]) for one in corpus.column("coders")[0]] == [1, 1, 1]


LONG = "id,text,who,labels\na,Първи,anna,fear\na,Първи,Боян,fear;doubt\na,Първи,в,fear\nb,Втори,anna,doubt\n"
CODER = FieldNames(coder="who")


def test_sentences_have_no_coders(write: Write) -> None:
    span = {"start": 0, "end": 6, "label": "fear"}
    row = article(by("anna", "fear", spans=[span]), by("Боян", "fear")) | {"text": "Пазете се. Те ни делят."}
    units = split_units(read_corpus(lines(write, row)), Unit.SENTENCE)
    assert units.column("labels") == [["fear"], []]
    assert "coders" not in units.table.column_names


def test_a_table_may_have_a_row_for_each_coder_and_article(write: Write) -> None:
    corpus = read_corpus(write("a.csv", LONG), fields=CODER)
    assert corpus.column("id") == ["a", "b"]
    assert corpus.column("labels") == [["fear"], ["doubt"]]
    assert coded(corpus) == [("anna", ["fear"]), ("Боян", ["fear", "doubt"]), ("в", ["fear"])]
    assert "who" not in corpus.table.column_names


LABEL_ROWS = (
    "id,text,who,labels\n"
    "a,Първи,anna,fear\na,Първи,Боян,fear\na,Първи,Боян,doubt\na,Първи,anna,\nb,Втори,anna,doubt\nв,Трети,anna,\n"
)


def test_a_table_may_have_a_row_for_each_label(write: Write) -> None:
    """Rows of one coder and article are one; an empty cell adds nothing where others are filled in."""
    by_label = Conventions(label_rows=True, empty=Empty.NONE, resolve=Resolve.UNION)
    corpus = read_corpus(write("a.csv", LABEL_ROWS), fields=CODER, conventions=by_label)
    assert corpus.column("id") == ["a", "b", "в"]
    assert [coded(corpus, row) for row in range(3)] == [
        [("anna", ["fear"]), ("Боян", ["fear", "doubt"])],
        [("anna", ["doubt"])],
        [("anna", [])],
    ]
    without = read_corpus(write("b.csv", LABEL_ROWS), conventions=by_label)
    assert without.column("labels") == [["fear", "doubt"], ["doubt"], []]
    with pytest.raises(CorpusError, match=r"'Боян' coded 'a' twice: keep one, .*--label-rows if a row is one"):
        read_corpus(write("c.csv", LABEL_ROWS), fields=CODER, conventions=Conventions(empty=Empty.NONE))


def test_rows_of_one_label_are_of_one_text(write: Write) -> None:
    path = write("a.csv", "id,text,labels\na,Първи,fear\na,Друг,doubt\n")
    with pytest.raises(CorpusError, match=r"a\.csv:3: id: duplicate id 'a', first at line 2"):
        read_corpus(path, conventions=Conventions(label_rows=True))


def test_an_article_that_two_coders_have_not_judged_is_uncoded(write: Write) -> None:
    rows = [
        {"id": name, "text": TEXT + name, "who": who, "labels": given}
        for name, given in (("a", ["fear"]), ("b", None))
        for who in ("anna", "Боян")
    ]
    corpus = read_corpus(lines(write, *rows), fields=CODER)
    assert (corpus.column("id"), corpus.n_uncoded) == (["a"], 1)


def test_a_row_that_its_coder_has_not_judged_does_not_vote(write: Write) -> None:
    rows = [
        {"id": "a", "text": TEXT, "who": who, "labels": given}
        for who, given in [("anna", ["fear"]), ("Боян", None), ("в", ["fear", "cc"]), ("г", ["fear"])]
    ]
    corpus = read_corpus(lines(write, *rows), fields=CODER)
    assert corpus.column("labels") == [["fear"]]
    assert coded(corpus) == [("anna", ["fear"]), ("в", ["fear", "cc"]), ("г", ["fear"])]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a,Първи,anna,cc", r"a\.csv:6: id: 'anna' coded 'a' twice: keep one, first at line 2"),
        ("a,Друг,г,cc", r"a\.csv:6: text: another text of 'a' than at line 2"),
        ("a,Първи,,cc", r"a\.csv:6: who: is empty, expected the name of who coded this row"),
        (",Първи,г,cc", r"a\.csv:6: id: is empty: it tells which article is coded"),
    ],
)
def test_rows_of_coders_at_fault_are_named(write: Write, row: str, message: str) -> None:
    path = write("a.csv", f"{LONG}{row}\n")
    with pytest.raises(CorpusError, match=message):
        read_corpus(path, fields=CODER)
    corpus = read_corpus(path, fields=CODER, skip_invalid=True)
    assert (corpus.column("id"), corpus.n_left_out) == (["a", "b"], 1)


def test_a_table_by_coders_needs_ids(write: Write) -> None:
    with pytest.raises(CorpusError, match="id: no such column"):
        read_corpus(write("a.csv", "text,who,labels\nПърви,anna,fear\n"), fields=CODER)


@pytest.mark.parametrize(
    ("annotations", "message"),
    [
        (
            [by("anna", "fear"), by("Боян", "dout")],
            r"a\.jsonl:1: annotations\[1\]: labels: label 'dout' is not in",
        ),
        (
            [by("anna", "fear"), by("anna")],
            r"annotations\[1\]: coder: 'anna' coded this article twice: keep one",
        ),
        ([by(["anna"], "fear")], r"annotations\[0\]: coder: expected the name of a coder, found \['anna'\]"),
        (
            [by("anna", "fear", spans=[{"start": 0, "end": 99, "label": "fear"}])],
            r"annotations\[0\]: spans\[0\]: 0-99 is out of range",
        ),
    ],
)
def test_annotations_at_fault_are_named(write: Write, annotations: list[Any], message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        read_corpus(lines(write, article(*annotations)), codebook=BOOK)


FOUR = ("anna", "Боян", "в", "г")


def by_four(*given: str, article_id: str) -> dict[str, Any]:
    """Return an article that has fear by the coders whose first letters are given, by the others nothing."""
    annotations = [by(name, *(["fear"] if name[0] in given else [])) for name in FOUR]
    return article(*annotations, article_id=article_id)


def test_the_adjudicator_has_the_last_word(write: Write) -> None:
    """With spans where there are some; elsewhere the majority of the others decides."""
    span = {"start": 0, "end": 9, "label": "fear"}
    path = lines(
        write,
        article(by("anna", "fear", spans=[span]), by("Боян", "fear"), by("вера", "cc")),
        article(by("anna", "fear", spans=[span]), by("вера", "fear"), article_id="b"),
        article(by("anna", "fear"), by("Боян", "fear", "cc"), by("г", "fear"), article_id="c"),
        article(by("anna", "fear"), by("Боян", "cc"), article_id="d"),
        article(
            by("anna", "fear", spans=[span]),
            by("вера", "fear", spans=[{**span, "start": 2}]),
            article_id="e",
        ),
    )
    corpus = read_corpus(path, conventions=Conventions(resolve=Resolve.ADJUDICATED, adjudicator="вера"))
    assert corpus.column("id") == ["a", "b", "c", "e"]
    assert corpus.column("labels") == [["cc"], ["fear"], ["fear"], ["fear"]]
    assert corpus.column("spans") == [[], [span], [], [{**span, "start": 2}]]
    assert ties(corpus) == ["d: 1 of 2 coders gave 'fear', 'cc'"]


def test_an_adjudicator_who_coded_nothing_is_refused(write: Write) -> None:
    path = lines(write, article(by("anna", "fear"), by("Боян", "cc")))
    conventions = Conventions(resolve=Resolve.ADJUDICATED, adjudicator="вера")
    with pytest.raises(
        CorpusError, match="the adjudicator 'вера' has coded nothing: coders are: 'anna', 'Боян'"
    ):
        read_corpus(path, conventions=conventions)


def test_a_reliable_coder_outweighs_two_who_are_not(write: Write) -> None:
    """Anna and Боян agree on 24 articles, which the others give labels at random; then they stand alone."""
    by_others = ["", "в", "г", "вг"]
    rows = [
        by_four(*(["a", "Б"] if number % 2 else []), *by_others[number // 2 % 4], article_id=f"r{number}")
        for number in range(24)
    ]
    path = lines(write, *rows, by_four("a", "Б", article_id="x"), by_four("в", "г", article_id="y"))
    weighted = read_corpus(path, conventions=Conventions(resolve=Resolve.WEIGHTED))
    found = dict(zip(weighted.column("id"), weighted.column("labels"), strict=True))
    assert (found["x"], found["y"]) == (["fear"], [])
    assert len(ties(read_corpus(path))) == 8
    assert ties(weighted) == []


def test_what_reliability_leaves_open_is_a_tie(write: Write) -> None:
    """Two coders who differ as often in one way as in the other."""
    rows = [
        article(by("anna", *given), by("Боян", *other), article_id=f"a{number}")
        for number, (given, other) in enumerate(
            [(["fear"], []), ([], ["fear"])] * 2 + [(["fear"], ["fear"])] * 5 + [([], [])] * 8
        )
    ]
    corpus = read_corpus(
        lines(write, *rows, article(by("anna", "fear"), article_id="alone")),
        conventions=Conventions(resolve=Resolve.WEIGHTED),
    )
    assert corpus.n_uncoded == 4
    assert ties(corpus)[0] == "a0: 1 of 2 coders gave 'fear'"
    assert corpus.column("labels")[corpus.column("id").index("alone")] == ["fear"]


def test_what_all_coders_say_is_not_weighed(write: Write) -> None:
    """Whatever they are worth, with names or without: two who agree by chance, and say the same here."""
    rows = [
        article(by("anna", *one), by(None, *other), article_id=f"a{number}")
        for number, (one, other) in enumerate(
            [(["fear"], []), ([], ["fear"]), (["fear"], ["fear"]), ([], [])] * 3
        )
    ]
    corpus = read_corpus(lines(write, *rows), conventions=Conventions(resolve=Resolve.WEIGHTED))
    found = dict(zip(corpus.column("id"), corpus.column("labels"), strict=True))
    assert found == {
        f"a{number}": ["fear"] if number % 4 == 2 else [] for number in range(12) if number % 4 > 1
    }


def test_a_corpus_of_ties_is_refused_with_what_to_do(write: Write) -> None:
    path = lines(write, article(by("anna", "fear"), by("Боян")))
    with pytest.raises(CorpusError, match="in a tie: --resolve union or intersection takes sides"):
        read_corpus(path)


def test_fields_of_that_name_that_hold_something_else_are_kept(write: Write) -> None:
    path = lines(write, {"text": TEXT, "labels": ["fear"], "annotations": 3, "coders": ["anna"]})
    row = read_corpus(path).row(0)
    assert (row["annotations"], row["coders_other"]) == (3, ["anna"])
    assert "coders" not in row


def test_a_corpus_by_coders_is_read_again_as_it_was(write: Write) -> None:
    first = read_corpus(lines(write, article(by("anna", "fear"), by("Боян", "fear", "cc"), by("в", "fear"))))
    again = read_corpus(lines(write, *first.table.to_pylist(), name="b.jsonl"))
    assert again.table == first.table
