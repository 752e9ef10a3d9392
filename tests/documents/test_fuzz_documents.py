"""Nothing but our errors comes of damaged documents, archives, sheets, folders, corrections and scores.

What a reader costs decides how many it gets: pages take ten milliseconds each, and PDF and sheets a process.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import made
import pytest

from framescope.articles import read_articles
from framescope.coding.corrections import read_corrections
from framescope.corpus.conventions import Conventions, Empty
from framescope.corpus.read import read_corpus
from framescope.documents.read import read_documents
from framescope.errors import FramescopeError
from fuzz import N_INPUTS, damaged, each_input, json_bytes, mutated

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parents[1] / "corpus" / "samples"
MEMBERS = {"a.txt": made.TEXT.encode(), "b.html": made.PAGE.encode(), "c/d.rss": made.FEED.encode()}


def sheet() -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["id", "text", "labels"], ["a", "Нов блок", "fear; doubt"], ["b", "x", ""]):
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


DOCUMENTS: dict[str, tuple[Callable[[], bytes], int]] = {
    "a.html": (made.PAGE.encode, 50),
    "a.mhtml": (made.MHTML.encode, 50),
    "a.rss": (made.FEED.encode, 5),
    "a.atom": (made.ATOM.encode, 5),
    "a.warc": (made.warc, 50),
    "a.docx": (made.docx, 50),
    "a.zip": (lambda: made.zipped(MEMBERS), 50),
    "a.tgz": (lambda: made.tarred(MEMBERS), 50),
    "a.pdf": (made.pdf, 500),
}
"""What is damaged, and for how many inputs of others it gets one."""


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents(name: str, tmp_path: Path) -> None:
    whole, one_of = DOCUMENTS[name]
    content = whole()

    def make(rng: Random) -> bytes:
        return damaged(rng, content)

    def check(content: bytes, _folder: Path) -> None:
        with suppress(FramescopeError):
            for found in read_documents(content, name):
                f"{found.text}{found.title}{found.name}{found.lang}{found.date}{found.fault}".encode()

    each_input(make, check, tmp_path, N_INPUTS // one_of)


def test_sheets(tmp_path: Path) -> None:
    content = sheet()

    def check(content: bytes, folder: Path) -> None:
        (folder / "a.xlsx").write_bytes(content)
        with suppress(FramescopeError):
            read_articles([str(folder / "a.xlsx")], io.BytesIO())

    each_input(lambda rng: damaged(rng, content), check, tmp_path, N_INPUTS // 500)


@pytest.mark.parametrize("year", ["semeval2023", "semeval2025"])
def test_folders_of_semeval(year: str, tmp_path: Path) -> None:
    """One file of the folder is damaged, and put in its place again."""
    source = SAMPLES / year
    files = sorted(path.relative_to(source) for path in source.rglob("*.txt"))

    def make(rng: Random) -> bytes:
        file = rng.choice(files)
        return str(file).encode() + b"\0" + damaged(rng, (source / file).read_bytes())

    def check(content: bytes, folder: Path) -> None:
        own = folder / year
        if not own.exists():
            shutil.copytree(source, own)
        name, _, changed = content.partition(b"\0")
        file = own / name.decode()
        file.write_bytes(changed)
        with suppress(FramescopeError):
            read_corpus(own, format=year, conventions=Conventions(empty=Empty.NONE), skip_invalid=True)
        file.write_bytes((source / name.decode()).read_bytes())

    each_input(make, check, tmp_path, N_INPUTS // 10)


CORRECTIONS: list[Any] = [
    {"id": "a", "label": "fear", "verdict": "wrong", "coder": "me", "note": "не", "passage": "Нов блок"},
    {"id": "b", "label": "doubt", "verdict": "missed", "passage": [0, 8], "time": "2026-01-02T03:04:05Z"},
    {"id": "c", "label": "fear", "verdict": ""},
]


def test_corrections(tmp_path: Path) -> None:
    def make(rng: Random) -> bytes:
        rows = mutated(rng, mutated(rng, CORRECTIONS))
        lines = b"\n".join(map(json_bytes, rows if isinstance(rows, list) else [rows]))
        return damaged(rng, lines) if rng.random() < 0.2 else lines

    def check(content: bytes, folder: Path) -> None:
        (folder / "a.jsonl").write_bytes(content)
        with suppress(FramescopeError):
            corrections, _, _ = read_corrections(folder / "a.jsonl")
            json.dumps([(one.id, one.label, one.passage) for one in corrections]).encode()

    each_input(make, check, tmp_path)
