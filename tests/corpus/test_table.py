"""Readers of one-unit-per-row files."""

from __future__ import annotations

import csv
import datetime
import gzip
import json
import uuid
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from framescope.corpus.conventions import Conventions, Empty
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import COLUMNS, SCHEMA, Corpus, FieldNames
from framescope.errors import CorpusError

Write = Callable[[str, str | bytes], Path]


def rows_of(corpus: Corpus) -> list[dict[str, object]]:
    return corpus.table.to_pylist()


def test_a_jsonl_corpus_has_every_documented_field(samples: Path) -> None:
    corpus = read_corpus(samples / "articles.jsonl")
    assert rows_of(corpus)[0] == {
        "id": "bg-1",
        "text": "Зад учението стои нов блок, насочен срещу съюзниците. Кой плаща за него?",
        "title": "Маневрите край Каспия",
        "lang": "bg",
        "source": "Утринен глас",
        "date": "2024-05-11",
        "url": "https://example.org/1",
        "article_id": "bg-1",
        "labels": ["bloc", "doubt"],
        "spans": [{"start": 15, "end": 52, "label": "bloc"}, {"start": 54, "end": 72, "label": "doubt"}],
        "genre": "op-ed",
    }
    assert corpus.table.schema.names[: len(COLUMNS)] == SCHEMA.names
    assert corpus.table.select(COLUMNS).schema == SCHEMA
    assert corpus.codebook.ids == ("bloc", "doubt")
    assert (corpus.format, corpus.n_left_out, corpus.left_out) == ("jsonl", 0, ())


def test_a_bare_text_gets_an_id_from_file_and_row_and_empty_fields(write: Write) -> None:
    path = write(
        "notes.jsonl", '{"text": "Първа бележка", "labels": "a"}\n\n{"text": "Втора", "labels": null}\n'
    )
    corpus = read_corpus(path)
    assert corpus.uncoded is not None
    assert corpus.uncoded.to_pylist()[0] == {
        **dict.fromkeys(("title", "lang", "source", "date", "url"), ""),
        "id": "notes@54",
        "article_id": "notes@54",
        "text": "Втора",
        "labels": [],
        "spans": [],
    }


def to_csv(rows: list[dict[str, object]], path: Path, delimiter: str, separator: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        for row in rows:
            cells = {"labels": separator.join(row["labels"]), "spans": json.dumps(row["spans"])}
            writer.writerow({**row, **cells})


def test_the_same_articles_read_equal_from_every_format(samples: Path, tmp_path: Path) -> None:
    jsonl = samples / "articles.jsonl"
    rows = [json.loads(line) for line in jsonl.read_text(encoding="utf-8").splitlines()]
    to_csv(rows, tmp_path / "articles.csv", ",", "; ")
    to_csv(rows, tmp_path / "articles.tsv", "\t", "|")
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "articles.parquet")
    (tmp_path / "articles.jsonl.gz").write_bytes(gzip.compress(jsonl.read_bytes()))
    (tmp_path / "articles.csv.gz").write_bytes(gzip.compress((tmp_path / "articles.csv").read_bytes()))
    expected = rows_of(read_corpus(jsonl))
    none = Conventions(empty=Empty.NONE)
    for path in sorted(tmp_path.iterdir()):
        corpus = read_corpus(path, conventions=none)
        assert rows_of(corpus) == expected, path
        assert corpus.table.schema == read_corpus(jsonl).table.schema, path
        assert corpus.codebook.name == "articles"


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.tsv"])
def test_bom_and_crlf_change_nothing(write: Write, name: str) -> None:
    lines = {
        "a.jsonl": ['{"id": "1", "text": "Съюз", "labels": ["x"]}'],
        "a.csv": ["id,text,labels", "1,Съюз,x"],
        "a.tsv": ["id\ttext\tlabels", "1\tСъюз\tx"],
    }[name]
    plain = rows_of(read_corpus(write(name, "\n".join(lines))))
    assert plain[0]["id"] == "1"
    assert plain[0]["labels"] == ["x"]
    assert rows_of(read_corpus(write(name, "\ufeff" + "\r\n".join(lines) + "\r\n"))) == plain


