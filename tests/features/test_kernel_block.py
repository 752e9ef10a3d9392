"""The kernel over sentence vectors: its formula, and what each sentence of a text adds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from encoding import DIM, HashedWords
from framescope.encoders import catalogue
from framescope.encoders.articles import Embedder, embed
from framescope.encoders.encoder import EncoderFacts
from framescope.features.kernel_block import KernelBlock
from framescope.text.utf8 import Utf8Texts

UNITS = [
    "Западът дели съюзниците. Блокът е слаб.",
    "The West divides the allies.",
    "मौसम गर्म है। लोग शांत हैं।",
    "Погода тёплая.",
    "",
]
TEXT = "Западът въоръжава съседите. The bloc is weak! Погода тёплая."


@pytest.fixture
def embedder(monkeypatch: pytest.MonkeyPatch) -> Embedder:
    """Two encoders, the second of which reads the opening only."""
    first, second = HashedWords(), HashedWords("other")
    second.n_characters, second.gamma = 44, 2.0
    for encoder in (first, second):
        monkeypatch.setitem(catalogue.ENCODERS, encoder.name, lambda name, place, own=encoder: own)
    return Embedder((EncoderFacts.of(first), EncoderFacts.of(second)))


@pytest.fixture
def block(embedder: Embedder) -> KernelBlock:
    vectors = embedder.embed(UNITS)
    untrained = KernelBlock.untrained(embedder, vectors, vectors[:4].mean(axis=0))
    duals = np.random.default_rng(5).normal(size=(len(UNITS), 3))
    return untrained.weighed(duals, 0.25)


def margins(block: KernelBlock, texts: list[str]) -> np.ndarray:
    found = np.zeros((len(texts), 3), np.float32)
    block.add_margins(Utf8Texts.encode(texts), found)
    return found


def test_the_kernel_is_its_formula(block: KernelBlock, embedder: Embedder) -> None:
    expected = np.zeros(len(UNITS))
    for k, (encoder, gamma) in enumerate(zip(embedder.open(), (1.0, 2.0), strict=True)):
        units, text = embed(encoder, UNITS).astype(float), embed(encoder, [TEXT])[0].astype(float)
        mean = units[:4].mean(axis=0)
        u, v = ((a - mean) / np.linalg.norm(a - mean, axis=-1, keepdims=True) for a in (units, text))
        assert k < 2
        expected += 0.25 * np.exp(-gamma * (2 - 2 * u @ v))
    np.testing.assert_allclose(margins(block, [TEXT])[0], expected @ block.duals, atol=2e-3)


def test_the_gram_matrix_is_what_texts_get(block: KernelBlock) -> None:
    """And 1 for each encoder on the diagonal, before the weight."""
    ones = replace(block, duals=np.eye(len(UNITS), dtype=np.float32), weights=np.ones(2, np.float32))
    found = np.zeros((len(UNITS), len(UNITS)), np.float32)
    ones.add_margins(Utf8Texts.encode(UNITS), found)
    np.testing.assert_allclose(found[:-1], ones.gram()[:-1], atol=2e-3)  # units are rounded to 16 bits
    np.testing.assert_allclose(np.diag(ones.gram()), 2, atol=5e-3)
    assert np.linalg.eigvalsh(ones.gram()).min() > -1e-3


@pytest.mark.parametrize("text", [TEXT, "Погода тёплая.", "Един ред\nи втори. Трети!", " ", ""])
def test_contributions_sum_up_to_what_is_added(block: KernelBlock, text: str) -> None:
    spans, values = block.contributions(text, [0, 2])
    added = margins(block, [text])[0, [0, 2]]
    np.testing.assert_allclose(values.sum(axis=0), added, atol=1e-4)
    assert ((spans[:, 0] < spans[:, 1]) & (spans[:, 1] <= len(text))).all()


def test_a_sentence_adds_what_is_lost_without_it(embedder: Embedder) -> None:
    """Here with one encoder: the text without the sentence is read anew."""
    alone = Embedder(embedder.encoders[:1])
    vectors = alone.embed(UNITS)
    untrained = KernelBlock.untrained(alone, vectors, vectors[:4].mean(axis=0))
    block = untrained.weighed(np.random.default_rng(5).normal(size=(len(UNITS), 3)), 1.0)
    spans, values = block.contributions(TEXT, [1])
    sentences = [TEXT[start:end] for start, end in spans[:-1]]
    assert sentences == ["Западът въоръжава съседите.", "The bloc is weak!", "Погода тёплая."]
    assert spans[-1].tolist() == [0, len(TEXT)]  # what they add together
    without = margins(block, [" ".join(s for s in sentences if s != one) for one in sentences])[:, 1]
    np.testing.assert_allclose(values[:-1, 0], margins(block, [TEXT])[0, 1] - without, atol=1e-5)


def test_the_texts_around_change_nothing(block: KernelBlock) -> None:
    texts = [*UNITS, TEXT] * 3
    together = margins(block, texts)
    for row, text in enumerate(texts):
        np.testing.assert_allclose(margins(block, [text])[0], together[row], atol=1e-6)


def test_a_blank_text_adds_nothing(block: KernelBlock) -> None:
    """It has no sentence, and what is no likeness to the mean is none to anything."""
    assert not margins(block, ["", " \n", "\u2028"]).any()
    assert margins(block, ["."]).all()


def test_units_without_weights_are_not_kept(block: KernelBlock) -> None:
    duals = block.duals.copy()
    duals[[1, 3]] = 0
    kept = block.weighed(duals, 0.25)
    assert kept.sizes == {"units": 3, "dims": 2 * DIM, "encoders": 2}
    expected = margins(replace(block, duals=duals), [TEXT])
    np.testing.assert_allclose(margins(kept, [TEXT]), expected, atol=1e-6)


def test_arrays_make_the_block_again(block: KernelBlock, embedder: Embedder) -> None:
    arrays = block.arrays()
    assert {name: array.dtype.str for name, array in arrays.items()} == {
        name: layout.dtype for name, layout in block.layout.items()
    }
    assert (
        margins(KernelBlock.from_arrays(arrays, embedder), [TEXT]).tobytes() == margins(block, [TEXT]).tobytes()
    )
