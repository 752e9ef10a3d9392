"""What these tests share."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Corpus]:
    """Write articles as lines of JSON and read them."""

    def read_rows(rows: Sequence[object], **options: Any) -> Corpus:
        path = tmp_path / "coded.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return read_corpus(path, **options)

    return read_rows
