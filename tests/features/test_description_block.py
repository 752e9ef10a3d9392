"""How far texts resemble the descriptions of labels."""

from __future__ import annotations

import numpy as np
import pytest

from encoding import DIM, HashedWords
from framescope.codebook import Codebook, Label
from framescope.encoders import catalogue
from framescope.encoders.articles import Embedder
from framescope.encoders.encoder import EncoderFacts
from framescope.features.description_block import DescriptionBlock, descriptions

CODEBOOK = Codebook(
    "tiny",
    (
        Label("west-divides", names={"bg": "Западът дели", "en": "The West divides"}, applies="Allies split."),
        Label("weak_bloc"),
        Label("погода"),
    ),
)
TEXTS = ["Западът дели съюзниците.", "A weak bloc.", "Погода, погода.", "मौसम गर्म है।", ""]


@pytest.fixture
def embedder(monkeypatch: pytest.MonkeyPatch) -> Embedder:
    monkeypatch.setitem(catalogue.ENCODERS, "words", HashedWords)
    return Embedder((EncoderFacts.of(HashedWords()),))


@pytest.fixture
def block(embedder: Embedder) -> DescriptionBlock:
    return DescriptionBlock.learn(embedder, CODEBOOK, embedder.embed(TEXTS))


def test_a_label_is_described_by_its_names_and_definition() -> None:
    assert [list(descriptions(label)) for label in CODEBOOK.labels] == [
        ["Западът дели", "The West divides", "The West divides. Allies split."],
        ["weak bloc"],
        ["погода"],
    ]


def test_likeness_is_standardized_over_the_training(block: DescriptionBlock, embedder: Embedder) -> None:
    found = block.likeness(embedder.embed(TEXTS))
    assert (found.shape, found.dtype) == ((5, 3), np.float32)
    np.testing.assert_allclose(found[:-1].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(found[:-1].std(axis=0), 1, atol=1e-5)
    assert not found[-1].any()  # a blank text resembles nothing, nor its opposite
    assert found.argmax(axis=0).tolist() == [0, 1, 2]


def test_the_cosine_is_with_the_sum_of_the_descriptions(block: DescriptionBlock, embedder: Embedder) -> None:
    words = HashedWords()
    described = words.encode(["Западът дели", "The West divides", "The West divides. Allies split."]).sum(
        axis=0
    )
    expected = words.encode(["Блок."])[0] @ described / np.linalg.norm(described)
    assert block.cosines(embedder.embed(["Блок."]))[0, 0, 0] == pytest.approx(expected, abs=1e-6)


def test_likeness_of_two_encoders_is_their_mean(
    monkeypatch: pytest.MonkeyPatch, block: DescriptionBlock
) -> None:
    monkeypatch.setitem(catalogue.ENCODERS, "twin", HashedWords)
    facts = EncoderFacts.of(HashedWords())
    both = Embedder((facts, EncoderFacts.of(HashedWords("twin"))))
    learned = DescriptionBlock.learn(both, CODEBOOK, both.embed(TEXTS))
    assert learned.sizes == {"dims": 2 * DIM, "encoders": 2}
    alone = block.likeness(Embedder((facts,)).embed(TEXTS))
    np.testing.assert_allclose(learned.likeness(both.embed(TEXTS)), alone, atol=1e-5)


def test_margins_are_left_as_they_are(block: DescriptionBlock) -> None:
    spans, values = block.contributions(TEXTS[0], [0, 1])
    assert (spans.shape, values.shape) == ((0, 2), (0, 2))


def test_arrays_make_the_block_again(block: DescriptionBlock, embedder: Embedder) -> None:
    again = DescriptionBlock.from_arrays(block.arrays(), embedder)
    vectors = embedder.embed(TEXTS)
    assert again.likeness(vectors).tobytes() == block.likeness(vectors).tobytes()
