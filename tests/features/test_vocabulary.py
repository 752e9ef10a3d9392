"""Vocabulary and values: by hand, against the oracle, and what must not change them."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp

from framescope.errors import BundleError
from framescope.features import vocabulary as module
from framescope.features.vocabulary import Vocabulary
from framescope.text.utf8 import Utf8Texts
from oracle import CHAR_SHARE, Feature, encode, identify, learn, weigh

SENTENCES = [
    "Съюзът се разпада: три държави напуснаха учението, а командването мълчи.",
    "Нов блок на изток? Министърът отрече, че съюзът се разпада.",
    "„Кой печели от това?“ – попита депутатът; отговор не последва…",
    "ОДКБ трещит по швам: союзники не приехали на учения.",
    "Министр заявил, что союзники приедут; учения пройдут в срок, в 2024 году.",
    "Кому это выгодно? Кому это выгодно? Ответа нет!",
    "सैनिक गठबंधन टूट रहा है, मंत्री ने कहा।",
    "मंत्री ने कहा कि गठबंधन नहीं टूट रहा है।",
    "The alliance is falling apart: three states left the exercise.",
    "The minister denied that the alliance is falling apart 🙂!!",
    "Co\N{SOFT HYPHEN}operation in the STRASSE, the Straße and the oﬃce.",
    "",
]


def long_text(seed: int, n_words: int) -> str:
    """Return words that repeat, of Bulgarian letters."""
    rng = np.random.default_rng(seed)
    words = ["".join(map(chr, rng.integers(ord("а"), ord("я") + 1, 2 + rank % 9))) for rank in range(60)]
    return " ".join(words[rank] for rank in rng.integers(0, len(words), n_words))


CORPUS = [*SENTENCES, long_text(1, 1_500), long_text(2, 300)]


def matrix(vocabulary: Vocabulary, texts: Utf8Texts, jobs: int = 1) -> npt.NDArray[np.float32]:
    """Return the dense feature matrix."""
    indptr, indices, values = vocabulary.values(texts, jobs=jobs)
    rows: npt.NDArray[np.float32] = sp.csr_array(
        (values, indices, indptr), shape=(len(texts), len(vocabulary))
    ).toarray()
    return rows


def columns_of(vocabulary: Vocabulary, features: list[Feature]) -> npt.NDArray[np.intp]:
    """Return the columns of readable features, all of which must be known."""
    hashes = np.array([identify(feature) for feature in features], np.uint64)
    ascending = np.argsort(vocabulary.hashes)
    columns = ascending[np.searchsorted(vocabulary.hashes, hashes, sorter=ascending)]
    assert np.array_equal(vocabulary.hashes[columns], hashes)
    return columns


def test_values_by_hand() -> None:
    """Texts "и и о" and "и": every feature of и is in both, idf ln(3/3) + 1 = 1, the others ln(3/2) + 1.

    "и и о" has и twice: 1 + ln(2) / 2 = 1.34657 times 1 for the word and 0.45 for each of ^и, и^ and ^и^. о
    adds 1.40547 and three times 0.63246, the pairs и и and и о 1.40547 each. The root of the sum of all squares
    is 3.16873. "и" adds 1 and three times 0.45: the root is 1.26787.
    """
    texts = encode("и и о", "и")
    vocabulary = Vocabulary.learn(texts, min_df=1)
    features: list[Feature] = [
        *[("word", "и"), ("word", "о"), ("pair", "и", "и"), ("pair", "и", "о")],
        *[("chars", "^и"), ("chars", "и^"), ("chars", "^и^")],
        *[("chars", "^о"), ("chars", "о^"), ("chars", "^о^")],
    ]
    columns = columns_of(vocabulary, features)
    assert len(vocabulary) == len(features)
    idf = 1.4054651
    worth = [1, idf, idf, idf, *[0.45] * 3, *[0.45 * idf] * 3]
    assert vocabulary.worth[columns] == pytest.approx(worth, abs=1e-6)
    assert vocabulary.unknown == pytest.approx([idf, 0.45 * idf], abs=1e-6)
    values = matrix(vocabulary, texts)[:, columns]
    first = [0.4249572, 0.4435426, 0.4435426, 0.4435426, *[0.1912307] * 3, *[0.1995942] * 3]
    assert values[0] == pytest.approx(first, abs=1e-6)
    assert values[1] == pytest.approx([0.7887232, 0, 0, 0, *[0.3549255] * 3, 0, 0, 0], abs=1e-6)


def test_an_ngram_is_worth_less_where_several_runs_of_a_text_have_it() -> None:
    """да and дар have ^да once each: three times in two texts. A second да is the same run."""
    vocabulary = Vocabulary.learn(encode("да дар да", "да"), min_df=1)
    worth = vocabulary.worth[columns_of(vocabulary, [("chars", "^да"), ("chars", "да^")])]
    assert worth == pytest.approx([0.45 / 1.5, 0.45])


def test_what_is_unknown_takes_its_share_of_the_length() -> None:
    """да has idf 1 and is known, нет would have ln(3/2) + 1 were it in one of the two texts.

    The pair да нет is unknown, too, and takes nothing.
    """
    vocabulary = Vocabulary.learn(encode("да", "да"), min_df=2)
    values = matrix(vocabulary, encode("да нет"))[0, columns_of(vocabulary, [("word", "да"), ("chars", "да")])]
    known, unknown = 1 + 6 * 0.45**2, (np.log(3 / 2) + 1) ** 2 * (1 + 10 * 0.45**2)
    assert values == pytest.approx([1 / np.sqrt(known + unknown), 0.45 / np.sqrt(known + unknown)], abs=1e-6)


@pytest.mark.parametrize("min_df", [1, 2, 3])
def test_values_agree_with_the_oracle(min_df: int) -> None:
    """Also those of a text that was not learned from."""
    vocabulary = Vocabulary.learn(encode(*CORPUS), min_df=min_df)
    worth, unknown = learn(*CORPUS, min_df=min_df)
    columns = columns_of(vocabulary, [*worth])
    assert len(worth) == len(vocabulary)
    assert vocabulary.worth[columns] == pytest.approx([*worth.values()], rel=1e-6)
    assert vocabulary.unknown == pytest.approx(unknown, rel=1e-6)
    texts = [
        *CORPUS,
        "Няма такива думи: министърът, министърът и ОДКБ!!",
        "аааааааа ааааааааааа",
        long_text(3, 700),
    ]
    expected = np.zeros((len(texts), len(worth)))
    for row, text in enumerate(texts):
        values = weigh(text, worth, unknown)
        expected[row] = [values.get(feature, 0) for feature in worth]
    assert matrix(vocabulary, encode(*texts))[:, columns] == pytest.approx(expected, abs=1e-6)


@pytest.mark.slow
def test_a_text_of_many_runs_is_counted_exactly() -> None:
    """20,000 words of which none is another's neighbour twice: a sum of squares in float32 would be off."""
    rng = np.random.default_rng(5)
    text = " ".join("".join(map(chr, rng.integers(0x430, 0x450, 8))) for _ in range(20_000))
    vocabulary = Vocabulary.learn(encode(text), min_df=1)
    worth, unknown = learn(text, min_df=1)
    expected = weigh(text, worth, unknown)
    columns = columns_of(vocabulary, [*expected])
    assert len(expected) > 200_000
    assert matrix(vocabulary, encode(text))[0, columns] == pytest.approx([*expected.values()], rel=1e-6)


