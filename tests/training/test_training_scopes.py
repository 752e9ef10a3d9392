"""Scopes in a training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from framescope.codebook import Codebook
from framescope.corpus.schema import Corpus
from framescope.predictor import Predictor
from framescope.training.train import train
from recipes import BY_SOURCE, CODEBOOK, Make, rows


def scoped_codebook() -> Codebook:
    """Return the codebook with a scope for one narrative, in three of the four languages."""
    mentions = {"bg": ("одкб",), "en": ("csto",), "hi": ("सीएसटीओ",)}
    labels = tuple(
        replace(label, mentions=mentions if label.id == "Bloc" else None) for label in CODEBOOK.labels
    )
    return replace(CODEBOOK, labels=labels)


def test_training_knows_the_scopes(make: Make) -> None:
    """Left out, saved, in the metrics and in the card; a label out of its scope is missed."""
    content = rows()
    # ru-... share the letters ОДКБ; one article of the narrative names nothing.
    missed = next(row for row in content if row["labels"] == ["Bloc: weak"] and row["lang"] == "en")
    missed["text"] = missed["text"].replace("CSTO ", "XXXX ")
    corpus = make(content, scoped_codebook())
    trained = train(corpus, BY_SOURCE)
    columns = [corpus.codebook.columns[label] for label in ("Bloc", "Bloc: weak")]
    names = np.array(["ОДКБ" in text or "CSTO" in text or "सीएसटीओ" in text for text in corpus.full_texts()])
    assert names.sum() == 15
    for column in columns:
        assert ((trained.record.probabilities[:, column] > 0) == names).all()
        assert not trained.record.decided[~names, column].any()
    scope = trained.metrics["scope"]
    assert scope["n_outside"] == 0, "the other narrative has no scope"
    counts = {row["label"]: (row["n_outside"], row["n_missed"]) for row in scope["per_label"]}
    assert counts == {
        "West": (0, 0),
        "West: divides": (0, 0),
        "West: arms": (0, 0),
        "Bloc": (49, 1),
        "Bloc: weak": (49, 1),
    }
    recall = {row["label"]: row["recall"] for row in trained.metrics["per_label"]}
    assert recall["Bloc: weak"] <= 15 / 16
    prior = dict(zip(corpus.codebook.ids, trained.model.calibration.prior, strict=True))
    assert prior["Bloc: weak"] == pytest.approx(15.5 / 16)
    assert prior["West"] == pytest.approx(32.5 / 65)
    assert "## Scope" in trained.card
    assert "| `Bloc: weak` | 3 terms | 15 | 1 |" in trained.card
    assert "| `West` | any text | 64 | 0 |" in trained.card


def test_a_saved_model_has_its_scopes(make: Make, tmp_path: Path) -> None:
    trained = train(make(rows(), scoped_codebook()), BY_SOURCE)
    trained.save(tmp_path / "model")
    predictor = Predictor.load(tmp_path / "model")
    assert predictor.codebook == scoped_codebook()
    (found,) = predictor.predict(["Вчера пак: блокът е безсилен"])
    assert found.out_of_scope == ("Bloc", "Bloc: weak")
    assert found.probabilities["Bloc"] == 0
    assert not {"Bloc", "Bloc: weak"} & {*found.labels}


def test_without_scopes_the_card_says_nothing_of_them(corpus: Corpus) -> None:
    trained = train(corpus, BY_SOURCE)
    assert trained.metrics["scope"] is None
    assert "Scope" not in trained.card


def test_a_misspelt_term_is_warned_of(make: Make) -> None:
    labels = tuple(
        replace(label, mentions={"bg": ("одбк",)}) if label.id == "Bloc" else label for label in CODEBOOK.labels
    )
    trained = train(make(rows(), replace(CODEBOOK, labels=labels)), BY_SOURCE)
    assert any(
        "a term may be misspelt: no example names anything of the scope of Bloc" in w for w in trained.warnings
    )
    assert "a term may be misspelt" in trained.card
    assert not trained.record.decided[:, trained.model.codebook.columns["Bloc"]].any()
