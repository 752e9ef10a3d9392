"""What these tests share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from framescope.codebook import Codebook
from framescope.corpus.read import read_corpus
from framescope.corpus.schema import Corpus
from recipes import CODEBOOK, Make, rows


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write rows to a file and read them as a corpus."""

    def make(content: Sequence[Mapping[str, Any]], codebook: Codebook | None = CODEBOOK) -> Corpus:
        path = tmp_path / "corpus.jsonl"
        path.write_text("\n".join(json.dumps(row) for row in content), encoding="utf-8")
        return read_corpus(path, codebook=codebook)

    return make


@pytest.fixture
def corpus(make: Make) -> Corpus:
    return make(rows())


@pytest.fixture(autouse=True)
def _date(monkeypatch: pytest.MonkeyPatch) -> None:
    """2026-02-03, for the card."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1770076800")