def test_features_of_fewer_than_min_df_texts_are_left_out() -> None:
    """How often a feature occurs within a text does not matter."""
    vocabulary = Vocabulary.learn(encode("да да да", "не", "не"), min_df=2)
    kept: list[Feature] = [
        *[("word", "не"), ("chars", "^н"), ("chars", "не"), ("chars", "е^")],
        *[("chars", "^не"), ("chars", "не^"), ("chars", "^не^")],
    ]
    assert sorted(columns_of(vocabulary, kept)) == list(range(len(vocabulary)))
    idf = np.log(4 / 3) + 1
    assert vocabulary.worth[columns_of(vocabulary, kept)] == pytest.approx([idf, *[CHAR_SHARE * idf] * 6])


@pytest.mark.parametrize("max_features", [0, 1, 4, 6, 9, None])
def test_max_features_keeps_the_most_frequent_and_of_equals_the_lowest_hash(max_features: int | None) -> None:
    """и's four features are in three texts, the five others in two."""
    frequent: list[Feature] = [("word", "и"), ("chars", "^и"), ("chars", "и^"), ("chars", "^и^")]
    rarer: list[Feature] = [
        *[("word", "о"), ("pair", "и", "о")],
        *[("chars", "^о"), ("chars", "о^"), ("chars", "^о^")],
    ]
    ranked = [*sorted(map(identify, frequent)), *sorted(map(identify, rarer))]
    vocabulary = Vocabulary.learn(encode("и о", "и", "и о"), min_df=1, max_features=max_features)
    assert sorted(vocabulary.hashes.tolist()) == sorted(ranked[:max_features])
    idf = {hash_: 1 if rank < 4 else np.log(4 / 3) + 1 for rank, hash_ in enumerate(ranked)}
    worth = {hash_: idf[hash_] * (CHAR_SHARE if hash_ >> 63 else 1) for hash_ in ranked}
    assert vocabulary.worth == pytest.approx([worth[hash_] for hash_ in vocabulary.hashes.tolist()])


