"""Reading a background: every format that score takes, the same articles; what is wrong is named."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from framescope.batch.feed import read_feed
from framescope.batch.options import ScoringError
from framescope.errors import InputError, Problem, TrainingError
from framescope.formats.dialect import Fields
from framescope.training.background import Background

ROWS = [
    {"id": "a", "title": "Съюзът", "text": "Нов блок, на изток."},
    {"id": "b", "title": "", "text": "Урожай винограда был хорошим."},
    {"id": "c", "title": "संघ", "text": "The union is not expanding."},
]
TEXTS = {
    "a": "Съюзът\nНов блок, на изток.",
    "b": "Урожай винограда был хорошим.",
    "c": "संघ\nThe union is not expanding.",
}


def lines(rows: object) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)  # type: ignore[attr-defined]


def texts(background: Background) -> dict[str, str]:
    return {article.id: article.text for article in background.articles}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the rows in each format."""
    (tmp_path / "a.jsonl").write_text(lines(ROWS), encoding="utf-8")
    table = [["id", "title", "text"], *([*row.values()] for row in ROWS)]
    (tmp_path / "a.csv").write_text(
        "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in table), encoding="utf-8"
    )
    (tmp_path / "a.tsv").write_text("".join("\t".join(row) + "\n" for row in table), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "a.parquet")
    return tmp_path


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.tsv", "a.parquet"])
def test_every_format_gives_the_same_articles(name: str, folder: Path) -> None:
    background = read_feed(folder / name)
    assert texts(background) == TEXTS
    assert {article.path for article in background.articles} == {str(folder / name)}
    assert [article.id for article in background.articles] == [
        article.id for article in read_feed([folder / "a.jsonl"]).articles
    ]


def test_text_files_are_named_by_their_path(tmp_path: Path) -> None:
    (tmp_path / "день").mkdir()
    (tmp_path / "день" / "1.txt").write_text("Нов блок", encoding="utf-8")
    (tmp_path / "день" / "2.txt").write_text("Новый блок", encoding="utf-8")
    background = read_feed([tmp_path])
    assert texts(background) == {"день/1": "Нов блок", "день/2": "Новый блок"}
    assert sorted(Path(article.path).name for article in background.articles) == ["1.txt", "2.txt"]


def test_folders_and_globs_are_read_and_equal_texts_count_once(folder: Path) -> None:
    assert read_feed([folder]).n_read == 12
    assert texts(read_feed([folder])).keys() == {"a", "b", "c"}
    assert read_feed(str(folder / "*.?sv")).n_read == 6


def test_other_columns(tmp_path: Path) -> None:
    (tmp_path / "feed.jsonl").write_text(lines([{"body": "Нов блок", "headline": "Съюз"}]), encoding="utf-8")
    background = read_feed(tmp_path / "feed.jsonl", fields=Fields(text="body", title="headline"))
    assert [article.text for article in background.articles] == ["Съюз\nНов блок"]


def test_problems_are_refused_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl"
    path.write_text(lines([{"text": "Нов блок"}, {"title": "x"}, {"text": 3}]), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_feed(path)
    assert str(refused.value).splitlines() == [
        f"{path}:2: text: is missing",
        f"{path}:3: text: expected a string, found int",
    ]
    skipped: list[Problem] = []
    assert len(read_feed(path, skipped=skipped).articles) == 1
    assert [problem.line for problem in skipped] == [2, 3]


def test_a_missing_file_a_missing_column_and_an_empty_feed(tmp_path: Path) -> None:
    with pytest.raises(ScoringError, match=r"feed\.jsonl: no such file or folder"):
        read_feed(tmp_path / "feed.jsonl")
    (tmp_path / "feed.csv").write_text("body\nx\n", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"feed\.csv: has no column 'text', but 'body': name it with --background-text"
    ):
        read_feed(tmp_path / "feed.csv")
    (tmp_path / "feed.jsonl").write_text('{"text": " "}\n', encoding="utf-8")
    with pytest.raises(TrainingError, match=r"feed\.jsonl: the background has no article with a text"):
        read_feed(tmp_path / "feed.jsonl")
