"""How many words, n-grams and pairs of a text are known, with and without what one group alone has taught."""

from __future__ import annotations

import numpy as np

from framescope._types import Int32
from framescope.features.known import count_known, lost_without
from framescope.features.vocabulary import Vocabulary
from oracle import encode

TEXTS = ["съюзът мълчи", "съюзът мълчи сега", "съюзът пее"]
NOTHING = (np.zeros(2, np.int64), np.zeros(0, np.int32))


def counts_of(vocabulary: Vocabulary, *texts: str) -> Int32:
    return count_known(encode(*texts), vocabulary, NOTHING, np.zeros(len(texts), np.intp))


def test_words_ngrams_and_pairs_are_counted() -> None:
    """Of ab there are the n-grams _a, ab, b_, _ab, ab_ and _ab_; of cd none is known. Symbols do not count."""
    vocabulary = Vocabulary.learn(encode("ab ab", "ab ef"), min_df=2)
    counts = counts_of(vocabulary, "ab cd ab ab!!", "", "漢 12", "!?")
    assert counts.tolist() == [
        [2, 1, 12, 6, 3, 0],
        [0, 0, 0, 0, 0, 0],
        [2, 0, 9, 0, 1, 0],
        [0, 0, 0, 0, 0, 0],
    ]


def test_a_pair_counts_as_often_as_it_occurs() -> None:
    vocabulary = Vocabulary.learn(encode("ab cd", "ab cd"), min_df=2)
    assert counts_of(vocabulary, "ab cd ab cd ef")[0, 4:].tolist() == [4, 2]


def test_without_a_text_is_lost_what_too_few_others_have() -> None:
    """Counts are those of a vocabulary that was learned without the text's block."""
    vocabulary = Vocabulary.learn(encode(*TEXTS), min_df=1)
    indptr, features, _ = vocabulary.values(encode(*TEXTS))
    df = np.bincount(features, minlength=len(vocabulary))
    blocks = [np.array([0]), np.array([1]), np.array([2])]
    lost = lost_without(features, indptr, df, blocks, min_df=1)
    found = count_known(encode(*TEXTS), vocabulary, lost, np.arange(3))
    for row, text in enumerate(TEXTS):
        others = Vocabulary.learn(encode(*TEXTS[:row], *TEXTS[row + 1 :]), min_df=1)
        assert found[row].tolist() == counts_of(others, text)[0].tolist()
    assert found[:, 1].tolist() == [2, 2, 1], "what one text has lost comes back for the next"


def test_a_block_is_left_out_as_a_whole() -> None:
    vocabulary = Vocabulary.learn(encode(*TEXTS), min_df=1)
    indptr, features, _ = vocabulary.values(encode(*TEXTS))
    df = np.bincount(features, minlength=len(vocabulary))
    lost = lost_without(features, indptr, df, [np.array([0, 1])], min_df=1)
    found = count_known(encode(TEXTS[0]), vocabulary, lost, np.zeros(1, np.intp))
    assert found[0].tolist() == counts_of(Vocabulary.learn(encode(TEXTS[2]), min_df=1), TEXTS[0])[0].tolist()
