"""Whatever bytes a file holds, a reader gives a corpus or one of our own errors."""

from __future__ import annotations

import csv
import gzip
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from framescope.corpus.audit import audit
from framescope.corpus.conventions import Conventions, Empty
from framescope.corpus.read import read_corpus
from framescope.errors import FramescopeError
from framescope.formats.dialect import Dialect, Quoting

SAMPLES = Path(__file__).parent / "samples"
FRAGMENTS = [b'{"text": "', "Завод".encode(), b'", "labels": ["', b'"]}', b'"spans": ', b"\\ud800", b"\\u0000"]
FRAGMENTS += [
    b"\n",
    b"\r\n",
    b"\t",
    b",",
    b'"',
    b"[",
    b"]",
    b"{",
    b"}",
    b"null",
    b"1e999",
    b"-1",
    b"\xff",
    b"\xef\xbb\xbf",
]
FRAGMENTS += [
    b"text,labels\n",
    b"text\tlabels\n",
    b"a.txt\tOther\tOther\n",
    b"1\t1\tDoubt\n",
    b";",
    b": ",
    b"\0",
    b"NaN",
]

contents = st.binary() | st.lists(st.sampled_from(FRAGMENTS), max_size=20).map(b"".join)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)
rows = st.dictionaries(
    st.sampled_from(
        [
            *("id", "text", "labels", "label", "spans", "lang", "date", "data", "annotations", "else", ""),
            *("entities", "cats", "annotator", "frame"),
        ]
    ),
    json_values,
)


def check(path: Path, format_name: str) -> None:
    """Read with and without the rows at fault, and examine what was read."""
    for skip_invalid in (False, True):
        try:
            corpus = read_corpus(path, format=format_name, skip_invalid=skip_invalid)
        except FramescopeError as error:
            assert str(error).encode()  # noqa: PT017 - the message can be printed
        else:
            assert json.dumps(audit(corpus).to_json(), allow_nan=False)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.parametrize(
    ("format_name", "suffix"),
    [
        *((name, "txt") for name in ("jsonl", "csv", "tsv", "parquet", "labelstudio", "doccano")),
        *(("labelstudio", "csv"), ("labelstudio", "tsv"), ("doccano", "csv"), ("doccano", "json")),
    ],
)
@settings(deadline=None)
@given(content=contents)
@example(content=b"\r")
def test_any_bytes_in_a_file(folder: Path, format_name: str, suffix: str, content: bytes) -> None:
    path = folder / f"file.{suffix}"
    path.write_bytes(content)
    check(path, format_name)


@settings(deadline=None)
@given(content=contents)
def test_any_bytes_in_a_compressed_file(folder: Path, content: bytes) -> None:
    path = folder / "file.jsonl.gz"
    for packed in (content, gzip.compress(content), gzip.compress(content)[:-3]):
        path.write_bytes(packed)
        check(path, "jsonl")


@pytest.mark.parametrize("format_name", ["jsonl", "doccano"])
@settings(deadline=None)
@given(values=st.lists(rows, min_size=1, max_size=3))
def test_any_json_in_the_rows(folder: Path, format_name: str, values: list[dict[str, object]]) -> None:
    path = folder / "file.jsonl"
    path.write_text("\n".join(map(json.dumps, values)), encoding="utf-8")
    check(path, format_name)


KINDS = ["choices", "taxonomy", "labels", "hypertextlabels", "paragraphlabels", "textarea", "rating"]
results = st.fixed_dictionaries(
    {"type": st.sampled_from(KINDS) | json_values},
    optional={
        "from_name": st.sampled_from(["frame", "mark"]) | json_values,
        "value": st.dictionaries(
            st.sampled_from([*KINDS, "start", "end", "text", "globalOffsets"]),
            st.lists(st.sampled_from(["x", "y"])) | st.integers(0, 5) | json_values,
        ),
    },
)
tasks = st.fixed_dictionaries(
    {"data": st.fixed_dictionaries({"text": st.just("Завод") | json_values})},
    optional={"id": json_values, "annotations": st.lists(st.fixed_dictionaries({"result": st.lists(results)}))},
)


@settings(deadline=None)
@given(values=st.lists(tasks | rows, max_size=3))
def test_any_tasks_of_label_studio(folder: Path, values: list[object]) -> None:
    path = folder / "file.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    check(path, "labelstudio")


cells = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\ufeff"), min_size=1).filter(
    lambda text: text.strip() == text and len(text.split()) == 1
)
articles = st.fixed_dictionaries(
    {
        "text": cells,
        "title": st.just("") | cells,
        "lang": st.sampled_from(["bg", "NA", ""]),
        "labels": st.lists(st.sampled_from(["страх", "fear's", "None", '"a"', "[x", "b#c"]), unique=True),
    }
)


@settings(deadline=None)
@given(rows=st.lists(articles, min_size=1, max_size=4))
def test_every_table_gives_the_same_rows(folder: Path, rows: list[dict[str, object]]) -> None:
    """Label cells joined, as a JSON list and as Python prints a list; quotes wherever a writer puts them."""
    rows = [{"id": f"0{n}", **row} for n, row in enumerate([*rows, {**rows[0], "labels": ["z"]}])]
    path = folder / "same.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    expected = read_corpus(path).table
    pq.write_table(pa.Table.from_pylist(rows), folder / "same.parquet")
    assert read_corpus(folder / "same.parquet").table == expected
    standard = Conventions(dialect=Dialect(quoting=Quoting.STANDARD), empty=Empty.NONE)
    for name, delimiter, spell in (
        ("same.csv", ",", repr),
        ("same.tsv", "\t", json.dumps),
        ("same.csv", ",", join),
    ):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=delimiter)
            writer.writerow(["id", "text", "title", "lang", "labels"])
            writer.writerows(
                [row["id"], row["text"], row["title"], row["lang"], spell(row["labels"])] for row in rows
            )
        assert read_corpus(folder / name, conventions=standard).table == expected


def join(labels: list[str]) -> str:
    return "; ".join(json.dumps(label) if label.startswith('"') else label for label in labels)


def files_in(name: str) -> list[str]:
    root = SAMPLES / name
    return [path.relative_to(SAMPLES).as_posix() for path in sorted(root.rglob("*.*")) if path.is_file()]


@pytest.mark.parametrize(
    ("name", "format_name"),
    [
        ("semeval2025", "semeval2025"),
        ("semeval2023", "semeval2023:1"),
        ("semeval2023", "semeval2023:2"),
        ("semeval2023", "semeval2023:3"),
        ("starter", "starter"),
    ],
)
@given(data=st.data())
@settings(deadline=None, max_examples=50)
def test_any_bytes_in_one_file_of_a_folder(
    folder: Path, name: str, format_name: str, data: st.DataObject
) -> None:
    for file in files_in(name):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes((SAMPLES / file).read_bytes())
    (folder / data.draw(st.sampled_from(files_in(name)))).write_bytes(data.draw(contents))
    check(folder / name, format_name)


@settings(deadline=None)
@given(position=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_any_byte_changed_in_parquet(folder: Path, position: int, byte: int) -> None:
    path = folder / "file.parquet"
    pq.write_table(pa.table({"text": ["Завод", "Мост"], "labels": [["x"], []], "n": [1, 2]}), path)
    content = bytearray(path.read_bytes())
    content[position % len(content)] = byte
    path.write_bytes(content)
    check(path, "parquet")
