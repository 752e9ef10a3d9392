"""Vocabulary, TF-IDF values and margins: by hand, against scikit-learn, and what must not change them."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from framescope.errors import BundleError
from framescope.features import vocabulary as module
from framescope.features.vocabulary import Vocabulary
from framescope.features.weighing import N_CACHED
from framescope.features.weights import Rows, Weights
from framescope.text.utf8 import Utf8Texts
from oracle import Feature, encode, identify, is_character_gram, read_features

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


def margins_of(
    vocabulary: Vocabulary, texts: Utf8Texts, rows: Rows, *, intercept: npt.NDArray[np.float32], jobs: int = 1
) -> npt.NDArray[np.float32]:
    """Return what the features add to the intercept."""
    margins = np.repeat(intercept[np.newaxis], len(texts), axis=0)
    vocabulary.add_margins(texts, rows, margins, jobs=jobs)
    return margins


def columns_of(vocabulary: Vocabulary, features: list[Feature]) -> npt.NDArray[np.intp]:
    """Return the columns of readable features, all of which must be known."""
    hashes = np.array([identify(feature) for feature in features], np.uint64)
    ascending = np.argsort(vocabulary.hashes)
    columns = ascending[np.searchsorted(vocabulary.hashes, hashes, sorter=ascending)]
    assert np.array_equal(vocabulary.hashes[columns], hashes)
    return columns


def weights_for(vocabulary: Vocabulary, n_labels: int = 3) -> Weights:
    return Weights.narrow(np.random.default_rng(0).normal(size=(len(vocabulary), n_labels)))


def rows_for(vocabulary: Vocabulary) -> Rows:
    return Rows.pack(weights_for(vocabulary), vocabulary.idf)


INTERCEPT = np.array([-1.5, 0.25, 3], np.float32)


def test_values_by_hand() -> None:
    """Texts "и и о" and "и": every feature of и is in both, idf ln(3/3) + 1 = 1, the others ln(3/2) + 1.

    "и и о" has words и (twice: 1 + ln 2 = 1.6931), о, pairs и и, и о (1.4055 each): length 2.96526; n-grams
    ^и, и^, ^и^ (twice each), ^о, о^, ^о^: length 3.81133. Each block is scaled to length sqrt(1/2).
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
    assert vocabulary.idf[columns] == pytest.approx([1, idf, idf, idf, 1, 1, 1, idf, idf, idf], abs=1e-6)
    values = matrix(vocabulary, texts)[:, columns]
    first = [0.4037548, 0.3351525, 0.3351525, 0.3351525, *[0.3141255] * 3, *[0.2607525] * 3]
    assert values[0] == pytest.approx(first, abs=1e-6)
    assert values[1] == pytest.approx([0.7071068, 0, 0, 0, *[0.4082483] * 3, 0, 0, 0], abs=1e-6)


def test_a_text_with_one_block_has_length_sqrt_half() -> None:
    """No n-gram is in "!": its only value is sqrt(1/2)."""
    texts = encode("!", "да!")
    assert matrix(Vocabulary.learn(texts, min_df=2), texts).tolist() == [[pytest.approx(0.5**0.5)]] * 2


@pytest.mark.parametrize("min_df", [1, 2, 3])
def test_values_agree_with_scikit_learn(min_df: int) -> None:
    """One TfidfVectorizer per block on the oracle's features, joined with weights sqrt(1/2)."""
    vectorizer = partial(TfidfVectorizer, sublinear_tf=True, norm="l2", min_df=min_df)
    words, chars = vectorizer(analyzer=analyzer(is_chars=False)), vectorizer(analyzer=analyzer(is_chars=True))
    scale = {"words": 0.5**0.5, "chars": 0.5**0.5}
    union = FeatureUnion([("words", words), ("chars", chars)], transformer_weights=scale)
    expected = union.fit(CORPUS).transform([*CORPUS, "Няма такива думи"]).toarray()
    names = [*sorted(words.vocabulary_), *sorted(chars.vocabulary_)]
    vocabulary = Vocabulary.learn(encode(*CORPUS), min_df=min_df)
    assert len(names) == len(vocabulary)
    values = matrix(vocabulary, encode(*CORPUS, "Няма такива думи"))[:, columns_of(vocabulary, names)]
    assert values == pytest.approx(expected, abs=1e-6)


