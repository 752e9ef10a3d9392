"""Files that unpack to far more than they are: every reader refuses them before it holds what they hold."""

from __future__ import annotations

import gzip
import io
import json
import re
from pathlib import Path
from time import process_time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import framescope
from framescope import CorpusError, InputError, Predictor, ScoreOptions, ScoringError, limits
from framescope.articles import read_articles
from framescope.batch import lines
from framescope.batch.inputs import InputFile, expand
from framescope.batch.readers import read
from framescope.batch.rows import BATCH_BYTES, Found
from framescope.batch.shards import Slice, plan
from framescope.batch.tables import read_parquet
from framescope.corpus.read import read_corpus
from framescope.formats.dialect import Fields
from framescope.limits import FREE_BYTES, MAX_LINE_BYTES, read_lines, read_whole

BOMBS = {
    "bomb.jsonl.gz": (b'{"text":"', b'"}\n'),
    "bomb.csv.gz": (b"text,labels\n", b",x\n"),
    "bomb.txt.gz": (b"", b""),
}


def rejected(output: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (output / "_rejected.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def bombs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gzips of 80 kB that hold a line of 80 MB each."""
    folder = tmp_path_factory.mktemp("bombs")
    for name, (head, tail) in BOMBS.items():
        with gzip.open(folder / name, "wb", 1) as opened:
            opened.write(head)
            for _ in range(80):
                opened.write(b"a" * (1 << 20))
            opened.write(tail)
    assert all(path.stat().st_size < 1 << 20 for path in folder.iterdir())
    return folder


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bomb.jsonl.gz", r"bomb\.jsonl\.gz:1: the line has more than 33,554,432 bytes"),
        ("bomb.csv.gz", r"bomb\.csv\.gz: unpacks to more than 67,108,864 bytes: unpack it, and see"),
    ],
)
def test_a_corpus(bombs: Path, name: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        read_corpus(bombs / name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bomb.jsonl.gz", r"bomb\.jsonl\.gz:1: the line has more than 33,554,432 bytes"),
        ("bomb.txt.gz", r"bomb\.txt\.gz: has more than 10000000 bytes"),
    ],
)
def test_articles_to_predict_on(bombs: Path, name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_articles([str(bombs / name)], io.BytesIO())


def test_standard_input_is_read_up_to_the_limit() -> None:
    class Endless(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert 0 < size < 1 << 24
            return b"a" * size

    with pytest.raises(InputError, match="-: has more than 10000000 bytes"):
        read_articles(["-"], Endless())


def test_a_long_text_in_a_line_is_refused_as_score_refuses_it(predictor: Predictor, tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    path.write_text(f'{{"title": "b", "text": "{"a" * 10_000_000}"}}\n', encoding="utf-8")
    reason = "text: has 10000001 bytes, title included, more than 10000000"
    with pytest.raises(InputError, match=rf"long\.jsonl:1: {reason}"):
        read_articles([str(path)], io.BytesIO())
    framescope.score(predictor, path, tmp_path / "out")
    assert [row["reason"] for row in rejected(tmp_path / "out")] == [reason]


def test_score_rejects_the_lines_and_the_files(bombs: Path, predictor: Predictor, tmp_path: Path) -> None:
    """A line of JSON and a text alone, a table as a whole."""
    summary = framescope.score(predictor, bombs, tmp_path / "out")
    reasons = {Path(row["file"]).name: row["reason"] for row in rejected(tmp_path / "out")}
    assert re.fullmatch(r"the line has \d+ bytes, more than 33554432", reasons["bomb.jsonl.gz"])
    assert reasons["bomb.txt.gz"] == "text: has 10000001 bytes, title included, more than 10000000"
    (failure,) = summary.failures.values()
    assert "the record has more than 32000000 characters: is a quote not closed?" in failure


@pytest.mark.slow
def test_many_short_lines_are_no_better(tmp_path: Path) -> None:
    """A gzip may hold 16 times its size, or ``FREE_BYTES``."""
    path = tmp_path / "lines.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"text": "a"}\n' * (FREE_BYTES // 14 + 1), 1))
    with pytest.raises(InputError, match=r"lines\.jsonl\.gz: unpacks to more than 67,108,864 bytes"):
        sum(map(len, read_lines(path)))


def test_what_is_within_the_limits_is_read(tmp_path: Path) -> None:
    path = tmp_path / "line.gz"
    content = b"a" * (MAX_LINE_BYTES - 1) + b"\n" + b"b" * (1 << 20)
    path.write_bytes(gzip.compress(content, 1))
    assert [len(line) for line in read_lines(path)] == [MAX_LINE_BYTES, 1 << 20]
    assert read_whole(path) == content


def dictionary_bomb(path: Path, n_rows: int, text: str) -> Path:
    """Write a text once that every row points to."""
    table = pa.table({"id": [str(n) for n in range(n_rows)], "text": [text] * n_rows, "labels": ["x"] * n_rows})
    pq.write_table(table, path, compression="zstd", dictionary_pagesize_limit=1 << 26)
    assert path.stat().st_size < 1 << 20
    return path


def test_rows_of_parquet_are_decoded_a_few_at_a_time(tmp_path: Path) -> None:
    path = dictionary_bomb(tmp_path / "bomb.parquet", 300, "word " * 100_000)
    n_rows = [len(batch.places) for batch in batches_of(path)]
    assert sum(n_rows) == 300
    assert max(n_rows) <= BATCH_BYTES // 500_000 + 1


def batches_of(path: Path) -> list[Found]:
    file = InputFile(str(path), path.name, path.stat().st_size, str(path.stat().st_mtime_ns))
    return list(read_parquet(Slice((file,)), Fields()))


@pytest.mark.slow
def test_a_corpus_of_parquet_that_unpacks_to_gigabytes(tmp_path: Path) -> None:
    path = dictionary_bomb(tmp_path / "bomb.parquet", 2048, "word " * 200_000)
    with pytest.raises(
        CorpusError, match=r"bomb\.parquet: unpacks to 2,048,\d{3},\d{3} bytes, more than 1,073,741,824"
    ):
        read_corpus(path)


@pytest.mark.slow
def test_parquet_pages_that_unpack_to_gigabytes(tmp_path: Path, predictor: Predictor) -> None:
    path = tmp_path / "pages.parquet"
    text = "word " * 60_000_000
    pq.write_table(pa.table({"text": [text]}), path, compression="zstd", use_dictionary=False)
    summary = framescope.score(predictor, path, tmp_path / "out")
    (failure,) = summary.failures.values()
    assert re.search(
        r"pages\.parquet: row group 0: a file of [\d,]+ bytes would unpack to 300,\d{3},\d{3}", failure
    )


@pytest.mark.parametrize("name", ["wide.csv", "wide.jsonl"])
def test_a_wide_table_is_refused_before_it_fills_the_memory(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of rows that have all columns, and of rows that have other columns each."""
    monkeypatch.setattr(limits, "MAX_CELLS", 1000)
    path = tmp_path / name
    columns = [f"c{number}" for number in range(150)]
    if name.endswith("csv"):
        rows = [",".join(["text", "labels", *columns]), *[",".join("a" for _ in range(152))] * 8]
    else:
        rows = [json.dumps({"text": "a", "labels": "x", f"c{number}": 1}) for number in range(150)]
    path.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(CorpusError, match=r"has 15\d columns in \d+ rows or more, which memory may not hold"):
        read_corpus(path)


def test_more_rows_than_memory_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ROWS", 2)
    for name, content in {
        "a.jsonl": '{"text": "a", "labels": "x"}\n' * 3,
        "a.csv": "text,labels\na,x\nb,x\nc,x\n",
    }.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
        with pytest.raises(InputError, match=r"has more than 2 rows, which memory may not hold: split it"):
            read_articles([str(tmp_path / name)], io.BytesIO())
        with pytest.raises(CorpusError, match="has more than 2 rows"):
            read_corpus(tmp_path / name)


def test_columns_are_looked_up_by_name(predictor: Predictor, tmp_path: Path) -> None:
    """30,000 of them, more than once a column, took minutes; ``--keep all`` has a limit."""
    names = [f"c{number}" for number in range(30_000)]
    path = tmp_path / "wide.csv"
    path.write_text(f"text,{','.join(names)}\nНов блок,{','.join('1' for _ in names)}\n", encoding="utf-8")
    begin = process_time()
    options = ScoreOptions(keep=names[:500])
    assert framescope.score(predictor, path, tmp_path / "out", options=options).n_scored == 1
    assert process_time() - begin < 20
    with pytest.raises(ScoringError, match="keep: the inputs have 30,001 columns, more than 1,000: name those"):
        framescope.score(predictor, path, tmp_path / "all", options=ScoreOptions(keep=["all"]))


def test_lines_are_held_a_few_at_a_time_where_many_columns_are_kept(
    predictor: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f'{{"text": "a", "n": {number}}}\n' for number in range(7)), encoding="utf-8")
    fields = Fields(keep=("n",))
    (whole,) = read(plan(expand([path]), 1024, "")[0].slice, fields)
    monkeypatch.setattr(lines, "MAX_CELLS", 2 * len(fields.wanted()))
    parts = list(read(plan(expand([path]), 1024, "")[0].slice, fields))
    assert [len(part.texts) for part in parts] == [2, 2, 2, 1]
    assert [row for part in parts for row in part.ids.to_pylist()] == whole.ids.to_pylist()
    assert [row for part in parts for row in part.kept["n"].to_pylist()] == whole.kept["n"].to_pylist()
