"""N-grams by themselves judge what is clear to them; the rest is encoded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from encoding import HashedWords
from framescope.bundle.read import load_bundle
from framescope.bundle.write import save_bundle
from framescope.encoders import catalogue
from framescope.encoders.articles import Embedder
from framescope.encoders.encoder import EncoderFacts
from framescope.errors import BundleError
from framescope.features.first_block import N_STEPS, FirstBlock
from framescope.features.kernel_block import KernelBlock
from framescope.model.fitted import Model, doubts_of
from framescope.model.review import Promise, Review
from framescope.model.second_stage import SecondStage
from framescope.text.utf8 import Utf8Texts
from sealed import change_config
from tiny import FACTS

TEXTS = [
    "Нов блок подкопава ОДКБ, твърдят наблюдатели.",
    "The West wants to break the CSTO, the minister said.",
    "Other words, none of them known?",
    "पश्चिम संघ को तोड़ना चाहता है।",
    "",
]


def test_doubts_are_the_entropy_of_the_finest_labels(model: Model) -> None:
    probabilities = np.zeros((3, len(model.codebook.ids)), np.float32)
    fine = model.codebook.fine
    probabilities[0] = 1
    probabilities[1, fine[0]] = 0.5
    probabilities[2, fine] = 0.25
    one = 0.25 * np.log(4) + 0.75 * np.log(4 / 3)
    np.testing.assert_allclose(
        doubts_of(probabilities, model.codebook), [0, np.log(2), len(fine) * one], rtol=1e-12
    )


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> HashedWords:
    opened = HashedWords()
    monkeypatch.setitem(catalogue.ENCODERS, "words", lambda name, place: opened)
    return opened


@pytest.fixture
def both(model: Model, encoder: HashedWords) -> Model:
    """The tiny model with a kernel; half of its n-grams' weights are those of the first pass."""
    embedder = Embedder((EncoderFacts.of(encoder),))
    rng = np.random.default_rng(2)
    vectors = embedder.embed(TEXTS[:4])
    kernel = KernelBlock.untrained(embedder, vectors, vectors.mean(axis=0))
    n_labels = len(model.codebook.ids)
    wide = model.ngrams.weights.wide() / 2
    first = SecondStage(model.calibration, replace(model.rule, empty=(0.1, 0.2, 0.3)))
    alone = replace(
        model,
        blocks=(replace(model.ngrams, weights=FirstBlock.learn(wide, model.intercept, np.zeros(2)).weights),),
        rule=first.rule,
    )
    doubts = doubts_of(alone.run(Utf8Texts.encode(TEXTS)).probabilities, model.codebook)
    return replace(
        model,
        blocks=(
            *model.blocks,
            kernel.weighed(rng.normal(size=(4, n_labels)), 0.5),
            FirstBlock.learn(wide, model.intercept, doubts),
        ),
        first=first,
    )


def test_texts_for_which_no_label_is_possible_are_not_encoded(both: Model, encoder: HashedWords) -> None:
    texts = Utf8Texts.encode(TEXTS)
    in_scope = np.zeros((len(TEXTS), len(both.codebook.ids)), bool)
    in_scope[[0, 2]] = True
    whole = both.run(texts)
    encoder.n_encoded = 0
    found = both.run(texts, in_scope=in_scope)
    assert encoder.n_encoded == 2  # a sentence each
    for row in (0, 2):
        np.testing.assert_array_equal(found.margins[row], whole.margins[row])
        np.testing.assert_array_equal(found.probabilities[row], whole.probabilities[row])
    alone = replace(both, blocks=(both.ngrams,)).run(texts, in_scope=in_scope)
    for row in (1, 3, 4):
        np.testing.assert_array_equal(found.margins[row], alone.margins[row])
        assert not found.probabilities[row].any()
        assert not found.decided[row].any()


