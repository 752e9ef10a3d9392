"""The command ``predict``."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from commands import articles, message_of, run, succeed, write_rows
from framescope import Predictor


def test_predict_reads_files_lines_and_standard_input(model: Path, here: Path) -> None:
    text = "Нов военен блок подкопава ОДКБ, каза министърът"
    (here / "a.txt").write_text(text, encoding="utf-8-sig")
    with gzip.open(here / "b.jsonl.gz", "wt", encoding="utf-8") as packed:
        first = json.dumps({"id": 7, "title": text, "text": "днес", "lang": "bg"}) + "\r\n\n"
        second = json.dumps({"text": text}) + "\n"
        packed.write(first + second + json.dumps({"id": "", "text": ""}))
    begin = len(first)
    result = succeed("predict", model, "a.txt", "b.jsonl.gz", "-", stdin=text)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["id"] for row in rows] == ["a", "7", f"b@{begin}", f"b@{begin + len(second)}", "-"]
    fields = ["id", "labels", "given", "to_review", "probabilities", "typicality", "unlike_training"]
    fields += ["new_language"]
    assert all(list(row) == fields for row in rows)
    expected = Predictor.load(model).predict([text, f"{text}\nднес", text, "", text])
    assert [tuple(row["labels"]) for row in rows] == [prediction.labels for prediction in expected]
    for row, prediction in zip(rows, expected, strict=True):
        assert row["probabilities"] == pytest.approx(prediction.probabilities, abs=1e-6)
        assert row["typicality"] == pytest.approx(prediction.typicality, abs=1e-6)
        assert row["unlike_training"] == prediction.unlike_training


def test_tables_of_any_make_give_the_same(model: Path, here: Path) -> None:
    """In ``predict``, ``explain`` and ``score``, with the same options; what was taken is told."""
    rows = [
        {"nr": n, "body": article["text"], "head": article["title"]} for n, article in enumerate(articles())
    ]
    write_rows(here / "a.jsonl", rows)
    lines = ["nr;body;head", *(";".join(str(value) for value in row.values()) for row in rows)]
    (here / "b.csv").write_bytes("\r\n".join(lines).encode("cp1251", errors="replace"))
    (here / "c.csv").write_bytes("\r\n".join(lines).encode("utf-16"))
    fields = ["--text-field", "body", "--id-field", "nr", "--title-field", "head"]
    plain = succeed("predict", model, "a.jsonl", *fields)
    wide = succeed("predict", model, "c.csv", *fields)
    assert wide.stdout == plain.stdout
    named = succeed("predict", model, "b.csv", *fields, "--encoding", "windows-1251", "--delimiter", ";")
    assert [json.loads(line)["id"] for line in named.stdout.splitlines()] == [str(row["nr"]) for row in rows]
    assert "--encoding windows-1251" in message_of(run("predict", model, "b.csv", *fields))
    one = ["--id", "3", "--json", "-"]
    explained = [succeed("explain", model, name, *fields, *one).stdout for name in ("a.jsonl", "c.csv")]
    assert explained[0] == explained[1]
    succeed("score", model, "c.csv", *fields, "--output", "out", "--format", "jsonl")
    (part,) = (here / "out").glob("part-*.jsonl")
    scored = [json.loads(line) for line in part.read_text("utf-8").splitlines()]
    assert [row["labels"] for row in scored] == [
        json.loads(line)["labels"] for line in plain.stdout.splitlines()
    ]


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--delimiter", "ab", "expected one sign, such as ; or tab"),
        ("--encoding", "ansi-8", "expected the name of an encoding, such as windows-1251, or auto"),
    ],
)
def test_dialects_that_cannot_be(model: Path, option: str, value: str, message: str) -> None:
    for command in (
        ["predict", model, "a.csv"],
        ["score", model, "a.csv", "--output", "o"],
        ["audit", "a.csv"],
    ):
        result = run(*command, option, value)
        assert result.exit_code == 2
        assert message in result.stderr


def test_without_input_predict_reads_standard_input(model: Path) -> None:
    text = "The West wants to divide the neighbours"
    named = succeed("predict", model, "-", stdin=text).stdout
    assert succeed("predict", model, stdin=text).stdout == named != ""


def test_batches_do_not_change_predictions(model: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_rows(here / "a.jsonl", articles())
    whole = succeed("predict", model, "a.jsonl").stdout
    monkeypatch.setattr("framescope.articles.MAX_BATCH_ARTICLES", 5)
    monkeypatch.setattr("framescope.articles.MAX_BATCH_CHARACTERS", 300)
    assert succeed("predict", model, "a.jsonl", "--jobs", "2").stdout == whole


def test_a_foreign_language_is_warned_of_once(model: Path, here: Path) -> None:
    write_rows(here / "hi.jsonl", [{"text": "नया गुट", "lang": "hi"}] * 3)
    result = succeed("predict", model, "hi.jsonl")
    assert len(result.stdout.splitlines()) == 3
    assert result.stderr.count("'hi'") == 1
    write_rows(
        here / "bg.jsonl", [{"text": "нов блок", "lang": code} for code in ("BG", "bg-BG", "rus", " en")]
    )
    assert "warning: " not in succeed("predict", model, "bg.jsonl").stderr


GERMAN = "Der Minister sagte, dass die Regierung ihre Politik nicht ändern werde."
UKRAINIAN = "Міністр заявив, що уряд не змінить свою політику, бо так вирішили депутати."


def test_texts_unlike_training_and_languages_that_nobody_named_are_told_once(
    model: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With their counts over all batches; a text whose language is told is not guessed at."""
    monkeypatch.setattr("framescope.articles.MAX_BATCH_ARTICLES", 2)
    known = [row["text"] for row in articles()[:2]]
    texts = [*known, GERMAN, UKRAINIAN, GERMAN]
    write_rows(here / "a.jsonl", [*({"text": text} for text in texts), {"text": GERMAN, "lang": "de"}])
    result = succeed("predict", model, "a.jsonl")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["unlike_training"] for row in rows] == [False, False, True, True, True, True]
    assert [row["typicality"] for row in rows[2:]] == [0, 0, 0, 0]
    assert result.stderr.splitlines()[1:] == [
        "warning: 4 of 6 texts are unlike the training articles: do not rely on their labels and probabilities",
        "warning: texts without a language code seem to be in languages of which the model has seen no "
        "article: 'de' (2), 'uk' (1)",
    ]


