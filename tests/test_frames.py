"""Data frames in, frames of the same kind out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from datasets import Dataset

from framescope import CorpusError, FieldNames, FramescopeError, Predictor, TextError, read_corpus

TEXTS = ["Нов блок подкопава ОДКБ, твърдят наблюдатели.", "", "The West wants to break the CSTO."]
TITLES = ["Съюзът", None, "The West"]
N = [3, 1, 2]


def polars_frame(columns: dict[str, Any]) -> Any:
    return pytest.importorskip("polars").DataFrame(columns)


def duckdb_relation(columns: dict[str, Any]) -> Any:
    return pytest.importorskip("duckdb").from_arrow(pa.table(columns))


KINDS = {
    "pandas": pd.DataFrame,
    "polars": polars_frame,
    "duckdb": duckdb_relation,
    "table": pa.table,
    "batch": pa.record_batch,
}


def rows_of(frame: Any) -> list[dict[str, Any]]:
    """Return the rows of any of these frames."""
    if isinstance(frame, pd.DataFrame):
        return [dict(row) for _, row in frame.iterrows()]
    return (frame if isinstance(frame, pa.RecordBatch) else pa.table(frame)).to_pylist()


@pytest.mark.parametrize("kind", KINDS)
def test_labels_and_probabilities_are_appended(predictor: Predictor, kind: str) -> None:
    """To a frame of the same kind, row by row what predict says of title and text."""
    frame = KINDS[kind]({"n": N, "body": TEXTS, "title": TITLES})
    made = predictor.predict_frame(frame, text="body", title="title")
    assert type(made) is type(frame)
    rows = rows_of(made)
    labels = [f"p_{label}" for label in predictor.labels]
    columns = ["n", "body", "title", "labels", "given", "to_review", *labels, "typicality", "unlike_training"]
    assert list(rows[0]) == columns
    assert not any(row["unlike_training"] for row in rows)
    assert [row["n"] for row in rows] == N
    joined = [f"{title}\n{text}" if title else text for title, text in zip(TITLES, TEXTS, strict=True)]
    joined[2] = TEXTS[2]  # the text begins with its title
    for row, expected in zip(rows, predictor.predict(joined), strict=True):
        assert tuple(row["labels"]) == tuple(row["given"]) == expected.labels
        assert len(row["to_review"]) == 0
        assert [row[name] for name in labels] == list(expected.probabilities.values())


def test_a_pandas_frame_keeps_its_index_and_its_types(predictor: Predictor) -> None:
    frame = pd.DataFrame({"text": TEXTS, "day": pd.Categorical(["a", "b", "a"])}, index=["x", "y", "z"])
    made = predictor.predict_frame(frame)
    assert list(made.index) == ["x", "y", "z"]
    assert made["day"].dtype == frame["day"].dtype
    assert made["p_bloc"].dtype == np.float32
    assert list(frame.columns) == ["text", "day"]  # the one that was given is as it was
    assert isinstance(made["labels"].iloc[0], list)


def test_scopes_are_told(scoped: Predictor) -> None:
    made = scoped.predict_frame(pa.table({"text": ["Нов блок подкопава ОДКБ."]}))
    (expected,) = scoped.predict(["Нов блок подкопава ОДКБ."])
    assert made["out_of_scope"].to_pylist() == [list(expected.out_of_scope)]


def test_columns_that_are_there_already_are_refused(predictor: Predictor) -> None:
    frame = pa.table({"text": ["a"], "labels": ["b"]})
    with pytest.raises(FramescopeError, match="the frame has columns labels already: rename them, or"):
        predictor.predict_frame(frame)
    assert predictor.predict_frame(frame, prefix="model_").column_names[2] == "model_labels"


def test_frames_that_cannot_be_read(predictor: Predictor) -> None:
    with pytest.raises(FramescopeError, match="expected one column 'text', found 'body': name it with text="):
        predictor.predict_frame(pd.DataFrame({"body": ["a"]}))
    with pytest.raises(TextError, match="text 1: is null"):
        predictor.predict_frame(pd.DataFrame({"text": ["a", None]}))
    with pytest.raises(TextError, match="column 'text': expected strings, found double"):
        predictor.predict_frame(pa.table({"text": [0.5]}))
    with pytest.raises(FramescopeError, match="expected a data frame, found a list"):
        predictor.predict_frame(["a"])
    lazy = pytest.importorskip("polars").LazyFrame({"text": ["a"]})
    with pytest.raises(
        FramescopeError, match=r"a polars.LazyFrame has no Arrow PyCapsule interface: collect\(\)"
    ):
        predictor.predict_frame(lazy)


@pytest.mark.parametrize("kind", [*KINDS, "dataset"])
def test_predict_refuses_frames(predictor: Predictor, kind: str) -> None:
    """Their columns would be taken for texts."""
    columns = {"text": TEXTS, "n": N}
    frame = Dataset.from_dict(columns) if kind == "dataset" else KINDS[kind](columns)
    for method in (predictor.predict, predictor.predict_proba, predictor.predict_units):
        with pytest.raises(TextError, match=r"expected texts, found a \w+\.\w+: .* or call predict_frame"):
            method(frame)


def test_predict_refuses_dictionaries_and_takes_columns(predictor: Predictor) -> None:
    with pytest.raises(TextError, match=r"expected texts, found a dict: .* list\(texts.values\(\)\)"):
        predictor.predict({"a": "Нов блок"})
    expected = predictor.predict(TEXTS)
    assert predictor.predict(pd.Series(TEXTS)) == expected
    assert predictor.predict(pytest.importorskip("polars").Series(TEXTS)) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_corpus_is_read_from_a_frame(kind: str, tmp_path: Path) -> None:
    columns = {"id": ["1", "2"], "body": ["Нов блок", "Съюз"], "labels": [["a", "b"], []]}
    corpus = read_corpus(KINDS[kind](columns), fields=FieldNames(text="body"))
    assert corpus.column("text") == ["Нов блок", "Съюз"]
    assert corpus.column("labels") == [["a", "b"], []]
    assert corpus.codebook.ids == ("a", "b")


def test_problems_of_a_frame_name_the_row() -> None:
    with pytest.raises(CorpusError, match="frame: row 2: text: "):
        read_corpus(pd.DataFrame({"text": ["a", None], "labels": ["x", "y"]}))
