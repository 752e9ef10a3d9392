"""Folders of models: those of the hub are downloaded where that is asked, and run no code of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from framescope.encoders.folders import ModelFolder, digest_of, files_of, find_folder, prefix_of
from framescope.errors import EncoderError

COMMIT = "1f3c" * 10


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What huggingface-hub has downloaded: one model."""
    model = tmp_path / "models--org--name"
    snapshot = model / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}", encoding="utf-8")
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text(COMMIT, encoding="utf-8")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    return snapshot


@pytest.mark.parametrize("place", ["org/name", "org/name@main", f"org/name@{COMMIT}"])
def test_a_model_of_the_hub_is_named_with_its_commit(hub: Path, place: str) -> None:
    """So that a bundle finds the same one, whatever came after it."""
    found = find_folder(f"hf:{place}", place, download=False)
    assert found == ModelFolder(f"hf:org/name@{COMMIT}", hub)


@pytest.mark.parametrize(
    ("place", "remedy"),
    [("org/other", "hf download org/other$"), ("org/name@v2", "hf download org/name --revision v2$")],
)
@pytest.mark.usefixtures("hub")
def test_nothing_is_downloaded_that_nobody_asked_for(place: str, remedy: str) -> None:
    with pytest.raises(
        EncoderError, match=f"model2vec:{place} is no folder, and not on this machine .*: .* {remedy}"
    ):
        find_folder(f"model2vec:{place}", place, download=False)


@pytest.mark.parametrize("place", ["./nowhere", "a/b/c", "/nowhere", "~/model"])
def test_a_folder_that_is_missing_is_not_looked_for_on_the_hub(place: str) -> None:
    with pytest.raises(EncoderError, match=f"there is no folder {place}$"):
        find_folder(f"model2vec:{place}", place, download=True)


def test_code_of_a_model_s_own_is_not_run(tmp_path: Path) -> None:
    folder = ModelFolder("hf:org/name", tmp_path)
    folder.check_modules()
    modules = [{"type": "sentence_transformers.models.Transformer"}]
    (tmp_path / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    folder.check_modules()
    modules.append({"type": "custom.Pooling"})
    (tmp_path / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    with pytest.raises(EncoderError, match=r"hf:org/name runs code of its own, 'custom\.Pooling'"):
        folder.check_modules()
    (tmp_path / "modules.json").write_text('{"type": 1}', encoding="utf-8")
    with pytest.raises(EncoderError, match="hf:org/name cannot be loaded"):
        folder.check_modules()


def test_a_digest_changes_with_weights_and_settings(tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"1")
    first = digest_of([file], "query: ")
    assert first == digest_of([file], "query: ")
    assert first != digest_of([file], "passage: ")
    file.write_bytes(b"2")
    assert first != digest_of([file], "query: ")


def test_files_that_vectors_do_not_depend_on_are_left_out(tmp_path: Path) -> None:
    """Another program may bring them later."""
    for name in ("README.md", ".gitattributes", ".cache/a.json", "onnx/model.onnx", "config.json", "1/b.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert files_of(tmp_path) == [tmp_path / "1/b.json", tmp_path / "config.json"]
    assert tmp_path / "onnx/model.onnx" in files_of(tmp_path, beside=())


@pytest.mark.parametrize(
    ("place", "prefix"),
    [
        ("intfloat/multilingual-e5-small", "query: "),
        ("org/E5_base@main", "query: "),
        ("/models/e5/", "query: "),
        ("/home/joe5/bert", ""),
        ("org/e5/minilm", ""),
        ("org/e500", ""),
    ],
)
def test_only_models_that_are_called_e5_want_a_prefix(place: str, prefix: str) -> None:
    assert prefix_of(place) == prefix
