"""The report: what it is made of, what it says, and that texts stay texts."""

from __future__ import annotations

import random
import re
from copy import deepcopy
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from messages import messages
from typer.testing import CliRunner, Result

from framescope.bundle.read import load_bundle
from framescope.bundle.record import record_path
from framescope.cli.app import app
from framescope.corpus.read import read_corpus
from framescope.errors import BundleError, CorpusError
from framescope.evaluation.doubts import DoubtfulPassage, _around
from framescope.evaluation.judged import Judged, judge
from framescope.evaluation.predictions import evaluate_model
from framescope.measure.shown import OUTLOOKS
from framescope.model.review import Promise, Review
from framescope.pages.catalogues import say_in
from framescope.pages.report import Report, make_report
from framescope.predictor import Predictor
from framescope.progress import no_progress
from framescope.training.recipe import Recipe
from framescope.training.train import train
from reported import CODEBOOK, HOSTILE, Trained, rows, sentence, write


def judged_of(trained: Trained, path: Path | None = None, *, group_by: str | None = None) -> Judged:
    corpus = trained.corpus if path is None else read_corpus(path, codebook=CODEBOOK)
    return judge(trained.predictor.bundle, corpus, group_by=group_by, jobs=1, progress=no_progress)


@pytest.fixture(scope="module")
def report(trained: Trained) -> Report:
    return make_report(trained.predictor, judged_of(trained))


@pytest.fixture
def held_out(tmp_path: Path) -> Path:
    """Articles that training did not have; two bear ids that it had."""
    content = [{**row, "text": f"{row['text']} Later.", "id": f"new-{k}"} for k, row in enumerate(rows(2))]
    return write(tmp_path / "held-out.jsonl", [*content, *rows()[:2]])


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["report", *map(str, arguments)])


# On what a report is made


def test_on_its_own_corpus_the_decisions_of_training_are_taken(trained: Trained) -> None:
    """They are not those of the model, which has learned each article's label."""
    judged = judged_of(trained)
    assert judged.is_training
    assert judged.group_by == "source"
    assert set(judged.units.clusters) == {f"group Outlet {k}" for k in range(4)}
    by_model = evaluate_model(trained.predictor.bundle.model, trained.corpus)
    assert not np.array_equal(judged.outcomes.probabilities, by_model.probabilities)


def test_the_metrics_are_those_of_the_card(report: Report) -> None:
    assert report.metrics == report.bundle.training.metrics


def test_on_other_articles_the_model_decides(trained: Trained, held_out: Path) -> None:
    judged = judged_of(trained, held_out)
    corpus = read_corpus(held_out, codebook=CODEBOOK)
    by_model = evaluate_model(trained.predictor.bundle.model, corpus)
    assert not judged.is_training
    assert judged.n_known == 2
    assert np.array_equal(judged.outcomes.probabilities, by_model.probabilities)


def test_without_its_record_the_corpus_of_training_is_refused(trained: Trained, tmp_path: Path) -> None:
    """The model on its own articles would look too good."""
    copy = replace(trained.predictor.bundle, path=tmp_path / "copy")
    with pytest.raises(BundleError, match=r"copy.training.parquet: is missing, .* or name held-out articles"):
        judge(copy, trained.corpus, group_by=None, jobs=1, progress=no_progress)


def test_a_stale_record_is_refused(trained: Trained, tmp_path: Path) -> None:
    copy = replace(trained.predictor.bundle, path=tmp_path / "copy", digest="another")
    record_path(tmp_path / "copy").write_bytes(record_path(trained.path).read_bytes())
    with pytest.raises(BundleError, match=r"is of the model .* the bundle beside it is another"):
        judge(copy, trained.corpus, group_by=None, jobs=1, progress=no_progress)


def test_a_column_to_group_by_must_be_there(trained: Trained) -> None:
    with pytest.raises(CorpusError, match="outlet: no such column"):
        judged_of(trained, group_by="outlet")


