"""What corrects shares: figures of the bundle, or of the record beside an older one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from framescope.bundle.read import load_bundle
from framescope.bundle.record import load_record
from framescope.measure.prevalence import prevalence_figures
from framescope.overview.build import Grouping, make_overview
from framescope.overview.feed import SCORES
from framescope.predictor import Predictor
from reported import Trained

ROW = {"id": "a", "source": "x", "text": "a", "labels": [], "p": 0.5}


def test_training_keeps_the_figures_of_its_left_out_articles(trained: Trained) -> None:
    bundle = load_bundle(trained.path)
    record = load_record(trained.path, bundle.digest)
    assert record is not None
    expected = prevalence_figures(bundle.model.codebook.ids, record.truths, record.probabilities)
    for kept, made in zip(bundle.training.prevalence, expected, strict=True):
        assert kept["n_with"] == made["n_with"]
        assert kept["moments_with"] == pytest.approx(made["moments_with"])
        assert kept["moments_without"] == pytest.approx(made["moments_without"])


def test_older_bundles_are_corrected_by_their_record(trained: Trained, feed_of: Any, tmp_path: Path) -> None:
    predictor = Predictor.load(trained.path)
    feed = feed_of([ROW], kind=SCORES, codebook=predictor.codebook)
    with_figures = make_overview(feed, Grouping(("source",)), predictor=predictor)
    assert with_figures.origin.is_corrected
    old = replace(predictor.bundle, training=replace(predictor.bundle.training, prevalence=[]))
    from_record = make_overview(feed, Grouping(("source",)), predictor=Predictor(old))
    assert from_record.origin.is_corrected
    assert from_record.tables[0].share == pytest.approx(with_figures.tables[0].share)
    alone = make_overview(feed, Grouping(("source",)), predictor=Predictor(replace(old, path=tmp_path)))
    assert not alone.origin.is_corrected
    assert "it has no figures for it; train it again" in str(alone.warnings[0])


def test_figures_are_plain_json(trained: Trained) -> None:
    config = json.loads((trained.path / "config.json").read_text("utf-8"))
    assert set(config["training"]["prevalence"][0]) == {
        "label",
        "n_with",
        "n_without",
        "moments_with",
        "moments_without",
    }
