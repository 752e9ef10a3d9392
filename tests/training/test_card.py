"""The model card."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from framescope.corpus.schema import Corpus
from framescope.training.train import train
from recipes import BY_SOURCE, Make, rows


def test_the_card_tells_what_the_model_is(corpus: Corpus) -> None:
    trained = train(corpus, replace(BY_SOURCE, rule="micro-f1"))
    micro = trained.metrics["overall"]["fine"]
    low, high = micro["micro_f1_ci95"]
    for expected in (
        "# tiny\n",
        "| Date | 2026-02-03 |",
        f"| Corpus SHA-256 | `{trained.training.corpus.sha256}` |",
        "| Trained on | corpus.jsonl: 64 units of 64 articles |",
        "| Languages | bg 16, en 16, hi 16, ru 16 |",
        "| Rule | `micro-f1` |",
        "| Never given | - |",
        "units of equal `source`",
        f"| {micro['micro_f1']:.3f} [{low:.3f}, {high:.3f}] |",
        "| `West: arms` | West | 16 |",
        "## What it is not for",
        "| hi, first level |",
    ):
        assert expected in trained.card


def test_the_card_names_labels_that_are_never_given(make: Make) -> None:
    """One label has no example, and the rule has no cut for it."""
    content = [row for row in rows() if row["labels"] != ["Bloc: weak"]]
    trained = train(make(content), replace(BY_SOURCE, rule="micro-f1", allow_unseen_labels=True))
    assert trained.training.never_given == ("Bloc", "Bloc: weak")
    assert "| Never given | Bloc, Bloc: weak |" in trained.card
    assert not trained.model.decide(np.full((1, 5), 0.999, np.float32))[0, 3:].any()


def test_the_card_repeats_what_the_audit_warns_of(make: Make) -> None:
    trained = train(make([*rows(), rows()[0] | {"id": "copy", "labels": []}]), BY_SOURCE)
    assert any("texts that occur more than once" in line for line in trained.warnings)
    assert "**Warnings:** 2 units have texts that occur more than once" in trained.card


def test_false_alarms_are_told_by_kind(make: Make) -> None:
    """The kinds of units without a label, on the card as in the metrics."""
    content = [row | {"kind": "framed" if row["labels"] else f"kind {row['lang']}"} for row in rows()]
    trained = train(make(content), BY_SOURCE)
    kinds = trained.metrics["false_alarms_by_kind"]
    assert list(kinds) == ["kind bg", "kind en", "kind hi", "kind ru"]
    for kind, found in kinds.items():
        assert f"| {kind} | {found['n_units']} | {found['rate']:.3f} |" in trained.card
    assert "units without a label" not in train(make(rows()), BY_SOURCE).card


def test_the_card_tells_noise_and_slope(corpus: Corpus) -> None:
    trained = train(corpus, BY_SOURCE)
    found = trained.metrics["calibration"]
    assert f"| {found['ece']:.3f} ({found['ece_noise']:.3f} if all were exactly true) |" in trained.card
    assert f"| reliability slope (1 is right) | {found['slope']:.3f}" in trained.card
    assert "| hi: ECE |" in trained.card


def test_the_card_tells_how_other_languages_are_judged(make: Make) -> None:
    """By a stage of their own where training has languages enough to tell."""
    several = train(make(rows()), BY_SOURCE)
    assert several.model.abroad is not None
    assert "| Languages not in training | judged by a second stage of their own, from articles" in several.card
    alone = train(make([row | {"lang": "bg"} for row in rows()]), BY_SOURCE)
    assert alone.model.abroad is None
    assert "| Languages not in training | judged like those of training: too few languages" in alone.card
