"""Datasets that the ``datasets`` library loads; here a local folder, so nothing is downloaded."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import datasets
import pyarrow as pa
import pytest

from framescope.corpus.conventions import Conventions, Empty
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
    with pytest.raises(CorpusError, match=r"a datasets\.DatasetDict has no Arrow PyCapsule interface"):
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


WORDS = ["None", "NA", "null", "nan", "", "true", "001", "1.0", "N/A", "fear"]
Write = Callable[[str, str | bytes], Path]


@pytest.mark.parametrize("name", ["train.csv", "train.tsv", "train.jsonl", "train.csv.gz", "train.json"])
def test_a_file_gives_the_same_rows_through_datasets(write: Write, name: str) -> None:
    """Words for nothing, numbers with zeros, drifting types: all as they are written."""
    rows = [
        {"id": f"00{n}", "text": f"Текст {word}.", "labels": word, "lang": word} for n, word in enumerate(WORDS)
    ]
    path = write(f"data/{name}", as_file(rows, name))
    plain = path.with_name("train.jsonl") if name == "train.json" else path
    if not plain.exists():
        plain = write("train.jsonl", as_file(rows, "jsonl"))
    empty = Conventions(empty=Empty.NONE)
    expected = read_corpus(plain, conventions=empty)
    corpus = read_corpus(f"hf:{path.parent}", conventions=empty)
    assert corpus.table == expected.table
    assert corpus.column("labels")[:5] == [["None"], ["NA"], ["null"], ["nan"], []]


def as_file(rows: list[dict[str, str]], name: str) -> bytes:
    if name.endswith("jsonl"):
        return "\n".join(map(json.dumps, rows)).encode()
    if name.endswith("json"):
        return json.dumps(rows).encode()
    file = io.StringIO(newline="")
    csv.writer(file, delimiter="\t" if ".tsv" in name else ",").writerows(
        [list(rows[0]), *(r.values() for r in rows)]
    )
    content = file.getvalue().encode()
    return gzip.compress(content) if name.endswith(".gz") else content


def test_rows_of_drifting_types_are_read(write: Write) -> None:
    """What the loader would make one type of, or refuse."""
    path = write(
        "data/a.jsonl", '{"text": "а", "labels": ["fear"], "meta": {"x": 1}}\n{"text": "б", "labels": null}'
    )
    write("data/b.jsonl", '{"text": "в", "labels": "fear", "meta": "q"}\n{"text": "г"}')
    corpus = read_corpus(f"hf:{path.parent}")
    assert corpus.column("labels") == [["fear"], ["fear"]]
    assert (corpus.column("id")[1], corpus.n_left_out, corpus.n_uncoded) == (f"hf:{path.parent}:3", 0, 2)


def test_problems_of_a_file_name_the_data_set_and_the_line(write: Write) -> None:
    path = write("data/train.csv", "text,labels\nДа,x\nНе\n")
    with pytest.raises(CorpusError, match=r"^hf:.*/data: train\.csv: line 3: has 1 fields, expected 2$"):
        read_corpus(f"hf:{path.parent}")
    path.write_text("text;labels\nДа;x\n", encoding="utf-8")
    assert read_corpus(f"hf:{path.parent}").column("labels") == [["x"]]


def test_declared_types_keep_words_for_nothing(write: Write) -> None:
    """A card may declare classes; text stays text."""
    text = "dtype: string"
    card = f"---\ndataset_info:\n  features:\n  - name: text\n    {text}\n  - name: labels\n    {text}\n"
    write("data/README.md", f"{card}  - name: n\n    dtype: float64\n---\n")
    path = write("data/train.csv", "text,labels,n\nДа,NA,1\nНе,None,\n")
    corpus = read_corpus(f"hf:{path.parent}")
    assert (corpus.column("labels"), corpus.column("n")) == ([["NA"], ["None"]], [1.0, None])


def test_all_causes_of_a_failure_are_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of errors that are no input errors, as for the metadata of another version."""

    def fail(*_: object, **__: object) -> None:
        try:
            raise pa.ArrowInvalid("train.parquet: column meta\n changed")
        except pa.ArrowInvalid as error:
            raise TypeError("an error occurred") from error

    monkeypatch.setattr(datasets, "load_dataset", fail)
    with pytest.raises(CorpusError) as caught:
        read_corpus(f"hf:{folder}")
    expected = "cannot be loaded: an error occurred; caused by: train.parquet: column meta changed"
    assert str(caught.value) == f"hf:{folder}: {expected}"
