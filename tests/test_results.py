"""Results as Arrow columns, and datasets that are given them."""

from __future__ import annotations

from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pytest
from datasets import Dataset

from framescope.errors import FramescopeError, TextError
from framescope.predictor import Predictor
from framescope.results import Selection, result_columns, result_schema, text_hashes
from framescope.text.article import full_text
from framescope.text.utf8 import Utf8Texts
from tiny import SENTENCES

ROWS = {
    "title": ["Съюз", None, "", "The union"],
    "text": ["Нов блок подкопава ОДКБ.", "", "पश्चिम संघ", "The union is not expanding; these are rumours."],
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")


def test_hashes_are_fnv_1a() -> None:
    """Of 64 bits. Source: the test vectors of draft-eastlake-fnv."""
    expected = ["cbf29ce484222325", "af63dc4c8601ec8c", "85944171f73967e8"]
    assert text_hashes(Utf8Texts.encode(["", "a", "foobar"])).to_pylist() == expected


@pytest.mark.parametrize(
    "selection",
    [Selection(), Selection(top=2), Selection(threshold=0.5), Selection(top=1, evidence=True)],
)
@pytest.mark.parametrize("texts", [[], ROWS["text"]])
def test_columns_are_as_the_schema_says(predictor: Predictor, selection: Selection, texts: list[str]) -> None:
    schema = result_schema(predictor.bundle.model, selection)
    columns = result_columns(predictor.bundle, Utf8Texts.encode(texts), selection)
    batch = pa.RecordBatch.from_arrays(columns, schema=schema)
    batch.validate(full=True)
    assert batch.num_rows == len(texts)


def test_given_labels_and_those_to_review_are_columns_where_they_are_parted(
    reviewed: Predictor, predictor: Predictor
) -> None:
    schema = result_schema(reviewed.bundle.model, Selection())
    assert schema.names[:4] == ["labels", "given", "to_review", "probabilities"]
    columns = result_columns(reviewed.bundle, Utf8Texts.encode(SENTENCES), Selection())
    rows = pa.RecordBatch.from_arrays(columns, schema=schema).to_pylist()
    expected = [(list(one.given), list(one.to_review)) for one in reviewed.predict(SENTENCES)]
    assert [(row["given"], row["to_review"]) for row in rows] == expected
    assert "given" not in result_schema(predictor.bundle.model, Selection()).names


def test_a_threshold_is_a_least_probability(predictor: Predictor) -> None:
    probabilities = predictor.predict_proba(ROWS["text"])
    cut = float(np.sort(probabilities[0])[2])
    columns = result_columns(predictor.bundle, Utf8Texts.encode(ROWS["text"]), Selection(threshold=cut))
    assert [len(row) for row in columns[1].to_pylist()] == (probabilities >= np.float32(cut)).sum(
        axis=1
    ).tolist()
    assert len(columns[1][0]) == 4


@pytest.mark.parametrize("jobs", [None, 2])
def test_a_dataset_is_mapped(predictor: Predictor, jobs: int | None) -> None:
    """Labels and probabilities are those of ``predict``, by other processes too; the other columns stay."""
    mapped = predictor.map(Dataset.from_dict(ROWS), title_field="title", jobs=jobs)
    titles_and_texts = zip(ROWS["title"], ROWS["text"], strict=True)
    expected = predictor.predict([full_text(title, text) for title, text in titles_and_texts])
    assert mapped["labels"][:] == [list(one.labels) for one in expected]
    assert mapped["probabilities"][:] == [one.probabilities for one in expected]
    assert mapped["text"][:] == ROWS["text"]
    assert mapped[0]["model_digest"] == predictor.digest


def test_a_stream_is_mapped(predictor: Predictor) -> None:
    dataset = Dataset.from_dict(ROWS)
    options = {"title_field": "title", "selection": Selection(top=2)}
    streamed = predictor.map(dataset.to_iterable_dataset(), **options)
    assert list(streamed) == predictor.map(dataset, **options).to_list()


def test_mapping_twice_finds_the_cache(predictor: Predictor) -> None:
    """The task is known by the model's digest: the fingerprint does not change from load to load."""
    dataset = Dataset.from_dict(ROWS)
    again = Predictor.load(predictor.bundle.path)
    assert predictor.map(dataset)._fingerprint == again.map(dataset)._fingerprint


def test_columns_are_not_replaced_and_nulls_not_skipped(predictor: Predictor) -> None:
    with pytest.raises(FramescopeError, match="the dataset has columns labels, rule already: rename them"):
        predictor.map(Dataset.from_dict({"text": ["a"], "labels": [["x"]], "rule": [1]}))
    with pytest.raises(TextError, match="text 1: is null"):
        predictor.map(Dataset.from_dict({"text": ["a", None]}))


def test_labels_out_of_scope_are_a_column_where_there_are_scopes(
    scoped: Predictor, predictor: Predictor
) -> None:
    texts = ["ОДКБ и Западът", "Времето", ""]
    expected = [list(one.out_of_scope) for one in scoped.predict(texts)]
    for selection in (Selection(), Selection(top=2), Selection(evidence=True)):
        schema = result_schema(scoped.bundle.model, selection)
        columns = result_columns(scoped.bundle, Utf8Texts.encode(texts), selection)
        batch = pa.RecordBatch.from_arrays(columns, schema=schema)
        batch.validate(full=True)
        assert batch.column("out_of_scope").to_pylist() == expected
        assert "out_of_scope" not in result_schema(predictor.bundle.model, selection).names


def test_what_is_not_possible_is_not_ranked(scoped: Predictor) -> None:
    columns = result_columns(scoped.bundle, Utf8Texts.encode(["Времето"]), Selection(top=6))
    assert [one["label"] for one in columns[1].to_pylist()[0]] == ["Other"]


def test_parts_of_articles_have_the_scope_of_these(scoped: Predictor) -> None:
    in_scope = np.ones((1, len(scoped.labels)), bool)
    columns = result_columns(scoped.bundle, Utf8Texts.encode(["Времето"]), Selection(), in_scope=in_scope)
    assert columns[2].to_pylist() == [[]]


def test_a_dataset_gets_the_column_too(scoped: Predictor) -> None:
    mapped = scoped.map(Dataset.from_dict({"text": ["Времето"]}))
    assert mapped["out_of_scope"][0] == list(scoped.predict(["Времето"])[0].out_of_scope)
