"""The command ``train``: what it prints and saves."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from commands import CODEBOOK, articles, message_of, run, succeed, write_rows
from encoding import HashedWords
from framescope import Predictor
from framescope.cli.runs import find_starter
from framescope.encoders import catalogue
from framescope.encoders.cache import PLACE
from framescope.encoders.catalogue import DEFAULT_ENCODER


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
    options = [part for pair in names.items() for part in pair]
    assert "--empty none if these rows have no label" in message_of(run("train", "other.jsonl", *options))
    succeed("train", "other.jsonl", *options, "--empty", "none")
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
    succeed("train", "--encoder", "none")
    assert Predictor.load("starter").bundle.training.group_by == "source"
    assert Predictor.load("starter").bundle.training.meaning is None
    succeed("train", "--encoder", "none")
    assert "already exists" in message_of(run("train", "--output", "models/starter"))
    assert "already exists" in message_of(run("train", "data/starter"))


def write_starter(here: Path) -> list[dict[str, object]]:
    """Write a starter corpus with techniques, and return the rows of these."""
    starter = here / "data" / "starter"
    starter.mkdir(parents=True)
    write_rows(starter / "all.jsonl", articles())
    parts = [{**row, "article_id": f"of {row['id']}"} for row in articles()]
    write_rows(starter / "techniques.jsonl", parts)
    for name in ("codebook", "techniques"):
        (starter / f"{name}.json").write_text(json.dumps(CODEBOOK), encoding="utf-8")
    return parts


@pytest.mark.slow
def test_the_starters_narratives_are_read_with_the_default_encoder_where_it_is_installed(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_starter(here)
    monkeypatch.setenv(PLACE, str(here / "cache"))
    monkeypatch.setitem(catalogue.ENCODERS, DEFAULT_ENCODER, lambda name, place: HashedWords(DEFAULT_ENCODER))
    monkeypatch.setattr(catalogue, "has_default", lambda: False)
    found = succeed("train")
    assert "the starter is read by n-grams alone: pip install 'framescope[encoder]' adds" in found.stderr
    assert Predictor.load("starter").bundle.training.meaning is None
    monkeypatch.setattr(catalogue, "has_default", lambda: True)
    succeed("train")
    facts = Predictor.load("starter").bundle.training.meaning
    assert facts is not None
    assert facts.encoders == [DEFAULT_ENCODER]
    assert Predictor.load("starter-techniques").bundle.training.meaning is None
    succeed("train", "data/starter", "--output", "named")
    assert Predictor.load("named").bundle.training.meaning is None


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes there")
def test_a_corpus_may_have_any_name_and_the_card_has_none_of_its_control_characters(here: Path) -> None:
    corpus = Path(os.fsdecode(b"\xcf\x1b]0;X\x07.jsonl"))
    write_rows(here / corpus, articles())
    succeed("train", corpus, "--output", "odd")
    assert Predictor.load("odd").bundle.training.corpus.name == r"\xcf\u001b]0;X\u0007.jsonl"
    assert r"\xcf\u001b]0;X\u0007.jsonl" in (here / "odd" / "README.md").read_text(encoding="utf-8")


def test_the_starters_techniques_are_trained_with_it_and_with_what_is_added(home: Path, here: Path) -> None:
    """They are sentences, by default with the rule micro-f1."""
    parts = write_starter(here)
    write_rows(here / "more.jsonl", [{**row, "id": f"more {row['id']}"} for row in parts])
    succeed("train", "--also", "more.jsonl", "--encoder", "none")
    techniques, narratives = Predictor.load("starter-techniques"), Predictor.load("starter")
    assert (techniques.unit, techniques.rule.name) == ("sentence", "precision>=0.5")
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


@pytest.mark.slow
def test_a_training_goes_on_from_a_model(home: Path, here: Path) -> None:
    """From what ridge-cd keeps beside a model; other learners keep nothing, and take their model's place."""
    corpus = ["train", home / "articles.jsonl", "--codebook", home / "codebook.json", "--output", "model"]
    succeed(*corpus, "--learner", "ridge-cd")
    assert Path("model.solution.parquet").exists()
    go_on = ["--from", "model", "--same-vocabulary", "--force"]
    succeed(*corpus, "--learner", "ridge-cd", *go_on)
    assert "the learner ridge begins anew" in message_of(run(*corpus, *go_on))
    succeed(*corpus, "--force")
    assert not Path("model.solution.parquet").exists()
    assert "model.solution.parquet: is missing" in message_of(run(*corpus, *go_on))
    refused = run(*corpus, "--same-vocabulary")
    assert (refused.exit_code, "--same-vocabulary: needs a --from" in refused.output) == (2, True)
    assert "--from: needs a CORPUS" in run("train", "--from", "model").output