def test_words_come_before_characters_and_of_each_the_most_frequent_first() -> None:
    vocabulary = Vocabulary.learn(encode("и о", "и", "и о"), min_df=1)
    is_char = vocabulary.hashes >= np.uint64(1 << 63)
    assert is_char.tolist() == [False] * 3 + [True] * 6
    for of_kind in (vocabulary.worth[~is_char], vocabulary.worth[is_char]):
        assert (np.diff(of_kind) >= 0).all()


def test_types_of_the_arrays_and_no_feature_twice() -> None:
    vocabulary = Vocabulary.learn(encode(*CORPUS))
    indptr, indices, values = vocabulary.values(encode(*CORPUS))
    assert (vocabulary.hashes.dtype, vocabulary.worth.dtype) == (np.uint64, np.float32)
    assert len(np.unique(vocabulary.hashes)) == len(vocabulary)
    assert (indptr.dtype, indices.dtype, values.dtype) == (np.int64, np.int32, np.float32)
    assert all(len(np.unique(row)) == len(row) for row in np.split(indices, indptr[1:-1]))


@pytest.mark.parametrize("chunk_bytes", [1, 200, 10_000])
@pytest.mark.parametrize("jobs", [1, 3])
def test_chunks_and_threads_change_nothing(
    monkeypatch: pytest.MonkeyPatch, chunk_bytes: int, jobs: int
) -> None:
    texts = encode(*CORPUS)
    whole = Vocabulary.learn(texts, max_features=500)
    expected = whole.values(texts)
    monkeypatch.setattr(module, "CHUNK_BYTES", chunk_bytes)
    assert len(texts.chunks(chunk_bytes)) > 1
    parts = Vocabulary.learn(texts, max_features=500, jobs=jobs)
    assert np.array_equal(parts.hashes, whole.hashes)
    assert np.array_equal(parts.worth, whole.worth)
    for found, array in zip(parts.values(texts, jobs=jobs), expected, strict=True):
        assert np.array_equal(found, array)


def test_the_order_of_texts_changes_no_vocabulary() -> None:
    """Not even where ``max_features`` cuts through features of equally many texts."""
    forth, back = encode(*CORPUS), encode(*reversed(CORPUS))
    vocabulary, same = Vocabulary.learn(forth, max_features=300), Vocabulary.learn(back, max_features=300)
    assert np.array_equal(vocabulary.hashes, same.hashes)
    assert np.array_equal(vocabulary.worth, same.worth)
    assert np.array_equal(matrix(vocabulary, forth), matrix(vocabulary, back)[::-1])


