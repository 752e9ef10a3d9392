"""Parts hold numbers: what is none is refused by either writer, whatever let it through."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from datasets import Dataset

import framescope
from framescope import BundleError, Predictor, ScoreOptions, ScoringError
from framescope.batch.verify import verify
from framescope.batch.writers import WRITERS
from sealed import change_array

EVERY = pa.struct([("bloc", pa.float32()), ("west", pa.float32())])
EVIDENCE = pa.list_(pa.struct([("label", pa.string()), ("value", pa.float32())]))
LABELS = pa.list_(pa.string())
SCHEMA = pa.schema(
    [("id", pa.large_string()), ("labels", LABELS), ("probabilities", EVERY), ("evidence", EVIDENCE)]
)


def row(probability: float, value: float) -> pa.RecordBatch:
    found = {
        "id": "a",
        "labels": ["west"],
        "probabilities": {"bloc": 0.25, "west": probability},
        "evidence": [{"label": "bloc", "value": 1.0}, {"label": "west", "value": value}],
    }
    return pa.RecordBatch.from_pylist([found], SCHEMA)


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(("bad", "column"), [(row(np.nan, 1), "probabilities"), (row(0.5, np.inf), "evidence")])
def test_a_number_that_is_none_is_refused(name: str, bad: pa.RecordBatch, column: str) -> None:
    writer = WRITERS[name](BytesIO(), SCHEMA, ["bloc", "west"])
    writer.write(row(0.5, -1))
    with pytest.raises(ScoringError, match=f"{column}: a result is NaN or infinite: do not trust this model"):
        writer.write(bad)
    writer.abandon()


@pytest.mark.parametrize("format_name", WRITERS)
def test_a_model_whose_weights_overflow_scores_nothing(
    bundle_path: Path, tmp_path: Path, format_name: str
) -> None:
    """Predict, score and map refuse alike; no part is left that says NaN."""
    change_array(bundle_path, "ngrams.scales.npy", lambda scales: np.full_like(scales, 3.4e38))
    change_array(bundle_path, "ngrams.exponents.npy", lambda exponents: np.full_like(exponents, 127))
    predictor = Predictor.load(bundle_path)
    text = "The West wants to break the CSTO, the minister said."
    source = tmp_path / "in.jsonl"
    source.write_text(f'{{"id": "1", "text": "{text}"}}\n', encoding="utf-8")
    message = "the weights of the model 'tiny' are too large to be added up: do not trust this bundle"
    with pytest.raises(BundleError, match=message):
        predictor.predict([text])
    with pytest.raises(BundleError, match=message):
        framescope.score(predictor, source, tmp_path / "out", options=ScoreOptions(format=format_name))
    assert not list((tmp_path / "out").glob("part-*"))
    assert [finding.kind for finding in verify(tmp_path / "out")] == ["missing", "missing"]
    with pytest.raises(BundleError, match=message):
        predictor.map(Dataset.from_dict({"text": [text]}))
