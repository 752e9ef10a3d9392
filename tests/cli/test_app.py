"""The command line: the whole path on a small corpus, and what it says of bad input."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from framescope import Predictor
from framescope.bundle.config import FORMAT_VERSION
from framescope.cli.app import COMMANDS, app, main
from framescope.cli.runs import find_starter
from framescope.export import load_joblib

REPOSITORY = Path(__file__).parents[2]

CODEBOOK = {
    "name": "tiny",
    "labels": [
        {"id": "bloc", "children": [{"id": "anti-csto"}, {"id": "union-expands"}]},
        {"id": "west", "children": [{"id": "west-divides"}]},
    ],
}

PHRASES = {
    "anti-csto": {
        "bg": "Нов военен блок подкопава ОДКБ",
        "ru": "Новый военный блок подрывает ОДКБ",
        "en": "A new military bloc undermines the CSTO",
    },
    "union-expands": {
        "bg": "Тюркският съюз се разширява на изток",
        "ru": "Тюркский союз расширяется на восток",
        "en": "The Turkic union expands to the east",
    },
    "west-divides": {
        "bg": "Западът иска да раздели съседите",
        "ru": "Запад хочет расколоть соседей",
        "en": "The West wants to divide the neighbours",
    },
    "": {
        "bg": "Реколтата от грозде беше добра",
        "ru": "Урожай винограда был хорошим",
        "en": "The grape harvest was good",
    },
}

NEWS = {
    "bg": (
        "министърът агенцията вестникът експертът депутатът посланикът генералът пазарът",
        "съобщи отрече потвърди обеща предупреди обсъди",
        "бюджета пътя данъците моста срещата избора зърното реката парада доклада",
    ),
    "ru": (
        "министр агентство газета эксперт депутат посол генерал рынок",
        "сообщил отрицал подтвердил обещал предупредил обсудил",
        "бюджет дорогу налоги мост встречу выборы зерно реку парад доклад",
    ),
    "en": (
        "minister agency newspaper expert deputy ambassador general market",
        "reported denied confirmed promised warned discussed",
        "budget road taxes bridge meeting election grain river parade report",
    ),
}


def articles(n_each: int = 6) -> list[dict[str, object]]:
    """Return articles in three languages, with one label each or none, from four outlets."""
    rng = random.Random(5)  # noqa: S311 - sentences, not secrets

    def news(lang: str) -> str:
        return " ".join(rng.choice(words.split()) for words in NEWS[lang])

    return [
        {
            "id": f"{lang}-{label or 'none'}-{number}",
            "lang": lang,
            "source": f"outlet {number % 4}",
            "title": f"{news(lang)}?" if number % 2 else "",
            "text": f"{news(lang)}. {phrase}! {news(lang)}, {news(lang)}, {news(lang)} {number}.",
            "labels": [label] if label else [],
            **({} if label else {"kind": "neutral"}),
        }
        for label, phrases in PHRASES.items()
        for lang, phrase in phrases.items()
        for number in range(n_each)
    ]


def write_rows(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def run(*arguments: str | Path, stdin: str | bytes | None = None) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def succeed(*arguments: str | Path, stdin: str | bytes | None = None) -> Result:
    result = run(*arguments, stdin=stdin)
    assert result.exit_code == 0, result.output
    return result


def message_of(result: Result) -> str:
    """Return the message of a failure: the one thing that is printed, without a traceback."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.stderr
    return result.stderr.removeprefix("error: ")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus, its codebook and a model that was trained on it."""
    home = tmp_path_factory.mktemp("home")
    write_rows(home / "articles.jsonl", articles())
    (home / "codebook.json").write_text(json.dumps(CODEBOOK), encoding="utf-8")
    arguments = ["--codebook", home / "codebook.json", "--group-by", "source", "--output", home / "model"]
    result = succeed("train", home / "articles.jsonl", *arguments, "--jobs", "1")
    (home / "train.out").write_text(result.stdout, encoding="utf-8")
    return home


@pytest.fixture
def model(home: Path) -> Path:
    return home / "model"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# Training


def test_train_prints_metrics_and_what_to_do_next(home: Path) -> None:
    shown = (home / "train.out").read_text(encoding="utf-8")
    for word in ("overall", "samples-F1", "fine", "coarse", "baseline: no label", "west-divides", "support"):
        assert word in shown
    assert f"Saved to {home / 'model'}. Next: framescope predict {home / 'model'} article.txt" in shown
    assert "\x1b" not in shown


def test_train_saves_what_serves(model: Path) -> None:
    predictor = Predictor.load(model)
    assert predictor.labels == ("bloc", "anti-csto", "union-expands", "west", "west-divides")
    assert predictor.predict(["Новый военный блок подрывает ОДКБ, сказал министр"])[0].labels == (
        "bloc",
        "anti-csto",
    )
    assert predictor.bundle.training.group_by == "source"


def test_train_names_its_output_after_the_corpus(home: Path, here: Path) -> None:
    shutil.copy(home / "articles.jsonl", here / "разкази.jsonl")
    succeed("train", "разкази.jsonl", "--rule", "micro-f1", "--learner", "ridge", "--seed", "3")
    predictor = Predictor.load("разкази")
    assert predictor.rule.name == "micro-f1"
    assert predictor.bundle.training.seed == 3
    assert predictor.bundle.training.group_by == "story"


def test_train_reads_columns_by_other_names(here: Path) -> None:
    rows = [
        {
            "nr": row["id"],
            "body": row["text"],
            "codes": "|".join(map(str, row["labels"])),
            "tongue": row["lang"],
        }  # type: ignore[call-overload]
        for row in articles(4)
    ]
    write_rows(here / "other.jsonl", rows)
    names = {"--id-field": "nr", "--text-field": "body", "--label-field": "codes", "--lang-field": "tongue"}
    succeed("train", "other.jsonl", *(part for pair in names.items() for part in pair))
    assert Predictor.load("other").languages == ("bg", "en", "ru")


def test_train_names_the_labels_that_no_codebook_names(home: Path, here: Path) -> None:
    result = succeed("train", home / "articles.jsonl", "--output", "model")
    assert f"no codebook: 3 labels found in {home / 'articles.jsonl'}: 'anti-csto' 18, " in result.stderr
    assert "'west-divides' 18" in result.stderr
    codebook = ["--codebook", home / "codebook.json"]
    assert "no codebook" not in succeed("train", home / "articles.jsonl", *codebook, "--output", "named").stderr


def test_how_a_file_is_written_is_an_option(here: Path) -> None:
    (here / "a.tsv").write_text('text\tlabels\n"Да\tx, y\nНе"\tx\n', encoding="utf-8")
    assert "a quoted cell holds 2 rows" in message_of(run("audit", "a.tsv"))
    assert "--label-separator ',' splits it" in message_of(run("audit", "a.tsv", "--quoting", "none"))
    result = succeed("audit", "a.tsv", "--quoting", "none", "--label-separator", ",", "--json", "-")
    assert {one["label"]: one["n_units"] for one in json.loads(result.stdout)["labels"]} == {"x": 2, "y": 1}
    span = {"start": 3, "end": 6, "label": "x", "text": "Кой"}
    write_rows(here / "b.jsonl", [{"text": "😀 Кой?", "labels": "x", "spans": [span]}])
    assert "it fits with --offsets utf16" in message_of(run("audit", "b.jsonl"))
    succeed("audit", "b.jsonl", "--offsets", "utf16")
    write_rows(here / "c.jsonl", [{"text": "Кой?", "cats": ["x"], "label": ["y"]}])
    doccano = ["audit", "c.jsonl", "--format", "doccano"]
    assert "name one by --label-control: 'cats', 'label'" in message_of(run(*doccano))
    succeed(*doccano, "--label-control", "cats")


def test_an_existing_output_is_refused_before_the_work(model: Path, here: Path) -> None:
    """The corpus is not even looked for."""
    assert "already exists" in message_of(run("train", "missing.jsonl", "--output", model))


def test_force_replaces_a_model(home: Path, here: Path) -> None:
    arguments = ["train", home / "articles.jsonl", "--output", "m", "--seed", "1"]
    succeed(*arguments)
    assert "already exists" in message_of(run(*arguments))
    digest = Predictor.load("m").digest
    succeed(*arguments[:-1], "2", "--force")
    assert Predictor.load("m").digest != digest


def test_without_a_corpus_the_starter_is_trained_and_renewed(here: Path) -> None:
    """Grouped by source; only the default output is renewed."""
    starter = here / "data" / "starter"
    starter.mkdir(parents=True)
    write_rows(starter / "all.jsonl", articles())
    (starter / "codebook.json").write_text(json.dumps(CODEBOOK), encoding="utf-8")
    assert find_starter() == Path("data/starter")
    succeed("train")
    assert Predictor.load("starter").bundle.training.group_by == "source"
    succeed("train")
    assert "already exists" in message_of(run("train", "--output", "models/starter"))
    assert "already exists" in message_of(run("train", "data/starter"))


def test_the_starters_techniques_are_trained_with_it_and_with_what_is_added(home: Path, here: Path) -> None:
    """They are sentences, by default with the rule micro-f1."""
    starter = here / "data" / "starter"
    starter.mkdir(parents=True)
    write_rows(starter / "all.jsonl", articles())
    parts = [{**row, "article_id": f"of {row['id']}"} for row in articles()]
    write_rows(starter / "techniques.jsonl", parts)
    for name in ("codebook", "techniques"):
        (starter / f"{name}.json").write_text(json.dumps(CODEBOOK), encoding="utf-8")
    write_rows(here / "more.jsonl", [{**row, "id": f"more {row['id']}"} for row in parts])
    succeed("train", "--also", "more.jsonl")
    techniques, narratives = Predictor.load("starter-techniques"), Predictor.load("starter")
    assert (techniques.unit, techniques.rule.name) == ("sentence", "precision>=0.6")
    assert techniques.bundle.training.corpus.name == "techniques.jsonl + more.jsonl"
    assert (narratives.unit, narratives.rule.name) == ("article", "samples-f1")
    assert narratives.bundle.training.corpus.name == "starter"


def test_sentences_of_annotated_articles_are_trained_and_evaluated(here: Path) -> None:
    """Each has a span on its second sentence; evaluate cuts as training did, unless it is told otherwise."""
    rows = []
    for row in articles():
        start, text = str(row["text"]).index(".") + 2, str(row["text"])
        spans = [{"start": start, "end": text.index("!") + 1, "label": label} for label in row["labels"]]
        rows.append({**row, "spans": spans})
    write_rows(here / "articles.jsonl", rows)
    (here / "codebook.json").write_text(json.dumps(CODEBOOK), encoding="utf-8")
    reading = ["articles.jsonl", "--codebook", "codebook.json"]
    succeed("train", *reading, "--unit", "sentence", "--output", "m")
    assert Predictor.load("m").unit == "sentence"
    corpus = Predictor.load("m").bundle.training.corpus
    assert (corpus.n_units, corpus.n_articles) == (2 * len(rows), len(rows))
    for options, n_units in ((), 2 * len(rows)), (("--unit", "article"), len(rows)):
        succeed("evaluate", "m", *reading, *options, "--predictions", "decided.jsonl")
        assert len((here / "decided.jsonl").read_text(encoding="utf-8").splitlines()) == n_units


def test_without_a_starter_corpus_the_message_says_so(here: Path) -> None:
    assert message_of(run("train")).startswith("there is no data/starter here")


def test_a_dry_run_audits_and_writes_nothing(home: Path, here: Path) -> None:
    result = succeed("train", home / "articles.jsonl", "--dry-run")
    assert "bg 24, en 24, ru 24" in result.stdout
    assert list(here.iterdir()) == []


def test_audit_warnings_are_messages(here: Path) -> None:
    rows = articles()
    write_rows(here / "twice.jsonl", [*rows, {**rows[0], "id": "again", "labels": ["west-divides"]}])
    result = succeed("train", "twice.jsonl")
    assert "warning: 2 units have texts that occur more than once" in result.stderr
    assert "warning" not in result.stdout


def test_skip_invalid_says_how_many_rows_and_why(here: Path) -> None:
    write_rows(here / "faulty.jsonl", [*articles(), {"id": "x", "text": " ", "labels": []}])
    assert "faulty.jsonl:73: text: is empty" in message_of(run("train", "faulty.jsonl"))
    assert list(here.iterdir()) == [here / "faulty.jsonl"]
    result = succeed("train", "faulty.jsonl", "--skip-invalid")
    assert "warning: left out 1 row of faulty.jsonl:\nfaulty.jsonl:73: text: is empty" in result.stderr


# Evaluation


def test_evaluate_shows_tables(home: Path, model: Path) -> None:
    result = succeed("evaluate", model, home / "articles.jsonl")
    for word in (
        "overall",
        "bg",
        "ru",
        "Brier skill",
        "ECE",
        "if all were exactly true",
        "bg: slope",
        "False alarms",
        "neutral",
        "baseline: random with the prior",
        "avg. precision",
    ):
        assert word in result.stdout
    assert "\x1b" not in result.stdout
    assert result.stderr == ""


def test_evaluate_writes_the_documented_json(home: Path, model: Path, here: Path) -> None:
    succeed("evaluate", model, home / "articles.jsonl", "--json", "dev.json", "--group-by", "source")
    metrics = json.loads(Path("dev.json").read_text(encoding="utf-8"))
    assert list(metrics) == [
        "n_units",
        "overall",
        "by_language",
        "false_alarms_by_kind",
        "per_label",
        "calibration",
        "baselines",
        "scope",
        "promised",
    ]
    training = Predictor.load(model).bundle.training
    assert metrics["promised"] == {"outlooks": training.outlooks, "new_articles": training.new_articles}
    assert metrics["n_units"] == 72
    kinds = metrics["false_alarms_by_kind"]
    shares = [kind["n_units"] * kind["rate"] for kind in kinds.values()]
    n_unlabelled = sum(kind["n_units"] for kind in kinds.values())
    assert "neutral" in kinds
    assert sum(shares) == pytest.approx(metrics["overall"]["false_alarm_rate"] * n_unlabelled)
    assert set(metrics["overall"]) == {"fine", "coarse", "false_alarm_rate"}
    for level in ("fine", "coarse"):
        section = metrics["overall"][level]
        for score in ("samples_f1", "micro_f1", "macro_f1"):
            low, high = section[f"{score}_ci95"]
            assert 0 <= low <= section[score] <= high <= 1
    assert set(metrics["by_language"]) == {"bg", "en", "ru"}
    assert set(metrics["by_language"]["bg"]) == {*metrics["overall"], "calibration"}
    assert [row["label"] for row in metrics["per_label"]] == list(Predictor.load(model).labels)
    keys = {"label", "support", "precision", "recall", "f1", "average_precision"}
    assert set(metrics["per_label"][0]) == keys
    assert {"brier", "brier_skill", "log_loss", "ece", "ece_noise", "slope"} <= set(metrics["calibration"])
    assert set(metrics["baselines"]) == {"no_label", "most_frequent", "random_prior"}


def test_json_to_standard_output_is_all_there_is(home: Path, model: Path) -> None:
    result = succeed("evaluate", model, home / "articles.jsonl", "--json", "-")
    assert json.loads(result.stdout)["n_units"] == 72


def test_evaluate_and_predict_agree(home: Path, model: Path, here: Path) -> None:
    succeed("evaluate", model, home / "articles.jsonl", "--predictions", "out.jsonl")
    assert (here / "out.jsonl").read_text(encoding="utf-8") == succeed(
        "predict", model, home / "articles.jsonl"
    ).stdout


def test_labels_that_the_model_does_not_know(model: Path, here: Path) -> None:
    """Missed, with a warning; left out with their units if asked."""
    further = [{"id": f"n{k}", "text": f"Нова тема {k}", "labels": ["нов разказ"]} for k in range(2)]
    write_rows(here / "dev.jsonl", [*articles(1), *further])
    result = succeed("evaluate", model, "dev.jsonl", "--json", "dev.json")
    assert "the model does not know 1 labels, they count as missed: 'нов разказ' (2 units)" in result.stderr
    write_rows(here / "case.jsonl", [*articles(1), {"text": "Блок.", "labels": ["Anti-CSTO"]}])
    result = succeed("evaluate", model, "case.jsonl", "--json", "case.json")
    assert "'Anti-CSTO' (1 units: near 'anti-csto' (other capitals or spaces))" in result.stderr
    metrics = json.loads(Path("dev.json").read_text(encoding="utf-8"))
    assert metrics["n_units"] == 14
    assert {"нов разказ": 2}.items() <= {r["label"]: r["support"] for r in metrics["per_label"]}.items()

    result = succeed("evaluate", model, "dev.jsonl", "--json", "dev.json", "--skip-invalid")
    assert json.loads(Path("dev.json").read_text(encoding="utf-8"))["n_units"] == 12
    assert "left out 2 rows of dev.jsonl" in result.stderr


def test_a_semeval_corpus_gets_a_submission(here: Path) -> None:
    """Trained and evaluated on the same folder layout; one line a file, in the order of the annotations."""
    folder = here / "RU"
    (folder / "raw-documents").mkdir(parents=True)
    lines = []
    for number, row in enumerate(articles(3)):
        name = f"RU_{number}.txt"
        (folder / "raw-documents" / name).write_text(f"{row['title']}\n\n{row['text']}", encoding="utf-8")
        narrative = f"URW: {row['labels'][0]}" if row["labels"] else "Other"  # type: ignore[index]
        lines.append(f"{name}\t{narrative}\t{narrative if narrative == 'Other' else narrative + ': Other'}\n")
    (folder / "subtask-2-annotations.txt").write_text("".join(lines), encoding="utf-8")
    options = ["--format", "semeval2025"]
    succeed("train", "RU", *options)
    succeed("evaluate", "models/RU", "RU", *options, "--predictions", "submission.txt")
    submitted = (here / "submission.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    assert [line.split("\t")[0] for line in submitted] == [line.split("\t")[0] for line in lines]
    assert sum(given == gold for given, gold in zip(submitted, lines, strict=True)) > len(lines) / 2


def test_a_place_that_cannot_be_written_is_refused_before_the_work(model: Path, here: Path) -> None:
    for option in ("--json", "--predictions"):
        message = message_of(run("evaluate", model, "missing.jsonl", option, "no/where.json"))
        assert message == f"{Path('no/where.json')}: cannot be written: there is no folder no\n"


# Audit


def test_audit_shows_findings_and_labels(home: Path) -> None:
    result = succeed("audit", home / "articles.jsonl", "--codebook", home / "codebook.json")
    assert "72 of 72 articles" in result.stdout
    assert "union-expands" in result.stdout


def test_audit_writes_json(home: Path, here: Path) -> None:
    write_rows(here / "dev.jsonl", articles()[:1])
    arguments = ["audit", home / "articles.jsonl", "--against", "dev.jsonl", "--group-by", "source"]
    findings = json.loads(succeed(*arguments, "--json", "-").stdout)
    assert findings["n_units"] == 72
    assert findings["overlaps"][0]["n_equal_texts"] == 1
    assert findings["overlaps"][0]["n_groups"] == 1
    succeed(*arguments, "--json", "audit.json")
    assert json.loads(Path("audit.json").read_text(encoding="utf-8")) == findings


# Prediction


def test_predict_reads_files_lines_and_standard_input(model: Path, here: Path) -> None:
    text = "Нов военен блок подкопава ОДКБ, каза министърът"
    (here / "a.txt").write_text(text, encoding="utf-8-sig")
    with gzip.open(here / "b.jsonl.gz", "wt", encoding="utf-8") as packed:
        packed.write(json.dumps({"id": 7, "title": text, "text": "днес", "lang": "bg"}) + "\r\n\n")
        packed.write(json.dumps({"text": text}) + "\n" + json.dumps({"id": "", "text": ""}))
    result = succeed("predict", model, "a.txt", "b.jsonl.gz", "-", stdin=text)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["id"] for row in rows] == ["a.txt", "7", "b:2", "b:3", "-"]
    assert all(list(row) == ["id", "labels", "probabilities"] for row in rows)
    expected = Predictor.load(model).predict([text, f"{text}\nднес", text, "", text])
    assert [tuple(row["labels"]) for row in rows] == [prediction.labels for prediction in expected]
    for row, prediction in zip(rows, expected, strict=True):
        assert row["probabilities"] == pytest.approx(prediction.probabilities, abs=1e-6)


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
    assert result.stderr.count("warning: ") == 1
    assert "'hi'" in result.stderr
    write_rows(
        here / "bg.jsonl", [{"text": "нов блок", "lang": code} for code in ("BG", "bg-BG", "rus", " en")]
    )
    assert "warning: " not in succeed("predict", model, "bg.jsonl").stderr


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
        "bad.txt:1: byte 0xe5 is not UTF-8: save the file again as UTF-8",
        "empty.txt: is empty, expected an article",
        "torn.jsonl.gz: is not an intact gzip file: Compressed file ended before the end-of-stream marker was "
        "reached",
        "rows.jsonl:2: is not JSON: Expecting ':' delimiter at position 8",
        "rows.jsonl:3: expected a JSON object, found a list",
        "rows.jsonl:4: text: is missing, expected the text of the article",
        "rows.jsonl:5: lang: expected a string, found int",
        "rows.jsonl:5: text: expected a string, found NoneType",
        "rows.jsonl:6: byte 0xff is not UTF-8: save the file again as UTF-8",
        "missing.jsonl: no such file",
        "missing.txt: no such file",
    ]


def test_empty_or_broken_standard_input_is_named(model: Path) -> None:
    assert message_of(run("predict", model, stdin="")) == "-: is empty, expected an article\n"
    assert message_of(run("predict", model, "-", stdin=b"\xff")).startswith("-:1: byte 0xff is not UTF-8")


# Export


def test_export_joblib_says_the_risk(model: Path, here: Path) -> None:
    result = succeed("export-joblib", model, "m.joblib")
    assert "can run any code" in result.stderr
    texts = ["Нов военен блок подкопава ОДКБ", ""]
    given = load_joblib("m.joblib", trusted=True).predict_proba(texts)
    assert np.allclose(given, Predictor.load(model).predict_proba(texts), atol=1e-5)
    assert "already exists" in message_of(run("export-joblib", model, "m.joblib"))
    succeed("export-joblib", model, "m.joblib", "--force")


# Bad input


GOOD = {"id": "a", "text": "Нов блок", "labels": ["bloc"]}
BAD_CORPORA: dict[str, tuple[bytes, str]] = {
    "encoding": (b'{"id": "a", "text": "\xe5", "labels": []}', "corpus.jsonl:1: byte 0xe5 is not UTF-8"),
    "empty file": (b"", "corpus.jsonl: is empty"),
    "broken JSON": (b'{"id": "a",', "corpus.jsonl:1: is not JSON"),
    "missing column": (b'{"id": "a", "labels": []}', "corpus.jsonl: text: no such column"),
    "empty text": (b'{"text": "", "labels": ["bloc"]}', "corpus.jsonl:1: text: is empty"),
    "duplicate id": (
        f"{json.dumps(GOOD)}\n{json.dumps(GOOD)}".encode(),
        "corpus.jsonl:2: id: duplicate id 'a', first at line 1",
    ),
    "span out of range": (
        json.dumps({**GOOD, "spans": [{"start": 0, "end": 99, "label": "bloc"}]}).encode(),
        "corpus.jsonl:1: spans[0]: 0-99 is out of range",
    ),
    "label outside the codebook": (
        json.dumps({**GOOD, "labels": ["blok"]}).encode(),
        "corpus.jsonl:1: labels: label 'blok' is not in the codebook",
    ),
    "single article": (json.dumps(GOOD).encode(), "single article"),
    "single label set": (
        "\n".join(json.dumps({**GOOD, "id": str(n), "text": f"Нов блок {n}"}) for n in range(9)).encode(),
        "every unit has the same label",
    ),
    "label without example": (
        "\n".join(
            json.dumps({"text": f"Нов блок {n}", "labels": ["anti-csto"] if n % 2 else []}) for n in range(9)
        ).encode(),
        "labels of the codebook have no example",
    ),
}


@pytest.mark.parametrize("fault", BAD_CORPORA)
def test_a_bad_corpus_is_refused_with_one_message(fault: str, home: Path, here: Path) -> None:
    content, expected = BAD_CORPORA[fault]
    (here / "corpus.jsonl").write_bytes(content)
    assert expected in message_of(run("train", "corpus.jsonl", "--codebook", home / "codebook.json"))
    assert list(here.iterdir()) == [here / "corpus.jsonl"]


def test_at_most_20_problems_are_shown(here: Path) -> None:
    write_rows(here / "corpus.jsonl", [{"text": "", "labels": []}] * 33)
    lines = message_of(run("audit", "corpus.jsonl")).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "... and 13 more problems"


@pytest.mark.parametrize("command", ["train", "audit"])
def test_a_missing_corpus_is_named(command: str, here: Path) -> None:
    assert message_of(run(command, "none.jsonl")) == "none.jsonl: no such file or folder\n"
    assert "no such folder" in message_of(run(command, "none", "--format", "semeval2025"))


def test_an_annotation_that_names_a_missing_article(here: Path) -> None:
    (here / "RU" / "raw-documents").mkdir(parents=True)
    (here / "RU" / "subtask-2-annotations.txt").write_text("x.txt\tOther\tOther\n", encoding="utf-8")
    message = message_of(run("audit", "RU", "--format", "semeval2025"))
    assert message.startswith("RU/subtask-2-annotations.txt:1: file: article 'x.txt' is not in")


def test_a_codebook_that_cannot_be_read(home: Path, here: Path) -> None:
    assert "book.json: no such file" in message_of(
        run("train", home / "articles.jsonl", "--codebook", "book.json")
    )


def test_a_group_column_that_is_missing(home: Path, model: Path, here: Path) -> None:
    for arguments in (["train"], ["audit"], ["evaluate", model]):
        message = message_of(run(*arguments, home / "articles.jsonl", "--group-by", "author"))
        assert "author: no such column" in message
    assert list(here.iterdir()) == []


def flip_a_byte(model: Path) -> None:
    content = bytearray((model / "ngrams.weights.npy").read_bytes())
    content[-1] ^= 1
    (model / "ngrams.weights.npy").write_bytes(content)


def remove_an_array(model: Path) -> None:
    (model / "ngrams.idf.npy").unlink()


def raise_the_version(model: Path) -> None:
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    manifest = json.loads((model / "manifest.json").read_text(encoding="utf-8"))
    content = json.dumps({**config, "format_version": 99}).encode()
    (model / "config.json").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    manifest["files"]["config.json"] = {"sha256": digest, "size_bytes": len(content)}
    (model / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (flip_a_byte, "the file was changed"),
        (remove_an_array, "ngrams.idf.npy: is missing"),
        (raise_the_version, f"format_version: expected {FORMAT_VERSION}, found 99: upgrade framescope"),
    ],
)
def test_a_damaged_model_is_refused(
    damage: Callable[[Path], None], expected: str, home: Path, model: Path, here: Path
) -> None:
    shutil.copytree(model, here / "damaged")
    damage(here / "damaged")
    for arguments in (
        ["predict", "damaged", "-"],
        ["evaluate", "damaged", str(home / "articles.jsonl")],
        ["export-joblib", "damaged", "m.joblib"],
    ):
        assert expected in message_of(run(*arguments, stdin="text"))
    assert list(here.iterdir()) == [here / "damaged"]


def test_a_missing_model_is_named(here: Path) -> None:
    assert message_of(run("predict", "nowhere", "-", stdin="a")).startswith("nowhere: no such bundle")


# Usage


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["train", "a.jsonl", "--rule", "accuracy"], "samples-f1, micro-f1, macro-f1, precision>=P, recall>=R"),
        (["train", "a.jsonl", "--rule", "precision>=2"], "unknown rule 'precision>=2'"),
        (["train", "a.jsonl", "--learner", "forest"], "'auto', 'ridge', 'ridge-cd', 'logistic'"),
        (["train", "a.jsonl", "--format", "xml"], "jsonl, csv, tsv, parquet, semeval2025"),
        (["train", "a.jsonl", "--jobs", "0"], "-1 for every core"),
        (["train", "a.jsonl", "--seed", "-1"], "--seed"),
        (["predict", "m", "a.docx"], "a.docx: expected a .txt or .jsonl file, or - for standard input"),
        (["audit", "a.csv", "--label-separator", ""], "expected a sign that joins labels, such as ,"),
        (["audit", "a.csv", "--offsets", "words"], "'code-points', 'utf16', 'bytes'"),
        (["predict"], "MODEL"),
        (["guess"], "No such command 'guess'"),
    ],
)
def test_wrong_usage_exits_with_2(arguments: list[str], expected: str, here: Path) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert expected in " ".join(result.stderr.split())
    assert result.stdout == ""
    assert list(here.iterdir()) == []


def test_the_version_is_shown() -> None:
    assert succeed("--version").stdout == "framescope 0.1.0\n"


def test_help_lists_the_commands() -> None:
    shown = succeed("--help").stdout
    for command in COMMANDS:
        assert command.__name__.replace("_", "-") in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help_text_in_whole_phrases(command: Callable[..., None]) -> None:
    """The command says what it does; its options' texts begin with a capital or a name, and end."""
    name = command.__name__.replace("_", "-")
    shown = succeed(name, "--help").stdout
    assert (command.__doc__ or "").split(".")[0].split()[0] in shown
    assert "``" not in shown
    parameters = get_command(app).commands[name].params  # type: ignore[attr-defined]
    texts = {parameter.name: parameter.help for parameter in parameters if parameter.help}
    assert {option: text for option, text in texts.items() if text[-1] not in ".)"} == {}
    assert {option: text for option, text in texts.items() if text.startswith("Of ")} == {}


