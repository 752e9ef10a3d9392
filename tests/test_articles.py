"""Articles to predict on: each source is read once, and all problems are known before the first article."""

from __future__ import annotations

import io
import os
from pathlib import Path
from threading import Thread

import pytest

from framescope.articles import Article, batches, read_articles
from framescope.errors import InputError

NOTHING = io.BytesIO()


def test_sources_are_read_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Първа", encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('{"text": "दूसरा", "title": "शीर्षक", "lang": "hi"}\n', encoding="utf-8")
    sources = [str(tmp_path / "b.jsonl"), "-", str(tmp_path / "a.txt")]
    assert read_articles(sources, io.BytesIO("Втора".encode())) == [
        Article("b@0", "शीर्षक\nदूसरा", "hi", "शीर्षक", n_before=7),
        Article("-", "Втора"),
        Article("a", "Първа"),
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_can_be_read(tmp_path: Path) -> None:
    """Its content is there once only."""
    pipe = tmp_path / "a.jsonl"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_text, args=('{"id": "1", "text": "Нов блок"}\n', "utf-8"))
    writer.start()
    assert read_articles([str(pipe)], NOTHING) == [Article("1", "Нов блок")]
    writer.join()


def test_problems_of_all_sources_come_together(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "Да"}\n{"title": "Не"}\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_articles([str(tmp_path / "a.jsonl"), "-", str(tmp_path / "b.txt")], NOTHING)
    assert [str(problem).replace(f"{tmp_path}/", "") for problem in caught.value.problems] == [
        "a.jsonl:2: text: is missing, expected the text of the article",
        "-: is empty, expected an article",
        "b.txt: no such file",
    ]


def test_batches_end_where_texts_are_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framescope.articles.MAX_BATCH_ARTICLES", 3)
    monkeypatch.setattr("framescope.articles.MAX_BATCH_CHARACTERS", 10)
    articles = [Article(str(number), "х" * size) for number, size in enumerate([1, 1, 1, 9, 1, 1])]
    assert [[a.id for a in batch] for batch in batches(articles)] == [["0", "1", "2"], ["3", "4"], ["5"]]
