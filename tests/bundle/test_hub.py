"""Models on the hub, of which a small one runs on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from hub_server import Hub
from huggingface_hub import constants

from commands import run, succeed
from framescope import BundleError, Predictor
from framescope.bundle.hub import parse_name, pull, push

REPOSITORY = "org/model"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """An empty hub, and an empty cache."""
    server = Hub()
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setattr(constants, "ENDPOINT", server.address)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", server.address + "/{repo_id}/resolve/{revision}/{filename}"
    )
    monkeypatch.setattr("huggingface_hub.hf_api.constants.ENDPOINT", server.address)
    monkeypatch.setenv("HF_TOKEN", "hf_none")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def files_of(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}


def test_a_model_comes_back_as_it_was_sent(hub: Hub, bundle_path: Path, tmp_path: Path) -> None:
    """The repository is private; the card begins with what the hub wants to know."""
    address = push(bundle_path, REPOSITORY)
    assert address.startswith(f"{hub.address}/{REPOSITORY}/commit/")
    assert hub.visibility == {REPOSITORY: "private"}
    sent = hub.files(REPOSITORY, "main")
    assert sent is not None
    own = files_of(bundle_path)
    header = (
        b"---\nlibrary_name: framescope\npipeline_tag: text-classification\ntags:\n- framing\n- narratives\n"
        b"- propaganda\nlanguage:\n- bg\n- en\n- hi\n- ru\n---\n\n"
    )
    assert sent == {**own, "README.md": header + own["README.md"]}
    pulled = pull(f"hf:{REPOSITORY}", tmp_path / "pulled")
    assert pulled.digest == Predictor.load(bundle_path).digest
    assert files_of(tmp_path / "pulled") == sent


def test_what_another_model_had_is_removed(hub: Hub, bundle_path: Path) -> None:
    hub.commit(REPOSITORY, {"old.npy": b"1", "LICENSE": b"mine"})
    push(bundle_path, REPOSITORY)
    sent = hub.files(REPOSITORY, "main")
    assert sent is not None
    assert "old.npy" not in sent
    assert sent["LICENSE"] == b"mine"


def test_a_predictor_is_loaded_from_the_hub_and_fetched_once(hub: Hub, bundle_path: Path) -> None:
    """A branch is asked for; a commit that is in the cache needs no network."""
    commit = hub.commit(REPOSITORY, files_of(bundle_path))
    hub.commit(REPOSITORY, {**files_of(bundle_path), "README.md": b"# Newer"}, "next")
    predictor = Predictor.load(f"hf:{REPOSITORY}")
    assert predictor.digest == Predictor.load(bundle_path).digest
    assert Predictor.load(f"hf:{REPOSITORY}@next").bundle.path != predictor.bundle.path
    hub.requests.clear()
    assert Predictor.load(f"hf:{REPOSITORY}").bundle.path == predictor.bundle.path
    assert [request for request in hub.requests if "resolve" in request] == []
    hub.requests.clear()
    assert Predictor.load(f"hf:{REPOSITORY}@{commit}").bundle.path == predictor.bundle.path
    assert hub.requests == []


def test_nothing_is_fetched_but_what_the_manifest_names(hub: Hub, bundle_path: Path) -> None:
    hub.commit(REPOSITORY, {**files_of(bundle_path), "evil.py": b"import os", "pickle.bin": b"\x80"})
    path = Predictor.load(f"hf:{REPOSITORY}").bundle.path
    assert files_of(path).keys() == files_of(bundle_path).keys()
    assert [child.name for child in path.iterdir() if child.is_dir()] == []


def test_a_changed_file_is_refused_and_not_kept(hub: Hub, bundle_path: Path, tmp_path: Path) -> None:
    files = files_of(bundle_path)
    name = next(name for name in files if name.endswith(".npy"))
    hub.commit(REPOSITORY, {**files, name: files[name][:-1] + bytes([files[name][-1] ^ 1])})
    with pytest.raises(BundleError, match=f"{name}: expected the SHA-256"):
        Predictor.load(f"hf:{REPOSITORY}")
    assert list((tmp_path / "cache").rglob("*.npy")) == []


def test_what_is_missing_is_named(hub: Hub, bundle_path: Path) -> None:
    hub.commit("org/other", {"README.md": b"# A model of another kind"})
    with pytest.raises(BundleError, match="hf:org/nothing: no such repository: expected one that exists"):
        Predictor.load("hf:org/nothing")
    with pytest.raises(BundleError, match="hf:org/other@v9: the repository has no revision 'v9'"):
        Predictor.load("hf:org/other@v9")
    with pytest.raises(BundleError, match="hf:org/other: is no framescope model: it lacks a file"):
        Predictor.load("hf:org/other")
    files = files_of(bundle_path)
    hub.commit(REPOSITORY, {name: files[name] for name in files if not name.endswith(".npy")})
    with pytest.raises(BundleError, match=f"hf:{REPOSITORY}: is no framescope model: it lacks a file"):
        Predictor.load(f"hf:{REPOSITORY}")


def test_a_hub_that_cannot_be_reached_is_an_error(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.server_close()
    with pytest.raises(BundleError, match="hf:org/model: the hub cannot be used: "):
        Predictor.load(f"hf:{REPOSITORY}")


@pytest.mark.parametrize("name", ["hf:model", "hf:/model", "hf:org/", "hf:org/model@", "hf:a/b/c"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(BundleError, match="expected hf:org/name or hf:org/name@revision"):
        parse_name(name)


def test_the_commands_send_and_fetch(hub: Hub, bundle_path: Path, tmp_path: Path) -> None:
    assert f"Sent to {hub.address}/" in succeed("push", bundle_path, REPOSITORY, "--public").stdout
    assert hub.visibility == {REPOSITORY: "public"}
    result = succeed("pull", REPOSITORY, tmp_path / "pulled")
    assert result.stdout.startswith(f"Saved to {tmp_path / 'pulled'}: tiny, digest ")
    assert "already exists" in run("pull", REPOSITORY, tmp_path / "pulled").stderr
    (tmp_path / "a.txt").write_text("Нов блок", encoding="utf-8")
    assert succeed("predict", f"hf:{REPOSITORY}", tmp_path / "a.txt").stdout