# Processes


def start(
    *arguments: str | Path, cwd: Path | None = None, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a fresh process, with pipes for all streams."""
    command = [sys.executable, "-W", "error", "-m", "framescope", *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if name not in {"FORCE_COLOR", "COLUMNS"}}
    return subprocess.run(command, capture_output=True, check=False, cwd=cwd, input=stdin, env=environment)  # noqa: S603


def test_a_fresh_process_predicts_into_a_pipe(model: Path) -> None:
    """JSON in UTF-8 on standard output, nothing else anywhere, whatever the locale."""
    done = start("predict", model, stdin="Нов блок".encode())
    assert done.returncode == 0
    assert done.stderr == b""
    assert json.loads(done.stdout)["id"] == "-"


def test_a_fresh_process_fails_with_a_message_only(model: Path, tmp_path: Path) -> None:
    done = start("predict", model, "няма.txt", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == "error: няма.txt: no such file\n"


def test_piped_tables_hold_no_control_codes(home: Path, model: Path) -> None:
    done = start("evaluate", model, home / "articles.jsonl")
    assert done.returncode == 0
    assert b"overall" in done.stdout
    assert b"\x1b" not in done.stdout + done.stderr
    assert done.stderr == b""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_a_terminal_shows_progress_beside_clean_results(model: Path, tmp_path: Path) -> None:
    """Bars go to a standard error that is a terminal; standard output, a pipe, holds the results alone."""
    import pty  # noqa: PLC0415 - not on Windows

    write_rows(tmp_path / "a.jsonl", articles())
    reader, terminal = pty.openpty()
    command = [sys.executable, "-m", "framescope", "predict", str(model), str(tmp_path / "a.jsonl")]
    environment = {**os.environ, "TERM": "xterm"}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, check=True, env=environment)  # noqa: S603
    shown = os.read(reader, 100_000)
    os.close(reader)
    os.close(terminal)
    assert b"Predicting" in shown
    assert len([json.loads(line) for line in done.stdout.splitlines()]) == 72


def test_an_interruption_exits_with_130(model: Path) -> None:
    """A real signal, at a known moment: when standard input is read."""
    code = (
        "import os, signal, sys\n"
        "from framescope.cli.app import main\n"
        "class Stdin:\n"
        "    buffer = property(lambda self: self)\n"
        "    def read(self, size): os.kill(os.getpid(), signal.SIGINT); return b'text'\n"
        "sys.stdin = Stdin()\n"
        f"main(['predict', {str(model)!r}, '-'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)  # noqa: S603
    assert done.returncode == 128 + signal.SIGINT
    assert done.stdout == b""
    assert b"Traceback" not in done.stderr


def test_a_reader_that_has_enough_is_no_error(model: Path, tmp_path: Path) -> None:
    write_rows(tmp_path / "many.jsonl", [{"text": "Нов блок " * 20}] * 3000)
    command = [sys.executable, "-m", "framescope", "predict", str(model), str(tmp_path / "many.jsonl")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b'{"id"')
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 1


def test_train_py_takes_the_arguments_of_train(home: Path, tmp_path: Path) -> None:
    command = [sys.executable, REPOSITORY / "train.py", home / "articles.jsonl", "--dry-run"]
    done = subprocess.run(command, capture_output=True, check=False, cwd=tmp_path)  # noqa: S603
    assert done.returncode == 0
    assert done.stderr == b"warning: 12 pairs of near duplicates\n"
    assert b"72 of 72 articles" in done.stdout


def test_train_py_says_how_to_install(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", REPOSITORY / "train.py"]
    done = subprocess.run(command, capture_output=True, check=False, cwd=tmp_path)  # noqa: S603
    assert done.returncode == 1
    assert b"pip install -e ." in done.stderr
    assert b"Traceback" not in done.stderr


def test_main_takes_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == "framescope 0.1.0\n"


# Scopes


def test_scopes_are_said_by_every_command(home: Path, here: Path) -> None:
    """A codebook with terms: train, audit, evaluate, predict and inspect tell what is out of scope."""
    codebook = json.loads(json.dumps(CODEBOOK))
    codebook["labels"][0]["mentions"] = {"bg": ["одкб", "тюркск*"], "en": ["csto", "turkic"]}
    codebook["labels"][1]["mentions"] = {"bg": ["запад*"], "en": ["west"]}
    Path("codebook.json").write_text(json.dumps(codebook), encoding="utf-8")
    arguments = ["--codebook", "codebook.json", "--group-by", "source"]
    shown = succeed("train", home / "articles.jsonl", *arguments, "--output", "scoped").stdout
    line = "18 of 72 units name nothing of any label's scope, and are given none."
    assert line in shown
    assert "missed out of scope" in shown
    audited = succeed("audit", home / "articles.jsonl", *arguments).stdout
    assert "labelled out of scope" in audited
    assert "out of scope" in audited.split("Labels")[1]
    assert line in succeed("evaluate", "scoped", home / "articles.jsonl").stdout
    assert "5 of 5 labels ask for one of up to 4 terms; 54 of 72 units" in succeed("inspect", "scoped").stdout
    (row,) = map(
        json.loads, succeed("predict", "scoped", "-", stdin="Нов блок подкопава ОДКБ").stdout.splitlines()
    )
    assert row["out_of_scope"] == ["west", "west-divides"]
    assert row["probabilities"]["west"] == 0
    (row,) = map(json.loads, succeed("predict", home / "model", "-", stdin="Нов блок").stdout.splitlines())
    assert "out_of_scope" not in row


def test_a_term_at_fault_is_refused_with_its_place(home: Path, here: Path) -> None:
    codebook = {"labels": [{"id": "bloc", "mentions": {"bg": ["ру*"]}}]}
    Path("codebook.json").write_text(json.dumps(codebook), encoding="utf-8")
    result = run("train", home / "articles.jsonl", "--codebook", "codebook.json")
    assert message_of(result) == (
        "codebook.json: labels[0]: label 'bloc': mentions.bg: term 'ру*': "
        "expected 3 letters or more before '*', found 2\n"
    )