def test_columns_are_renamed_by_option_and_a_clashing_one_is_kept(write: Write) -> None:
    path = write("a.csv", "nr,text,english,tags\n7,Блок,A bloc,x|y|x\n")
    names = FieldNames(id="nr", text="english", labels="tags")
    (row,) = rows_of(read_corpus(path, fields=names))
    assert (row["id"], row["text"], row["labels"], row["text_other"]) == ("7", "A bloc", ["x", "y"], "Блок")


def test_numbers_serve_as_ids_but_not_as_texts(write: Write) -> None:
    path = write("a.jsonl", '{"id": 12, "article_id": 3, "text": "Текст", "labels": ["x"]}')
    assert [(r["id"], r["article_id"]) for r in rows_of(read_corpus(path))] == [("12", "3")]
    path = write("b.jsonl", '{"id": true, "text": 5, "lang": ["bg"], "labels": {"x": 1}}')
    with pytest.raises(CorpusError) as caught:
        read_corpus(path)
    assert [str(problem).split(": ", 1)[1] for problem in caught.value.problems] == [
        "id: expected a string, found True (bool)",
        "text: expected a string, found 5 (int)",
        "lang: expected a string, found ['bg'] (list)",
        "labels: expected a list of labels, or labels joined by ; or |, found {'x': 1} (dict)",
    ]


def test_other_columns_of_mixed_types_become_json_text(write: Write) -> None:
    lines = [
        '{"text": "а", "labels": "x", "score": 1, "huge": 1, "meta": {"k": [1]}}',
        '{"text": "б", "labels": "x", "score": "висок", "huge": 99999999999999999999999}',
    ]
    first, second = rows_of(read_corpus(write("a.jsonl", "\n".join(lines))))
    assert (first["score"], second["score"]) == ("1", '"висок"')
    assert (first["huge"], second["huge"]) == ("1", "99999999999999999999999")
    assert (first["meta"], second["meta"]) == ({"k": [1]}, None)


def test_values_of_types_that_few_know_become_json_text(tmp_path: Path) -> None:
    """Arrow has them, ``datasets`` does not: neither alone, nor in lists."""
    ids = [uuid.UUID(int=5).bytes]
    columns = {
        "text": pa.array(["т"]),
        "labels": pa.array(["x"]),
        "key": pa.ExtensionArray.from_storage(pa.uuid(), pa.array(ids, pa.binary(16))),
        "blob": pa.array([b"b"]),
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    corpus = read_corpus(tmp_path / "a.parquet")
    assert (corpus.row(0)["key"], corpus.row(0)["blob"]) == (f'"{uuid.UUID(int=5)}"', b"b")
    assert corpus.to_dataset()[0] == corpus.row(0)


def test_a_long_field_is_read(write: Write) -> None:
    path = write("a.csv", "text,labels\n" + "дума " * 60_000 + ",x\n")
    assert len(rows_of(read_corpus(path))[0]["text"]) == 300_000


def test_nul_and_line_separators_stay_in_the_text(write: Write) -> None:
    path = write("a.jsonl", '{"text": "преди\u2028след\\u0000край", "labels": ["x"]}\n')
    assert rows_of(read_corpus(path))[0]["text"] == "преди\u2028след\0край"


def test_dates_of_parquet_become_iso_strings(tmp_path: Path) -> None:
    rows = [
        {"text": "т", "labels": ["x"], "date": datetime.date(2024, 5, 11), "seen": datetime.date(2024, 5, 12)}
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    (row,) = rows_of(read_corpus(tmp_path / "a.parquet"))
    assert (row["date"], row["seen"]) == ("2024-05-11", datetime.date(2024, 5, 12))
