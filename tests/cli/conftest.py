"""What these tests share."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import CODEBOOK, articles, succeed, write_rows


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus, its codebook and a model that was trained on it."""
    home = tmp_path_factory.mktemp("home")
    write_rows(home / "articles.jsonl", articles())
    (home / "codebook.json").write_text(json.dumps(CODEBOOK), encoding="utf-8")
    arguments = ["--codebook", home / "codebook.json", "--group-by", "source", "--output", home / "model"]
    result = succeed("train", home / "articles.jsonl", *arguments, "--jobs", "1")
    (home / "train.out").write_text(result.stdout, encoding="utf-8")
    return home


@pytest.fixture
def model(home: Path) -> Path:
    return home / "model"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
