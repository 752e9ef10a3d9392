"""Articles that were pasted or fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

from framescope.articles import Article
from framescope.serve.site import shelf
from framescope.serve.site.shelf import Shelf


def test_an_article_is_found_by_its_key(tmp_path: Path) -> None:
    article = Article("", "Съюз\nНов блок", "bg", "Съюз", "outlet", "2026-11-01", 5)
    key = Shelf(tmp_path).keep(article)
    found = Shelf(tmp_path).get(key)
    assert found == Article(key, *(getattr(article, name) for name in Article.__slots__ if name != "id"))
    assert Shelf(tmp_path).keep(article) == key


@pytest.mark.parametrize("key", ["", "0" * 16, "../serve.sqlite", "A" * 16, "0" * 17])
def test_what_is_no_key_finds_nothing(tmp_path: Path, key: str) -> None:
    assert Shelf(tmp_path).get(key) is None


def test_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "N_KEPT", 2)
    keys = [Shelf(tmp_path).keep(Article(str(n), f"text {n}")) for n in range(3)]
    assert [key for key, _ in Shelf(tmp_path).latest(9)] == [keys[2], keys[1]]
