"""Corrections: what they do to labels and spans, what the journal says of them, and which are refused."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coded import BOOK, coded_rows
from commands import CODEBOOK, articles, message_of, run, succeed, write_rows
from framescope.coding.correct import Corrected, correct
from framescope.coding.corrections import Correction, Said, read_corrections
from framescope.corpus.journal import read_journal, state_of
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus, corpus_hash
from framescope.errors import CorpusError
from framescope.predictor import Predictor
from framescope.text.segments import Unit

TEXT = "😀 Пазете се: те ни делят. Те ни делят!"
SPAN = {"start": 2, "end": 11, "label": "fear"}
FILE = Path("said.jsonl")


def row(*labels: str, article_id: str = "a", **more: object) -> dict[str, Any]:
    return {"id": article_id, "text": TEXT, "labels": list(labels), **more}


def said(label: str, verdict: str, **more: Any) -> Correction:
    return Correction("a", label, Said(verdict), **more)


@pytest.fixture
def fix(read: Callable[..., Corpus]) -> Callable[..., Corrected]:
    """Correct one article."""

    def fixed(before: dict[str, Any], *corrections: Correction) -> Corrected:
        return correct(read([before, row("cc", article_id="z")], codebook=BOOK), corrections, FILE)

    return fixed


@pytest.mark.parametrize(
    ("labels", "corrections", "expected"),
    [
        (["fear"], [("fear", "wrong")], []),
        (["urw", "fear"], [("fear", "wrong")], ["urw"]),
        (["fear", "doubt", "cc"], [("urw", "wrong")], ["cc"]),
        (["fear"], [("fear", "right")], ["fear"]),
        (["fear"], [("urw", "right")], ["fear"]),
        ([], [("doubt", "missed"), ("cc", "missed")], ["doubt", "cc"]),
        (["fear"], [("fear", "wrong"), ("doubt", "missed")], ["doubt"]),
        (["cc"], [("fear", "wrong")], ["cc"]),
    ],
)
def test_labels_are_as_coders_say(
    fix: Callable[..., Corrected],
    labels: list[str],
    corrections: list[tuple[str, str]],
    expected: list[str],
) -> None:
    """A parent goes with the child that implied it, unless the article bears it otherwise."""
    made = fix(row(*labels), *(said(*one) for one in corrections))
    assert made.corpus.column("labels") == [expected, ["cc"]]
    assert made.problems == ()
    assert [(one.id, one.before, one.after) for one in made.changes] == [("a", labels, expected)]


def test_passages_become_spans_and_those_of_wrong_labels_go(fix: Callable[..., Corrected]) -> None:
    """An emoji before a passage counts one; a span of a label that the article never bore stays."""
    other = {"start": 0, "end": 1, "label": "cc"}
    made = fix(row("fear", spans=[SPAN, other]), said("doubt", "missed", passage="те ни делят"))
    assert made.corpus.column("spans")[0] == [other, SPAN, {"start": 13, "end": 24, "label": "doubt"}]
    made = fix(row("fear", spans=[SPAN, other]), said("fear", "wrong", passage="Пазете"))
    assert made.corpus.column("spans")[0] == [other]
    made = fix(row("fear", spans=[SPAN]), said("fear", "right", passage=(2, 11)))
    assert made.corpus.column("spans")[0] == [SPAN]


def test_the_last_word_of_a_coder_counts(fix: Callable[..., Corrected]) -> None:
    first = said("fear", "wrong", coder="anna", time="2026-11-02")
    made = fix(row("fear"), first, said("fear", "right", coder="anna", time="2026-11-01"))
    assert made.corpus.column("labels")[0] == []
    assert [one.time for one in made.changes[0].by] == ["2026-11-02"]


@pytest.mark.parametrize(
    ("correction", "message"),
    [
        (
            said("faer", "wrong", line=3),
            r"said\.jsonl:3: label: label 'faer' is not in the codebook 'book'.*fear",
        ),
        (
            replace(said("fear", "right", line=4), id="b"),
            r"said\.jsonl:4: id: the corpus has no article 'b'",
        ),
        (
            said("fear", "right", passage="няма", line=5),
            "said.jsonl:5: passage: 'няма' is not in the text of 'a'",
        ),
        (
            said("fear", "right", passage="е"),
            "said.jsonl: passage: 'е' is 7 times in the text: name the place as",
        ),
        (said("fear", "right", passage=(1, 90)), "passage: 1-90 is out of range, the text has 38 characters"),
    ],
)
def test_what_cannot_be_done_is_named(
    fix: Callable[..., Corrected], correction: Correction, message: str
) -> None:
    (problem,) = fix(row("fear"), correction).problems
    assert re.search(message, str(problem)), str(problem)


def test_coders_who_contradict_each_other_change_nothing(fix: Callable[..., Corrected]) -> None:
    made = fix(row("fear"), said("fear", "wrong", coder="anna", line=1), said("fear", "right", line=2))
    assert made.corpus.column("labels")[0] == ["fear"]
    (problem,) = made.problems
    who = "anna says wrong, (no name) says right"
    assert str(problem) == f"said.jsonl:2: coders contradict each other on 'fear' of 'a', {who}: keep one"
    assert made.changes == ()


def test_a_tie_is_settled_once_all_of_it_is_decided(read: Callable[..., Corpus]) -> None:
    """Tied are fear and doubt; their parent is agreed on."""
    coded = coded_rows({"anna": ["fear"], "Боян": ["doubt"]}, {"anna": ["cc"], "Боян": ["cc"]})
    corpus = read(coded, codebook=BOOK)
    one = Correction("a1", "fear", Said.RIGHT)
    made = correct(corpus, [one], FILE)
    assert (made.corpus.n_uncoded, made.changes) == (1, ())
    assert "'a1' is uncoded, and this does not decide on all of it: code the whole article" in str(
        made.problems
    )
    made = correct(corpus, [one, Correction("a1", "doubt", Said.WRONG)], FILE)
    assert made.corpus.n_uncoded == 0
    assert dict(zip(made.corpus.column("id"), made.corpus.column("labels"), strict=True)) == {
        "a1": ["urw", "fear"],
        "a2": ["cc"],
    }
    assert [(change.before, change.after) for change in made.changes] == [(None, ["urw", "fear"])]


def test_an_article_that_nobody_coded_is_not_coded_by_one_label(read: Callable[..., Corpus]) -> None:
    corpus = read([row("fear"), {**row(article_id="b"), "labels": None}], codebook=BOOK)
    made = correct(corpus, [Correction("b", "fear", Said.RIGHT)], FILE)
    assert made.corpus.n_uncoded == 1
    assert "'b' is uncoded" in str(made.problems)


def test_articles_that_were_judged_elsewhere_are_added(tmp_path: Path) -> None:
    """With what coders say of them and no other labels; those that nobody speaks of are not."""
    path = write_rows(tmp_path / "a.jsonl", [row("fear"), row("cc", article_id="z")])
    served = [
        {"id": "n1", "title": "Заглавие", "text": TEXT, "lang": "bg", "source": "outlet"},
        {"id": "n2", "text": "Нищо."},
        {"id": "n3", "text": "Никой."},
        {"id": "a", "text": "Друг текст."},
    ]
    lines = [
        {"id": "n1", "label": "fear", "verdict": "right", "passage": "Пазете се", "model": "m", "digest": "d"},
        {"id": "n1", "label": "cc", "verdict": "wrong", "coder": "anna"},
        {"id": "n2", "label": "cc", "verdict": "wrong"},
        {"id": "a", "label": "cc", "verdict": "missed"},
    ]
    elsewhere = write_rows(tmp_path / "articles.jsonl", served)
    said_file = write_rows(tmp_path / "said.jsonl", lines)
    fixed = tmp_path / "fixed.jsonl"
    succeed("correct", path, said_file, "--articles", elsewhere, "--output", fixed)
    corpus = read_corpus(fixed)
    assert corpus.column("id") == ["a", "z", "n1", "n2"]
    assert corpus.column("labels") == [["fear", "cc"], ["cc"], ["fear"], []]
    assert corpus.column("text") == [TEXT, TEXT, TEXT, "Нищо."]
    assert (corpus.row(2)["title"], corpus.row(2)["source"]) == ("Заглавие", "outlet")
    assert corpus.column("spans")[2] == [SPAN]
    assert [change.before for change in read_journal(fixed)[0].changes] == [None, None, ["fear"]]


def test_parts_of_articles_are_refused(read: Callable[..., Corpus]) -> None:
    corpus = replace(read([row("fear")], codebook=BOOK), unit=Unit.SENTENCE)
    with pytest.raises(CorpusError, match="is cut into sentences, but articles are corrected"):
        correct(corpus, [said("fear", "wrong")], FILE)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            {"id": "a", "label": "fear", "verdict": "rigth"},
            "verdict: expected right, wrong or missed, found 'rigth'",
        ),
        (
            {"id": "", "label": "fear", "verdict": "right"},
            "id: is empty, expected the id of an article and its label",
        ),
        ({"id": "a", "verdict": "wrong"}, "label: is empty"),
        (
            {"id": "a", "label": "fear", "verdict": "wrong", "coder": ["x"]},
            "coder: expected the name of a coder",
        ),
        (
            {"id": "a", "label": "fear", "verdict": "right", "passage": {"start": 3, "end": 3}},
            "passage: expected words of the text or",
        ),
        ({"id": "a", "label": "fear", "verdict": 1}, "verdict: expected a string, found 1"),
        ("wrong", "expected a JSON object, found a str"),
    ],
)
def test_rows_at_fault_are_named(tmp_path: Path, line: object, message: str) -> None:
    good = {"id": "a", "label": "cc", "verdict": "Right ", "passage": {"start": 1, "end": 3, "text": "x"}}
    path = write_rows(tmp_path / "said.jsonl", [good, line, {"id": "a", "label": "x", "verdict": ""}])
    found, problems, n_open = read_corrections(path)
    assert found == [Correction("a", "cc", Said.RIGHT, passage=(1, 3), line=1)]
    assert n_open == 1
    assert [problem.line for problem in problems] == [2]
    assert message in str(problems[0])


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="expected corrections as lines of JSON, CSV, TSV or a spreadsheet"):
        read_corrections(tmp_path / "said.parquet")


def test_what_is_saved_is_read_again_with_its_journal(
    read: Callable[..., Corpus], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    coded = coded_rows({"anna": ["fear"], "Боян": ["fear"]}, {"anna": ["cc"], "Боян": []})
    coded[0] |= {"title": "Заглавие", "kind": "framed", "spans": [{"start": 2, "end": 9, "label": "fear"}]}
    before = read([*coded, {**row(article_id="u"), "labels": None}], codebook=BOOK)
    one = Correction("a1", "cc", Said.MISSED, "anna", "пропуснат", "2026-11-27")
    made = correct(before, [one], FILE)
    path = tmp_path / "fixed.jsonl"
    made.save(path, before)
    again = read_corpus(path, codebook=BOOK)
    assert again.table.select(before.table.column_names) == made.corpus.table
    assert again.uncoded is not None
    assert again.uncoded["id"].to_pylist() == ["a2", "u"]
    (entry,) = read_journal(path)
    assert (entry.time, entry.action, entry.source) == ("2027-01-15T08:00:00+00:00", "corrected", "coded.jsonl")
    assert (entry.before, entry.after) == (corpus_hash(before), corpus_hash(again))
    assert [(c.id, c.before, c.after, c.by[0].coder, c.by[0].note) for c in entry.changes] == [
        ("a1", ["fear"], ["fear", "cc"], "anna", "пропуснат")
    ]
    second = correct(again, [Correction("a1", "cc", Said.WRONG, "Боян")], FILE)
    second.save(tmp_path / "again.jsonl", again)
    assert [len(entry.changes) for entry in read_journal(tmp_path / "again.jsonl")] == [1, 1]
    assert state_of(tmp_path / "again.jsonl") == (
        "again.jsonl: corrected 2 times by anna, Боян, other labels on 1 articles, last on 2027-01-15"
    )


def test_a_change_that_no_journal_tells_is_told(read: Callable[..., Corpus], tmp_path: Path) -> None:
    before = read([row("fear"), row("cc", article_id="z")], codebook=BOOK)
    path = tmp_path / "fixed.jsonl"
    correct(before, [said("fear", "wrong")], FILE).save(path, before)
    path.write_text(path.read_text(encoding="utf-8").replace('"cc"', '"doubt"'), encoding="utf-8")
    assert state_of(path).endswith("; changed since by something that its journal does not tell")
    assert "was changed since by something that its journal does not tell" in succeed("journal", path).stderr


def test_a_damaged_journal_is_named(read: Callable[..., Corpus], tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.jsonl", [row("fear"), row("cc", article_id="z")])
    (tmp_path / "a.journal.jsonl").write_text('{"time": 3}\n', encoding="utf-8")
    with pytest.raises(CorpusError, match=r"a\.journal\.jsonl:1: is no entry of a journal: .*"):
        state_of(path)
    assert message_of(run("journal", tmp_path / "b.jsonl")).endswith("the command correct writes journals\n")


def test_disputed_labels_are_decided_in_the_table_of_the_disputes(tmp_path: Path) -> None:
    """What a spreadsheet might run is written harmless, and read as it was."""
    coded = coded_rows({"anna": ["fear"], "Боян": []}, {"anna": ["cc"], "Боян": ["cc"]})
    coded[0]["id"] = "=1+1"
    path, table = write_rows(tmp_path / "coded.jsonl", coded), tmp_path / "disputed.csv"
    succeed("agreement", path, "--disagreements", table)
    with table.open(encoding="utf-8-sig", newline="") as file:
        (disputed,) = csv.DictReader(file)
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, disputed)
        writer.writeheader()
        writer.writerow(disputed | {"verdict": "wrong", "coder": "вера", "note": "цитат"})
    fixed = tmp_path / "fixed.jsonl"
    result = succeed("correct", path, table, "--output", fixed)
    assert result.stdout == f"Saved to {fixed}: 1 articles changed, 0 confirmed.\n"
    assert dict(zip(*(read_corpus(fixed).column(name) for name in ("id", "labels")), strict=True)) == {
        "=1+1": [],
        "a2": ["cc"],
    }
    shown = succeed("journal", fixed).stdout
    assert all(word in shown for word in ("uncoded", "fear wrong", "вера", "цитат", "coded.jsonl"))
    content = json.loads(succeed("journal", fixed, "--json", "-").stdout)
    assert content["entries"][0]["changes"][0]["by"][0]["coder"] == "вера"


def test_the_command_stops_at_problems_unless_they_are_to_be_skipped(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.jsonl", [row("fear"), row("cc", article_id="z")])
    fixed = tmp_path / "fixed.jsonl"
    lines = [{"id": "a", "label": "cc", "verdict": "missed"}, {"id": "x", "label": "cc", "verdict": "right"}]
    corrections = write_rows(tmp_path / "said.jsonl", lines)
    assert message_of(run("correct", path, corrections, "--output", fixed)).startswith(f"{corrections}:2: id: ")
    assert not fixed.exists()
    result = succeed("correct", path, corrections, "--output", fixed, "--skip-invalid")
    assert f"left out 1 corrections of {corrections}:" in result.stderr
    assert read_corpus(fixed).column("labels") == [["fear", "cc"], ["cc"]]
    write_rows(corrections, [{"id": "a", "label": "cc", "verdict": ""}])
    assert "holds no correction of an article" in message_of(
        run("correct", path, corrections, "--output", fixed)
    )
    assert run("correct", path, corrections, "--output", tmp_path / "x.csv").exit_code == 2


@pytest.mark.slow
def test_from_doubts_to_a_better_model_whose_card_names_the_corpus(tmp_path: Path) -> None:
    """An article whose label was swapped is doubted first; corrected, it makes the corpus that it was."""
    rows = articles()
    wrong = next(one for one in rows if one["id"] == "bg-anti-csto-0")
    wrong["labels"] = ["west-divides"]
    book, path = tmp_path / "book.json", write_rows(tmp_path / "a.jsonl", rows)
    book.write_text(json.dumps(CODEBOOK), encoding="utf-8")
    train = ("--codebook", book, "--group-by", "source", "--jobs", "1")
    succeed("train", path, *train, "--output", tmp_path / "first")
    told = succeed(
        "doubts", tmp_path / "first", path, "--codebook", book, "-n", "1", "--output", tmp_path / "d.jsonl"
    )
    assert told.stdout.startswith("Saved 2 doubtful labels of 1 articles to")
    listed = [json.loads(line) for line in (tmp_path / "d.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {(one["id"], one["label"], one["is_given"]) for one in listed} == {
        ("bg-anti-csto-0", "west-divides", "yes"),
        ("bg-anti-csto-0", "anti-csto", "no"),
    }
    for one in listed:
        one |= {"verdict": "wrong" if one["is_given"] == "yes" else "missed", "coder": "anna"}
    said_file = write_rows(tmp_path / "said.jsonl", listed)
    fixed = tmp_path / "fixed.jsonl"
    result = succeed("correct", path, said_file, "--codebook", book, "--output", fixed)
    assert f"its codebook is {fixed.with_suffix('.codebook.json')}: name it with --codebook" in result.stderr
    succeed(
        "train",
        fixed,
        *train[2:],
        "--codebook",
        fixed.with_suffix(".codebook.json"),
        "--output",
        tmp_path / "second",
    )
    card = (tmp_path / "second" / "README.md").read_text(encoding="utf-8")
    assert (
        "| State of the corpus | fixed.jsonl: corrected once by anna, other labels on 1 articles, last on"
        in card
    )
    facts = Predictor.load(tmp_path / "second").bundle.training.corpus
    assert facts.sha256 == read_journal(fixed)[0].after
    assert "corrected once by anna" in succeed("methods", tmp_path / "second").stdout
    compared = succeed("compare", tmp_path / "first", tmp_path / "second", fixed, "--codebook", book)
    assert "second" in compared.stdout
