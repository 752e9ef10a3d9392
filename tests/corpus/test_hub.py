"""Datasets that the ``datasets`` library loads; here a local folder, so nothing is downloaded."""

from __future__ import annotations

from pathlib import Path

import datasets
import pytest

from framescope.corpus.read import read_corpus
from framescope.corpus.schema import FieldNames
from framescope.errors import CorpusError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dataset of two splits with a column of classes, and a cache of its own."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))
    features = datasets.Features(
        {"text": datasets.Value("string"), "frame": datasets.ClassLabel(names=["spin; doctored", "plain"])}
    )
    columns = {"text": ["Кой печели?", "Валя дъжд.", "क्यों?"], "frame": [0, 1, -1]}
    folder = tmp_path / "frames"
    folder.mkdir()
    for split in ("train", "test"):
        dataset = datasets.Dataset.from_dict(columns, features=features)
        dataset.select(range(3 if split == "train" else 1)).to_parquet(folder / f"{split}.parquet")
    return folder


def test_class_numbers_become_names(folder: Path) -> None:
    corpus = read_corpus(f"hf:{folder}", fields=FieldNames(labels="frame"))
    assert corpus.column("text") == ["Кой печели?", "Валя дъжд.", "क्यों?"]
    assert corpus.column("labels") == [["spin; doctored"], ["plain"], []]
    assert corpus.codebook.ids == ("plain", "spin; doctored")
    assert corpus.column("id")[0] == f"hf:{folder}:1"
    assert (corpus.format, corpus.path) == ("hf", f"hf:{folder}")


def test_a_dataset_in_memory_is_a_corpus(folder: Path) -> None:
    """Also one that is a selection of rows."""
    dataset = datasets.load_dataset(str(folder), split="train").select([2, 0])
    corpus = read_corpus(dataset, fields=FieldNames(labels="frame"))
    assert corpus.column("text") == ["क्यों?", "Кой печели?"]
    assert corpus.column("labels") == [[], ["spin; doctored"]]
    assert corpus.column("id") == ["dataset:1", "dataset:2"]
    assert (corpus.format, corpus.path, corpus.codebook.name) == ("dataset", "dataset", "dataset")


def test_a_corpus_goes_to_a_dataset_and_back(samples: Path) -> None:
    corpus = read_corpus(samples / "articles.jsonl")
    dataset = corpus.to_dataset()
    assert isinstance(dataset, datasets.Dataset)
    assert list(dataset) == corpus.table.to_pylist()
    again = read_corpus(dataset, codebook=corpus.codebook)
    assert again.table == corpus.table


def test_problems_of_a_dataset_name_the_row() -> None:
    dataset = datasets.Dataset.from_dict({"text": ["Да.", " "], "labels": [["x"], []]})
    with pytest.raises(CorpusError, match=r"^dataset: row 2: text: is empty, expected the text of the unit$"):
        read_corpus(dataset)


def test_only_a_dataset_will_do(folder: Path) -> None:
    """Not all of its splits at once."""
    with pytest.raises(CorpusError, match=r"a path, an hf: name or a datasets\.Dataset, found a DatasetDict"):
        read_corpus(datasets.load_dataset(str(folder)))


def test_configuration_and_split_follow_the_name(folder: Path) -> None:
    names = FieldNames(labels="frame")
    assert read_corpus(f"hf:{folder}:default:test", fields=names).n_units == 1
    assert read_corpus(f"hf:{folder}::test", fields=names).n_units == 1


def test_progress_bars_are_as_before(folder: Path) -> None:
    assert datasets.is_progress_bar_enabled()
    read_corpus(f"hf:{folder}", fields=FieldNames(labels="frame"))
    assert datasets.is_progress_bar_enabled()


@pytest.mark.parametrize("rest", ["::nosuch", ":nosuch", "/nosuch"])
def test_what_cannot_be_loaded_is_a_corpus_error(folder: Path, rest: str) -> None:
    with pytest.raises(CorpusError, match=r"^hf:.*: cannot be loaded: "):
        read_corpus(f"hf:{folder}{rest}")


@pytest.mark.parametrize("name", ["hf:", "hf:a:b:c:d"])
def test_names_have_up_to_three_parts(name: str) -> None:
    with pytest.raises(CorpusError, match=r"expected hf:<name>\[:config\]\[:split\]"):
        read_corpus(name)


def test_problems_name_the_row(folder: Path) -> None:
    with pytest.raises(CorpusError, match="labels: no such column; columns are: 'text', 'frame'"):
        read_corpus(f"hf:{folder}")
