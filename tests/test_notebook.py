"""What consoles and notebooks show: short, and with nothing in it taken for markup."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

import framescope
from framescope import Codebook, Prediction, Predictor, Recipe
from framescope.notebook import MAX_REPR
from framescope.prediction import UnitPrediction
from reported import Trained as Small

MANY = {f"label-{number}-{'x' * 90}": number / 100 for number in range(100)}


@pytest.mark.parametrize(
    "made", [Prediction(tuple(MANY), MANY), UnitPrediction(0, 9, tuple(MANY), MANY), Codebook.flat(MANY)]
)
def test_repr_is_short(made: object) -> None:
    assert len(repr(made)) <= MAX_REPR
    assert "label-99" in repr(made) or "label-0" in repr(made)


def test_repr_of_a_prediction_has_labels_and_the_most_probable_ones() -> None:
    made = Prediction(("b",), {"a": 0.1, "b": 0.9, "c": 0.2, "d": 0.3, "e": 0.4, "f": 0.5})
    assert repr(made) == (
        "Prediction(labels=('b',), probabilities={'b': 0.900, 'f': 0.500, 'e': 0.400, 'd': 0.300, 'c': 0.200, "
        "... 1 more})"
    )


def test_explanations_and_predictors_are_shown_in_short(predictor: Predictor) -> None:
    explanation = predictor.explain("Нов блок подкопава ОДКБ. " * 500, "bloc")
    assert len(explanation.contributions) > 1000
    assert len(repr(explanation)) < 200
    assert repr(predictor).startswith("Predictor('")
    html = explanation._repr_html_()
    assert html.count("<tr>") == 11
    assert len(html) < MAX_REPR


def test_html_has_every_text_escaped(predictor: Predictor) -> None:
    made = Prediction(("<b>",), {"<b>": 0.5, "a\x1b": 0.25})
    assert made._repr_html_() == (
        "<table><caption>given: &lt;b&gt;</caption><tr><th>label</th><th>probability</th><th></th></tr>"
        "<tr><td>&lt;b&gt;</td><td>0.500</td><td>given</td></tr>"
        "<tr><td>a\\u001b</td><td>0.250</td><td></td></tr></table>"
    )
    assert "<script>" not in predictor.explain("<script> блок", "bloc")._repr_html_()


def test_pages_and_reports_are_made_from_python(trained: Small, tmp_path: Path) -> None:
    """With a word on each stage; in a notebook they are short tables."""
    told: list[str] = []
    progress = framescope.stages(told.append)
    text = "Нов блок подкопава ОДКБ."
    view = framescope.explain(text, str(trained.path), title="Съюз", progress=progress)
    view.save(tmp_path / "page.html")
    assert "Нов блок" in (tmp_path / "page.html").read_text("utf-8")
    assert (view.title, view.text) == ("Съюз", f"Съюз\n{text}")
    made = framescope.report(str(trained.path), trained.corpus, progress=progress)
    made.save(tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text("utf-8").startswith("<!doctype html>")
    assert told[0] == "Explaining"
    assert "Looking for doubtful labels" in told
    for shown in (view, made):
        assert len(repr(shown)) <= MAX_REPR
        assert shown._repr_html_().startswith("<table>")


def test_a_training_is_shown_with_its_scores() -> None:
    units = [
        {"text": f"{word} {number}", "labels": [word]} for word in ("блок", "съюз") for number in range(12)
    ]
    corpus = framescope.read_corpus(pa.Table.from_pylist(units))
    assert repr(corpus) == "Corpus('frame', 24 units, 2 labels)"
    trained = framescope.train(corpus, Recipe(group_by="article_id"))
    assert repr(trained).startswith("Trained('frame', 2 labels, 24 units, left-out samples-F1 ")
    assert "<td>overall</td>" in trained._repr_html_()
    assert len(trained._repr_html_()) < 10_000
    judged = framescope.evaluate(trained.model, corpus)
    assert repr(judged) == "Evaluation(24 units, 2 labels, samples-F1 1.000)"
    assert "<td>overall</td>" in judged._repr_html_()


def test_explain_refuses_what_is_no_article(predictor: Predictor) -> None:
    with pytest.raises(framescope.TextError, match="expected the text of an article, found ' '"):
        framescope.explain(" ", predictor)
    with pytest.raises(framescope.TextError, match="expected 1 to 26 models, found 0"):
        framescope.explain("a", [])
