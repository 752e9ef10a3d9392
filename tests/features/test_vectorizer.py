"""The scikit-learn contract of the vectorizer, which scikit-learn's own checks barely touch for texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags

from framescope.errors import TextError
from framescope.features import vocabulary
from framescope.features.vectorizer import NgramVectorizer
from oracle import read_features

TEXTS = [
    "Съюзът се разпада, съюзът мълчи.",
    "Союз распадается? Союз молчит!",
    "The alliance is falling apart; the alliance is silent.",
    "गठबंधन टूट रहा है, गठबंधन",
    "",
]


def assert_same(found: sp.csr_array, expected: sp.csr_array) -> None:
    """Compare shapes and the three arrays, bit by bit."""
    assert found.shape == expected.shape
    for name in ("indptr", "indices", "data"):
        assert np.array_equal(getattr(found, name), getattr(expected, name))


def test_parameters_are_stored_as_given() -> None:
    vectorizer = NgramVectorizer(min_df=3, max_features=50, n_jobs=2)
    assert vectorizer.get_params() == {"min_df": 3, "max_features": 50, "n_jobs": 2}
    assert NgramVectorizer().get_params() == {"min_df": 2, "max_features": None, "n_jobs": 1}


def test_set_params_holds_from_the_next_fit() -> None:
    vectorizer = NgramVectorizer(min_df=1).fit(TEXTS)
    assert vectorizer.set_params(max_features=7) is vectorizer
    assert vectorizer.transform(TEXTS).shape[1] > 7
    assert vectorizer.fit(TEXTS).transform(TEXTS).shape == (5, 7)


def test_a_clone_has_the_parameters_and_nothing_learned() -> None:
    copy = clone(NgramVectorizer(min_df=1, max_features=9).fit(TEXTS))
    assert copy.get_params() == {"min_df": 1, "max_features": 9, "n_jobs": 1}
    with pytest.raises(NotFittedError, match="NgramVectorizer instance is not fitted yet"):
        copy.transform(TEXTS)


def test_an_unfitted_vectorizer_refuses_to_transform() -> None:
    with pytest.raises(NotFittedError, match="NgramVectorizer instance is not fitted yet"):
        NgramVectorizer().transform(TEXTS)


def test_fit_returns_the_vectorizer_and_takes_labels() -> None:
    vectorizer = NgramVectorizer()
    assert vectorizer.fit(TEXTS, [0, 1, 0, 1, 0]) is vectorizer


def test_tags_say_that_it_reads_strings() -> None:
    tags = get_tags(NgramVectorizer()).input_tags
    assert (tags.string, tags.two_d_array) == (True, False)


def test_rows_are_float32_with_sorted_indices() -> None:
    """One value for each distinct feature of the text, one row for each text."""
    matrix = NgramVectorizer(min_df=1).fit_transform(TEXTS)
    assert isinstance(matrix, sp.csr_array)
    assert matrix.dtype == np.float32
    assert matrix.has_sorted_indices
    rows = np.split(matrix.indices, matrix.indptr[1:-1])
    assert [len(row) for row in rows] == [
        len({feature for feature, _ in read_features(text)}) for text in TEXTS
    ]
    assert all((np.diff(row) > 0).all() for row in rows)


@pytest.mark.parametrize("collection", [list, tuple, iter, np.array])
def test_fit_transform_equals_fit_and_transform(collection: Callable[[list[str]], list[str]]) -> None:
    """Also for an iterator, which can be read only once."""
    expected = NgramVectorizer(min_df=1).fit(TEXTS).transform(TEXTS)
    assert_same(NgramVectorizer(min_df=1).fit_transform(collection(TEXTS)), expected)
    assert_same(NgramVectorizer(min_df=1).fit(collection(TEXTS)).transform(collection(TEXTS)), expected)


def test_min_df_and_max_features_reach_the_vocabulary() -> None:
    """In two texts: "," as the only word feature, and three endings."""
    texts = ["ах, да", "ох, да", "тих"]
    n_features = [
        NgramVectorizer(min_df=min_df, max_features=limit).fit_transform(texts).shape[1]
        for min_df, limit in [(1, None), (2, None), (3, None), (2, 5)]
    ]
    assert n_features == [2 * (1 + 1 + 6) + (1 + 6 + 1) + (1 + 10) - 2, 1 + 8, 1, 5]


def test_one_document_is_enough() -> None:
    """With the default ``min_df`` of 2 no feature is left, which is no error."""
    assert NgramVectorizer(min_df=1).fit_transform(["мир"]).shape == (1, 1 + 10)
    assert NgramVectorizer().fit_transform(["мир"]).shape == (1, 0)


def test_no_documents_give_no_rows() -> None:
    assert NgramVectorizer().fit_transform([]).shape == (0, 0)
    vectorizer = NgramVectorizer(min_df=1).fit(["мир"])
    assert vectorizer.transform([]).shape == (0, 11)


@pytest.mark.parametrize("text", ["", "漢字"])
def test_a_text_without_known_features_is_a_row_of_zeros(text: str) -> None:
    vectorizer = NgramVectorizer(min_df=1).fit(["мир"])
    assert vectorizer.transform([text]).nnz == 0
    assert vectorizer.transform([text, "мир"]).indptr.tolist() == [0, 0, 11]


def test_rows_come_in_the_order_of_the_texts_and_alone_are_the_same() -> None:
    vectorizer = NgramVectorizer(min_df=1).fit(TEXTS)
    matrix = vectorizer.transform(TEXTS)
    assert_same(vectorizer.transform(TEXTS[::-1]), matrix[::-1])
    for row, text in enumerate(TEXTS):
        assert_same(vectorizer.transform([text]), matrix[[row]])


@pytest.mark.parametrize("n_jobs", [2, -1])
def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch, n_jobs: int) -> None:
    expected = NgramVectorizer(max_features=40).fit_transform(TEXTS * 3)
    monkeypatch.setattr(vocabulary, "CHUNK_BYTES", 64)
    assert_same(NgramVectorizer(max_features=40, n_jobs=n_jobs).fit_transform(TEXTS * 3), expected)


def test_n_jobs_reaches_the_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learning, which reads twice, and transforming are handed the number of threads."""
    seen = []
    in_threads = vocabulary.in_threads
    monkeypatch.setattr(
        vocabulary,
        "in_threads",
        lambda task, parts, jobs: seen.append(jobs) or in_threads(task, parts, jobs),
    )
    NgramVectorizer(n_jobs=2).fit(TEXTS).transform(TEXTS)
    assert seen == [2, 2, 2]


