"""The record of a training run: what is read back, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from framescope.bundle.record import KEY, RankedNgram, TrainingRecord, load_record, record_path, save_record
from framescope.errors import BundleError

NGRAM = RankedNgram(text="ОДКБ", is_part=False, feature=3, weight=2.0, gap=0.5, n_texts=2)
RECORD = TrainingRecord(
    corpus_sha256="c0ffee",
    ids=["статия-1", "статья-2", "article-3"],
    probabilities=np.array([[0.9, 0.25], [0.5, 0.125], [0.0, 1.0]], np.float32),
    decided=np.array([[True, False], [True, False], [False, True]]),
    top_ngrams={"блок": [NGRAM], "запад": []},
)


def test_a_record_is_read_back_as_it_was(tmp_path: Path) -> None:
    save_record(RECORD, tmp_path / "model", "digest")
    loaded = load_record(tmp_path / "model", "digest")
    assert loaded is not None
    assert (loaded.corpus_sha256, loaded.ids, loaded.top_ngrams) == ("c0ffee", RECORD.ids, RECORD.top_ngrams)
    assert loaded.probabilities.dtype == np.float32
    assert loaded.probabilities.tolist() == RECORD.probabilities.tolist()
    assert loaded.decided.tolist() == RECORD.decided.tolist()


def test_it_stands_beside_the_bundle_and_nothing_else_does(tmp_path: Path) -> None:
    save_record(RECORD, tmp_path / "model", "digest")
    assert [file.name for file in tmp_path.iterdir()] == ["model.training.parquet"]
    assert record_path(tmp_path / "model") == tmp_path.resolve() / "model.training.parquet"


def test_a_new_record_takes_the_place_of_an_old_one(tmp_path: Path) -> None:
    for digest in ("old", "new"):
        save_record(RECORD, tmp_path / "model", digest)
    assert load_record(tmp_path / "model", "new") is not None


def test_without_a_record_there_is_none(tmp_path: Path) -> None:
    assert load_record(tmp_path / "model", "digest") is None


def test_a_record_of_another_model_is_refused(tmp_path: Path) -> None:
    save_record(RECORD, tmp_path / "model", "one")
    with pytest.raises(BundleError, match=r"is of the model one\.\.\., the bundle beside it is two\.\.\."):
        load_record(tmp_path / "model", "two")


def test_a_damaged_record_is_refused(tmp_path: Path) -> None:
    record_path(tmp_path / "model").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(BundleError, match=r"model.training.parquet: cannot be read .*: train the model again"):
        load_record(tmp_path / "model", "digest")


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"format": "framescope-training-9"}, "found 'framescope-training-9'"),
        ({}, "cannot be read"),
        ([], "cannot be read"),
    ],
)
def test_a_record_of_another_format_is_refused(tmp_path: Path, facts: object, found: str) -> None:
    table = pa.table({"id": ["a"]}).replace_schema_metadata({KEY: json.dumps(facts)})
    pq.write_table(table, record_path(tmp_path / "model"))
    with pytest.raises(BundleError, match=found):
        load_record(tmp_path / "model", "digest")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"nowhere/model.training.parquet: cannot be written: No such file"):
        save_record(RECORD, tmp_path / "nowhere" / "model", "digest")