def test_the_least_clear_are_encoded(both: Model, encoder: HashedWords) -> None:
    texts = Utf8Texts.encode(TEXTS)
    assert both.first_pass is not None
    alone, whole = both.first_pass.run(texts), both.run(texts)
    doubts = doubts_of(alone.probabilities, both.codebook)
    is_encoded = doubts >= np.quantile(doubts.astype(np.float32), 0.5)
    encoder.n_encoded = 0
    found = both.run(texts, encode_share=0.5)
    for row, encoded in enumerate(is_encoded):
        expected = whole if encoded else alone
        np.testing.assert_allclose(found.probabilities[row], expected.probabilities[row], atol=1e-6)
        assert found.decided[row].tolist() == expected.decided[row].tolist()
    assert 0 < is_encoded.sum() < len(TEXTS)
    assert 0 < encoder.n_encoded < 6


def test_shares_go_from_none_to_all(both: Model, encoder: HashedWords) -> None:
    texts = Utf8Texts.encode(TEXTS)
    assert both.first_pass is not None
    assert both.run(texts, encode_share=1.0).probabilities.tobytes() == both.run(texts).probabilities.tobytes()
    alone = both.first_pass.run(texts).probabilities
    found = both.run(texts, encode_share=0.0).probabilities
    assert found.tobytes() == alone.tobytes()


def test_the_texts_around_change_nothing(both: Model) -> None:
    together = both.run(Utf8Texts.encode(TEXTS), encode_share=0.4)
    for row, text in enumerate(TEXTS):
        alone = both.run(Utf8Texts.encode([text]), encode_share=0.4)
        np.testing.assert_allclose(alone.probabilities[0], together.probabilities[row], atol=1e-6)


def test_texts_in_other_languages_are_encoded_however_clear(both: Model) -> None:
    """N-grams do not know their words."""
    texts = Utf8Texts.encode(TEXTS)
    abroad = SecondStage(both.calibration, both.rule)
    model = replace(both, abroad=abroad)
    found = model.run(texts, languages=["sr"] * len(TEXTS), encode_share=0.01)
    np.testing.assert_allclose(found.probabilities, model.run(texts).probabilities, atol=1e-6)
    at_home = model.run(texts, languages=["bg"] * len(TEXTS), encode_share=0.01)
    assert not np.allclose(at_home.probabilities, found.probabilities, atol=1e-3)
    assert model.first_pass is not None
    nothing = model.run(texts, languages=["sr"] * len(TEXTS), encode_share=0.0)
    np.testing.assert_array_equal(nothing.probabilities, model.first_pass.run(texts).probabilities)


def test_a_promise_is_kept_for_texts_that_are_encoded(both: Model) -> None:
    """What n-grams by themselves give is to review where a model promises how often it is right."""
    texts = Utf8Texts.encode(TEXTS)
    promised = replace(both, review=Review((Promise("precision>=0.5", 0.0),)))
    found = promised.run(texts, encode_share=0.0)
    assert found.decided.any()
    assert not found.given.any()
    assert both.run(texts, encode_share=0.0).given.any()


def test_a_model_without_a_first_pass_encodes_all(model: Model) -> None:
    texts = Utf8Texts.encode(TEXTS)
    assert model.first_pass is None
    assert (
        model.run(texts, encode_share=0.5).probabilities.tobytes() == model.run(texts).probabilities.tobytes()
    )


def test_bundles_keep_both_passes(both: Model, tmp_path: Path) -> None:
    save_bundle(both, tmp_path / "model", card="# Tiny\n", training=FACTS)
    found = load_bundle(tmp_path / "model").model
    texts = Utf8Texts.encode(TEXTS)
    for share in (0.0, 0.5, 1.0):
        expected = both.run(texts, encode_share=share)
        assert found.run(texts, encode_share=share).probabilities.tobytes() == expected.probabilities.tobytes()
    assert np.load(tmp_path / "model" / "first.doubts.npy").shape == (N_STEPS,)


def test_weights_of_other_n_grams_are_refused(both: Model, tmp_path: Path) -> None:
    """They would be read past their end."""
    save_bundle(both, tmp_path / "model", card="# Tiny\n", training=FACTS)
    change_config(tmp_path / "model", lambda config: config["blocks"][2].update(features=3))
    with pytest.raises(BundleError, match="expected as many of both, found 3 features of first"):
        load_bundle(tmp_path / "model")