def test_a_label_that_the_model_does_not_know_counts_as_missed(trained: Trained, tmp_path: Path) -> None:
    path = write(tmp_path / "more.jsonl", [*rows(2), {"text": "Друга тема.", "labels": ["нещо ново"]}])
    judged = judge(load_bundle(trained.path), read_corpus(path), group_by=None, jobs=1, progress=no_progress)
    report = make_report(trained.predictor, judged)
    new = next(label for label in report.labels if label.id == "нещо ново")
    assert (new.score.support, new.score.recall, new.ngrams) == (1, 0.0, {})
    assert "нещо ново" in report.html()


# What it says


def test_the_page_tells_noise_slope_and_kinds(trained: Trained, tmp_path: Path) -> None:
    content = [{**row, "id": f"new-{k}", "kind": f"of {row['lang']}"} for k, row in enumerate(rows())]
    judged = judged_of(trained, write(tmp_path / "kinds.jsonl", content))
    report = make_report(trained.predictor, judged)
    page = unescape(report.html())
    found = report.metrics["calibration"]
    assert f"{found['ece']:.3f} ({found['ece_noise']:.3f} if all were exactly true)" in page
    assert "reliability slope (1 is right)" in page
    kinds = report.metrics["false_alarms_by_kind"]
    assert [(kind, of_kind["n_units"]) for kind, of_kind in kinds.items()] == [("of bg", 8), ("of en", 8)]
    assert '<th scope="row">of bg</th><td class="number">8</td>' in page


def test_labels_have_scores_by_language_and_ngrams(report: Report) -> None:
    label = next(label for label in report.labels if label.id == "west-divides")
    assert (label.parent, label.score.support) == ("west", 16)
    assert {code: score.support for code, score in label.by_language.items()} == {"bg": 9, "en": 7}
    assert "Западът" in [row.text for row in label.ngrams["bg"]]
    assert {row.n_members for row in label.ngrams["en"]} == {7}
    assert label.ngrams["en"][0].share == 1.0


def test_wrong_labels_are_found(report: Report) -> None:
    """Two of 64 bear the label of another; these come first."""
    assert {unit.id for unit in report.doubtful[:2]} == {"bg-union-expands-7", "en-west-divides-7"}


def test_a_doubtful_unit_shows_the_passage_in_question(report: Report) -> None:
    unit = next(unit for unit in report.doubtful if unit.id == "bg-union-expands-7")
    missing = next(view for view in unit.doubts if not view.doubt.is_given)
    assert missing.doubt.label == "union-expands"
    assert missing.passage is not None
    assert "съюз" in missing.passage.text
    assert unit.given == ("west-divides",)


def test_what_stands_around_a_passage_is_cut_between_words() -> None:
    text = f"{'дума ' * 30}ОДКБ се разпада{' отново' * 30}"
    passage = _around(text, 150, 165)
    assert (passage.before, passage.text) == ("… " + "дума " * 11, "ОДКБ се разпада")
    assert passage.after == " отново" * 8 + " …"
    assert _around("Нов блок.", 0, 8) == DoubtfulPassage("", "Нов блок", ".")


def test_a_byline_that_goes_with_a_label_is_warned_of(tmp_path: Path) -> None:
    """Planted below the articles of one label in one language."""
    rng = random.Random(1)  # noqa: S311 - sentences, not secrets
    content = rows()
    for row in content:
        byline = " Reported by Zorin." if row["labels"] == ["west-divides"] and row["lang"] == "en" else ""
        row["text"] += " " + " ".join(sentence(row["lang"], rng) + "." for _ in range(12)) + byline
    corpus = read_corpus(write(tmp_path / "articles.jsonl", content), codebook=CODEBOOK)
    train(corpus, Recipe(group_by="source")).save(tmp_path / "model")
    predictor = Predictor.load(tmp_path / "model")
    judged = judge(predictor.bundle, corpus, group_by=None, jobs=1, progress=no_progress)
    found = make_report(predictor, judged).shortcuts
    reasons = {(label, lang): row.reasons for label, lang, row in found if "Zorin" in row.text}
    assert ("west-divides", "en") in reasons
    assert "as bylines are" in reasons["west-divides", "en"][0]


