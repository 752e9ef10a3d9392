"""Margins without a matrix: the oracle's values times weights, whatever has been seen before and by whom."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import scipy.sparse as sp

from framescope._types import Float32, Float64
from framescope.features import run_rows
from framescope.features import scorer as module
from framescope.features.known import count_known, new_counts
from framescope.features.run_rows import RUNS_AT_A_TIME, new_cache
from framescope.features.scorer import Scorer
from framescope.features.vocabulary import Vocabulary
from framescope.features.weights import CACHE_LINE, Rows, Weights
from oracle import encode, identify, learn, weigh

SENTENCES = [
    "Съюзът се разпада: три държави напуснаха учението, а командването мълчи.",
    "Нов блок на изток? Министърът отрече, че съюзът се разпада, че съюзът се разпада.",
    "ОДКБ трещит по швам: союзники не приехали на учения.",
    "Кому это выгодно? Кому это выгодно? Ответа нет!",
    "सैनिक गठबंधन टूट रहा है, मंत्री ने कहा।",
    "The alliance is falling apart: three states left the exercise 🙂!!",
]
NEW = [
    "союзники молчат, мълчи и министърът — министърът",
    "",
    "漢字",
    "Всё не так, тук няма такава дума!",
    "мамама, барабан: мамама",
]


def random_text(seed: int, n_words: int) -> str:
    """Return words that hardly ever come again, of Bulgarian letters."""
    letters = np.random.default_rng(seed).integers(ord("а"), ord("я") + 1, (n_words, 7))
    return " ".join("".join(map(chr, word)) for word in letters)


def scorer_of(*texts: str, n_labels: int = 3, min_df: int = 1) -> Scorer:
    vocabulary = Vocabulary.learn(encode(*texts), min_df=min_df)
    return Scorer(vocabulary, Weights.narrow(np.random.default_rng(0).normal(size=(len(vocabulary), n_labels))))


def margins_of(scorer: Scorer, *texts: str, jobs: int = 1) -> Float32:
    margins = np.zeros((len(texts), len(scorer.weights.scales)), np.float32)
    scorer.add_margins(encode(*texts), margins, new_counts(len(texts)), jobs=jobs)
    return margins


def from_a_matrix(scorer: Scorer, *texts: str) -> Float64:
    indptr, indices, values = scorer.vocabulary.values(encode(*texts))
    matrix = sp.csr_array((values, indices, indptr), shape=(len(texts), len(scorer.vocabulary)))
    return np.asarray(matrix.astype(np.float64) @ scorer.weights.wide())


@pytest.mark.parametrize("n_labels", [1, 3, 12, 13, 25, 28, 29, 117])
def test_margins_are_the_oracle_s_values_times_weights(n_labels: int) -> None:
    """A step of a run's row is a 32,767th of its greatest weight: far below what the weights are rounded by."""
    worth, unknown = learn(*SENTENCES, min_df=1)
    scorer = scorer_of(*SENTENCES, n_labels=n_labels)
    place_of = {hash_: place for place, hash_ in enumerate(scorer.vocabulary.hashes.tolist())}
    weights = scorer.weights.wide().astype(float)
    texts = [*SENTENCES, *NEW]
    expected = [
        sum(
            (value * weights[place_of[identify(name)]] for name, value in weigh(text, worth, unknown).items()),
            start=np.zeros(n_labels),
        )
        for text in texts
    ]
    assert margins_of(scorer, *texts) == pytest.approx(np.array(expected), abs=1e-4)


def test_margins_are_added_to_what_there_is() -> None:
    """A text without known features leaves it as it is, to the bit."""
    scorer = scorer_of(*SENTENCES)
    margins = np.repeat(np.array([[-1.5, 0.25, 3]], np.float32), 2, axis=0)
    scorer.add_margins(encode("漢字", SENTENCES[0]), margins, new_counts(2))
    assert margins[0].tolist() == [-1.5, 0.25, 3]
    assert margins[1] == pytest.approx(from_a_matrix(scorer, SENTENCES[0])[0] + [-1.5, 0.25, 3], abs=1e-4)


@pytest.mark.parametrize("n_words", [RUNS_AT_A_TIME - 1, RUNS_AT_A_TIME, RUNS_AT_A_TIME + 1, 5_000])
def test_more_new_runs_than_are_read_at_a_time(n_words: int) -> None:
    text = random_text(1, n_words)
    scorer = scorer_of(text, *SENTENCES)
    assert margins_of(scorer, text) == pytest.approx(from_a_matrix(scorer, text), abs=1e-4)


