"""Files that unpack to far more than they are: every reader refuses them before it holds what they hold."""

from __future__ import annotations

import gzip
import io
import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import framescope
from framescope import CorpusError, InputError, Predictor
from framescope.articles import read_articles
from framescope.batch.inputs import InputFile
from framescope.batch.rows import BATCH_BYTES, Found
from framescope.batch.shards import Slice
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