def analyzer(is_chars: bool) -> Callable[[str], list[Feature]]:
    return lambda text: [
        feature for feature, _ in read_features(text) if is_character_gram(feature) == is_chars
    ]


def test_a_full_cache_of_runs_changes_nothing() -> None:
    """Words met again after more features than the cache has room for get the values they get alone."""
    rng = np.random.default_rng(3)
    words = ["".join(map(chr, rng.integers(0x430, 0x450, 12))) for _ in range(N_CACHED // 32)]
    vocabulary = Vocabulary.learn(encode(*words), min_df=1)
    indptr, indices, values = vocabulary.values(encode(*words, *words[:50]))
    fresh = vocabulary.values(encode(*words[:50]))
    again = slice(indptr[len(words)], None)
    assert np.array_equal(indices[again], fresh[1])
    assert np.array_equal(values[again], fresh[2])
    assert np.array_equal(values[: indptr[50]], fresh[2])


def test_the_length_of_a_text_with_many_features_is_1() -> None:
    """A sum of 300,000 squares in float32 would be off by 1e-5 and more."""
    rng = np.random.default_rng(5)
    text = " ".join("".join(map(chr, rng.integers(0x430, 0x450, 8))) for _ in range(20_000))
    vocabulary = Vocabulary.learn(encode(text), min_df=1)
    _, _, values = vocabulary.values(encode(text))
    assert len(values) > 300_000
    assert np.sum(values.astype(float) ** 2) == pytest.approx(1, abs=2e-7)


def test_features_of_fewer_than_min_df_texts_are_left_out() -> None:
    """How often a feature occurs within a text does not matter."""
    vocabulary = Vocabulary.learn(encode("да да да", "не", "не"), min_df=2)
    kept: list[Feature] = [
        *[("word", "не"), ("chars", "^н"), ("chars", "не"), ("chars", "е^")],
        *[("chars", "^не"), ("chars", "не^"), ("chars", "^не^")],
    ]
    assert sorted(columns_of(vocabulary, kept)) == list(range(len(vocabulary)))
    assert vocabulary.idf == pytest.approx([np.log(4 / 3) + 1] * 7)


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
    assert vocabulary.idf == pytest.approx([idf[hash_] for hash_ in vocabulary.hashes.tolist()])


def test_words_come_before_characters_and_of_each_the_most_frequent_first() -> None:
    vocabulary = Vocabulary.learn(encode("и о", "и", "и о"), min_df=1)
    is_char = vocabulary.hashes >= np.uint64(1 << 63)
    assert is_char.tolist() == [False] * 3 + [True] * 6
    for of_kind in (vocabulary.idf[~is_char], vocabulary.idf[is_char]):
        assert (np.diff(of_kind) >= 0).all()


def test_types_of_the_arrays_and_no_feature_twice() -> None:
    vocabulary = Vocabulary.learn(encode(*CORPUS))
    indptr, indices, values = vocabulary.values(encode(*CORPUS))
    assert (vocabulary.hashes.dtype, vocabulary.idf.dtype) == (np.uint64, np.float32)
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
    expected = [*whole.values(texts), margins_of(whole, texts, rows_for(whole), intercept=INTERCEPT)]
    monkeypatch.setattr(module, "CHUNK_BYTES", chunk_bytes)
    assert len(texts.chunks(chunk_bytes)) > 1
    parts = Vocabulary.learn(texts, max_features=500, jobs=jobs)
    assert np.array_equal(parts.hashes, whole.hashes)
    assert np.array_equal(parts.idf, whole.idf)
    margins = margins_of(parts, texts, rows_for(whole), intercept=INTERCEPT, jobs=jobs)
    for found, array in zip([*parts.values(texts, jobs=jobs), margins], expected, strict=True):
        assert np.array_equal(found, array)


def test_the_order_of_texts_changes_no_vocabulary() -> None:
    """Not even where ``max_features`` cuts through features of equally many texts."""
    forth, back = encode(*CORPUS), encode(*reversed(CORPUS))
    vocabulary, same = Vocabulary.learn(forth, max_features=300), Vocabulary.learn(back, max_features=300)
    assert np.array_equal(vocabulary.hashes, same.hashes)
    assert np.array_equal(vocabulary.idf, same.idf)
    assert np.array_equal(matrix(vocabulary, forth), matrix(vocabulary, back)[::-1])


def test_margins_are_values_times_weights_plus_intercept() -> None:
    """Also for texts that were not learned from, in rows of their own order."""
    vocabulary = Vocabulary.learn(encode(*CORPUS), min_df=1)
    texts = encode(CORPUS[3], "союзники молчат, мълчи и министърът", long_text(3, 2_000), *CORPUS)
    intercept = INTERCEPT.copy()
    margins = margins_of(vocabulary, texts, rows_for(vocabulary), intercept=intercept)
    expected = matrix(vocabulary, texts).astype(float) @ weights_for(vocabulary).wide() + INTERCEPT
    assert margins.dtype == np.float32
    assert margins == pytest.approx(expected, abs=1e-5)
    assert np.array_equal(intercept, INTERCEPT)


@pytest.mark.parametrize("text", ["", " \n", "\N{SOFT HYPHEN}", "漢字"])
def test_a_text_without_known_features_has_no_values_and_the_intercept(text: str) -> None:
    vocabulary = Vocabulary.learn(encode(*SENTENCES))
    indptr, indices, values = vocabulary.values(encode(text))
    assert (indptr.tolist(), indices.tolist(), values.tolist()) == ([0, 0], [], [])
    margins = margins_of(vocabulary, encode(text), rows_for(vocabulary), intercept=INTERCEPT)
    assert margins.tolist() == [[-1.5, 0.25, 3]]


def test_an_empty_vocabulary_gives_the_intercept() -> None:
    """No feature of these texts is in two of them."""
    vocabulary = Vocabulary.learn(encode("мир", "война"), min_df=3)
    assert len(vocabulary) == 0
    assert matrix(vocabulary, encode("мир", "")).shape == (2, 0)
    margins = margins_of(vocabulary, encode("мир", ""), rows_for(vocabulary), intercept=INTERCEPT)
    assert margins.tolist() == [[-1.5, 0.25, 3]] * 2


@pytest.mark.parametrize("n_features", [5_000, 200_000])
@pytest.mark.parametrize("shape", ["one place", "one row of places"])
def test_hashes_that_are_made_to_collide_are_refused_at_once(n_features: int, shape: str) -> None:
    """On one place, entering them takes quadratic time; in one row, looking up an unknown one reads the row."""
    numbers = np.arange(1, n_features + 1, dtype=np.uint64)
    hashes = numbers << np.uint64(25) | np.uint64(1) if shape == "one place" else numbers
    vocabulary = Vocabulary(hashes, np.ones(n_features, np.float32))
    begin = time.process_time()
    with pytest.raises(
        BundleError, match=rf"1024 of the model's {n_features:,} hashes .* do not trust this bundle"
    ):
        _ = vocabulary.lookup
    assert time.process_time() - begin < 1


def test_two_million_hashes_of_no_design_are_entered() -> None:
    hashes = np.random.default_rng(0).integers(1, 1 << 63, 1 << 21, dtype=np.uint64)
    assert np.count_nonzero(Vocabulary(hashes, np.ones(len(hashes), np.float32)).lookup.slots) == len(hashes)


def test_no_texts_give_an_empty_vocabulary_and_no_rows() -> None:
    assert len(Vocabulary.learn(encode(), min_df=1)) == 0
    vocabulary = Vocabulary.learn(encode(*SENTENCES))
    indptr, indices, values = vocabulary.values(encode())
    assert (indptr.tolist(), len(indices), len(values)) == ([0], 0, 0)
    assert margins_of(vocabulary, encode(), rows_for(vocabulary), intercept=INTERCEPT).shape == (0, 3)


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
    tf = 1 + np.log(list(counts.values()))
    expected = np.concatenate([part / np.linalg.norm(part) * 0.5**0.5 for part in (tf[:2], tf[2:])])
    columns = columns_of(vocabulary, list(counts))
    assert matrix(vocabulary, texts)[0, columns] == pytest.approx(expected, abs=1e-6)
    margins = margins_of(vocabulary, texts, rows_for(vocabulary), intercept=INTERCEPT)
    weights = weights_for(vocabulary).wide()
    assert margins[0] == pytest.approx(expected @ weights[columns] + INTERCEPT, abs=1e-5)
