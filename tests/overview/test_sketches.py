"""What is kept of an article's words, and which articles of few days share them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from framescope.overview.links import MAX_LINKS, REACH, Links, links_of
from framescope.overview.sketches import N_BUCKETS, N_WORDS, WHOLE, Sketches, sketches_of
from framescope.text.utf8 import Utf8Texts

TEXTS = ("Мостът във Видин", "мостът ВЪВ Варна: Видин!", "", "A bridge", "Harvest of grapes")


def sketched(texts: Sequence[str], n_each: int = 2) -> Sketches:
    """Return sketches of texts that are read in batches of some."""
    parts = [texts[first : first + n_each] for first in range(0, len(texts), n_each)]
    return sketches_of(lambda: map(Utf8Texts.encode, parts), len(texts))


def linked(texts: Sequence[str], days: Sequence[int], order: Sequence[int] | None = None) -> Links:
    places = np.arange(len(texts)) if order is None else np.array(order)
    return links_of(sketched(texts), np.array(days, np.int32), places, silence=14, least=0.3)


def test_words_that_others_have_are_kept_and_all_count_in_the_length() -> None:
    """In two articles three words, in one the fourth; scikit-learn's formula of TF-IDF gives the cosine."""
    found = sketched(TEXTS)
    assert (found.words < N_BUCKETS).sum(axis=1).tolist() == [3, 3, 0, 0, 0]
    rare, common = math.log(6 / 2) + 1, math.log(6 / 3) + 1
    expected = 3 * common**2 / math.sqrt(3 * common**2 * (3 * common**2 + rare**2))
    (cosine,) = linked(TEXTS, [0] * 5).cosines
    assert cosine == pytest.approx(expected, abs=1e-3)


def test_batches_do_not_matter() -> None:
    for n_each in (1, 5):
        assert all(
            (one == other).all() for one, other in zip(sketched(TEXTS, n_each), sketched(TEXTS), strict=True)
        )


def test_of_many_words_the_heaviest_are_kept() -> None:
    """Those that a text has twice; they stand for the others, so that equal texts still have the cosine 1."""
    words = [f"word{k}" for k in range(2 * N_WORDS)]
    text = " ".join([*words, *words[:10]])
    found = sketched([text, text, "other"])
    assert (found.words[0] < N_BUCKETS).all()
    assert (found.weights[0] > np.median(found.weights[0])).sum() == 10
    assert (found.weights[0].astype(float) ** 2).sum() / WHOLE**2 == pytest.approx(1, abs=1e-3)
    assert linked([text, text, "other"], [0, 0, 0]).cosines == pytest.approx([1], abs=1e-3)


def test_articles_of_other_days_are_not_compared() -> None:
    text = "the bridge of Vidin"
    assert linked([text] * 3, [0, 14, 29]).pairs.tolist() == [[0, 1]]
    assert linked([text] * 3, [29, 0, 14], [1, 2, 0]).pairs.tolist() == [[1, 2]]


def test_a_copied_article_is_a_chain_of_pairs_however_often_it_is_copied() -> None:
    """So many of each article with those before it, and no more."""
    n = 10 * REACH
    pairs = linked(["the bridge of Vidin"] * n, [0] * n).pairs
    assert np.unique(pairs[:, 1], return_counts=True)[1].max() == MAX_LINKS
    assert np.unique(pairs).tolist() == list(range(n))
    assert (pairs[:, 1] - pairs[:, 0] <= REACH).all()


def test_the_closest_are_kept() -> None:
    words = ["мост", "река", "дъжд", "вятър", "сняг", "слънце", "облак", "гръм", "мъгла", "роса", "лед", "град"]
    texts = [*(" ".join(words[: 4 + k]) for k in range(9)), " ".join(words)]
    found = linked(texts, [0] * len(texts))
    of_last = found.pairs[:, 1] == len(texts) - 1
    assert found.pairs[of_last, 0].tolist() == [8, 7, 6, 5, 4, 3, 2, 1][:MAX_LINKS]
    assert (np.diff(found.cosines[of_last]) < 0).all()