@pytest.mark.parametrize("cache_bytes", [1, 1 << 11, 1 << 16])
def test_a_small_cache_changes_no_bit(monkeypatch: pytest.MonkeyPatch, cache_bytes: int) -> None:
    """Runs throw each other out of it and are made again."""
    texts = [random_text(seed, 400) for seed in (1, 2)]
    texts = [*texts, *SENTENCES, *NEW, *texts]
    expected = margins_of(scorer_of(*texts), *texts)
    monkeypatch.setattr(run_rows, "CACHE_BYTES", cache_bytes)
    small = scorer_of(*texts)
    assert margins_of(small, *texts).tobytes() == expected.tobytes()
    assert margins_of(small, *texts).tobytes() == expected.tobytes()
    assert expected[:2].tobytes() == expected[-2:].tobytes()


@pytest.mark.parametrize("chunk_bytes", [1, 200, 10_000])
@pytest.mark.parametrize("jobs", [1, 3])
def test_chunks_threads_and_neighbours_change_no_bit(
    monkeypatch: pytest.MonkeyPatch, chunk_bytes: int, jobs: int
) -> None:
    texts = [*SENTENCES, *NEW, random_text(1, 2_000)]
    scorer = scorer_of(*SENTENCES, random_text(1, 1_000))
    expected = margins_of(scorer, *texts)
    monkeypatch.setattr(module, "CHUNK_BYTES", chunk_bytes)
    assert margins_of(scorer, *texts, jobs=jobs).tobytes() == expected.tobytes()
    assert margins_of(scorer, *texts[::-1], jobs=jobs)[::-1].tobytes() == expected.tobytes()
    for text, margins in zip(texts, expected, strict=True):
        assert margins_of(scorer, text).tobytes() == margins.tobytes()


def test_a_vocabulary_of_nothing_adds_nothing() -> None:
    assert margins_of(scorer_of("мир", "война", min_df=3), "мир", "").tolist() == [[0, 0, 0]] * 2
    assert margins_of(scorer_of(*SENTENCES)).shape == (0, 3)


@pytest.mark.parametrize("n_labels", [1, 25, 117, 5_000])
def test_a_cache_is_bounded_in_bytes_and_its_rows_begin_at_cache_lines(n_labels: int) -> None:
    """Rows for new runs come on top."""
    cache = new_cache(Rows.pack(Weights.narrow(np.ones((10, n_labels), np.float32))))
    row_bytes = cache.rows[0].nbytes
    assert n_labels * 2 + 8 <= row_bytes < n_labels * 2 + 8 + 32
    assert cache.rows.nbytes <= max(run_rows.CACHE_BYTES, 8 * row_bytes) + RUNS_AT_A_TIME * row_bytes
    assert len(cache.states) == len(cache.rows) - RUNS_AT_A_TIME
    assert cache.rows.ctypes.data % CACHE_LINE == cache.states.ctypes.data % CACHE_LINE == 0
    assert np.shares_memory(cache.extras, cache.rows)


def test_what_was_seen_is_not_pickled() -> None:
    scorer = scorer_of(*SENTENCES)
    expected = margins_of(scorer, *NEW)
    data = pickle.dumps(scorer)
    assert len(data) < 100_000
    assert margins_of(pickle.loads(data), *NEW).tobytes() == expected.tobytes()  # noqa: S301


@pytest.mark.slow
def test_a_word_of_10_megabytes_is_one_run_and_one_pair() -> None:
    """5,000,000 letters are 78,125 equal pieces of 64 letters."""
    text = "я" * 5_000_000
    scorer = scorer_of(text)
    assert margins_of(scorer, text) == pytest.approx(from_a_matrix(scorer, text), abs=1e-4)


@pytest.mark.parametrize("cache_bytes", [1, 1 << 25])
def test_what_is_known_is_counted_as_in_training(monkeypatch: pytest.MonkeyPatch, cache_bytes: int) -> None:
    """Scoring takes the counts of a run from its cache, training from the run."""
    monkeypatch.setattr(run_rows, "CACHE_BYTES", cache_bytes)
    scorer = scorer_of(*SENTENCES)
    texts = encode(*SENTENCES, *NEW, random_text(1, 5_000), *SENTENCES)
    counts = new_counts(len(texts))
    margins = np.zeros((len(texts), 3), np.float32)
    scorer.add_margins(texts, margins, counts)
    nothing = (np.zeros(2, np.int64), np.zeros(0, np.int32))
    expected = count_known(texts, scorer.vocabulary, nothing, np.zeros(len(texts), np.intp))
    assert counts.tolist() == expected.tolist()