def test_texts_are_data(report: Report) -> None:
    """Markup in names, titles and texts is shown, not run."""
    page = report.html()
    assert "<script" not in page.lower()
    assert "<img" not in page
    assert HOSTILE in unescape(page)
    assert "&lt;b&gt;tiny&lt;/b&gt; &amp; co" in page


def test_a_page_is_the_same_every_time(trained: Trained, report: Report) -> None:
    assert make_report(trained.predictor, judged_of(trained)).html() == report.html()


def test_every_chart_is_described_and_every_curve_drawn(report: Report) -> None:
    page = report.html()
    charts = re.findall(r'<svg viewBox="0 0 340 250" role="img" aria-label="([^"]{40,})">', page)
    assert len(charts) == 2 + len(CODEBOOK.ids)
    assert 'd=""' not in page
    assert "nan" not in page.lower()


def test_the_page_says_on_what_it_was_made(trained: Trained, report: Report, held_out: Path) -> None:
    other = make_report(trained.predictor, judged_of(trained, held_out)).html()
    assert "each was judged by a fit" in report.html()
    assert "not those that it was trained on" in other
    assert "2 of the 18 units bear ids of training units" in other


# The command


def test_the_command_writes_a_page(trained: Trained, tmp_path: Path) -> None:
    codebook = ["--codebook", trained.path.parent / "codebook.json"]
    result = run(
        trained.path, trained.corpus_path, *codebook, "--html", tmp_path / "r.html", "--no-learning-curve"
    )
    assert result.exit_code == 0, result.output
    assert f"Saved to {tmp_path / 'r.html'}." in result.stdout
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "There is no learning curve here: it was not asked for." in page


def test_what_training_joined_and_cut_is_joined_and_cut_again(tmp_path: Path) -> None:
    """The unit comes from the model, --also from whoever asks; without it these are other articles."""
    content = [{**row, "title": ""} for row in rows()]
    one, other = write(tmp_path / "one.jsonl", content[::2]), write(tmp_path / "other.jsonl", content[1::2])
    options = ["--also", str(other), "--unit", "paragraph", "--output", str(tmp_path / "model")]
    assert CliRunner().invoke(app, ["train", str(one), *options]).exit_code == 0
    page = tmp_path / "r.html"
    made = ["--html", page, "--no-learning-curve"]
    assert run(tmp_path / "model", one, "--also", other, *made).exit_code == 0
    assert "each was judged by a fit" in page.read_text(encoding="utf-8")
    assert "32 units bear ids of training units" in run(tmp_path / "model", one, *made).stderr
    assert "not those that it was trained on" in page.read_text(encoding="utf-8")


def test_units_with_unknown_labels_are_left_out_when_asked(trained: Trained, tmp_path: Path) -> None:
    path = write(tmp_path / "more.jsonl", [*rows(2), {"text": "Друга тема.", "labels": ["нещо ново"]}])
    made = ["--html", tmp_path / "r.html", "--no-learning-curve", "--skip-invalid"]
    assert run(trained.path, path, *made).exit_code == 0
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "16 units" in page
    assert "нещо ново" not in page


def test_a_place_that_cannot_be_written_is_refused_before_the_work(tmp_path: Path) -> None:
    result = run("nowhere", "missing.jsonl", "--html", tmp_path / "missing" / "r.html")
    assert result.exit_code == 1
    assert "there is no folder" in result.stderr


def test_units_out_of_scope_are_said(tmp_path: Path) -> None:
    labels = tuple(
        replace(
            label, mentions={"bg": ("одкб",), "en": ("csto",)} if label.id == "bloc" else {"bg": ("запад*",)}
        )
        for label in CODEBOOK.labels
    )
    codebook = replace(CODEBOOK, labels=labels)
    path = write(tmp_path / "articles.jsonl", rows())
    corpus = read_corpus(path, codebook=codebook)
    train(corpus, Recipe(group_by="source")).save(tmp_path / "model")
    predictor = Predictor.load(tmp_path / "model")
    made = make_report(predictor, judge(predictor.bundle, corpus, group_by=None, jobs=1, progress=no_progress))
    assert made.scope is not None
    n_outside = made.scope["n_outside"]
    assert n_outside == sum(
        not any(word in text.casefold() for word in ("одкб", "csto", "запад")) for text in corpus.full_texts()
    )
    page = unescape(made.html())
    assert f"{n_outside} of 64 units name nothing of any label's scope, and are given none." in page
    assert "Labels that units bear out of their scope count as missed: " in page
    assert dict(made.missed_out_of_scope)["union-expands"] == 16
    assert made.metrics == predictor.bundle.training.metrics