@pytest.mark.parametrize("text", ["", " \n", "\N{SOFT HYPHEN}", "漢字"])
def test_a_text_without_known_features_has_no_values(text: str) -> None:
    vocabulary = Vocabulary.learn(encode(*SENTENCES))
    indptr, indices, values = vocabulary.values(encode(text))
    assert (indptr.tolist(), indices.tolist(), values.tolist()) == ([0, 0], [], [])


def test_an_empty_vocabulary_gives_empty_rows() -> None:
    """No feature of these texts is in two of them."""
    vocabulary = Vocabulary.learn(encode("мир", "война"), min_df=3)
    assert len(vocabulary) == 0
    assert matrix(vocabulary, encode("мир", "")).shape == (2, 0)


@pytest.mark.parametrize("n_features", [5_000, 200_000])
@pytest.mark.parametrize("shape", ["one place", "one row of places"])
def test_hashes_that_are_made_to_collide_are_refused_at_once(n_features: int, shape: str) -> None:
    """On one place, entering them takes quadratic time; in one row, looking up an unknown one reads the row."""
    numbers = np.arange(1, n_features + 1, dtype=np.uint64)
    hashes = numbers << np.uint64(25) | np.uint64(1) if shape == "one place" else numbers
    vocabulary = Vocabulary(hashes, np.ones(n_features, np.float32), np.ones(2, np.float32))
    begin = time.process_time()
    with pytest.raises(
        BundleError, match=rf"1024 of the model's {n_features:,} hashes .* do not trust this bundle"
    ):
        _ = vocabulary.lookup
    assert time.process_time() - begin < 1


def test_two_million_hashes_of_no_design_are_entered() -> None:
    hashes = np.random.default_rng(0).integers(1, 1 << 63, 1 << 21, dtype=np.uint64)
    vocabulary = Vocabulary(hashes, np.ones(len(hashes), np.float32), np.ones(2, np.float32))
    assert np.count_nonzero(vocabulary.lookup.slots) == len(hashes)


def test_no_texts_give_an_empty_vocabulary_and_no_rows() -> None:
    assert len(Vocabulary.learn(encode(), min_df=1)) == 0
    vocabulary = Vocabulary.learn(encode(*SENTENCES))
    indptr, indices, values = vocabulary.values(encode())
    assert (indptr.tolist(), len(indices), len(values)) == ([0], 0, 0)


@pytest.mark.slow
def test_a_word_of_10_megabytes_has_values_by_hand() -> None:
    """5,000,000 letters are 78,125 pieces of 64 letters.

    A piece begins and ends with one n-gram of each length; within stand 63, 62, 61 and 60 of 2 to 5 letters.
    """
    texts = encode("я" * 5_000_000)
    vocabulary = Vocabulary.learn(texts, min_df=1)
    counts: dict[Feature, int] = {("word", "я" * 64): 78_125, ("pair", "я" * 64, "я" * 64): 78_124}
    for n in (1, 2, 3, 4):
        counts |= {("chars", "^" + "я" * n): 78_125, ("chars", "я" * n + "^"): 78_125}
        counts[("chars", "я" * (n + 1))] = 78_125 * (64 - n)
    assert len(vocabulary) == len(counts)
    times, of_pair = 1 + np.log(78_125) / 2, 1 + np.log(78_124) / 2
    # All idf are 1, and what occurs 63 times in the run is worth a 63rd of what occurs once.
    expected = np.array([times, of_pair, *[0.45 * times] * 12])
    expected /= np.linalg.norm(expected)
    columns = columns_of(vocabulary, list(counts))
    assert matrix(vocabulary, texts)[0, columns] == pytest.approx(expected, abs=1e-6)
