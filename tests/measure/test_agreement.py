"""Agreement of the coders of a corpus, its human ceiling, and the articles in dispute."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from coded import BOOK, Given, coded_rows
from commands import message_of, run, succeed, write_rows
from framescope import agreement
from framescope.codebook import Codebook
from framescope.corpus.conventions import Conventions, Resolve
from framescope.corpus.schema import Corpus
from framescope.errors import CorpusError
from framescope.measure.agreement import coder_figures
from framescope.measure.bootstrap import Bootstrap
from framescope.measure.ceiling import beside_coders, human_ceiling
from framescope.measure.judgements import judgements_of
from framescope.measure.shown import ceiling_rows
from framescope.predictor import Predictor
from framescope.text.segments import Unit
from tiny import SENTENCES

THREE: list[Given] = [
    {"anna": ["fear"], "Боян": ["fear"], "в": ["fear", "cc"]},
    {"anna": ["fear"], "Боян": ["doubt"]},
    {"anna": ["urw"], "Боян": ["urw"], "в": []},
    {"в": ["cc"]},
]


def test_who_coded_and_what_they_dispute(read: Callable[..., Corpus]) -> None:
    """Coders of two children agree on the parent, and where a child is in dispute its parent is not named."""
    found = agreement(read(coded_rows(*THREE), codebook=BOOK))
    assert found.n_articles == 3
    assert found.coders == {"anna": 3, "Боян": 3, "в": 3}
    assert [(one.id, one.label, one.given_by, one.not_given_by) for one in found.disagreements] == [
        ("a2", "fear", ("anna",), ("Боян",)),
        ("a2", "doubt", ("Боян",), ("anna",)),
        ("a1", "cc", ("в",), ("anna", "Боян")),
        ("a3", "urw", ("anna", "Боян"), ("в",)),
    ]
    assert [(pair.coders, pair.n_articles) for pair in found.pairs] == [
        (("anna", "Боян"), 3),
        (("anna", "в"), 2),
        (("Боян", "в"), 2),
    ]
    assert found.pairs[0].same_sets == pytest.approx(2 / 3)
    shares = {one.label: (one.percent_agreement, one.prevalence) for one in found.labels}
    assert shares["cc"] == (pytest.approx(5 / 7), pytest.approx(1 / 8))
    assert shares["urw"] == (pytest.approx(5 / 7), pytest.approx(7 / 8))


def test_the_human_ceiling_is_against_the_majority_of_the_others(read: Callable[..., Corpus]) -> None:
    """The others of anna: fear and fear or cc, a tie; doubt; urw or none, a tie."""
    ceiling = agreement(read(coded_rows(*THREE), codebook=BOOK)).human_ceiling
    anna, boyan, third = ceiling["per_coder"]
    assert [(one["coder"], one["n_articles"], one["n_ties"]) for one in (anna, boyan, third)] == [
        ("anna", 1, 2),
        ("Боян", 1, 2),
        ("в", 2, 0),
    ]
    assert (anna["fine"]["micro_f1"], anna["coarse"]["micro_f1"]) == (0.0, 1.0)
    assert third["fine"]["micro_f1"] == pytest.approx(2 / 3)
    assert third["coarse"]["micro_f1"] == pytest.approx(2 / 4)
    assert ceiling["fine"]["micro_f1"] == pytest.approx(2 / 7)
    low, high = ceiling["fine"]["micro_f1_ci95"]
    assert low <= 2 / 7 <= high


@pytest.mark.parametrize("how", list(Resolve))
def test_ties_count_however_the_corpus_was_read(read: Callable[..., Corpus], how: Resolve) -> None:
    conventions = Conventions(resolve=how, adjudicator="в")
    found = agreement(read(coded_rows(*THREE), codebook=BOOK, conventions=conventions))
    expected = agreement(read(coded_rows(*THREE), codebook=BOOK))
    assert (found.alpha, found.n_articles) == (expected.alpha, 3)


def test_labels_that_nobody_agrees_on_are_labels(read: Callable[..., Corpus]) -> None:
    articles = [{"x": ["fear"], "y": ["fear"], "z": ["cc"]}, {"x": [], "y": ["fear"], "z": ["fear"]}]
    assert [one.label for one in agreement(read(coded_rows(*articles))).labels] == ["cc", "fear"]


@pytest.mark.parametrize(
    ("articles", "message"),
    [
        ([{"anna": ["fear"]}, {"anna": []}], r"has one coder only, 'anna': agreement needs two"),
        ([{"anna": ["fear"]}, {"Боян": []}], r"no article is coded by two of the 2 coders: 'anna', 'Боян'"),
        ([{"": ["fear"], "anna": ["fear"]}], r"1 of 2 codings do not name their coder"),
    ],
)
def test_what_is_no_agreement_is_refused(
    read: Callable[..., Corpus], articles: list[Given], message: str
) -> None:
    with pytest.raises(CorpusError, match=message):
        agreement(read(coded_rows(*articles)))


def test_a_corpus_without_coders_or_of_sentences_is_refused(read: Callable[..., Corpus]) -> None:
    with pytest.raises(
        CorpusError, match="does not say who coded: expected 'annotations' with coders, or a row"
    ):
        agreement(read([{"id": "a", "text": "Текст", "labels": ["fear"]}]))
    whole = read(coded_rows({"x": ["fear"], "y": ["fear"]}))
    with pytest.raises(CorpusError, match="is cut into sentences, but coders gave labels to whole articles"):
        agreement(replace(whole, unit=Unit.SENTENCE))


def test_the_command_shows_and_writes(tmp_path: Path) -> None:
    rows = coded_rows(*THREE)
    rows[1]["annotations"][0]["spans"] = [{"start": 2, "end": 14, "label": "fear"}]
    rows[0]["id"] = "=1+1"
    path, table = write_rows(tmp_path / "coded.jsonl", rows), tmp_path / "disputed.csv"
    as_json = tmp_path / "agreement.json"
    result = succeed("agreement", path, "--disagreements", table, "--json", as_json)
    assert "Human ceiling" in result.stdout
    assert "anna and Боян" in result.stdout
    assert result.stderr == ""
    with table.open(encoding="utf-8-sig", newline="") as file:
        cells = list(csv.reader(file))
    assert cells[0][:7] == ["id", "lang", "label", "given_by", "not_given_by", "passages", "text"]
    assert cells[0][7:] == ["verdict", "coder", "note", "passage"]
    assert cells[1][:6] == ["a2", "", "doubt", "Боян", "anna", ""]
    assert cells[2][:6] == ["a2", "", "fear", "anna", "Боян", "anna: Западът дели"]
    assert cells[3][:5] == ["'=1+1", "", "cc", "в", "anna; Боян"]
    content = json.loads(as_json.read_text(encoding="utf-8"))
    assert content["coders"] == {"anna": 3, "Боян": 3, "в": 3}
    assert json.loads(succeed("agreement", path, "--json", "-").stdout) == content


def test_the_command_reads_a_row_for_each_coder(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text(
        "id,text,who,labels\na,Първи,anna,fear\na,Първи,Боян,fear\nb,Втори,anna,fear\n", encoding="utf-8"
    )
    assert "anna and Боян" in succeed("agreement", path, "--coder-field", "who").stdout
    assert message_of(run("agreement", path)).startswith(f"{path}:3: id: duplicate id 'a', first at line 2")


def test_a_command_that_needs_one_label_set_lists_the_ties(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "coded.jsonl", coded_rows(*THREE))
    told = succeed("audit", path).stderr
    assert f"warning: ties of coders leave 1 articles of {path} uncoded:\na2: 1 of 2 coders gave" in told
    assert "ties" not in succeed("audit", path, "--resolve", "union").stderr


def test_an_adjudicator_and_the_way_to_resolve_are_named_together(tmp_path: Path) -> None:
    rows = coded_rows(*THREE)
    path = write_rows(tmp_path / "coded.jsonl", rows)
    for options in (["--resolve", "adjudicated"], ["--adjudicator", "anna"]):
        refused = run("audit", path, *options)
        assert refused.exit_code == 2
        assert "--adjudicator NAME, or neither" in " ".join(refused.stderr.split())
    both = ["--resolve", "adjudicated", "--adjudicator", "anna"]
    assert "ties" not in succeed("audit", path, *both).stderr
    assert "anna and Боян" in succeed("agreement", path, *both).stdout


def test_a_model_is_scored_against_the_same_as_the_coders(read: Callable[..., Corpus]) -> None:
    """The second article is in a tie; on the others only those of в have others who agree."""
    corpus = read(coded_rows(*THREE), codebook=BOOK)
    assert corpus.column("id") == ["a1", "a3", "a4"]
    decided = BOOK.indicator([["fear"], ["doubt"], []])
    ceiling = beside_coders(corpus, BOOK, decided)
    assert ceiling is not None
    anna, _, third = ceiling["per_coder"]
    assert [(one["coder"], one["n_articles"], one["n_ties"]) for one in (anna, third)] == [
        ("anna", 0, 2),
        ("в", 2, 0),
    ]
    assert anna["model"]["fine"] == {}
    assert (third["fine"]["micro_f1"], third["coarse"]["micro_f1"]) == (pytest.approx(2 / 3), 0.5)
    assert (third["model"]["fine"]["micro_f1"], third["model"]["coarse"]["micro_f1"]) == (
        pytest.approx(2 / 3),
        1.0,
    )
    assert ceiling["model"]["fine"]["micro_f1"] == pytest.approx(2 / 3)
    assert [row[0] for row in ceiling_rows(ceiling)] == [
        *(["all coders"] * 2),
        *(["the model, there"] * 2),
        *(["в"] * 2),
        *(["the model, there"] * 2),
    ]


def test_where_two_coders_differ_both_they_and_the_model_are_scored(
    read: Callable[..., Corpus], predictor: Predictor
) -> None:
    """Two coders who differ are in a tie: leaving their ties out would make every pair of coders perfect."""
    pairs = [
        ("west-divides", "west-divides"),
        ("west-divides", "Other"),
        ("Other", "Other"),
        ("Other", "union-expands"),
    ]
    rows = coded_rows(*({"anna": [one], "Боян": [other]} for one, other in pairs))
    texts = SENTENCES[: len(rows)]
    book = predictor.codebook
    corpus = read([{**row, "text": text} for row, text in zip(rows, texts, strict=True)], codebook=book)
    assert corpus.column("id") == ["a1", "a3"]
    decided = predictor.decide(predictor.predict_proba(list(texts)))
    figures = coder_figures(corpus, book, decided[[0, 2]], predictor.bundle.model)
    assert figures is not None
    ceiling = figures["human_ceiling"]
    assert ceiling == human_ceiling(judgements_of(corpus, book), Bootstrap(seed=0), decided[[0, 2, 1, 3]])
    assert ceiling["fine"] == agreement(corpus).human_ceiling["fine"]
    assert ceiling["fine"]["micro_f1"] == 0.5
    assert [one["n_articles"] for one in ceiling["per_coder"]] == [4, 4]


def test_labels_that_the_model_does_not_know_count_against_it(read: Callable[..., Corpus]) -> None:
    """Those of a coder alone, too; what only the model knows counts as given without cause."""
    articles = [{"x": ["fear", "new"], "y": ["fear", "new"], "z": ["fear"]}]
    corpus = read(coded_rows(*articles, {"x": []}))
    other = Codebook.flat(["fear", "known"], name="model")
    ceiling = beside_coders(corpus, other, other.indicator([["fear", "known"], []]))
    assert ceiling is not None
    x, _, z = ceiling["per_coder"]
    assert (x["n_articles"], x["n_ties"]) == (0, 1)
    assert z["model"]["fine"]["micro_f1"] == pytest.approx(2 / 4)
    assert z["fine"]["micro_f1"] == pytest.approx(2 / 3)


def test_without_two_coders_there_is_nothing_beside_a_model(read: Callable[..., Corpus]) -> None:
    corpus = read(coded_rows({"anna": ["fear"]}, {"anna": []}), codebook=BOOK)
    assert beside_coders(corpus, BOOK, BOOK.indicator([[], []])) is None
    tied = read(coded_rows({"anna": ["fear"], "Боян": []}, {"anna": []}), codebook=BOOK)
    assert beside_coders(tied, BOOK, BOOK.indicator([[]])) is None


def test_an_audit_tells_how_coders_agree_or_why_not(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "coded.jsonl", coded_rows(*THREE))
    shown = succeed("audit", path, "--json", tmp_path / "audit.json")
    assert "Human ceiling" in shown.stdout
    content = json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))
    assert content["agreement"]["coders"] == {"anna": 3, "Боян": 3, "в": 3}
    one = write_rows(tmp_path / "one.jsonl", coded_rows({"anna": ["fear"]}, {"anna": []}))
    assert "coders are not compared" in succeed("audit", one).stderr
    assert "has one coder only, 'anna': agreement needs two" in succeed("audit", one).stderr


def test_articles_in_dispute_are_a_page_and_tasks_with_the_spans_of_each(tmp_path: Path) -> None:
    rows = coded_rows(*THREE)
    rows[1]["text"] = "😀 Западът <b>дели</b> ни."
    rows[1]["annotations"][0]["spans"] = [{"start": 2, "end": 17, "label": "fear"}]
    rows[1]["annotations"][1]["spans"] = [
        {"start": 10, "end": 21, "label": "doubt"},
        {"start": 0, "end": 1, "label": "cc"},
    ]
    path, html, tasks = (tmp_path / name for name in ("coded.jsonl", "disputes.html", "tasks.json"))
    result = succeed("agreement", write_rows(path, rows), "--html", html, "--tasks", tasks)
    assert result.stderr == f"Saved 3 tasks to {tasks}.\nSaved to {html}.\n"
    page = html.read_text(encoding="utf-8")
    assert "<b>fear</b>: given by anna, not by Боян" in page
    text = page[page.index('<p class="text measure">😀') :]
    text = text[: text.index("</p>")]
    assert (
        re.sub(r" <span>\[.*?\]</span>|</?mark>|<p[^>]*>", "", text) == "😀 Западът &lt;b&gt;дели&lt;/b&gt; ни."
    )
    assert re.findall(r"<mark>(.*?) <span>\[(.*?)\]</span>", text) == [
        ("Западът ", "anna: fear"),
        ("&lt;b&gt;дели", "anna: fear; Боян: doubt"),
        ("&lt;/b&gt;", "Боян: doubt"),
    ]
    read_tasks = json.loads(tasks.read_text(encoding="utf-8"))
    assert [
        (task["data"]["id"], [one["model_version"] for one in task["predictions"]]) for task in read_tasks
    ] == [
        ("a2", ["coder anna", "coder Боян"]),
        ("a1", ["coder anna", "coder Боян", "coder в"]),
        ("a3", ["coder anna", "coder Боян", "coder в"]),
    ]
    marked = [
        one["value"]["text"] for one in read_tasks[0]["predictions"][0]["result"] if one["type"] == "labels"
    ]
    assert marked == ["Западът <b>дели"]