def test_without_scopes_a_report_says_nothing_of_them(report: Report) -> None:
    assert report.scope is None
    assert report.missed_out_of_scope == []
    assert "label's scope" not in unescape(report.html())


def test_a_report_tells_how_many_given_labels_and_how_many_to_review_are_right(trained: Trained) -> None:
    bundle = trained.predictor.bundle
    review = Review((Promise("precision>=0.8", 0.7),))
    parted = Predictor(replace(bundle, model=replace(bundle.model, review=review)))
    judged = judge(parted.bundle, trained.corpus, group_by=None, jobs=1, progress=no_progress)
    found = make_report(parted, judged)
    outcomes = judged.outcomes
    given = outcomes.decided & (outcomes.probabilities >= np.float32(0.7))
    others = outcomes.decided & ~given
    assert found.review == [
        ("given", given.sum(), pytest.approx(outcomes.truth[given].mean())),
        ("to review", others.sum(), pytest.approx(outcomes.truth[others].mean())),
    ]
    assert "Labels below 70 % are to review" in found.html()
    assert "to review" not in make_report(trained.predictor, judged_of(trained)).html()


@pytest.mark.parametrize("interface", ["bg", "ru"])
def test_the_page_speaks_the_language_of_its_reader(trained: Trained, interface: str) -> None:
    """No message of the page, of its charts or of the figures is left in English."""
    judged = judged_of(trained)
    page = unescape(make_report(trained.predictor, judged, interface=interface).html())
    assert f'<html lang="{interface}">' in page
    shown = re.sub(r"<style>.*?</style>|<[^>]*>", "\n", page, flags=re.S)
    english = [one for one in messages() if len(one) > 8 and "%" not in one and " " in one]
    assert [one for one in english if one in shown] == []
    assert say_in(interface)("What tomorrow may look like") in shown


def test_the_report_has_the_outlooks_of_training(report: Report, trained: Trained) -> None:
    """And what to expect of new articles; on other articles they say nothing."""
    outlooks = trained.predictor.bundle.training.outlooks
    assert [row[0] for row in report.outlooks] == [OUTLOOKS[key] for key in OUTLOOKS if key in outlooks]
    assert len(report.outlooks) > 2
    page = unescape(report.html())
    assert 'id="tomorrow"' in page
    for row in report.outlooks:
        assert f'<tr><th scope="row">{row[0]}</th><td class="number">{row[1]}</td>' in page
    assert report.outlook_lines[0] in page
    other = replace(report, judged=replace(report.judged, is_training=False))
    assert other.outlooks == []
    assert 'id="tomorrow"' not in other.html()


def test_style_that_gives_labels_away_is_told_with_the_shortcuts(report: Report) -> None:
    """The best language first; above .65 with a warning."""
    assert report.style == []
    told = "How well function words and punctuation alone tell"
    assert told not in report.html()
    for auc, is_warned in ((0.61, False), (0.72, True)):
        page = replace(report, style=[("bg", auc), ("ru", 0.5)]).html()
        assert f"(0.5 is chance): bg {auc:.2f}, ru 0.50." in page
        assert ("A model may learn how they are written" in page) == is_warned


def test_a_language_with_a_slope_far_from_1_is_warned_of(report: Report) -> None:
    metrics = deepcopy(dict(report.metrics))
    metrics["by_language"]["bg"]["calibration"] |= {"slope": 0.7, "slope_ci95": [0.6, 0.8]}
    page = replace(report, metrics=metrics).html()
    assert (
        "probabilities of bg are too extreme: the high ones too high, the low ones too low (slope 0.70" in page
    )
