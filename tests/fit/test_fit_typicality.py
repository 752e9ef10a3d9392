"""Typicality as training fits it: left-out articles are spread evenly, and strange ones are below them."""

from __future__ import annotations

import numpy as np
import pytest

from framescope._types import Int32
from framescope.features.vectorizer import NgramVectorizer
from framescope.fit import typicality as module
from framescope.fit.groups import leave_out_blocks
from framescope.fit.typicality import MIN_ARTICLES, fit_typicality, left_out_counts

NO_PAIRS = np.zeros((0, 2), np.int32)


def random_counts(n: int, *, seed: int = 0, share: float = 0.8) -> Int32:
    """Return counts of texts of 5 to 500 words, of which a share is known, more or less."""
    rng = np.random.default_rng(seed)
    words = rng.integers(5, 500, n)
    grams, pairs = 12 * words, words - 1
    known = [rng.binomial(has, np.clip(rng.normal(share, 0.03, n), 0, 1)) for has in (words, grams, pairs)]
    return np.column_stack([words, known[0], grams, known[1], pairs, known[2]]).astype(np.int32)


def test_new_articles_like_those_of_training_are_rarely_unlike() -> None:
    """One in a hundred, whatever its length; of texts half of which is unknown, all are."""
    fitted = fit_typicality(random_counts(2_000), cut=0.01)
    assert fitted is not None
    like = random_counts(4_000, seed=1)
    is_unlike = fitted.is_unlike(fitted.of(like))
    assert is_unlike.mean() == pytest.approx(0.01, abs=0.005)
    assert is_unlike[like[:, 0] < 50].mean() < 0.03
    assert fitted.is_unlike(fitted.of(random_counts(1_000, seed=2, share=0.5)))[like[:1_000, 0] > 50].all()


def test_too_few_articles_tell_nothing() -> None:
    counts = random_counts(MIN_ARTICLES)
    assert fit_typicality(counts, cut=0.01) is not None
    assert fit_typicality(counts[1:], cut=0.01) is None
    assert fit_typicality(np.vstack([counts[1:], np.zeros((5, 6), np.int32)]), cut=0.01) is None, "empty ones"


def test_articles_that_are_all_alike_can_be_compared() -> None:
    """The variance has a floor."""
    fitted = fit_typicality(np.repeat([[10, 9, 50, 45, 9, 5]], 40, axis=0).astype(np.int32), cut=0.01)
    assert fitted is not None
    assert fitted.of(np.array([[10, 9, 50, 45, 9, 5], [10, 0, 50, 5, 9, 0]], np.int32)).tolist() == [1, 0]
    assert np.isfinite(fitted.familiarity).all()


def test_articles_are_counted_without_their_blocks() -> None:
    """What only one group writes is unknown in it; near-duplicates are left out with it."""
    texts = ["съюз мълчи", "съюз мълчи", "съюз пее", "запад пее"]
    vectorizer = NgramVectorizer(1)
    features = vectorizer.fit_transform(texts)
    groups = np.array([0, 1, 2, 3])

    def known_words(pairs: Int32) -> list[int]:
        found = left_out_counts(
            vectorizer.vocabulary_,
            texts,
            features,
            blocks=leave_out_blocks(groups, pairs),
            min_df=1,
            rng=np.random.default_rng(0),
        )
        return found[:, 1].tolist()

    assert known_words(NO_PAIRS) == [2, 2, 2, 1]
    assert known_words(np.array([[0, 1]], np.int32)) == [1, 1, 2, 1]


def test_of_many_articles_some_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"слово{number} тук" for number in range(20)]
    vectorizer = NgramVectorizer(1)
    features = vectorizer.fit_transform(texts)
    monkeypatch.setattr(module, "MAX_ARTICLES", 7)
    blocks = leave_out_blocks(np.arange(20) // 2, NO_PAIRS)
    found = left_out_counts(
        vectorizer.vocabulary_, texts, features, blocks=blocks, min_df=1, rng=np.random.default_rng(0)
    )
    assert len(found) == 7
    assert set(found[:, 0].tolist()) == {2}