def test_a_table_marks_texts_unlike_training(model: Path, here: Path) -> None:
    write_rows(here / "a.jsonl", [{"id": "a", "text": GERMAN}, {"id": "b", "text": articles()[0]["text"]}])
    assert succeed("predict", model, "a.jsonl", "--format", "table").stdout.count("(unlike training)") == 1


def test_texts_like_those_of_training_are_not_warned_of(model: Path, here: Path) -> None:
    write_rows(here / "a.jsonl", [{"text": row["text"]} for row in articles()[:3]])
    assert "warning" not in succeed("predict", model, "a.jsonl").stderr


def test_predict_names_every_problem_before_it_prints(model: Path, here: Path) -> None:
    (here / "good.txt").write_text("Нов блок", encoding="utf-8")
    (here / "bad.txt").write_bytes("една\nдве".encode("cp1251"))
    (here / "empty.txt").write_bytes(b"\n")
    (here / "torn.jsonl.gz").write_bytes(gzip.compress(b'{"text": "a"}\n' * 9)[:-9])
    (here / "rows.jsonl").write_bytes(
        b'{"text": "a"}\n{"text"\n[1]\n{"title": "a"}\n{"text": null, "lang": 3}\n{"text": "\xff"}\n'
    )
    inputs = ["good.txt", "bad.txt", "empty.txt", "torn.jsonl.gz", "rows.jsonl", "missing.jsonl", "missing.txt"]
    assert message_of(run("predict", model, *inputs)).splitlines() == [
        "bad.txt:1: byte 0xe5 is not UTF-8, looks like windows-1251: --encoding windows-1251, or save the file "
        "again as UTF-8",
        "empty.txt: is empty, expected an article",
        "torn.jsonl.gz: is not an intact gzip file: Compressed file ended before the end-of-stream marker was "
        "reached",
        "rows.jsonl:2: is not JSON: Expecting ':' delimiter at position 8",
        "rows.jsonl:3: expected a JSON object, found a list",
        "rows.jsonl:4: text: is missing, expected the text of the article",
        "rows.jsonl:5: lang: expected a string, found 3 (int)",
        "rows.jsonl:5: text: is missing, expected the text of the article",
        "rows.jsonl:6: byte 0xff is not UTF-8: save the file again as UTF-8",
        "missing.jsonl: no such file",
        "missing.txt: no such file",
    ]


