"""Sixty articles as lines of JSON."""

from __future__ import annotations

from pathlib import Path

import pytest
from scored import articles, write_jsonl


@pytest.fixture
def jsonl(tmp_path: Path) -> Path:
    return write_jsonl(articles(60), tmp_path / "in.jsonl")
