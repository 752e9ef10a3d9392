"""What the commands say of bad input."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from commands import message_of, run, write_rows
from framescope.bundle.config import FORMAT_VERSION

GOOD = {"id": "a", "text": "Нов блок", "labels": ["bloc"]}
BAD_CORPORA: dict[str, tuple[bytes, str]] = {
    "encoding": (b'{"id": "a", "text": "\xe5", "labels": []}', "corpus.jsonl:1: byte 0xe5 is not UTF-8"),
    "empty file": (b"", "corpus.jsonl: is empty"),
    "broken JSON": (b'{"id": "a",', "corpus.jsonl:1: is not JSON"),
    "missing column": (b'{"id": "a", "labels": []}', "corpus.jsonl: text: no such column"),
    "empty text": (b'{"text": "", "labels": ["bloc"]}', "corpus.jsonl:1: text: is empty"),
    "duplicate id": (
        f"{json.dumps(GOOD)}\n{json.dumps(GOOD)}".encode(),
        "corpus.jsonl:2: id: duplicate id 'a', first at line 1",
    ),
    "span out of range": (
        json.dumps({**GOOD, "spans": [{"start": 0, "end": 99, "label": "bloc"}]}).encode(),
        "corpus.jsonl:1: spans[0]: 0-99 is out of range",
    ),
    "label outside the codebook": (
        json.dumps({**GOOD, "labels": ["blok"]}).encode(),
        "corpus.jsonl:1: labels: label 'blok' is not in the codebook",
    ),
    "single article": (json.dumps(GOOD).encode(), "single article"),
    "single label set": (
        "\n".join(json.dumps({**GOOD, "id": str(n), "text": f"Нов блок {n}"}) for n in range(9)).encode(),
        "every unit has the same label",
    ),
    "label without example": (
        "\n".join(
            json.dumps({"text": f"Нов блок {n}", "labels": ["anti-csto"] if n % 2 else []}) for n in range(9)
        ).encode(),
        "labels of the codebook have no example",
    ),
}


@pytest.mark.parametrize("fault", BAD_CORPORA)
def test_a_bad_corpus_is_refused_with_one_message(fault: str, home: Path, here: Path) -> None:
    content, expected = BAD_CORPORA[fault]
    (here / "corpus.jsonl").write_bytes(content)
    assert expected in message_of(run("train", "corpus.jsonl", "--codebook", home / "codebook.json"))
    assert list(here.iterdir()) == [here / "corpus.jsonl"]


def test_at_most_20_problems_are_shown(here: Path) -> None:
    write_rows(here / "corpus.jsonl", [{"text": "", "labels": []}] * 33)
    lines = message_of(run("audit", "corpus.jsonl")).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "... and 13 more problems"


@pytest.mark.parametrize("command", ["train", "audit"])
def test_a_missing_corpus_is_named(command: str, here: Path) -> None:
    assert message_of(run(command, "none.jsonl")) == "none.jsonl: no such file or folder\n"
    assert "no such folder" in message_of(run(command, "none", "--format", "semeval2025"))


def test_an_annotation_that_names_a_missing_article(here: Path) -> None:
    (here / "RU" / "raw-documents").mkdir(parents=True)
    (here / "RU" / "subtask-2-annotations.txt").write_text("x.txt\tOther\tOther\n", encoding="utf-8")
    message = message_of(run("audit", "RU", "--format", "semeval2025"))
    assert message.startswith("RU/subtask-2-annotations.txt:1: file: article 'x.txt' is not in")


def test_a_codebook_that_cannot_be_read(home: Path, here: Path) -> None:
    assert "book.json: no such file" in message_of(
        run("train", home / "articles.jsonl", "--codebook", "book.json")
    )


def test_a_group_column_that_is_missing(home: Path, model: Path, here: Path) -> None:
    for arguments in (["train"], ["audit"], ["evaluate", model]):
        message = message_of(run(*arguments, home / "articles.jsonl", "--group-by", "author"))
        assert "author: no such column" in message
    assert list(here.iterdir()) == []


def flip_a_byte(model: Path) -> None:
    content = bytearray((model / "ngrams.weights.npy").read_bytes())
    content[-1] ^= 1
    (model / "ngrams.weights.npy").write_bytes(content)


def remove_an_array(model: Path) -> None:
    (model / "ngrams.worth.npy").unlink()


def raise_the_version(model: Path) -> None:
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    manifest = json.loads((model / "manifest.json").read_text(encoding="utf-8"))
    content = json.dumps({**config, "format_version": 99}).encode()
    (model / "config.json").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    manifest["files"]["config.json"] = {"sha256": digest, "size_bytes": len(content)}
    (model / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (flip_a_byte, "the file was changed"),
        (remove_an_array, "ngrams.worth.npy: is missing"),
        (raise_the_version, f"format_version: expected {FORMAT_VERSION}, found 99: upgrade framescope"),
    ],
)
def test_a_damaged_model_is_refused(
    damage: Callable[[Path], None], expected: str, home: Path, model: Path, here: Path
) -> None:
    shutil.copytree(model, here / "damaged")
    damage(here / "damaged")
    for arguments in (
        ["predict", "damaged", "-"],
        ["evaluate", "damaged", str(home / "articles.jsonl")],
        ["export-joblib", "damaged", "m.joblib"],
    ):
        assert expected in message_of(run(*arguments, stdin="text"))
    assert list(here.iterdir()) == [here / "damaged"]


def test_a_missing_model_is_named(here: Path) -> None:
    assert message_of(run("predict", "nowhere", "-", stdin="a")).startswith("nowhere: no such bundle")
