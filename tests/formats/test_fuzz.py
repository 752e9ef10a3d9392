"""Nothing but our errors comes of inputs with the structure of a format and something wrong in them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from framescope.articles import read_articles
from framescope.batch.inputs import expand
from framescope.batch.readers import read
from framescope.batch.shards import plan
from framescope.codebook_reading import read_codebook
from framescope.corpus.conventions import Conventions, Empty
from framescope.corpus.labels import labels_of
from framescope.corpus.read import read_corpus
from framescope.errors import FramescopeError
from framescope.formats.dialect import Fields
from fuzz import N_INPUTS, STRINGS, damaged, each_input, json_bytes, mutated, value

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parents[1] / "corpus" / "samples"
ROWS = [
    {
        "id": "a",
        "title": "T",
        "text": "The West wants war. Our brothers stand firm.",
        "lang": "en",
        "labels": ["fear"],
    },
    {
        "id": 7,
        "text": "Нов блок 😀 подкопава ОДКБ",
        "labels": "fear; doubt",
        "source": "x",
        "date": "2024-05-11",
    },
    {"text": "b", "labels": ["a"], "spans": [{"start": 0, "end": 1, "label": "a", "text": "b"}]},
    {"id": "c", "text": "c d", "annotations": [{"coder": "x", "labels": ["a"]}, {"coder": "y", "labels": []}]},
]
TABLES = (
    'id,text,labels,lang\na,"Нов блок, нов",fear; doubt,bg\nb,"""да""","[\'fear\']",\nc,d,,en\n',
    "sep=;\nid;text;fear;doubt\na;b;1;0\nc;d;0;1\n",
    "text,labels\nIt is said,a\nThey go,b\n",
)


def lines_of(rng: Random) -> bytes:
    rows = mutated(rng, ROWS) if rng.random() < 0.8 else ROWS
    lines = b"\n".join(map(json_bytes, rows if isinstance(rows, list) else [rows]))
    return damaged(rng, lines) if rng.random() < 0.4 else lines


def table_of(rng: Random) -> bytes:
    text = rng.choice(TABLES)
    if rng.random() < 0.5:
        cells = text.split(",")
        cells[rng.randrange(len(cells))] = rng.choice(STRINGS)
        text = ",".join(cells)
    return damaged(rng, text.encode(errors="surrogatepass"))


def parquet_of(rng: Random) -> bytes:
    rows = mutated(rng, ROWS[:1])
    written = io.BytesIO()
    try:
        pq.write_table(pa.Table.from_pylist(rows), written, compression=None)
    except (pa.ArrowException, AttributeError, LookupError, TypeError, ValueError, OverflowError):
        pq.write_table(pa.Table.from_pylist(ROWS[:1]), written, compression=None)
    return damaged(rng, written.getvalue()) if rng.random() < 0.7 else written.getvalue()


def read_everywhere(name: str) -> Callable[[bytes, Path], None]:
    """Return what reads a file as a corpus, and as articles to predict on and to score."""

    def check(content: bytes, folder: Path) -> None:
        path = folder / name
        path.write_bytes(content)
        for ways in (_as_corpus, _as_articles, _as_rows):
            with suppress(FramescopeError):
                ways(path)

    return check


def _as_corpus(path: Path, format: str | None = None) -> None:  # noqa: A002 - its name in read_corpus
    conventions = Conventions(empty=Empty.NONE)
    corpus = read_corpus(path, format=format, conventions=conventions, skip_invalid=True)
    "".join(corpus.full_texts()).encode()
    assert all(isinstance(label, str) and label for labels in corpus.column("labels") for label in labels)


def _as_articles(path: Path) -> None:
    for article in read_articles([str(path)], io.BytesIO()):
        f"{article.id}{article.text}{article.lang}".encode()


def _as_rows(path: Path) -> None:
    for shard in plan(expand([path]), 1024, ""):
        for rows in read(shard.slice, Fields()):
            rows.ids.validate(full=True)
            assert len(rows.ids) == len(rows.texts)


@pytest.mark.parametrize(
    ("name", "make"),
    [("a.jsonl", lines_of), ("a.csv", table_of), ("a.tsv", table_of), ("a.parquet", parquet_of)],
)
def test_tables(name: str, make: Callable[[Random], bytes], tmp_path: Path) -> None:
    each_input(make, read_everywhere(name), tmp_path)


SPAN = {"start": 2, "end": 9, "label": "fear", "token_start": 1}
PRODIGY = [
    {"text": "a b fear c", "meta": {"id": "a1", "lang": "bg"}, "accept": ["fear"], "answer": "accept"},
    {"text": "😀 Пазете се", "spans": [SPAN], "_annotator_id": "ds-anna", "accept": [], "answer": "reject"},
    {"text": "c", "options": [{"id": "fear"}], "accept": ["doubt"], "_input_hash": 7, "answer": "ignore"},
]


def exported_of(name: str) -> Callable[[Random], bytes]:
    is_lines = name.endswith("l")
    if name == "prodigy.jsonl":
        good: Any = PRODIGY
    else:
        content = (SAMPLES / name).read_text(encoding="utf-8-sig")
        good = [json.loads(line) for line in content.splitlines()] if is_lines else json.loads(content)

    def make(rng: Random) -> bytes:
        changed = mutated(rng, good)
        for _ in range(rng.randrange(3)):
            changed = mutated(rng, changed)
        if is_lines:
            made = b"\n".join(map(json_bytes, changed if isinstance(changed, list) else [changed]))
        else:
            made = json_bytes(changed)
        return damaged(rng, made) if rng.random() < 0.2 else made

    return make


@pytest.mark.parametrize(
    ("format", "name"),
    [("labelstudio", "labelstudio.json"), ("doccano", "doccano.jsonl"), ("prodigy", "prodigy.jsonl")],
)
def test_exports(format: str, name: str, tmp_path: Path) -> None:  # noqa: A002 - its name in read_corpus
    def check(content: bytes, folder: Path) -> None:
        (folder / name).write_bytes(content)
        with suppress(FramescopeError):
            _as_corpus(folder / name, format)

    each_input(exported_of(name), check, tmp_path)


CODEBOOK = {
    "name": "c",
    "version": "1",
    "mentions": {"en": ["csto", "nato*"]},
    "labels": [
        {"id": "a", "names": {"en": "A"}, "definition": "x"},
        {"id": "b", "parent": "a", "mentions": {"bg": ["да"]}},
    ],
}


def test_codebooks(tmp_path: Path) -> None:
    def make(rng: Random) -> bytes:
        made = json_bytes(mutated(rng, mutated(rng, CODEBOOK)))
        return damaged(rng, made) if rng.random() < 0.2 else made

    def check(content: bytes, folder: Path) -> None:
        (folder / "codebook.json").write_bytes(content)
        with suppress(FramescopeError):
            "".join(read_codebook(folder / "codebook.json").ids).encode()

    each_input(make, check, tmp_path)


def test_cells_of_labels(tmp_path: Path) -> None:
    """A cell is labels, or a ValueError that says what it is."""

    def make(rng: Random) -> bytes:
        return json_bytes(value(rng)) if rng.random() < 0.5 else damaged(rng, b"['fear', \"doubt\"]; [1]|a#b")

    def check(content: bytes, _folder: Path) -> None:
        text = content.decode(errors="replace")
        cells: list[Any] = [text]
        with suppress(ValueError):
            cells.append(json.loads(text))
        for cell in cells:
            with suppress(ValueError):
                assert all(isinstance(label, str) for label in labels_of(cell))

    each_input(make, check, tmp_path, 5 * N_INPUTS)