def test_empty_or_broken_standard_input_is_named(model: Path) -> None:
    assert message_of(run("predict", model, stdin="")) == "-: is empty, expected an article\n"
    assert message_of(run("predict", model, "-", stdin=b"\xff")).startswith("-:1: byte 0xff is not UTF-8")


def test_csv_has_a_column_for_each_label(model: Path, here: Path) -> None:
    """And no cell that is a formula."""
    rows = [{"id": "=1+1", "text": "Нов военен блок подкопава ОДКБ"}, {"id": "b", "text": ""}]
    write_rows(here / "a.jsonl", rows)
    found = list(csv.reader(succeed("predict", model, "a.jsonl", "--format", "csv").stdout.splitlines()))
    predictor = Predictor.load(model)
    expected = predictor.predict([row["text"] for row in rows])
    probabilities = [f"p_{label}" for label in predictor.labels]
    marks = ["typicality", "unlike_training", "new_language"]
    columns = ["id", "labels", "given", "to_review", *probabilities, *marks]
    assert found[0] == columns
    assert [cells[0] for cells in found[1:]] == ["'=1+1", "b"]
    for cells, made in zip(found[1:], expected, strict=True):
        assert cells[1:4] == ["; ".join(made.labels), "; ".join(made.labels), ""]
        assert list(map(float, cells[4:-3])) == pytest.approx(list(made.probabilities.values()), abs=1e-6)
        assert cells[-3:] == [str(made.typicality), str(made.unlike_training), str(made.new_language)]


def test_a_table_has_given_labels_with_their_probabilities(model: Path, here: Path) -> None:
    text = "Нов военен блок подкопава ОДКБ, каза министърът"
    write_rows(here / "a.jsonl", [{"id": "a", "text": text}, {"id": "b", "text": ""}])
    shown = succeed("predict", model, "a.jsonl", "--format", "table").stdout
    (made,) = Predictor.load(model).predict([text])
    assert made.labels
    for label in made.labels:
        assert f"{label} {made.probabilities[label]:.2f}" in shown
    assert "Нов военен блок подкопава ОДКБ" in shown


def test_on_a_terminal_the_default_is_a_table(model: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_rows(here / "a.jsonl", [{"id": "a", "text": "Нов блок"}])
    assert json.loads(succeed("predict", model, "a.jsonl").stdout)["id"] == "a"
    monkeypatch.setattr("framescope.cli.predict.is_terminal", lambda: True)
    assert "Predictions" in succeed("predict", model, "a.jsonl").stdout


@pytest.mark.parametrize("chosen", ["jsonl", "csv"])
def test_predict_tells_labels_to_review(reviewed: Predictor, here: Path, chosen: str) -> None:
    text = "\n".join(["Нов блок?", "Нов блок подкопава ОДКБ.", "Блокът обеща сигурност. Съюзът се разширява!"])
    (here / "a.txt").write_text(text, encoding="utf-8")
    printed = succeed("predict", reviewed.bundle.path, "a.txt", "--format", chosen).stdout
    (expected,) = reviewed.predict([text])
    assert expected.to_review
    if chosen == "jsonl":
        row = json.loads(printed)
        assert (row["given"], row["to_review"]) == ([*expected.given], [*expected.to_review])
    else:
        (row,) = csv.DictReader(printed.splitlines())
        assert row["to_review"] == "; ".join(expected.to_review)
