"""Evidence spans as units of training."""

from __future__ import annotations

import numpy as np

from framescope.codebook import Codebook
from framescope.training.recipe import Recipe
from framescope.training.train import train
from recipes import BY_SOURCE, Make, rows


def test_evidence_teaches(make: Make) -> None:
    """Without spans the model is another one."""
    with_spans = train(make(rows()), BY_SOURCE)
    without = train(make([row | {"spans": []} for row in rows()]), BY_SOURCE)
    assert with_spans.training.corpus.n_spans == 48
    assert without.training.corpus.n_spans == 0
    assert with_spans.model.ngrams.weights.steps.shape == without.model.ngrams.weights.steps.shape
    assert not np.allclose(with_spans.model.ngrams.weights.wide(), without.model.ngrams.weights.wide())


def test_spans_of_labels_outside_the_codebook_teach_nothing(make: Make) -> None:
    """A corpus with a flat codebook of its own labels and techniques in its spans: as without spans."""
    other = [row | {"spans": [{"start": 0, "end": 9, "label": "Loaded_Language"}]} for row in rows()]
    trained = [
        train(make(content, None), BY_SOURCE).model for content in (other, [r | {"spans": []} for r in rows()])
    ]
    assert trained[0].codebook.is_flat
    assert trained[0].ngrams.weights.steps.tobytes() == trained[1].ngrams.weights.steps.tobytes()
    assert trained[0].calibration.coefficients.tobytes() == trained[1].calibration.coefficients.tobytes()


def test_a_span_counts_for_its_parent_and_for_the_article_it_is_in(make: Make) -> None:
    """Evidence brings its label's parent, and is left out with its group: noise stays noise."""
    rng = np.random.default_rng(5)
    words = [f"дума{k}" for k in range(60)]
    content = []
    for k in range(60):
        text = " ".join(rng.choice(words, 12))
        labels = ["West: arms"] if rng.random() < 0.5 else []
        spans = [{"start": 0, "end": len(text), "label": label} for label in labels]
        content.append({"id": str(k), "text": text, "labels": labels, "spans": spans})
    codebook = Codebook.from_parents({"West": None, "West: arms": "West"}, name="two")
    trained = train(make(content, codebook), Recipe(rule="micro-f1"))
    np.testing.assert_allclose(
        trained.model.ngrams.weights.of(0), trained.model.ngrams.weights.of(1), rtol=1e-5
    )
    assert trained.metrics["calibration"]["brier_skill"] < 0.15


def test_near_duplicates_of_other_groups_are_left_out(make: Make) -> None:
    """Every text in two sources, labelled at will: what one says of the other is no merit."""
    rng = np.random.default_rng(4)
    words = [f"слово{k}" for k in range(200)]
    content = []
    for k in range(40):
        text, labels = " ".join(rng.choice(words, 15)), ["West: arms"] if rng.random() < 0.5 else ["Bloc: weak"]
        content += [
            {"id": f"{k}{s}", "text": f"{text} {s}", "labels": labels, "source": s + str(k)} for s in "аб"
        ]
    metrics = train(make(content, None), BY_SOURCE).metrics
    assert metrics["overall"]["fine"]["micro_f1"] < 0.8