@pytest.mark.parametrize("method", ["fit", "transform", "fit_transform"])
@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("мир", "expected a collection of texts, found one string: put 'мир' in a list"),
        (["мир", None], "text 1: expected a string, found NoneType"),
        (["мир", "", "a\ud800"], r"text 2: character 1 is a lone surrogate \('\\ud800'\)"),
    ],
)
def test_what_is_no_collection_of_texts_is_refused(method: str, texts: list[str], message: str) -> None:
    vectorizer = NgramVectorizer(min_df=1).fit(["мир"])
    with pytest.raises(TextError, match=f"^{message}"):
        getattr(vectorizer, method)(texts)


@pytest.mark.parametrize("is_used", [False, True])
def test_an_exported_pipeline_decides_as_before(tmp_path: Path, is_used: bool) -> None:
    """Whether or not the vocabulary's lookup was built before joblib wrote the file."""
    pipeline = make_pipeline(NgramVectorizer(min_df=1), RidgeClassifier()).fit(TEXTS, [0, 1, 0, 1, 0])
    fitted = clone(pipeline[0]).fit(TEXTS)
    if is_used:
        fitted.transform(TEXTS)
    joblib.dump((pipeline, fitted), tmp_path / "model.joblib")
    loaded_pipeline, loaded = joblib.load(tmp_path / "model.joblib")
    assert_same(loaded.transform(TEXTS), pipeline[0].transform(TEXTS))
    assert np.array_equal(loaded_pipeline.decision_function(TEXTS), pipeline.decision_function(TEXTS))
