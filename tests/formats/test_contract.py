"""One contract of all readers: training, ``predict``, ``explain`` and ``score`` find the same in a file."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from framescope.articles import read_articles
from framescope.batch.inputs import expand
from framescope.batch.readers import read
from framescope.batch.shards import plan
from framescope.corpus.conventions import Conventions, Empty
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import FieldNames
from framescope.errors import InputError
from framescope.formats.dialect import Dialect, Fields, Quoting


@dataclass
class Read:
    """Texts by id, title included; the lines or rows that are at fault; why a file is useless."""

    rows: dict[str, str] = field(default_factory=dict)
    faults: list[int] = field(default_factory=list)
    refusal: str = ""


Reader = Callable[[Path, Fields], Read]


def by_corpus(path: Path, fields: Fields) -> Read:
    names = {role: name for role, (name, _) in fields.wanted().items()}
    try:
        corpus = read_corpus(
            path,
            fields=FieldNames(**names),
            conventions=Conventions(dialect=fields.dialect, empty=Empty.NONE),
            skip_invalid=True,
        )
    except InputError as error:
        return _refused(error)
    rows = dict(zip(corpus.column("id"), corpus.full_texts(), strict=True))
    return Read(rows, sorted({_number(problem) for problem in corpus.left_out}))


def by_articles(path: Path, fields: Fields) -> Read:
    try:
        articles = read_articles([str(path)], io.BytesIO(), fields)
    except InputError as error:
        numbers = {_number(problem) for problem in error.problems}
        is_header = path.suffix in {".csv", ".tsv"} and numbers == {1}
        if numbers != {0} and not is_header:
            return Read(faults=sorted(numbers))
        return _refused(error)
    return Read({article.id: article.text for article in articles})


def by_score(path: Path, fields: Fields) -> Read:
    """Through slices of at most 1 KB, as ``score`` reads."""
    found = Read()
    n_before = 0
    try:
        for shard in plan(expand([path]), 1024, ""):
            n_lines = 0
            for batch in read(shard.slice, fields):
                found.rows |= dict(zip(batch.ids.to_pylist(), batch.texts, strict=True))
                found.faults += [rejection.number + n_before for rejection in batch.rejections]
                n_lines += batch.n_lines
            n_before += n_lines
    except InputError as error:
        return _refused(error)
    return found


def _number(problem: object) -> int:
    """Return the line, or the row of a file without lines; 0 of a whole file."""
    part = str(getattr(problem, "field", None) or "")
    row = part.removeprefix("row ").partition(":")[0]
    return getattr(problem, "line", None) or (int(row) if row.isdigit() else 0)


def _refused(error: InputError) -> Read:
    (problem,) = error.problems
    return Read(refusal=f"{problem.message}{f' ({problem.field})' if problem.field else ''}")


READERS: dict[str, Reader] = {"train": by_corpus, "predict": by_articles, "score": by_score}

readers = pytest.mark.parametrize("reader", READERS.values(), ids=READERS)

ROWS = [
    {"id": "a", "text": "Нов блок", "title": "Съюз", "lang": "bg", "labels": "x"},
    {"id": "7", "text": "Съюз  на\nизток", "title": "Съюз на", "lang": "bg", "labels": "x; y"},
    {"id": "", "text": 'Рече "да", и', "title": "", "lang": "", "labels": ""},
]


def write_table(path: Path, delimiter: str, encoding: str, line_end: str = "\n") -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(ROWS[0]), delimiter=delimiter, lineterminator=line_end)
    writer.writeheader()
    writer.writerows(ROWS)
    content = text.getvalue().encode(encoding)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def write_lines(path: Path, encoding: str, line_end: str = "\n") -> Path:
    content = "".join(json.dumps(row, ensure_ascii=False) + line_end for row in ROWS).encode(encoding)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def write_parquet(path: Path) -> Path:
    pq.write_table(pa.Table.from_pylist(ROWS), path, row_group_size=2)
    return path


TABLES: dict[str, Callable[[Path], Path]] = {
    "comma": lambda folder: write_table(folder / "a.csv", ",", "utf-8"),
    "mark": lambda folder: write_table(folder / "a.csv", ",", "utf-8-sig", "\r\n"),
    "semicolon": lambda folder: write_table(folder / "a.csv", ";", "utf-8"),
    "semicolon-mark": lambda folder: write_table(folder / "a.csv", ";", "utf-8-sig", "\r\n"),
    "excel-unicode": lambda folder: write_table(folder / "a.csv", "\t", "utf-16", "\r\n"),
    "tab": lambda folder: write_table(folder / "a.tsv", "\t", "utf-8"),
    "zipped": lambda folder: write_table(folder / "a.csv.gz", ",", "utf-8"),
    "zipped-utf16": lambda folder: write_table(folder / "a.tsv.gz", "\t", "utf-16"),
    "parquet": lambda folder: write_parquet(folder / "a.parquet"),
}
LINES: dict[str, Callable[[Path], Path]] = {
    "lines": lambda folder: write_lines(folder / "a.jsonl", "utf-8"),
    "lines-mark": lambda folder: write_lines(folder / "a.ndjson", "utf-8-sig", "\r\n"),
    "lines-zipped": lambda folder: write_lines(folder / "a.jsonl.gz", "utf-8"),
}


@readers
@pytest.mark.parametrize("write", TABLES.values(), ids=TABLES)
def test_rows_of_tables(reader: Reader, write: Callable[[Path], Path], tmp_path: Path) -> None:
    """A title that the text repeats with other white space is there once; a row without id has a place."""
    assert reader(write(tmp_path), Fields()) == Read(
        {"a": "Съюз\nНов блок", "7": "Съюз  на\nизток", "a:3": 'Рече "да", и'}
    )


@readers
@pytest.mark.parametrize("write", LINES.values(), ids=LINES)
def test_rows_of_lines(reader: Reader, write: Callable[[Path], Path], tmp_path: Path) -> None:
    path = write(tmp_path)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rb") as content:
        begin = sum(len(line) for line in content.readlines()[:2])
    found = reader(path, Fields())
    assert found == Read({"a": "Съюз\nНов блок", "7": "Съюз  на\nизток", f"a@{begin}": 'Рече "да", и'})


HEAD = "id,text,labels\n"


@readers
@pytest.mark.parametrize(
    ("name", "content", "rows", "faults"),
    [
        ("a.csv", f"{HEAD}a,Първи,x\nid,text,labels\nb,Втори,x\n", "ab", [3]),
        ("a.csv", f"{HEAD}a,Първи,x\nb,Втори\nc,Трети,x,y\n", "a", [3, 4]),
        ("a.csv", f'{HEAD}a,Първи,x\nb,"Вто"ри,x\nc,Трети,x\n', "ac", [3]),
        ("a.csv", f'{HEAD}a,Първи,x\n\n\nb,"Втори\nред",x\n"c,Трети,x\n', "ab", [7]),
        ("a.csv", f"{HEAD}a,Първи,x\nb,Вт\udcffри,x\n", "a", [3]),
        ("a.csv", f"{HEAD}a,Пър\0ви,x\n", "a", []),
        ("a.csv", '"text","id","labels"\nПърви,a,x\n', "a", []),
        ("a.csv", " text , id , labels \nПърви,a,x\n", "a", []),
        ("a.csv", f"id,text,{','.join(f'c{n}' for n in range(3000))},labels\na,т{',1' * 3000},x\n", "a", []),
        ("a.tsv", 'id\ttext\tlabels\n1\t"Първи\tx\n2\tВтори\tx\n3\tТрети"\tx\n4\tЧетвърти\tx\n', "4", [2]),
        ("a.tsv", 'id\ttext\tlabels\n1\tА "Б" в\tx\n', "1", []),
        (
            "a.jsonl",
            '{"id": true, "text": "т", "labels": "x"}\n{"id": "b", "text": "т", "labels": "x"}\n',
            "b",
            [1],
        ),
        ("a.jsonl", '[1]\n{"id": "b", "text": "т", "labels": "x"}\n{"id": 1.5, "text": "т"}\n', "b", [1, 3]),
        (
            "a.jsonl",
            '{"id": "a", "text": "т", "labels": "x"}\n{"id": "b", "text": 5}\n{"id": "c"}\n',
            "a",
            [2, 3],
        ),
        ("a.jsonl", '{"id": 7, "text": "т\\u0000\u2028", "labels": "x"}\n{"text": "\\ud800"}\n', "7", [2]),
        ("a.jsonl", '{"id": "a", "text": "т", "labels": "x"}\n{"id": "b", "text": "\udcff"}\n', "a", [2]),
        (
            "a.jsonl",
            '{"id": "a", "text": "т", "labels": "x"}\n{"id": "id", "text": "text", "labels": "labels"}\n',
            "a",
            [2],
        ),
        (
            "a.jsonl",
            '{"id": "a", "text": "т", "labels": "x"}\n{"id": "b", "title": 5, "text": "т"}\n',
            "a",
            [2],
        ),
    ],
)
def test_rows_at_fault(
    reader: Reader, name: str, content: str, rows: str, faults: list[int], tmp_path: Path
) -> None:
    """``predict`` prints nothing then, the others go on with the rest."""
    path = tmp_path / name
    path.write_bytes(content.encode(errors="surrogateescape"))
    found = reader(path, Fields())
    assert found.refusal == ""
    assert found.faults == faults
    assert list(found.rows) == ([] if faults and reader is by_articles else list(rows))


@readers
def test_rows_of_parquet_at_fault(reader: Reader, tmp_path: Path) -> None:
    rows = [
        {"id": 1, "text": "Да", "labels": ["x"]},
        {"id": 2, "text": None, "labels": ["x"]},
        {"id": None, "text": "Не", "labels": ["x"]},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    found = reader(tmp_path / "a.parquet", Fields())
    assert found.faults == [2]
    assert found.rows == ({} if reader is by_articles else {"1": "Да", "a:3": "Не"})


@readers
def test_quotes_that_are_plain_characters(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text('id\ttext\tlabels\n1\t"Първи\tx\n2\tВтори\tx\n3\tТрети"\tx\n', encoding="utf-8")
    fields = Fields(dialect=Dialect(quoting=Quoting.NONE))
    assert reader(path, fields) == Read({"1": '"Първи', "2": "Втори", "3": 'Трети"'})


@readers
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.parquet"])
def test_columns_that_are_named(reader: Reader, name: str, tmp_path: Path) -> None:
    row = {"nr": "7", "body": "Блок", "head": "Нов", "text": "A bloc", "labels": "x"}
    path = tmp_path / name
    if name == "a.parquet":
        pq.write_table(pa.Table.from_pylist([row]), path)
    elif name == "a.jsonl":
        path.write_text(json.dumps(row), encoding="utf-8")
    else:
        separator = "," if name == "a.csv" else "\t"
        path.write_text(f"{separator.join(row)}\n{separator.join(row.values())}\n", encoding="utf-8")
    assert reader(path, Fields("body", "nr", "head")) == Read({"7": "Нов\nБлок"})
    missing = reader(path, Fields("content"))
    assert "content" in missing.refusal or missing.faults == [1]


@readers
@pytest.mark.parametrize("encoding", ["windows-1251", "auto"])
def test_an_encoding_that_is_named(reader: Reader, encoding: str, tmp_path: Path) -> None:
    path = write_table(tmp_path / "a.csv", ";", "cp1251")
    found = reader(path, Fields(dialect=Dialect(encoding=encoding)))
    assert found.rows["a"] == "Съюз\nНов блок"
    assert not found.faults
    marked = write_table(tmp_path / "b.csv", ";", "utf-8-sig")
    assert reader(marked, Fields(dialect=Dialect(encoding=encoding))).rows["a"] == "Съюз\nНов блок"


@readers
@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "", "is empty"),
        ("a.tsv", "Текст за войната сега\t<http://x/1>\n", "no header? the first line begins like a row"),
        ("a.csv", "id,text,labels,id\na,т,x,b\n", "columns occur twice: 'id'"),
        (
            "a.csv",
            "\udcd1\udcfa\udcfe\udce7,text,labels\na,b,c\n",
            "byte 0xd1 is not UTF-8, looks like windows-1251",
        ),
        ("a.parquet", "PAR1PAR1", "is not an intact"),
    ],
)
def test_files_that_are_refused(reader: Reader, name: str, content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content.encode(errors="surrogateescape"))
    assert reader(tmp_path / name, Fields()).refusal.startswith(message)


@readers
def test_json_in_another_encoding_is_refused(reader: Reader, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", "utf-16")
    assert reader(path, Fields()).refusal == "is utf-16, expected UTF-8: save the file again as UTF-8"
