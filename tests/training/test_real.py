"""The promises of cards on real articles."""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path

import pytest

from framescope.codebook import read_codebook
from framescope.corpus.read import read_corpus
from framescope.measure.metrics import Outcomes, UnitInfo, evaluate
from framescope.training.recipe import Recipe, train
from recipes import probabilities


@pytest.mark.corpora
@pytest.mark.slow
def test_the_card_promises_no_more_than_other_articles_keep() -> None:
    """Of Slavic debates: the articles of dev.jsonl are none of train.jsonl."""
    default = Path(__file__).parents[3] / "shared" / "corpora"
    folder = Path(os.environ.get("FRAMESCOPE_CORPORA", default)) / "slavic_persuasion"
    codebook = read_codebook(folder / "codebook.json")
    corpus, other = (read_corpus(folder / f"{part}.jsonl", codebook=codebook) for part in ("train", "dev"))
    trained = train(corpus, Recipe(rule="micro-f1", jobs=2))
    found = probabilities(trained, other.full_texts())
    metrics = evaluate(
        Outcomes(codebook.indicator(other.column("labels")), trained.model.decide(found), found),
        UnitInfo(other.column("lang"), other.column("article_id")),
        codebook=codebook,
        prior=trained.model.calibration.prior,
    )
    for level, score in product(("fine", "coarse"), ("micro_f1", "macro_f1")):
        promised, kept = trained.metrics["overall"][level], metrics["overall"][level]
        low, high = promised[f"{score}_ci95"]
        kept_low, _ = kept[f"{score}_ci95"]
        assert kept[score] > low, "the card promises too much"
        assert kept_low < high, "the card promises too little"
    assert metrics["overall"]["fine"]["micro_f1"] == pytest.approx(
        trained.metrics["overall"]["fine"]["micro_f1"], abs=0.03
    )
    for name in ("brier", "log_loss", "ece"):
        assert metrics["calibration"][name] == pytest.approx(trained.metrics["calibration"][name], abs=0.01)
