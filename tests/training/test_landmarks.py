"""The kernel by landmarks: for more units than a kernel between all pairs of them can hold, and for feeds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from encoding import DIM, HashedWords
from framescope import Predictor
from framescope.corpus.schema import Corpus
from framescope.encoders import catalogue
from framescope.encoders.articles import Embedder, embed
from framescope.encoders.cache import PLACE
from framescope.encoders.encoder import EncoderFacts
from framescope.features.kernel_block import KernelBlock
from framescope.training import fitting, kernel_weight, landmarks
from framescope.training.background import Background, FeedArticle
from framescope.training.landmarks import Landmarks
from framescope.training.train import train
from recipes import BY_SOURCE

WITH_WORDS = replace(BY_SOURCE, encoders=("words",))


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> HashedWords:
    opened = HashedWords()
    monkeypatch.setitem(catalogue.ENCODERS, "words", lambda name, place: opened)
    monkeypatch.setenv(PLACE, str(tmp_path / "cache"))
    for module in (fitting, kernel_weight):
        monkeypatch.setattr(module, "WEIGHTS", (0.5,))
    catalogue.close_all()
    return opened


@pytest.fixture
def kernel(encoder: HashedWords, corpus: Corpus) -> KernelBlock:
    vectors = embed(encoder, corpus.full_texts())
    return KernelBlock.untrained(Embedder((EncoderFacts.of(encoder),)), vectors, vectors.mean(axis=0))


def kernel_of(predictor: Predictor) -> KernelBlock:
    (block,) = (block for block in predictor.bundle.model.blocks if isinstance(block, KernelBlock))
    return block


def test_products_of_features_are_the_kernel_where_every_unit_is_a_landmark(kernel: KernelBlock) -> None:
    drawn = Landmarks.draw(kernel, np.arange(len(kernel.units)), np.random.default_rng(0))
    features = drawn.features(kernel.units)
    np.testing.assert_allclose(features @ features.T, kernel.gram(), atol=1e-3)


def test_few_landmarks_come_near(kernel: KernelBlock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landmarks, "N_LANDMARKS", 3 * DIM)
    drawn = Landmarks.draw(kernel, np.arange(len(kernel.units)), np.random.default_rng(0))
    features = drawn.features(kernel.units)
    assert len(drawn.block.units) == 3 * DIM
    assert np.abs(features @ features.T - kernel.gram()).mean() < 0.05


def test_margins_of_features_are_those_of_the_block(kernel: KernelBlock) -> None:
    drawn = Landmarks.draw(kernel, np.arange(len(kernel.units)), np.random.default_rng(0))
    features = drawn.features(kernel.units)
    weights = np.random.default_rng(1).normal(size=(features.shape[1], 2)).astype(np.float32)
    block = kernel.weighed(drawn.weighed(weights, 0.25), 0.25)
    rows = np.vstack([*block.kernel_rows(kernel.units)])
    np.testing.assert_allclose(rows @ block.duals, np.sqrt(0.25) * features @ weights, atol=2e-2)


def test_a_fit_by_some_units_is_served_by_their_vectors(
    kernel: KernelBlock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landmarks, "N_LANDMARKS", 20)
    among = np.arange(len(kernel.units))[::2]
    drawn = Landmarks.draw(kernel, among, np.random.default_rng(0))
    assert len(drawn.rows) == 20
    assert set(drawn.rows) <= set(among)
    features = drawn.features(kernel.units)
    weights = np.random.default_rng(1).normal(size=(features.shape[1], 2)).astype(np.float32)
    block = kernel.weighed(drawn.weighed(weights, 0.25), 0.25)
    np.testing.assert_array_equal(block.units, kernel.units[drawn.rows])
    rows = np.vstack([*block.kernel_rows(kernel.units)])
    np.testing.assert_allclose(rows @ block.duals, np.sqrt(0.25) * features @ weights, atol=2e-2)


@pytest.mark.parametrize("learner", ["auto", "ridge-cd"])
def test_many_units_are_fitted_by_landmarks(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, learner: str
) -> None:
    """With a landmark for each unit, that is the same fit."""
    exact = train(corpus, WITH_WORDS).model
    monkeypatch.setattr(fitting, "MAX_RIDGE_UNITS", 80)
    trained = train(corpus, replace(WITH_WORDS, learner=learner))
    trained.save(tmp_path / "model")
    served = Predictor.load(tmp_path / "model")
    texts = corpus.full_texts()
    found, expected = (Predictor(replace(served.bundle, model=m)) for m in (trained.model, exact))
    np.testing.assert_allclose(served.decision_function(texts), found.decision_function(texts), atol=1e-5)
    difference = served.decision_function(texts) - expected.decision_function(texts)
    assert np.abs(difference).mean() < 0.05
    assert kernel_of(served).sizes["units"] <= landmarks.N_LANDMARKS
    assert trained.training.meaning is not None
    assert trained.training.meaning.weight == 0.5


def test_a_weight_of_0_leaves_n_grams_alone(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_weight, "WEIGHTS", (0.0,))
    monkeypatch.setattr(fitting, "MAX_RIDGE_UNITS", 80)
    trained, without = train(corpus, WITH_WORDS), train(corpus, BY_SOURCE)
    assert not [block for block in trained.model.blocks if isinstance(block, KernelBlock)]
    assert trained.model.ngrams.weights.steps.tobytes() == without.model.ngrams.weights.steps.tobytes()


def test_a_background_is_read_by_the_encoder_too(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landmarks, "N_LANDMARKS", 20)
    words = ("сливи", "jam", "мед", "chess", "футбол", "rain")
    feed = Background(
        [FeedArticle(str(n), f"{words[n % 6]} {words[n % 5]} {n} днес. It is new.") for n in range(40)], 40
    )
    trained = train(corpus, replace(WITH_WORDS, max_firing=0.1), background=feed)
    assert trained.training.background is not None
    assert trained.training.background.n_articles == 40
    trained.save(tmp_path / "model")
    served = Predictor.load(tmp_path / "model")
    assert kernel_of(served).sizes["units"] == 20
    assert served.bundle.model.first_pass is not None
    assert not any(one.labels for one in served.predict([article.text for article in feed.articles]))
    found = served.predict(corpus.full_texts())
    assert np.mean([bool(one.labels) for one in found]) > 0.3
